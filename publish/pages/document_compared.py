"""A document compared with the release or paper it rests on, and with its own earlier text.

In order:
1. `find_compared`: by the text that it is compared with, the sentences that it leaves out and those that it adds, and
   the numbers that it gives otherwise. What it repeats is only counted;
2. `find_left_out`: of a paper or release, what each document that reports it leaves out;
3. `find_edits`: what each edit of its page changed; silent: not cosmetic, and without a note of a correction.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from publish.pages.rows import DocumentLine, OpenEdition

CAUTIONS = ("untested", "early", "caution", "harm", "animals", "comparison")  # kinds of sentences that come first
SENTENCES, EDITS = 6, 12  # shown of each sort; changes of the page
TOLD = """
SELECT what, kind, text, why, other, document FROM telling WHERE document = :id ORDER BY other, what, place LIMIT 200"""
CHANGED = "SELECT * FROM changed_number WHERE document = :id ORDER BY other, place LIMIT 12"
LEFT_OUT = """
SELECT what, kind, text, why, other, document FROM telling WHERE other = :id AND what = 'leaves out'
ORDER BY document, place LIMIT 200"""
LINES = """
SELECT * FROM card WHERE id IN (SELECT other FROM telling WHERE document = :id
    UNION SELECT other FROM changed_number WHERE document = :id)"""
EDITED = "SELECT * FROM edit WHERE document = :id ORDER BY replaced DESC, place LIMIT :most"


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """A sentence that a document leaves out of another text, or adds to it. `why` says what it rests on."""

    what: str
    kind: str
    text: str
    why: str
    other: int
    document: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedNumber:
    """A number that a document gives otherwise than the text it rests on."""

    other: int
    subject: str
    unit: str
    period: str | None
    value: float
    high: float | None
    was: float
    was_high: float | None
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """A change of a page: the words before and after."""

    replaced: str
    kind: str
    before: str
    after: str
    silent: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """A document next to one text that it rests on."""

    other: DocumentLine
    leaves_out: Sequence[Telling]
    adds: Sequence[Telling]
    repeats: int
    numbers: Sequence[ChangedNumber]


async def find_compared(edition: OpenEdition, number: int) -> list[Compared]:
    """The document compared with each text that it rests on: releases first, the one with most left out first."""
    told = await edition.rows(Telling, TOLD, {"id": number})
    numbers = await edition.rows(ChangedNumber, CHANGED, {"id": number})
    if not told and not numbers:
        return []
    lines = {line.id: line for line in await edition.rows(DocumentLine, LINES, {"id": number})}
    found = [
        Compared(
            other=line,
            leaves_out=some(told, other, "leaves out"),
            adds=some(told, other, "adds"),
            repeats=sum(one.other == other and one.what == "repeats" for one in told),
            numbers=[one for one in numbers if one.other == other],
        )
        for other, line in lines.items()
    ]
    return sorted(found, key=lambda one: (one.other.kind != "release", -len(one.leaves_out)))


def some(told: Sequence[Telling], other: int, what: str) -> list[Telling]:
    """The sentences of one sort that may be shown: cautions before other sentences."""
    found = [one for one in told if one.other == other and one.what == what and one.text]
    return sorted(found, key=lambda one: CAUTIONS.index(one.kind) if one.kind in CAUTIONS else len(CAUTIONS))[
        :SENTENCES
    ]


async def find_left_out(edition: OpenEdition, number: int) -> dict[int, list[Telling]]:
    """What each document that reports this one leaves out, by its number."""
    found: dict[int, list[Telling]] = defaultdict(list)
    for one in await edition.rows(Telling, LEFT_OUT, {"id": number}):
        if one.text and len(found[one.document]) < SENTENCES:
            found[one.document].append(one)
    return dict(found)


async def find_edits(edition: OpenEdition, number: int) -> list[Edit]:
    """What the edits of its page changed, the newest first; cosmetic changes are left out."""
    rows = await edition.rows(Edit, EDITED, {"id": number, "most": 4 * EDITS})
    return [one for one in rows if one.kind != "cosmetic"][:EDITS]
