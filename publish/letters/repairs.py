"""The outbox for the operator: what waits, what is in doubt, and what a person can do about it.

A letter is named by the number of its subscriber and its own: `3.2` is the second letter to subscriber 3.
"""

from __future__ import annotations

import re
from typing import TypedDict

from core.errors import UsageError
from core.records import Json
from core.store import Store
from publish.letters.given_up import give_up
from publish.letters.people import get_subscriber, set_state


class LetterRow(TypedDict):
    """A letter that did not arrive, or may not have."""

    subscriber: int
    number: int
    state: str
    every: str
    day: str | None
    tries: int
    retry_after: str | None
    reply: str | None


class StoppedRow(TypedDict):
    """A person who gets no letters."""

    id: int
    state: str
    bounces: int


class FoundRow(TypedDict):
    """A letter by its name."""

    id: str
    state: str


def list_outbox(letters: Store) -> list[Json]:
    """The letters that wait or are in doubt, and the people whose letters were refused, as dicts."""
    waiting = letters.select(
        LetterRow,
        "SELECT l.subscriber, l.number, l.state, l.every, n.day, l.tries, l.retry_after, l.reply FROM letter l"
        " LEFT JOIN night n ON n.number = l.night WHERE l.state IN ('pending', 'sending', 'uncertain')"
        " ORDER BY l.subscriber, l.number",
    )
    stopped = letters.select(
        StoppedRow, "SELECT id, state, bounces FROM subscriber WHERE state = 'refused' ORDER BY id"
    )
    rows: list[Json] = [{"letter": f"{row['subscriber']}.{row['number']}", **row} for row in waiting]
    return rows + [{"subscriber": row["id"], "state": row["state"], "refusals": row["bounces"]} for row in stopped]


def show_outbox(rows: list[Json]) -> list[str]:
    """The same in lines."""
    if not rows:
        return ["nothing waits, and nothing is in doubt"]
    lines = []
    for row in rows:
        if "letter" not in row:
            lines.append(f"subscriber {row['subscriber']}: letters were refused {row['refusals']} times in a row")
            continue
        later = f", again after {row['retry_after']}" if row["retry_after"] and row["state"] == "pending" else ""
        reply = f": {row['reply']}" if row["reply"] else ""
        lines.append(f"letter {row['letter']}, {row['every']}, of {row['day']}: {row['state']}{later}{reply}")
    return lines


def retry(letters: Store, name: str) -> str:
    """Let a letter that waits or is in doubt go with the next run. Raises UsageError. Returns what was done."""
    letter = _find(letters, name, "pending", "uncertain")
    with letters.writing():
        letters.execute("UPDATE letter SET state = 'pending', retry_after = NULL WHERE id = ?", (letter["id"],))
    twice = "; it may arrive twice" if letter["state"] == "uncertain" else ""
    return f"letter {name} goes with the next run{twice}"


def drop(letters: Store, name: str) -> str:
    """Give a letter up: what it held comes with the next one. Raises UsageError. Returns what was done."""
    letter = _find(letters, name, "pending", "uncertain")
    with letters.writing():
        give_up(letters, letter["id"], "dropped", "dropped by the operator")
    return f"letter {name} is not sent; what it held comes with the next one"


def settle(letters: Store, name: str) -> str:
    """Note that a letter in doubt did arrive. Raises UsageError. Returns what was done."""
    letter = _find(letters, name, "uncertain")
    with letters.writing():
        letters.execute("UPDATE letter SET state = 'sent', message = x'' WHERE id = ?", (letter["id"],))
    return f"letter {name} counts as sent"


def resume(letters: Store, name: str) -> str:
    """Send letters again to a person whose letters were refused. Raises UsageError. Returns what was done."""
    person = get_subscriber(letters, int(name)) if re.fullmatch(r"\d{1,12}", name) else None
    if person is None or person.state != "refused":
        raise UsageError(f"no letters to a subscriber {name} were refused", hint="`outbox` lists them")
    with letters.writing():
        set_state(letters, person.id, "active")
    return f"subscriber {name} gets letters again"


ACTIONS = {"retry": retry, "drop": drop, "arrived": settle, "resume": resume}


def _find(letters: Store, name: str, *states: str) -> FoundRow:
    parts = re.fullmatch(r"(\d{1,12})\.(\d{1,12})", name)
    found = parts and letters.first(
        FoundRow, "SELECT id, state FROM letter WHERE subscriber = ? AND number = ?", (int(parts[1]), int(parts[2]))
    )
    if not found or found["state"] not in states:
        raise UsageError(f"no letter {name!r} that is {' or '.join(states)}", hint="`outbox` lists them, such as 3.2")
    return found
