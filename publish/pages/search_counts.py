"""Counts of the search page: how many hits each value of each facet would give.

The hits come first (`search_hits`); their numbers, at most EXACT of them, are then joined once with the labels, once
with what they are about and once with the columns of their documents, whatever the number of facets. Of more hits
those EXACT are counted that the search has, and the page says so. Counts of everything were made with the edition.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from core.facets import Facet, facets
from publish.pages.rows import OpenEdition
from publish.search.clauses import Filter, Query, to_params
from publish.search.fold import lookup_keys
from publish.search.fts import RANKED, conditions, is_concept

EXACT = RANKED
VALUES_SHOWN = 30  # of a facet
Parameters = list[tuple[str, str]]

KNOWN = """
SELECT 1 FROM alias WHERE type = :type AND name IN (SELECT value FROM json_each(:names)) LIMIT 1"""
OF_EVERYTHING = """
SELECT value, label, documents AS n FROM facet WHERE facet = :f ORDER BY n DESC, label LIMIT 40"""
NUMBERS = "SELECT rowid FROM search WHERE {where} ORDER BY rowid DESC LIMIT :limit"
# CROSS JOIN: hits first, then the rows of each. The view `labelled` would be made whole
LABELS = """
SELECT facet, value, value AS label, count(DISTINCT document) AS n FROM (
    SELECT l.facet, l.value, l.document FROM json_each(:ids) j CROSS JOIN label l ON l.document = j.value
    UNION ALL SELECT 'status', b.status, b.document FROM json_each(:ids) j CROSS JOIN banner b ON b.document = j.value
    UNION ALL SELECT 'trial_status', t.status, t.document FROM json_each(:ids) j
        CROSS JOIN trial_status t ON t.document = j.value
) GROUP BY 1, 2"""
THINGS = """
SELECT e.type AS facet, e.concept AS value, e.name AS label, count(*) AS n FROM json_each(:ids) j
CROSS JOIN entity_document x ON x.document = j.value JOIN entity e ON e.id = x.entity
WHERE x.about IS NOT 0 GROUP BY e.id"""
COLUMNS = "SELECT {columns} FROM document WHERE id IN (SELECT value FROM json_each(:ids))"
SAID = "SELECT facet, value, label FROM facet WHERE facet IN (SELECT value FROM json_each(:filters))"
TOLD = """
SELECT count(DISTINCT m.story) AS stories, count(DISTINCT d.source) AS outlets FROM json_each(:ids) j
CROSS JOIN document d ON d.id = j.value LEFT JOIN member m ON m.document = d.id"""


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueCount:
    """A value, its name, and how many hits have it."""

    value: str
    label: str
    n: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FacetCount:
    """The same of a facet as rows call it."""

    facet: str
    value: str
    label: str
    n: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueName:
    facet: str
    value: str
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A value as the page lists it: `params` is the search that a click leads to, without it where it is chosen."""

    value: str
    label: str
    n: int
    chosen: bool
    params: Parameters


@dataclass(frozen=True, slots=True, kw_only=True)
class FacetList:
    """A facet with its values."""

    facet: Facet
    values: tuple[Choice, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryCount:
    """How many stories and outlets hits are of."""

    stories: int
    outlets: int


async def count_stories(edition: OpenEdition, rows: Sequence[int]) -> StoryCount | None:
    """How many stories and outlets the hits are of."""
    return await edition.first(StoryCount, TOLD, {"ids": json.dumps(list(rows))})


async def find_unknown(edition: OpenEdition, query: Query) -> list[Filter]:
    """Names asked for that nothing in this edition goes by."""
    missing = []
    for one in query.filters:
        if facets().filters[one.name].kind == "type" and not is_concept(one.value):
            names = json.dumps(lookup_keys(one.value), ensure_ascii=False)
            if not await edition.numbers(KNOWN, {"type": facets().filters[one.name].name, "names": names}):
                missing.append(one)
    return missing


async def find_facets(
    edition: OpenEdition, query: Query, rows: Sequence[int], asked: Query | None = None
) -> list[FacetList]:
    """Every facet that has values, each value with the count of what a click would give.

    `rows` are the hits of `query`; `asked` is the query as an address holds it, to which a click adds.
    """
    asked = asked or query
    counts = {} if query.empty else await count_all(edition, rows)
    found = []
    for facet in facets().shown_in("search"):
        name = str(facet.filter)  # core.facets refuses one that is shown here and has none
        chosen = asked.values(name)
        if query.empty:
            values = await edition.rows(ValueCount, OF_EVERYTHING, {"f": name})
        elif facet.kind == "column" and chosen:  # the other values of a chosen one: as if nothing were chosen here
            others = await find_numbers(edition, without(query, name))
            values = (await count_columns(edition, others)).get(name, [])
        else:
            values = counts.get(name, [])
        if facet.newest:
            values = sorted(values, key=lambda count: count.value, reverse=True)
        if values:
            choices = (to_choice(asked, name, count, count.value in chosen) for count in values[:VALUES_SHOWN])
            found.append(FacetList(facet=facet, values=tuple(choices)))
    return found


def without(query: Query, name: str) -> Query:
    """A query without what it asks of one filter."""
    for value in query.values(name):
        query = query.minus(name, value)
    return query


async def find_numbers(edition: OpenEdition, query: Query) -> list[int]:
    """The newest documents that match all of a query."""
    where, params = conditions(query)
    return await edition.numbers(NUMBERS.format(where=" AND ".join(where)), {**params, "limit": EXACT})


def to_choice(query: Query, name: str, count: ValueCount, chosen: bool) -> Choice:
    """A value with the search that a click on it leads to."""
    changed = (query.minus if chosen else query.plus)(name, count.value)
    return Choice(value=count.value, label=count.label, n=count.n, chosen=chosen, params=to_params(changed))


async def count_all(edition: OpenEdition, rows: Sequence[int]) -> Mapping[str, list[ValueCount]]:
    """The values of every facet among some documents, the commonest first, by filter."""
    ids = {"ids": json.dumps(list(rows))}
    found: dict[str, list[ValueCount]] = defaultdict(list)
    for kinds, sql in ((("label", "status"), LABELS), (("type",), THINGS)):
        filters = {facet.name: facet.filter for kind in kinds for facet in facets().all if facet.kind == kind}
        for row in await edition.rows(FacetCount, sql, ids):
            if name := filters.get(row.facet):
                found[name].append(ValueCount(value=row.value, label=row.label, n=row.n))
    return {name: in_order(values) for name, values in found.items()} | await count_columns(edition, rows)


async def count_columns(edition: OpenEdition, rows: Sequence[int]) -> dict[str, list[ValueCount]]:
    """The same of the columns of the documents: kind, country, source, language, month."""
    asked = {str(facet.filter): facet.name for facet in facets().of_kind("column") if facet.filter}
    said = await edition.rows(ValueName, SAID, {"filters": json.dumps(list(asked))})
    labels = {(row.facet, row.value): row.label for row in said}
    columns = ", ".join(f'"{name}"' for name in asked.values())
    documents = await edition.execute(COLUMNS.format(columns=columns), {"ids": json.dumps(list(rows))})
    found = {}
    for place, name in enumerate(asked):
        counts = Counter(row[place] for row in documents if row[place] is not None)
        found[name] = in_order(
            ValueCount(value=value, label=labels.get((name, value), value), n=n) for value, n in counts.items()
        )
    return found


def in_order(values: Iterable[ValueCount]) -> list[ValueCount]:
    """The commonest first."""
    return sorted(values, key=lambda count: (-count.n, count.label))
