"""The results of a search as others take them away: JSON, CSV, references, assistants and the bench.

`find_results` gives what the page of the search shows: the group of hits that match all of it, then the one of those
that match some, each hit with its story, its evidence, and why it was found.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from publish.pages.page import Request
from publish.pages.rows import OpenEdition, listed
from publish.pages.search_hits import Search, find, read_query, sort_of
from publish.search.asking import ask_later
from publish.search.rank import Folded
from publish.search.reading import Reading
from publish.search.why import Reasons, explain

ALL, SOME = "all", "some"  # names of the groups
DOCUMENTS = """
SELECT d.id, d."key", d.slug, d.title, d.day, d.kind, coalesce(s."key", '') AS story
FROM json_each(:ids) j JOIN document d ON d.id = j.value LEFT JOIN member m ON m.document = d.id
LEFT JOIN story s ON s.id = m.story GROUP BY d.id"""
EVIDENCE = """
SELECT document, value FROM label WHERE facet = 'evidence' AND value <> 'none'
AND document IN (SELECT value FROM json_each(:ids)) ORDER BY 1, 2"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """A document that was found; `members` are the keys of the other documents of its story that were found as well."""

    key: str
    url: str  # its page here, without the host
    title: str
    day: str
    kind: str
    story: str  # key of its story; empty where it has none
    evidence: tuple[str, ...]
    why: tuple[str, ...]
    missing: tuple[str, ...]  # parts of the search that it lacks
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Hits that match `all` of a search, or `some` of it; `missing`: every part that one of them lacks."""

    name: str
    missing: tuple[str, ...]
    hits: tuple[Hit, ...]

    @property
    def relaxed(self) -> bool:
        return self.name != ALL


@dataclass(frozen=True, slots=True, kw_only=True)
class Results:
    """`count` documents match all of the search; `read_as` says how it was read, a line for each part."""

    count: int
    read_as: tuple[str, ...]
    groups: tuple[Group, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A document of a hit."""

    id: int
    key: str
    slug: str
    title: str
    day: str
    kind: str
    story: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    document: int
    value: str


async def find_results(edition: OpenEdition, request: Request, *, limit: int) -> Results:
    """The first `limit` hits of a search, those that match all of it first. Raises QueryError."""
    reading = await read_query(edition, request)
    sort = sort_of(request, reading.query)
    found = await find(edition, reading, sort=sort, apart=request.get("fold") == "no")
    return await to_results(edition, found, limit=limit)


async def to_results(edition: OpenEdition, found: Search, *, limit: int) -> Results:
    """What was found, with what is taken away of each hit."""
    whole = list(found.whole[:limit])
    partly = list(found.partly[: limit - len(whole)])
    ids = listed([one.id for hit in (*whole, *partly) for one in (hit.best, *hit.others)])
    rows = {row.id: row for row in await edition.rows(Row, DOCUMENTS, ids)}
    evidence: dict[int, list[str]] = {}
    for label in await edition.rows(Evidence, EVIDENCE, ids):
        evidence.setdefault(label.document, []).append(label.value)
    why = await ask_later(explain(found.reading, list(rows)), edition.execute)
    groups = []
    for name, hits in ((ALL, whole), (SOME, partly)):
        if hits:
            made = tuple(to_hit(hit, rows, evidence, why, found) for hit in hits)
            missing = dict.fromkeys(part for hit in made for part in hit.missing)
            groups.append(Group(name=name, missing=tuple(missing), hits=made))
    return Results(count=found.total, read_as=tuple(say(found.reading)), groups=tuple(groups))


def to_hit(
    hit: Folded, rows: Mapping[int, Row], evidence: Mapping[int, Sequence[str]], why: Reasons, found: Search
) -> Hit:
    row = rows[hit.best.id]
    return Hit(
        key=row.key, url=f"/document/{quote(row.slug)}-{row.key}", title=row.title, day=row.day, kind=row.kind,
        story=row.story, evidence=tuple(evidence.get(row.id, ())), why=tuple(why.get(row.id, ())),
        missing=found.missing.get(row.id, ()), members=tuple(rows[one.id].key for one in hit.others),
    )  # fmt: skip


def say(reading: Reading) -> Iterator[str]:
    """How a search was read, a line for each part that is not searched as written."""
    for one in reading.corrected:
        yield f"“{one.typed}” is nowhere here: searched for “{one.word}”"
    for part in reading.parts:
        also = [*([part.thing.name] if part.thing else []), *part.names, *(value.said for value in part.values)]
        yield f"“{part.typed}”: {', '.join(also)}"
    for unclear in reading.unclear:
        may = "may also mean" if unclear.typed in {part.typed for part in reading.parts} else "may mean"
        yield f"“{unclear.typed}” {may} {' or '.join(sense.name for sense in unclear.senses)}"
    if reading.ignored:
        yield f"not needed: {', '.join(reading.ignored)}"
    if reading.landing:
        yield f"{reading.landing.scheme} {reading.landing.value}: its record, and what cites it"
