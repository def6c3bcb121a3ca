"""STAGE digest: letters are written into the outbox, then sent, each at most once.

A letter goes `pending -> sending -> sent`, and each step is on the disk before the next begins; `sending` is written
when the other side has accepted the recipient, just before the message leaves. So whatever kills this process, the
next run knows how far it came: a letter found as `sending` may have left or not, becomes `uncertain`, is named to the
operator as an issue, and is never sent again by itself (nothing can be sent exactly once; twice is the worse mistake).
How a letter travels is the affair of its subscription's channel (`publish.letters.channels`). In order, a run
1. turns what it finds `sending` into `uncertain`;
2. sends letters that were put off and whose time has come;
3. writes the letters of subscriptions that have their turn: message, what it delivers and the turn itself are committed
   together. A subscription whose letter still waits gets no second one; what is new then comes with the next;
4. sends them. A definite "not now" puts a letter off (15 minutes, then four times as long each time, a day at most,
   and gives up after TRIES). A definite "no" counts as a bounce, frees its documents for the next letter and, the third
   time in a row, pauses the subscription. A channel whose other side cannot be reached, or three letters in a row of
   unknown fate, ends the sending by that channel; the rest waits for the next run. A failure for one recipient never
   stops the others.
Issues and log lines name a subscription by its number, never by its address.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from pathlib import Path
from sqlite3 import connect
from typing import Protocol

from core import clock, log
from core.config import Config
from core.errors import ConfigError, StemwireError, UsageError
from core.progress import bar
from core.records import Json, Report, Run
from core.stage import make_report, save_report
from core.store import Store
from core.text import fingerprint as name_of
from publish.letters.channels import find_channel, settings_of
from publish.letters.current_edition import open_shelf
from publish.letters.digest import BEFORE, Choice, Digest, Found, choose, is_due, make_digest
from publish.letters.ledger import Night, Subscription, count_night, newest_item, note_arrivals
from publish.letters.subscriptions import keep_private, load_subscriptions, signing_keys, unsubscribe_token

LOOK_BACK = 30  # nights for which a document is looked at again, since its entities may be found later
TRIES = 8
BOUNCES = 3
LOST = 3  # letters in a row of unknown fate after which the relay is not trusted tonight
KINDS = ("letter_uncertain", "letter_refused", "letter_unreadable", "letters_relay")


class Shelf(Protocol):
    """What the site holds tonight (publish.letters.current_edition; tests bring their own)."""

    def documents(self) -> Iterator[tuple[str, str | None]]:
        """Every (document, likeness)."""

    def find(self, query: str, documents: Sequence[str]) -> list[Found]:
        """Which of these documents the search finds."""

    def newest(self, query: str, count: int) -> list[Found]:
        """The newest that the search finds."""

    def count(self, query: str) -> int:
        """How many it finds."""

    def address(self, query: str) -> str:
        """Where a person sees that search."""


@dataclass(slots=True)
class _Tally:
    seen: int = 0
    sent: int = 0
    empty: int = 0
    waiting: int = 0
    failed: int = 0
    uncertain: int = 0
    refused: set[int] = field(default_factory=set)  # subscriptions


def send_digests(
    config: Config, work: Store, letters: Store, run: Run, *, dry_run: Path | None = None, shelf: Shelf | None = None
) -> Report:
    """Mail each subscriber what is new, once. Reads the current edition; without one there is nothing to tell.

    The report counts subscriptions: due, sent, with nothing new, and failed (put off, refused, uncertain).
    `dry_run`: the letters are written there as .eml, nothing is sent and nothing is changed, in either database.
    """
    started = clock.seconds()
    if shelf is None:
        with open_shelf(config) as found:
            return _send(config, work, letters, run, found, dry_run, started)
    return _send(config, work, letters, run, shelf, dry_run, started)


def _send(
    config: Config, work: Store, letters: Store, run: Run, shelf: Shelf | None, dry_run: Path | None, started: float
) -> Report:
    tally = _Tally()
    if dry_run is not None:
        with closing(connect(":memory:", isolation_level=None)) as copy:
            letters.connection.backup(copy)
            copy.row_factory = letters.connection.row_factory
            _write_dry(config, Store(letters.path, copy), run, shelf, tally, dry_run)
        return _report(run, tally, started)
    keep_private(letters)
    with log.bind(run=run.id, stage="digest"):
        _mark_uncertain(letters)
        problems: list[tuple[str, str, str]] = []
        resting = _post(config, letters, tally, problems, frozenset())
        if _write(config, letters, run, shelf, tally, problems, keys=signing_keys(config)):
            _post(config, letters, tally, problems, resting)
        tally.waiting = letters.value("SELECT count(*) AS n FROM letter WHERE state = 'pending'")
        report = _report(run, tally, started)
        _tell(work, letters, run, problems)
    return save_report(work, report)


def _report(run: Run, tally: _Tally, started: float) -> Report:
    failed = tally.failed + tally.waiting + tally.uncertain
    return make_report(
        run, "digest", started, seen=tally.sent + tally.empty + failed, done=tally.sent, skipped=tally.empty,
        failed=failed,
    )  # fmt: skip


# --- writing ----------------------------------------------------------------------------------------------------------


def _write(
    config: Config,
    letters: Store,
    run: Run,
    shelf: Shelf | None,
    tally: _Tally,
    problems: list[tuple[str, str, str]],
    *,
    keys: tuple[str, ...],
) -> int:
    """Letters of the subscriptions that have their turn go into the outbox. Returns how many."""
    subscribers = load_subscriptions(letters)
    if not subscribers or shelf is None:
        return 0
    with letters.writing():
        night = count_night(letters, clock.stamp()[:10], run.id)
        note_arrivals(letters, shelf.documents())
    due = [s for s in subscribers if is_due(s, night) and s.id not in tally.refused and not _waits(letters, s)]
    written = 0
    with bar("digest", len(due)) as progress:
        for subscription in due:
            try:
                made = _compose(config, letters, run, shelf, subscription, night, keys)
                written, tally.empty = written + made, tally.empty + 1 - made
            except StemwireError as error:
                tally.failed += 1
                subject = f"subscription {subscription.id}"
                problems.append(("letter_unreadable", subject, _without(subscription.address, str(error))))
                log.get_log(__name__).warning("letter_unreadable", subscription=subscription.id)
            progress.advance()
    return written


def _waits(letters: Store, subscription: Subscription) -> bool:
    return bool(letters.one("SELECT 1 FROM letter WHERE subscription = ? AND state = 'pending'", (subscription.id,)))


def _compose(
    config: Config,
    letters: Store,
    run: Run,
    shelf: Shelf,
    subscription: Subscription,
    night: Night,
    keys: tuple[str, ...],
) -> int:
    """One subscription's letter, with what it delivers and the turn, in one transaction. Returns 1, or 0 if empty."""
    number = letters.value("SELECT count(*) + 1 AS n FROM letter WHERE subscription = ?", (subscription.id,))
    choice, digest = _digest(config, letters, shelf, subscription, night, keys)
    with letters.writing():
        letters.execute(
            "UPDATE subscription SET night = ?, day = ?, mark = ? WHERE id = ?",
            (night.number, night.day, newest_item(letters), subscription.id),
        )
        if digest is None:
            return 0
        ident = name_of("letter", str(subscription.id), subscription.created, str(number))
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


def _digest(
    config: Config, letters: Store, shelf: Shelf, subscription: Subscription, night: Night, keys: tuple[str, ...]
) -> tuple[Choice, Digest | None]:
    """What is new for a subscription. Raises what the search raises if its query can no longer be read."""
    fresh = letters.rows(
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
    found = shelf.find(subscription.query, list(items))
    first = letters.one(
        "SELECT 1 FROM letter WHERE subscription = ? AND state IN ('sent', 'uncertain')", (subscription.id,)
    )
    total = shelf.count(subscription.query)
    before: list[Found] = []
    if first is None:
        before = [hit for hit in shelf.newest(subscription.query, BEFORE + len(found)) if hit.document not in items]
    choice = choose(found, items, config.letters.max_items, before=before)
    digest = make_digest(
        choice,
        subscription,
        site=config.site.name,
        home=config.site.url,
        day=night.day,
        search=shelf.address(subscription.query),
        stop=f"{config.letters.desk.rstrip('/')}/unsubscribe/{unsubscribe_token(keys, subscription.id)}",
        found_before=max(total - len(found), len(choice.before)),
    )
    return choice, digest


# --- sending ----------------------------------------------------------------------------------------------------------


def _mark_uncertain(letters: Store) -> None:
    with letters.writing():
        letters.execute(
            "UPDATE letter SET state = 'uncertain', reply = 'the run that sent it did not live to hear the answer'"
            " WHERE state = 'sending'"
        )


def _post(
    config: Config,
    letters: Store,
    tally: _Tally,
    problems: list[tuple[str, str, str]],
    resting: frozenset[str],
) -> frozenset[str]:
    """Send what is pending and whose time has come. Returns the channels that rest until the next run."""
    now, far = clock.stamp(), clock.stamp(clock.now() + timedelta(days=1))
    waiting = letters.rows(  # a time more than a day ahead was written by a clock that has stepped back since
        "SELECT id FROM letter WHERE state = 'pending' AND (retry_after IS NULL OR retry_after <= ? OR retry_after > ?)"
        " ORDER BY subscription",
        (now, far),
    )
    lost: Counter[str] = Counter()
    for row in waiting:
        letter = letters.one(
            "SELECT l.id, l.subscription, l.message, l.tries, s.address, s.channel FROM letter l"
            " JOIN subscription s ON s.id = l.subscription WHERE l.id = ?",
            (row["id"],),
        )
        if letter is None or letter["channel"] in resting:  # None: the subscription ended, and its letters with it
            continue
        name = letter["channel"]
        try:
            channel, settings = find_channel(name), settings_of(config, name)
        except (ConfigError, UsageError) as error:  # its module or its section is gone: the other channels go on
            problems.append(("letters_relay", f"{name} relay", str(error)))
            resting |= {name}
            continue
        claim = partial(_claim, letters, row["id"])
        receipt = channel.deliver(letter["message"], settings, to=letter["address"], claim=claim)
        if receipt.state == "withdrawn":
            continue
        reply = _without(letter["address"], receipt.reply)
        with letters.writing():
            state = _note(letters, letter["id"], letter["subscription"], letter["tries"], receipt.state, reply)
        _count(tally, problems, letter, state, reply)
        lost[name] = lost[name] + 1 if state == "uncertain" else 0
        if lost[name] >= LOST:
            reply = f"{lost[name]} letters in a row of unknown fate: {reply}"
        if state == "unreachable" or lost[name] >= LOST:
            problems.append(("letters_relay", f"{name} relay", reply))
            resting |= {name}
    return resting


def _count(tally: _Tally, problems: list[tuple[str, str, str]], letter: Json, state: str, reply: str) -> None:
    """Add what became of a letter to the report, the log and the issues."""
    if state != "sent":
        log.get_log(__name__).warning(
            f"letter_{state}", letter=letter["id"], subscription=letter["subscription"], reply=reply
        )
    match state:
        case "sent":
            tally.sent += 1
        case "uncertain":
            tally.uncertain += 1
        case "refused":
            tally.failed += 1
            tally.refused.add(letter["subscription"])
            problems.append(("letter_refused", f"subscription {letter['subscription']}", reply))


def _claim(letters: Store, letter: str) -> bool:
    """On the disk before the text leaves: from now on the letter is on its way. False if it is no longer to go."""
    with letters.writing():
        return letters.execute("UPDATE letter SET state = 'sending' WHERE id = ? AND state = 'pending'", (letter,)) == 1


def _note(letters: Store, letter: str, subscription: int, tries: int, state: str, reply: str) -> str:
    """Write down what became of a letter; one put off too often is refused. Returns its state. Inside `writing()`."""
    if state == "deferred" and tries + 1 >= TRIES:
        state = "refused"
    after, message, later = state, "message", None
    if state == "sent":
        letters.execute("UPDATE subscription SET bounces = 0 WHERE id = ?", (subscription,))
        message = "x''"
    elif state == "refused":
        message = "x''"
        letters.execute("DELETE FROM delivery WHERE letter = ?", (letter,))  # nothing was taken: tell it next time
        letters.execute(
            "UPDATE subscription SET bounces = bounces + 1,"
            " state = CASE WHEN bounces + 1 >= ? THEN 'paused' ELSE state END WHERE id = ?",
            (BOUNCES, subscription),
        )
    elif state == "deferred":
        after, tries = "pending", tries + 1
        later = clock.stamp(clock.now() + timedelta(minutes=min(15 * 4 ** (tries - 1), 24 * 60 - 1)))
    elif state == "unreachable":
        after = "pending"
    letters.execute(
        f"UPDATE letter SET state = ?, tries = ?, retry_after = ?, reply = ?, message = {message} WHERE id = ?"
        " AND state IN ('pending', 'sending')",
        (after, tries, later, reply, letter),
    )
    return state


def _without(address: str, text: str) -> str:
    """A mail server's answer often quotes the recipient; issues and logs are not the place for it."""
    return re.sub(re.escape(address), "the subscriber", text, flags=re.IGNORECASE)


def _tell(work: Store, letters: Store, run: Run, problems: list[tuple[str, str, str]]) -> None:
    """What a person should look at, as issues; what is no longer so is closed."""
    uncertain = letters.rows("SELECT id, subscription, reply FROM letter WHERE state = 'uncertain' ORDER BY id")
    paused = letters.rows("SELECT id FROM subscription WHERE state = 'paused' ORDER BY id")
    with work.writing():
        for row in uncertain:
            text = f"to subscription {row['subscription']}; may or may not have arrived: {row['reply']}"
            work.raise_issue(run, kind="letter_uncertain", subject=f"letter {row['id']}", text=text)
        for row in paused:
            text = f"paused after {BOUNCES} refused letters; subscribing the address again takes it up"
            work.raise_issue(run, kind="letter_refused", subject=f"subscription {row['id']}", text=text)
        for kind, subject, text in problems:
            work.raise_issue(run, kind=kind, subject=subject, text=text)
        work.resolve_issues(run, kinds=KINDS)


# --- a dry run --------------------------------------------------------------------------------------------------------


def _write_dry(config: Config, copy: Store, run: Run, shelf: Shelf | None, tally: _Tally, folder: Path) -> None:
    """The letters that a run would send, as files; `copy` is a throw-away copy of letters.db."""
    folder.mkdir(parents=True, exist_ok=True)
    _mark_uncertain(copy)
    problems: list[tuple[str, str, str]] = []
    _write(config, copy, run, shelf, tally, problems, keys=signing_keys(config, keep=False))
    for letter in copy.rows(
        "SELECT l.subscription, l.number, l.message, s.channel FROM letter l"
        " JOIN subscription s ON s.id = l.subscription WHERE l.state = 'pending'"
    ):
        suffix = find_channel(letter["channel"]).SUFFIX
        name = f"subscription-{letter['subscription']}-letter-{letter['number']}{suffix}"
        (folder / name).write_bytes(letter["message"])
        tally.sent += 1
