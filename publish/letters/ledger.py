"""What letters.db counts: its records, its nights, and the order in which documents arrived.

* Nights are counted: one for each day on which digests are made, told by the day being *another* than the last (not a
  later one), so a clock that steps back costs nothing.
* Every document of an edition is numbered when it is first there, and keeps that number for ever. What is new for whom
  is decided by these numbers, never by time. A document that comes back under another id, with the same source, title
  and day (its address changed, or its guid), keeps the number that it had: it is one thing, told once.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from json import dumps
from typing import Literal

from core.records import Json
from core.store import Store, as_record
from core.text import fingerprint

Every = Literal["daily", "weekly"]
_CHUNK = 5000


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """One address that wants to hear of one search."""

    id: int
    address: str
    query: str
    every: Every
    created: str
    since: int  # newest item when it began
    mark: int  # newest item at its last turn
    night: int | None  # of its last turn
    day: str | None
    bounces: int
    state: Literal["active", "paused"]
    channel: str  # how its letters travel: a module of publish/letters/channels


@dataclass(frozen=True, slots=True, kw_only=True)
class Night:
    """A day on which digests are made; `number` is counted, never computed from the clock."""

    number: int
    day: str
    run: str


def count_night(letters: Store, day: str, run: str) -> Night:
    """Tonight's number. A run on the day of the last one belongs to the same night. Inside `writing()`."""
    last = letters.one("SELECT * FROM night ORDER BY number DESC LIMIT 1")
    if last and last["day"] == day:
        return as_record(Night, last)
    night = Night(number=(last["number"] if last else 0) + 1, day=day, run=run)
    letters.execute("INSERT INTO night (number, day, run) VALUES (?, ?, ?)", (night.number, night.day, night.run))
    return night


def newest_item(letters: Store) -> int:
    return int(letters.value("SELECT coalesce(max(item), 0) AS newest FROM arrival"))


def note_arrivals(letters: Store, documents: Iterable[tuple[str, str | None]]) -> int:
    """Number the (document, likeness) pairs that were never here before. Returns how many. Inside `writing()`."""
    night = letters.value("SELECT coalesce(max(number), 0) AS newest FROM night")
    item, added = newest_item(letters), 0
    for chunk in _chunks(documents, _CHUNK):
        marks = dumps([key for key, _ in chunk])
        known = {
            row["document"]
            for row in letters.rows(
                "SELECT document FROM arrival WHERE document IN (SELECT value FROM json_each(?))", (marks,)
            )
        }
        for document, likeness in chunk:
            if document in known:
                continue
            known.add(document)
            twin: Json | None = None
            if likeness is not None:
                twin = letters.one("SELECT item FROM arrival WHERE likeness = ? LIMIT 1", (likeness,))
            if twin is None:
                item += 1
            letters.execute(
                "INSERT INTO arrival (document, item, likeness, night) VALUES (?, ?, ?, ?)",
                (document, twin["item"] if twin else item, likeness, night),
            )
            added += 1
    return added


def likeness(source: str, title: str, published: str | None) -> str | None:
    """What two ids of one thing have in common; None where that would join things that are not one."""
    words = re.sub(r"[\W_]+", " ", title.casefold()).strip()
    return fingerprint(source, words, published) if published and len(words) >= 12 else None


def _chunks(pairs: Iterable[tuple[str, str | None]], size: int) -> Iterator[list[tuple[str, str | None]]]:
    source = iter(pairs)
    while chunk := list(islice(source, size)):
        yield chunk
