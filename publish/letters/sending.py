"""Sending of letters: what the outbox holds is handed to the channels, and each outcome is stored and reported.

The order of the states, and what each protects from, is described in `publish.letters.outbox`. What happens to a letter
that does not leave, in order:
1. It is not offered to a recipient whom the sender or the desk could not answer (`publish.letters.ready`).
2. A channel that is not configured, or does not answer, or left three letters in a row in doubt, rests until the next
   run. Its letters wait.
3. A letter that is put off is tried again in the same run after `[letters] wait` seconds, then after twice as long each
   time, until the `deadline` of the run. Then it waits for a later run: 15 minutes, then four times as long each night,
   at most a day. After TRIES nights it counts as refused.
4. What a refused letter held comes with the next one. BOUNCES refusals in a row end a person's letters.
"""

from __future__ import annotations

import re
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import TypedDict

from core import clock, log
from core.config import Config
from core.errors import ConfigError, UsageError
from core.records import Run
from core.store import Store
from publish.letters.channels import Receipt, find_channel, settings_of
from publish.letters.given_up import give_up
from publish.letters.ready import find_unsafe

TRIES = 8
BOUNCES = 3
LOST = 3  # uncertain letters in a row after which the channel is not used again tonight
KINDS = ("letter_uncertain", "letter_refused", "letter_unreadable", "letters_relay", "letters_unsafe")


class IdRow(TypedDict):
    """A letter."""

    id: str


class NumberRow(TypedDict):
    """A person."""

    id: int


class LetterRow(TypedDict):
    """A letter with its recipient."""

    id: str
    subscriber: int
    number: int
    message: bytes
    tries: int
    address: str
    channel: str
    secret: str


class UncertainRow(TypedDict):
    """A letter that may or may not have arrived."""

    subscriber: int
    number: int
    reply: str | None


@dataclass(frozen=True, slots=True)
class Problem:
    """What the operator should know, for an issue."""

    kind: str
    subject: str
    text: str


@dataclass(slots=True)
class Tally:
    """Counts of one run, for its report, and its problems."""

    sent: int = 0
    empty: int = 0
    failed: int = 0
    uncertain: int = 0
    refused: set[int] = field(default_factory=set)  # people
    problems: list[Problem] = field(default_factory=list)


def mark_uncertain(letters: Store) -> None:
    """Mark the letters that a run that died had begun to send."""
    with letters.writing():
        letters.execute(
            "UPDATE letter SET state = 'uncertain', reply = 'the process died before the server replied'"
            " WHERE state = 'sending'"
        )


class Sending:
    """The sending of one run. `only`: to this person. `started`: by `clock.seconds()`, for the deadline."""

    def __init__(self, config: Config, letters: Store, tally: Tally, started: float, only: int | None = None) -> None:
        self.config, self.letters, self.tally, self.only = config, letters, tally, only
        self.deadline = started + config.letters.deadline
        self.resting: set[str] = set()
        self.lost: Counter[str] = Counter()
        self.tried: Counter[str] = Counter()  # letters put off in this run
        self.again: dict[str, float] = {}  # letter -> when it is tried again, by clock.seconds()

    def send_due(self) -> None:
        """Send the pending letters that are due, but for those that this run tried already."""
        now, far = clock.stamp(), clock.stamp(clock.now() + timedelta(days=1))
        waiting = self.letters.select(  # a time more than a day ahead was written before the clock stepped back
            IdRow,
            "SELECT id FROM letter WHERE state = 'pending' AND (retry_after IS NULL OR retry_after <= :now"
            " OR retry_after > :far) AND (:only IS NULL OR subscriber = :only) ORDER BY subscriber, number",
            {"now": now, "far": far, "only": self.only},
        )
        for row in waiting:
            if row["id"] not in self.tried:
                self._send(row["id"])

    def send_put_off(self) -> None:
        """Wait for the letters that were put off, and try each again, until the deadline."""
        while self.again:
            letter, moment = min(self.again.items(), key=lambda pair: (pair[1], pair[0]))
            time.sleep(max(0.0, moment - clock.seconds()))
            del self.again[letter]
            self._send(letter)

    def _send(self, ident: str) -> None:
        letter = self.letters.first(
            LetterRow,
            "SELECT l.id, l.subscriber, l.number, l.message, l.tries, s.address, s.channel, s.secret FROM letter l"
            " JOIN subscriber s ON s.id = l.subscriber WHERE l.id = ? AND l.state = 'pending' AND s.state = 'active'",
            (ident,),
        )
        if letter is None or letter["channel"] in self.resting:  # None: the person has gone, or paused
            return
        name = letter["channel"]
        try:
            channel, settings = find_channel(name), settings_of(self.config, name)
            if unsafe := find_unsafe(self.config, settings, letter["address"]):
                self._report("letters_unsafe", f"{name} letters", unsafe)
                return
            receipt = channel.deliver(
                letter["message"], settings, to=letter["address"], secret=letter["secret"],
                claim=partial(_claim, self.letters, ident),
            )  # fmt: skip
        except (ConfigError, UsageError) as error:  # this channel is not configured; the others go on
            self._rest(name, str(error))
            return
        if receipt.state == "withdrawn":
            return
        reply = hide_address(letter["address"], receipt.reply)
        with self.letters.writing():
            state = self._record(letter, receipt, reply)
        self._count(letter, state, reply)
        self.lost[name] = self.lost[name] + 1 if state == "uncertain" else 0
        if self.lost[name] >= LOST:
            self._rest(name, f"{self.lost[name]} uncertain letters in a row: {reply}")
        elif state == "unreachable":
            self._rest(name, reply)

    def _rest(self, channel: str, why: str) -> None:
        self._report("letters_relay", f"{channel} relay", why)
        self.resting.add(channel)

    def _report(self, kind: str, subject: str, text: str) -> None:
        problem = Problem(kind, subject, text)
        if problem not in self.tally.problems:
            self.tally.problems.append(problem)

    def _record(self, letter: LetterRow, receipt: Receipt, reply: str) -> str:
        """Store the outcome of a letter. Put off on TRIES nights counts as refused. Returns it. Inside `writing()`."""
        ident, tries, state = letter["id"], letter["tries"], str(receipt.state)
        again = self.tried[ident] > 0
        if state == "deferred" and not again and tries + 1 >= TRIES:
            state = "refused"
        if state == "refused":
            if self.letters.one("SELECT 1 FROM letter WHERE id = ? AND state IN ('pending', 'sending')", (ident,)):
                give_up(self.letters, ident, "refused", reply)
                _count_bounce(self.letters, letter["subscriber"], final=receipt.final)
            return state
        later = None
        if state == "deferred":
            tries += not again
            later = clock.stamp(clock.now() + timedelta(seconds=self._put_off(ident, tries)))
        if state == "sent":
            self.letters.execute("UPDATE subscriber SET bounces = 0 WHERE id = ?", (letter["subscriber"],))
        self.letters.execute(
            "UPDATE letter SET state = ?, tries = ?, retry_after = ?, reply = ?,"
            " message = CASE ?1 WHEN 'sent' THEN x'' ELSE message END WHERE id = ? AND state IN ('pending', 'sending')",
            ("pending" if state in ("deferred", "unreachable") else state, tries, later, reply, ident),
        )
        return state

    def _put_off(self, ident: str, tries: int) -> float:
        """Seconds until a letter is tried again; in this run, if its deadline allows."""
        seconds: float = self.config.letters.wait * 2.0 ** self.tried[ident]
        self.tried[ident] += 1
        if clock.seconds() + seconds < self.deadline:
            self.again[ident] = clock.seconds() + seconds
            return seconds
        return 60.0 * min(15.0 * 4.0 ** (tries - 1), 24 * 60 - 1)

    def _count(self, letter: LetterRow, state: str, reply: str) -> None:
        """Add the outcome of a letter to the report, the log and the issues."""
        who = f"{letter['subscriber']}.{letter['number']}"
        if state != "sent":
            log.get_log(__name__).warning(f"letter_{state}", letter=who, reply=reply)
        match state:
            case "sent":
                self.tally.sent += 1
            case "uncertain":
                self.tally.uncertain += 1
            case "refused":
                self.tally.failed += 1
                self.tally.refused.add(letter["subscriber"])
                self._report("letter_refused", f"subscriber {letter['subscriber']}", reply)


def _claim(letters: Store, letter: str) -> bool:
    """Mark a letter as `sending` on the disk before its text leaves. False if it must no longer be sent."""
    with letters.writing():
        return letters.execute("UPDATE letter SET state = 'sending' WHERE id = ? AND state = 'pending'", (letter,)) == 1


def _count_bounce(letters: Store, subscriber: int, *, final: bool) -> None:
    letters.execute(
        "UPDATE subscriber SET bounces = bounces + 1,"
        " state = CASE WHEN ?1 OR bounces + 1 >= ?2 THEN 'refused' ELSE state END WHERE id = ?3",
        (final, BOUNCES, subscriber),
    )


def hide_address(address: str, text: str) -> str:
    """Replace the address in a reply: servers often quote the recipient, and issues and logs must not contain it."""
    return re.sub(re.escape(address), "the subscriber", text, flags=re.IGNORECASE)


def raise_issues(work: Store, letters: Store, run: Run, problems: list[Problem]) -> None:
    """Raise issues for the operator and close those that no longer apply."""
    uncertain = letters.select(
        UncertainRow,
        "SELECT subscriber, number, reply FROM letter WHERE state = 'uncertain' ORDER BY subscriber, number",
    )
    refused = letters.select(NumberRow, "SELECT id FROM subscriber WHERE state = 'refused' ORDER BY id")
    with work.writing():
        for row in uncertain:
            name = f"{row['subscriber']}.{row['number']}"
            text = f"it may or may not have arrived ({row['reply']}): `outbox arrived {name}` or `outbox retry {name}`"
            work.raise_issue(run, kind="letter_uncertain", subject=f"letter {name}", text=text)
        for stopped in refused:
            text = f"gets no more letters: the last ones were refused; `outbox resume {stopped['id']}` tries again"
            work.raise_issue(run, kind="letter_refused", subject=f"subscriber {stopped['id']}", text=text)
        for problem in problems:
            work.raise_issue(run, kind=problem.kind, subject=problem.subject, text=problem.text)
        work.resolve_issues(run, kinds=KINDS)
