"""STAGE digest: write letters into the outbox, then send each at most once.

A letter goes `pending -> sending -> sent`, and each step is on the disk before the next begins. `sending` is written
when the other side has accepted the recipient, just before the message leaves. If the process dies, the next run knows
what happened: a letter found as `sending` may or may not have left. It becomes `uncertain`, is reported to the operator
as an issue and is never sent again automatically (exactly once is impossible, and twice is worse than not at all).
The person's channel delivers the letters (`publish.letters.channels`). In order, a run
1. marks letters found as `sending` as `uncertain`;
2. sends the deferred letters that are due again;
3. counts the night, and notes what arrived and what the site says otherwise than before (`arrivals`, `facts`);
4. writes letters for the people who have a turn (`compose`): those that come daily, then weekly, then at once. So what
   one letter brings, another of the same night does not repeat. What all have is read together (`gathering`); a letter
   is one transaction (`writing`), and so are the turns of all who have nothing. Who has a letter of that rhythm waiting
   gets no second one, and whose letter was refused in this run has no turn: what is new comes with the next;
5. sends them (`sending`), and tries those again that were put off, until a deadline. A refusal frees what the letter
   held for the next one. A failure for one recipient never stops the others.
Issues and log lines name a person by number, never by address.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from typing import TypedDict

from core import clock, log
from core.config import Config
from core.errors import AlreadyRunning, StemwireError
from core.night import hold_lock
from core.progress import bar
from core.records import Report, Run
from core.stage import make_report, save_report
from core.store import Store, open_store, open_to_read
from publish.letters.arrivals import count_night, note_arrivals
from publish.letters.compose import choose, is_due
from publish.letters.current_edition import CurrentEdition, open_current
from publish.letters.facts import note_facts
from publish.letters.gathering import Gathered, gather
from publish.letters.lines import Known
from publish.letters.matching import Matcher
from publish.letters.people import keep_private, load_subscribers
from publish.letters.questions import follow_questions
from publish.letters.records import Every, Night, Subscriber, Subscription
from publish.letters.requests import forget_old
from publish.letters.sending import Problem, Sending, Tally, hide_address, mark_uncertain, raise_issues
from publish.letters.subscriptions import load_owned, load_subscriptions
from publish.letters.tokens import signing_keys
from publish.letters.updates import Told, gather_updates, make_updates
from publish.letters.writing import Desk, Draft, is_new, make_letter, mark_turns, next_number, store_letter

RHYTHMS: tuple[Every, ...] = ("daily", "weekly", "at once")
AT_ONCE = 500  # people whose lines are read together


class NightRow(TypedDict):
    """A counted night."""

    number: int
    day: str
    run: str


class WaitingRow(TypedDict):
    """A person who has a letter in the outbox."""

    subscriber: int


@dataclass(frozen=True, slots=True)
class _Turn:
    """A person and those of their subscriptions that are due in one rhythm."""

    person: Subscriber
    due: tuple[Subscription, ...]


def send_digests(config: Config, work: Store, letters: Store, run: Run) -> Report:
    """Send each person what is new, once. Reads the current edition; without one, no letters are made.

    The report counts letters: due, sent, with nothing to say, and failed (deferred, refused, uncertain).
    """
    started = clock.seconds()
    tally = Tally()
    keep_private(letters)
    with log.bind(run=run.id, stage="digest"), open_current(config) as edition:
        mark_uncertain(letters)
        with letters.writing():
            forget_old(letters)
        sending = Sending(config, letters, tally, started)
        sending.send_due()
        if edition is not None:
            with letters.writing():
                follow_questions(config, letters, edition)
        if edition is not None and load_subscribers(letters):
            with letters.writing():
                night = count_night(letters, clock.stamp()[:10], run.id)
                note_arrivals(letters, edition.documents(), edition.former(), night=night.number)
                note_facts(letters, edition, night.number)
            write_letters(config, work, letters, run, edition, night, tally, keys=signing_keys(config))
            sending.send_due()
        sending.send_put_off()
        report = _make_report(run, letters, tally, started)
        raise_issues(work, letters, run, tally.problems)
    return save_report(work, report)


def _make_report(run: Run, letters: Store, tally: Tally, started: float) -> Report:
    waiting = letters.value(
        "SELECT count(*) AS n FROM letter l JOIN subscriber s ON s.id = l.subscriber"
        " WHERE l.state = 'pending' AND s.state = 'active'"
    )
    failed = tally.failed + waiting + tally.uncertain
    return make_report(
        run, "digest", started, seen=tally.sent + tally.empty + failed, done=tally.sent, skipped=tally.empty,
        failed=failed,
    )  # fmt: skip


def send_first(config: Config, subscriber_id: int) -> bool:
    """Write and send the letter that sets up what a person has just begun to follow, without waiting for a night.

    Returns whether no letter of the person is still to go. False: a run holds the lock, or the letter was put off; try
    again, or leave it to the night.
    """
    try:
        with (
            hold_lock(config),
            open_current(config) as edition,
            open_to_read(config.data("work.db"), "work") as work,
            open_store(config.data("letters.db"), "letters") as letters,
        ):
            return _send_first(config, work, letters, edition, subscriber_id)
    except AlreadyRunning:
        return False


def _send_first(
    config: Config, work: Store, letters: Store, edition: CurrentEdition | None, subscriber_id: int
) -> bool:
    started = clock.seconds()
    run = Run(id=clock.compact(), command="first letter", started=clock.stamp())
    tally = Tally()
    keep_private(letters)
    if edition is not None:
        with letters.writing():
            night = _last_night(letters, run)
            note_arrivals(letters, edition.documents(), edition.former())
        keys = signing_keys(config)
        write_letters(config, work, letters, run, edition, night, tally, keys=keys, only=subscriber_id)
    Sending(config, letters, tally, started, only=subscriber_id).send_due()
    for problem in tally.problems:  # the night raises the issues that then still apply
        log.get_log(__name__).warning(problem.kind, subject=problem.subject, text=problem.text)
    return not letters.one("SELECT 1 FROM letter WHERE subscriber = ? AND state = 'pending'", (subscriber_id,))


def _last_night(letters: Store, run: Run) -> Night:
    """The newest night: a letter of the day belongs to it. Counts the first one where there was none."""
    row = letters.first(NightRow, "SELECT number, day, run FROM night ORDER BY number DESC LIMIT 1")
    return Night(**row) if row else count_night(letters, clock.stamp()[:10], run.id)


# --- writing ----------------------------------------------------------------------------------------------------------


def write_letters(
    config: Config,
    work: Store,
    letters: Store,
    run: Run,
    edition: CurrentEdition,
    night: Night,
    tally: Tally,
    *,
    keys: tuple[str, ...],
    only: int | None = None,
) -> None:
    """Write the letters of all who have a turn into the outbox. `only`: the first letter of what one person follows."""
    desk = Desk(
        config=config,
        letters=letters,
        edition=edition,
        matcher=Matcher(edition),
        known=Known(edition, work, night.day),
        owned=load_owned(letters),
        keys=keys,
        night=night,
        run=run,
    )
    people = {one.id: one for one in load_subscribers(letters) if only in (None, one.id)}
    for every in RHYTHMS:
        turns = list(_find_turns(letters, people, every, night, tally, first_only=only is not None))
        if turns:
            told = gather_updates(letters, edition, night.number)  # again: an earlier letter of tonight may tell it
            _write_rhythm(desk, every, turns, told, tally)


def _find_turns(
    letters: Store, people: dict[int, Subscriber], every: Every, night: Night, tally: Tally, *, first_only: bool
) -> Iterator[_Turn]:
    waiting = {
        row["subscriber"]
        for row in letters.select(
            WaitingRow, "SELECT subscriber FROM letter WHERE state = 'pending' AND every = ?", (every,)
        )
    }
    followed = (
        one
        for one in load_subscriptions(letters)
        if one.every == every and one.state == "active" and one.subscriber in people
    )
    for number, some in groupby(sorted(followed, key=attrgetter("subscriber", "id")), key=attrgetter("subscriber")):
        due = tuple(one for one in some if (is_new(one) if first_only else is_due(one, night)))
        if due and number not in waiting and number not in tally.refused:
            yield _Turn(people[number], due)


def _write_rhythm(desk: Desk, every: Every, turns: Sequence[_Turn], told: Told, tally: Tally) -> None:
    """Write the letters of one rhythm. The turns of those who have nothing are one transaction."""
    due = [one for turn in turns for one in turn.due]
    gathered = gather(desk.letters, desk.edition, desk.matcher, due, desk.night, told.documents)
    for number, error in gathered.matches.unreadable.items():
        tally.failed += 1
        tally.problems.append(Problem("letter_unreadable", f"subscription {number}", error))
    readable = [
        _Turn(turn.person, tuple(one for one in turn.due if one.id not in gathered.matches.unreadable))
        for turn in turns
    ]
    busy = [turn for turn in readable if turn.due and _has_something(turn, gathered, told)]
    named = {turn.person.id for turn in busy}
    nothing = [turn for turn in readable if turn.due and turn.person.id not in named]
    with bar("digest", len(busy)) as progress:
        for start in range(0, len(busy), AT_ONCE):
            some = busy[start : start + AT_ONCE]
            desk.known.load({hit.key for turn in some for one in turn.due for hit in gathered.hits.get(one.id, ())})
            for turn in some:
                try:
                    written = _write_one(desk, every, turn, told, gathered)
                except StemwireError as error:
                    tally.failed += 1
                    text = hide_address(turn.person.address, str(error))
                    tally.problems.append(Problem("letter_unreadable", f"subscriber {turn.person.id}", text))
                    log.get_log(__name__).warning("letter_unreadable", subscriber=turn.person.id)
                else:
                    if not written:
                        nothing.append(turn)
                progress.advance()
    with desk.letters.writing():
        mark_turns(desk.letters, [one for turn in nothing for one in turn.due], gathered, desk.night, named=set())
    tally.empty += len(nothing)


def _has_something(turn: _Turn, gathered: Gathered, told: Told) -> bool:
    """Whether there may be a letter."""
    return turn.person.id in told.holders or any(
        is_new(one) or gathered.hits.get(one.id) or gathered.changed.get(one.id) or one.id in told.owned
        for one in turn.due
    )


def _write_one(desk: Desk, every: Every, turn: _Turn, told: Told, gathered: Gathered) -> bool:
    """Write one person's letter. Returns False if there is nothing to say. Raises StemwireError."""
    holds = gathered.holds.get(turn.person.id, {})
    choice = choose(turn.due, gathered.hits, holds.keys(), desk.config.letters.max_items)
    shown = {hit.key for section in choice.sections for found in section.shown for hit in found.hits}
    about, changed = make_updates(told, turn.person.id, turn.due, gathered.changed, shown)
    changed = changed[: desk.config.letters.max_items]  # the others come with the next letter
    if choice.empty and not about and not changed and not any(map(is_new, turn.due)):
        return False
    draft = Draft(person=turn.person, every=every, due=turn.due, choice=choice, about=about, changed=changed)
    number = next_number(desk.letters, turn.person.id)
    letter = make_letter(desk, draft, gathered, number)
    store_letter(desk, draft, letter, gathered, number)
    return True
