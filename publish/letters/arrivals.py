"""Nights and arrivals: letters.db numbers the nights, and the documents in the order in which they arrived.

* Nights are counted: one for each day on which digests are made. A new night begins when the day *differs* from the
  last one (it need not be later), so a clock that steps back loses nothing.
* Every document of an edition gets a number when it first appears, and keeps it. These numbers, never times, decide
  what is new for a subscriber. A document that comes back under another id (its address or guid changed) with the same
  source, title and day keeps its number, so it is announced only once; so does one that had a numbered id before.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from json import dumps
from typing import TypedDict

from core.store import Store, as_record
from core.text import fingerprint
from publish.letters.records import Night

_CHUNK = 5000


class KeyRow(TypedDict):
    """The key of a document that has a number."""

    document: str


class ItemRow(TypedDict):
    """The number of a document."""

    item: int


def count_night(letters: Store, day: str, run: str) -> Night:
    """Tonight's number. A run on the day of the last one belongs to the same night. Inside `writing()`."""
    row = letters.one("SELECT * FROM night ORDER BY number DESC LIMIT 1")
    last = as_record(Night, row) if row else None
    if last and last.day == day:
        return last
    night = Night(number=(last.number if last else 0) + 1, day=day, run=run)
    letters.execute("INSERT INTO night (number, day, run) VALUES (?, ?, ?)", (night.number, night.day, night.run))
    return night


def newest_item(letters: Store) -> int:
    """The highest number of a document; 0 before the first."""
    return int(letters.value("SELECT coalesce(max(item), 0) AS newest FROM arrival"))


def newest_night(letters: Store) -> int:
    """The number of the last night; 0 before the first."""
    return int(letters.value("SELECT coalesce(max(number), 0) AS newest FROM night"))


def note_arrivals(
    letters: Store,
    documents: Iterable[tuple[str, str | None]],
    former: Mapping[str, Sequence[str]] | None = None,
    *,
    night: int | None = None,
) -> int:
    """Number the (document, likeness) pairs that are new. Returns how many. Inside `writing()`.

    `former`: the keys that a document had before, by its key. `night`: as of which they are there; outside of a run
    they are there as of the next night.
    """
    before = former or {}
    if night is None:
        night = newest_night(letters) + 1
    item, added = newest_item(letters), 0
    for chunk in _chunks(documents, _CHUNK):
        marks = dumps([key for key, _ in chunk])
        known = {
            row["document"]
            for row in letters.select(
                KeyRow, "SELECT document FROM arrival WHERE document IN (SELECT value FROM json_each(?))", (marks,)
            )
        }
        for document, likeness in chunk:
            if document in known:
                continue
            known.add(document)
            twin = None
            if document in before:
                keys = dumps([*before[document]])
                twin = letters.first(
                    ItemRow,
                    "SELECT item FROM arrival WHERE document IN (SELECT value FROM json_each(?)) ORDER BY item LIMIT 1",
                    (keys,),
                )
            if twin is None and likeness is not None:
                twin = letters.first(ItemRow, "SELECT item FROM arrival WHERE likeness = ? LIMIT 1", (likeness,))
            if twin is None:
                item += 1
            letters.execute(
                "INSERT INTO arrival (document, item, likeness, night) VALUES (?, ?, ?, ?)",
                (document, twin["item"] if twin else item, likeness, night),
            )
            added += 1
    return added


def make_likeness(source: str, title: str, published: str | None) -> str | None:
    """A fingerprint that two ids of one document share; None if it could be the same for different documents."""
    words = re.sub(r"[\W_]+", " ", title.casefold()).strip()
    return fingerprint(source, words, published) if published and len(words) >= 12 else None


def _chunks(pairs: Iterable[tuple[str, str | None]], size: int) -> Iterator[list[tuple[str, str | None]]]:
    source = iter(pairs)
    while chunk := list(islice(source, size)):
        yield chunk
