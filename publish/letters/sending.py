"""Sending of letters: what the outbox holds is handed to the channels, and each outcome is stored and reported.

The order of the states, and what each protects from, is described in `publish.letters.outbox`.
"""

from __future__ import annotations

import re
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
from publish.letters.channels import find_channel, settings_of

TRIES = 8
BOUNCES = 3
LOST = 3  # uncertain letters in a row after which the channel is not used again tonight
KINDS = ("letter_uncertain", "letter_refused", "letter_unreadable", "letters_relay")


class IdRow(TypedDict):
    """A letter."""

    id: str


class NumberRow(TypedDict):
    """A subscription."""

    id: int


class LetterRow(TypedDict):
    """A letter with its recipient."""

    id: str
    subscription: int
    message: bytes
    tries: int
    address: str
    channel: str


class UncertainRow(TypedDict):
    """A letter that may or may not have arrived."""

    id: str
    subscription: int
    reply: str | None


@dataclass(slots=True)
class Tally:
    """Counts of one run, for its report."""

    seen: int = 0
    sent: int = 0
    empty: int = 0
    waiting: int = 0
    failed: int = 0
    uncertain: int = 0
    refused: set[int] = field(default_factory=set)  # subscriptions


def mark_uncertain(letters: Store) -> None:
    """Mark the letters that a run that died had begun to send."""
    with letters.writing():
        letters.execute(
            "UPDATE letter SET state = 'uncertain', reply = 'the process died before the server replied'"
            " WHERE state = 'sending'"
        )


def send_pending(
    config: Config,
    letters: Store,
    tally: Tally,
    problems: list[tuple[str, str, str]],
    resting: frozenset[str],
) -> frozenset[str]:
    """Send the pending letters that are due. Returns the channels that are not used again in this run."""
    now, far = clock.stamp(), clock.stamp(clock.now() + timedelta(days=1))
    waiting = letters.select(  # a time more than a day ahead was written before the clock stepped back
        IdRow,
        "SELECT id FROM letter WHERE state = 'pending' AND (retry_after IS NULL OR retry_after <= ? OR retry_after > ?)"
        " ORDER BY subscription",
        (now, far),
    )
    lost: Counter[str] = Counter()
    for row in waiting:
        letter = letters.first(
            LetterRow,
            "SELECT l.id, l.subscription, l.message, l.tries, s.address, s.channel FROM letter l"
            " JOIN subscription s ON s.id = l.subscription WHERE l.id = ?",
            (row["id"],),
        )
        if letter is None or letter["channel"] in resting:  # None: the subscription was ended
            continue
        name = letter["channel"]
        try:
            channel, settings = find_channel(name), settings_of(config, name)
        except (ConfigError, UsageError) as error:  # this channel is not configured; the others go on
            problems.append(("letters_relay", f"{name} relay", str(error)))
            resting |= {name}
            continue
        claim = partial(_claim, letters, row["id"])
        receipt = channel.deliver(letter["message"], settings, to=letter["address"], claim=claim)
        if receipt.state == "withdrawn":
            continue
        reply = hide_address(letter["address"], receipt.reply)
        with letters.writing():
            state = _record_outcome(
                letters, letter["id"], letter["subscription"], letter["tries"], receipt.state, reply
            )
        _count_outcome(tally, problems, letter, state, reply)
        lost[name] = lost[name] + 1 if state == "uncertain" else 0
        if lost[name] >= LOST:
            reply = f"{lost[name]} uncertain letters in a row: {reply}"
        if state == "unreachable" or lost[name] >= LOST:
            problems.append(("letters_relay", f"{name} relay", reply))
            resting |= {name}
    return resting


def _count_outcome(
    tally: Tally, problems: list[tuple[str, str, str]], letter: LetterRow, state: str, reply: str
) -> None:
    """Add the outcome of a letter to the report, the log and the issues."""
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
    """Mark a letter as `sending` on the disk before its text leaves. False if it must no longer be sent."""
    with letters.writing():
        return letters.execute("UPDATE letter SET state = 'sending' WHERE id = ? AND state = 'pending'", (letter,)) == 1


def _record_outcome(letters: Store, letter: str, subscription: int, tries: int, state: str, reply: str) -> str:
    """Store the outcome of a letter. Deferred TRIES times counts as refused. Returns the state. Inside `writing()`."""
    if state == "deferred" and tries + 1 >= TRIES:
        state = "refused"
    after, message, later = state, "message", None
    if state == "sent":
        letters.execute("UPDATE subscription SET bounces = 0 WHERE id = ?", (subscription,))
        message = "x''"
    elif state == "refused":
        message = "x''"
        letters.execute(
            "DELETE FROM delivery WHERE letter = ?", (letter,)
        )  # nothing was accepted: include it next time
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


def hide_address(address: str, text: str) -> str:
    """Replace the address in a reply: servers often quote the recipient, and issues and logs must not contain it."""
    return re.sub(re.escape(address), "the subscriber", text, flags=re.IGNORECASE)


def raise_issues(work: Store, letters: Store, run: Run, problems: list[tuple[str, str, str]]) -> None:
    """Raise issues for the operator and close those that no longer apply."""
    uncertain = letters.select(
        UncertainRow, "SELECT id, subscription, reply FROM letter WHERE state = 'uncertain' ORDER BY id"
    )
    paused = letters.select(NumberRow, "SELECT id FROM subscription WHERE state = 'paused' ORDER BY id")
    with work.writing():
        for row in uncertain:
            text = f"to subscription {row['subscription']}; it may or may not have arrived: {row['reply']}"
            work.raise_issue(run, kind="letter_uncertain", subject=f"letter {row['id']}", text=text)
        for stopped in paused:
            text = f"paused after {BOUNCES} refused letters; subscribe the address again to resume"
            work.raise_issue(run, kind="letter_refused", subject=f"subscription {stopped['id']}", text=text)
        for kind, subject, text in problems:
            work.raise_issue(run, kind=kind, subject=subject, text=text)
        work.resolve_issues(run, kinds=KINDS)
