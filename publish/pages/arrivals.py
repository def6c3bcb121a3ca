"""Documents in the order in which they came in: of everything, a search, a story, a thing, a night.

A late night comes first; within a night the last arrival. The night is that of the column `moved`: a document comes
up again in the night in which what became of its paper or trial was first known (`publish/edition/nights.py`).

The index of words is in the order of publication, so a search is answered in one of two ways:
1. up to KNOWN hits are all read and put in order;
2. of more hits the latest nights are asked for one after another, by their tags, until there are enough. Of a single
   night with more than KNOWN hits (a first collection) the newest KNOWN are read.
So a feed of a common word costs what its latest nights cost, however much the edition holds.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from publish.pages.rows import OpenEdition
from publish.search.fts import conditions, tag_of
from publish.search.query import Query
from publish.search.reading import Reading, where_of

KNOWN = 5000  # hits that are put in order at once
ORDER = "ORDER BY d.moved DESC, d.arrived DESC, d.id DESC LIMIT :most OFFSET :skip"
OF_EVERYTHING = f"SELECT d.id FROM document d {ORDER}"
OF_STORY = f"SELECT d.id FROM member m JOIN document d ON d.id = m.document WHERE m.story = :id {ORDER}"
OF_THING = f"""
SELECT d.id FROM (SELECT document FROM entity_document WHERE entity = :id AND about IS NOT 0
    ORDER BY day DESC LIMIT {KNOWN}) x JOIN document d ON d.id = x.document {ORDER}"""
OF_NIGHT = f"SELECT d.id FROM document d WHERE d.night = :day {ORDER}"
OF_HITS = """
SELECT d.id FROM (SELECT rowid AS hit FROM search WHERE {where} ORDER BY rowid DESC LIMIT {known}) h
CROSS JOIN document d ON d.id = h.hit {order}"""
HITS = "SELECT count(*) FROM (SELECT 1 FROM search WHERE {where} LIMIT {known} + 1)"
DOCUMENTS = "SELECT value FROM meta WHERE name = 'documents'"
NIGHTS = "SELECT day, documents + works + trials AS documents FROM night ORDER BY day DESC"


@dataclass(frozen=True, slots=True, kw_only=True)
class NightSize:
    """A night, and about how many documents moved in it."""

    day: str
    documents: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrivals:
    """A part of a list in the order of arrival, and how many there are: of a search at most KNOWN are counted."""

    ids: Sequence[int]
    total: int


async def find_arrivals(edition: OpenEdition, asked: Query | Reading, *, most: int, skip: int = 0) -> Arrivals:
    """What a search finds, in the order of arrival. Of a Reading: the first group of its page."""
    limits = {"most": most, "skip": skip}
    if isinstance(asked, Query) and asked.empty:
        return Arrivals(ids=await edition.numbers(OF_EVERYTHING, limits), total=await edition.number(DOCUMENTS))
    where, params = conditions(asked) if isinstance(asked, Query) else where_of(asked)
    clause = " AND ".join(where)
    total = await edition.number(HITS.format(where=clause, known=KNOWN), params)
    sql = OF_HITS.format(where=clause, known=KNOWN, order=ORDER)
    nights = await edition.rows(NightSize, NIGHTS) if total > KNOWN else []
    if not nights:
        return Arrivals(ids=await edition.numbers(sql, {**params, **limits}), total=total)
    found: list[int] = []
    for days in gather_nights(nights):
        tags = " OR ".join(f'"{tag_of("moved", day)}"' for day in days)
        match = f"({params['match']}) AND tags : ({tags})"
        everything = {"most": skip + most - len(found), "skip": 0}
        found += await edition.numbers(sql, {**params, "match": match, **everything})
        if len(found) >= skip + most:
            break
    return Arrivals(ids=found[skip:], total=KNOWN)


def gather_nights(nights: Iterable[NightSize]) -> Iterator[list[str]]:
    """Nights, the latest first, in groups that hold at most KNOWN documents, each group twice the one before."""
    group: list[str] = []
    size, wanted = 0, 400
    for night in nights:
        if group and size + night.documents > wanted:
            yield group
            group, size, wanted = [], 0, min(wanted * 2, KNOWN)
        group.append(night.day)
        size += night.documents
    if group:
        yield group
