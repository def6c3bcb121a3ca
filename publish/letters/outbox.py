"""STAGE digest: write letters into the outbox, then send each at most once.

A letter goes `pending -> sending -> sent`, and each step is on the disk before the next begins. `sending` is written
when the other side has accepted the recipient, just before the message leaves. If the process dies, the next run knows
what happened: a letter found as `sending` may or may not have left. It becomes `uncertain`, is reported to the operator
as an issue and is never sent again automatically (exactly once is impossible, and twice is worse than not at all).
The subscription's channel delivers its letters (`publish.letters.channels`). In order, a run
1. marks letters found as `sending` as `uncertain`;
2. sends the deferred letters that are due again;
3. writes letters for the subscriptions that are due. The message, the documents that it delivers and the date are
   committed together. A subscription with a pending letter gets no second one; new documents come with the next;
4. sends them. A temporary refusal defers a letter (15 minutes, then four times as long each time, at most a day; after
   TRIES it counts as refused). A permanent refusal counts as a bounce, frees the documents for the next letter and, the
   third time in a row, pauses the subscription. An unreachable channel, or three uncertain letters in a row, ends
   sending by that channel; the rest waits for the next run. A failure for one recipient never stops the others.
Issues and log lines name a subscription by its number, never by its address.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from sqlite3 import connect
from typing import Protocol, TypedDict

from core import clock, log
from core.config import Config
from core.errors import StemwireError
from core.progress import bar
from core.records import Report, Run
from core.stage import make_report, save_report
from core.store import Store
from core.text import fingerprint
from publish.letters.arrivals import Night, Subscription, count_night, newest_item, note_arrivals
from publish.letters.channels import find_channel, settings_of
from publish.letters.current_edition import open_current
from publish.letters.digest import BEFORE, Choice, Digest, Found, choose, is_due, make_digest
from publish.letters.sending import Tally, hide_address, mark_uncertain, raise_issues, send_pending
from publish.letters.subscriptions import keep_private, load_subscriptions, signing_keys, unsubscribe_token

LOOK_BACK = 30  # nights in which a document is searched again, because its entities may be found later


class EditionSearch(Protocol):
    """The search of the current edition (`publish.letters.current_edition`; tests may pass their own)."""

    def documents(self) -> Iterator[tuple[str, str | None]]:
        """Every (document, likeness)."""

    def former(self) -> dict[str, list[str]]:
        """The keys that documents had before, by their key."""

    def find(self, query: str, documents: Sequence[str]) -> list[Found]:
        """Those of the documents that the search finds."""

    def newest(self, query: str, count: int) -> list[Found]:
        """The newest documents that the search finds."""

    def count(self, query: str) -> int:
        """How many documents it finds."""

    def address(self, query: str) -> str:
        """The address of the search page."""


class ArrivalRow(TypedDict):
    """A document that may be new, and its number."""

    document: str
    item: int


class DryRow(TypedDict):
    """A letter that a dry run writes to a file."""

    subscription: int
    number: int
    message: bytes
    channel: str


def send_digests(
    config: Config,
    work: Store,
    letters: Store,
    run: Run,
    *,
    dry_run: Path | None = None,
    edition: EditionSearch | None = None,
) -> Report:
    """Send each subscriber what is new, once. Reads the current edition; without one, no letters are made.

    The report counts subscriptions: due, sent, with nothing new, and failed (deferred, refused, uncertain).
    `dry_run`: write the letters to this folder; send nothing and change neither database.
    """
    started = clock.seconds()
    if edition is None:
        with open_current(config) as found:
            return _send(config, work, letters, run, found, dry_run, started)
    return _send(config, work, letters, run, edition, dry_run, started)


def _send(
    config: Config,
    work: Store,
    letters: Store,
    run: Run,
    edition: EditionSearch | None,
    dry_run: Path | None,
    started: float,
) -> Report:
    tally = Tally()
    if dry_run is not None:
        with closing(connect(":memory:", isolation_level=None)) as copy:
            letters.connection.backup(copy)
            copy.row_factory = letters.connection.row_factory
            _write_dry(config, Store(letters.path, copy), run, edition, tally, dry_run)
        return _make_report(run, tally, started)
    keep_private(letters)
    with log.bind(run=run.id, stage="digest"):
        mark_uncertain(letters)
        problems: list[tuple[str, str, str]] = []
        resting = send_pending(config, letters, tally, problems, frozenset())
        if _write_letters(config, letters, run, edition, tally, problems, keys=signing_keys(config)):
            send_pending(config, letters, tally, problems, resting)
        tally.waiting = letters.value("SELECT count(*) AS n FROM letter WHERE state = 'pending'")
        report = _make_report(run, tally, started)
        raise_issues(work, letters, run, problems)
    return save_report(work, report)


def _make_report(run: Run, tally: Tally, started: float) -> Report:
    failed = tally.failed + tally.waiting + tally.uncertain
    return make_report(
        run, "digest", started, seen=tally.sent + tally.empty + failed, done=tally.sent, skipped=tally.empty,
        failed=failed,
    )  # fmt: skip


# --- writing ----------------------------------------------------------------------------------------------------------


def _write_letters(
    config: Config,
    letters: Store,
    run: Run,
    edition: EditionSearch | None,
    tally: Tally,
    problems: list[tuple[str, str, str]],
    *,
    keys: tuple[str, ...],
) -> int:
    """Write letters for the subscriptions that are due into the outbox. Returns how many."""
    subscribers = load_subscriptions(letters)
    if not subscribers or edition is None:
        return 0
    with letters.writing():
        night = count_night(letters, clock.stamp()[:10], run.id)
        note_arrivals(letters, edition.documents(), edition.former(), night=night.number)
    due = [s for s in subscribers if is_due(s, night) and s.id not in tally.refused and not _is_waiting(letters, s)]
    written = 0
    with bar("digest", len(due)) as progress:
        for subscription in due:
            try:
                made = _compose(config, letters, run, edition, subscription, night, keys)
                written, tally.empty = written + made, tally.empty + 1 - made
            except StemwireError as error:
                tally.failed += 1
                subject = f"subscription {subscription.id}"
                problems.append(("letter_unreadable", subject, hide_address(subscription.address, str(error))))
                log.get_log(__name__).warning("letter_unreadable", subscription=subscription.id)
            progress.advance()
    return written


def _is_waiting(letters: Store, subscription: Subscription) -> bool:
    return bool(letters.one("SELECT 1 FROM letter WHERE subscription = ? AND state = 'pending'", (subscription.id,)))


def _compose(
    config: Config,
    letters: Store,
    run: Run,
    edition: EditionSearch,
    subscription: Subscription,
    night: Night,
    keys: tuple[str, ...],
) -> int:
    """Store one subscription's letter, what it delivers and its date in one transaction. Returns 1, or 0 if empty."""
    number = letters.value("SELECT count(*) + 1 AS n FROM letter WHERE subscription = ?", (subscription.id,))
    choice, digest = _find_news(config, letters, edition, subscription, night, keys)
    with letters.writing():
        letters.execute(
            "UPDATE subscription SET night = ?, day = ?, mark = ? WHERE id = ?",
            (night.number, night.day, newest_item(letters), subscription.id),
        )
        if digest is None:
            return 0
        ident = fingerprint("letter", str(subscription.id), subscription.created, str(number))
        wire = find_channel(subscription.channel).render(
            digest, ident=ident, to=subscription.address, settings=settings_of(config, subscription.channel),
            moment=clock.now(),
        )  # fmt: skip
        letters.execute(
            "INSERT INTO letter (id, subscription, number, state, tries, message, run) VALUES (?, ?, ?, ?, ?, ?, ?)",
            (ident, subscription.id, number, "pending", 0, wire, run.id),
        )
        for fact, hits in (("new", choice.new), ("counted", choice.counted), ("before", choice.before)):
            for hit in hits:
                letters.execute(
                    "INSERT OR IGNORE INTO delivery (subscription, item, document, fact, letter)"
                    " SELECT ?, item, document, ?, ? FROM arrival WHERE document = ?",
                    (subscription.id, fact, ident, hit.document),
                )
    return 1


def _find_news(
    config: Config,
    letters: Store,
    edition: EditionSearch,
    subscription: Subscription,
    night: Night,
    keys: tuple[str, ...],
) -> tuple[Choice, Digest | None]:
    """Find what is new for a subscription. Raises QueryError if its query is no longer valid."""
    fresh = letters.select(
        ArrivalRow,
        "SELECT a.document, a.item FROM arrival a WHERE a.item > :since"
        " AND (a.item > :mark OR a.night > :night) AND NOT EXISTS"
        " (SELECT 1 FROM delivery d WHERE d.subscription = :id AND d.item = a.item)",
        {
            "since": subscription.since,
            "mark": subscription.mark,
            "night": night.number - LOOK_BACK,
            "id": subscription.id,
        },
    )
    items = {row["document"]: row["item"] for row in fresh}
    found = edition.find(subscription.query, list(items))
    first = letters.one(
        "SELECT 1 FROM letter WHERE subscription = ? AND state IN ('sent', 'uncertain')", (subscription.id,)
    )
    total = edition.count(subscription.query)
    before: list[Found] = []
    if first is None:
        before = [hit for hit in edition.newest(subscription.query, BEFORE + len(found)) if hit.document not in items]
    choice = choose(found, items, config.letters.max_items, before=before)
    digest = make_digest(
        choice,
        subscription,
        site=config.site.name,
        home=config.site.url,
        day=night.day,
        search=edition.address(subscription.query),
        stop=f"{config.letters.desk.rstrip('/')}/unsubscribe/{unsubscribe_token(keys, subscription.id)}",
        found_before=max(total - len(found), len(choice.before)),
    )
    return choice, digest


# --- a dry run --------------------------------------------------------------------------------------------------------


def _write_dry(
    config: Config, copy: Store, run: Run, edition: EditionSearch | None, tally: Tally, folder: Path
) -> None:
    """Write the letters that a run would send as files. `copy` is a temporary copy of letters.db."""
    folder.mkdir(parents=True, exist_ok=True)
    mark_uncertain(copy)
    problems: list[tuple[str, str, str]] = []
    _write_letters(config, copy, run, edition, tally, problems, keys=signing_keys(config, keep=False))
    for letter in copy.select(
        DryRow,
        "SELECT l.subscription, l.number, l.message, s.channel FROM letter l"
        " JOIN subscription s ON s.id = l.subscription WHERE l.state = 'pending'",
    ):
        suffix = find_channel(letter["channel"]).SUFFIX
        name = f"subscription-{letter['subscription']}-letter-{letter['number']}{suffix}"
        (folder / name).write_bytes(letter["message"])
        tally.sent += 1
