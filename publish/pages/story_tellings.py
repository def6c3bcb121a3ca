"""How each document of a story tells it: what it repeats, adds and leaves out, and which numbers it changed.

A text is compared with its release and with its paper (stage `tellings`). To say each thing once, in order:

1. what it adds is what the release does not have; without a release, what the paper does not have. What a release or a
   paper adds to another record is not shown: it is written for another reader;
2. what it leaves out and repeats is shown once for each kind (that it was in animals, who paid …), with the sentence of
   the release if both have one;
3. whole sentences that it repeats are counted, and quoted apart;
4. a document that was compared with nothing has only what the stage `stories` found: the first thing that it adds, and
   the first caution that it leaves out.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from publish.pages.rows import DocumentLine, OpenEdition, listed
from publish.pages.story_members import Member

TELLINGS = """
SELECT t.document, t.other, t.what, t.kind, t.text, t.why
FROM json_each(:ids) j CROSS JOIN telling t ON t.document = j.value
ORDER BY j.key, t.what, t.other, t.place LIMIT 4000"""
CHANGED = """
SELECT c.document, c.other, c.number, c.was_number, c.subject, c.unit, c.period, c.value, c.high, c.was, c.was_high,
    c.sentence, c.was_sentence, c.why
FROM json_each(:ids) j CROSS JOIN changed_number c ON c.document = j.value ORDER BY j.key, c.place LIMIT 400"""
LINES = "SELECT * FROM card WHERE id IN (SELECT value FROM json_each(:ids))"


@dataclass(frozen=True, slots=True, kw_only=True)
class TellingRow:
    """A thing that a document repeats, adds or leaves out, compared with another one."""

    document: int
    other: int
    what: str
    kind: str
    text: str
    why: str

    @property
    def says(self) -> str:
        """What is said, in words: `the release says: it was done in animals`; of both texts only what they say."""
        return self.why.partition(". ")[0].removeprefix("in both texts: ")


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedRow:
    """A number that a document gives otherwise than the release or paper that it rests on."""

    document: int
    other: int
    number: int
    was_number: int
    subject: str
    unit: str
    period: str | None
    value: float
    high: float | None
    was: float
    was_high: float | None
    sentence: str
    was_sentence: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """How one document tells the story. `others` are the documents that it was compared with, by their number."""

    leaves_out: tuple[TellingRow, ...] = ()
    repeats: tuple[TellingRow, ...] = ()
    sentences: tuple[TellingRow, ...] = ()
    adds: tuple[TellingRow, ...] = ()
    changed: tuple[ChangedRow, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Tellings:
    """How all documents tell the story, and the documents that they were compared with."""

    by_document: Mapping[int, Telling]
    lines: Mapping[int, DocumentLine]
    changes: Mapping[tuple[int, int], tuple[int, int]]

    def of(self, document: int) -> Telling:
        return self.by_document.get(document, Telling())


async def find_tellings(edition: OpenEdition, members: Sequence[Member]) -> Tellings:
    """How these documents tell the story."""
    ids = listed([member.document for member in members])
    rows = await edition.rows(TellingRow, TELLINGS, ids)
    changed = await edition.rows(ChangedRow, CHANGED, ids)
    others = sorted({row.other for row in rows} | {one.other for one in changed})
    lines = {line.id: line for line in await edition.rows(DocumentLine, LINES, listed(others))} if others else {}
    return to_tellings(rows, changed, members, lines)


def to_tellings(
    rows: Iterable[TellingRow], changed: Iterable[ChangedRow], members: Sequence[Member],
    lines: Mapping[int, DocumentLine],
) -> Tellings:  # fmt: skip
    """Each thing once, by document."""
    by_document: dict[int, list[TellingRow]] = defaultdict(list)
    for row in rows:
        by_document[row.document].append(row)
    numbers: dict[int, list[ChangedRow]] = defaultdict(list)
    changes: dict[tuple[int, int], tuple[int, int]] = {}
    for one in changed:
        if (one.document, one.number) not in changes:
            numbers[one.document].append(one)
        changes.setdefault((one.document, one.number), (one.other, one.was_number))
    found = {
        member.document: to_telling(member, by_document[member.document], numbers[member.document], lines)
        for member in members
    }
    return Tellings(by_document=found, lines=lines, changes=changes)


def to_telling(
    member: Member, rows: Sequence[TellingRow], changed: Sequence[ChangedRow], lines: Mapping[int, DocumentLine]
) -> Telling:
    """How one document tells the story."""
    if not rows:
        return _by_first(member, changed)
    releases = {row.other for row in rows if row.other in lines and lines[row.other].kind == "release"}
    ranked = sorted(rows, key=lambda row: row.other not in releases)
    adds = [row for row in ranked if row.what == "adds" and (row.other in releases or not releases)]
    kinds = [row for row in ranked if row.kind != "sentence"]
    return Telling(
        leaves_out=_once(row for row in kinds if row.what == "leaves out"),
        repeats=_once(row for row in kinds if row.what == "repeats"),
        sentences=tuple(row for row in ranked if row.what == "repeats" and row.kind == "sentence"),
        adds=tuple(row for row in adds if row.text) if member.outlet else (),
        changed=tuple(changed),
    )


def _by_first(member: Member, changed: Sequence[ChangedRow]) -> Telling:
    """What stage `stories` found of a document that was compared with nothing else."""

    def rows(what: str, text: str) -> tuple[TellingRow, ...]:
        if not text:
            return ()
        return (TellingRow(document=member.document, other=0, what=what, kind="sentence", text=text, why=""),)

    return Telling(
        leaves_out=rows("leaves out", member.dropped), adds=rows("adds", member.added), changed=tuple(changed)
    )


def _once(rows: Iterable[TellingRow]) -> tuple[TellingRow, ...]:
    """The first of each kind."""
    found: dict[str, TellingRow] = {}
    for row in rows:
        found.setdefault(row.kind, row)
    return tuple(found.values())
