"""Counts of the search page: how many hits each value of each facet would give.

The hits come first (`search_hits`), each with the tags of the values that it has (`document_facets`); these are counted
in one pass, whatever the number of facets, and then given their names. Of more than EXACT hits only those are counted
that are ranked, and the page says so. Counts of everything were made with the edition.
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
from publish.search.rank import Match

EXACT = RANKED
VALUES_SHOWN = 30  # of a facet
Parameters = list[tuple[str, str]]

KNOWN = """
SELECT 1 FROM alias WHERE type = :type AND name IN (SELECT value FROM json_each(:names)) LIMIT 1"""
OF_EVERYTHING = """
SELECT value, label, documents AS n FROM facet WHERE facet = :f ORDER BY n DESC, label LIMIT 40"""
TAGS = """
SELECT f.tags FROM (SELECT rowid AS id FROM search WHERE {where} ORDER BY rowid DESC LIMIT :limit) h
JOIN document_facets f ON f.document = h.id"""
NAMED = "SELECT facet, value, label, tag FROM facet WHERE tag IN (SELECT value FROM json_each(:tags))"


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueCount:
    """A value, its name, and how many hits have it."""

    value: str
    label: str
    n: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TaggedValue:
    """A value of a facet and its tag."""

    facet: str
    value: str
    label: str
    tag: str


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


def count_tags(hits: Iterable[str]) -> Counter[str]:
    """How many of some documents have each tag."""
    return Counter(" ".join(hits).split())


def count_stories(found: Sequence[Match], counts: Mapping[str, int]) -> StoryCount:
    """How many stories and outlets the hits are of."""
    stories = {one.story for one in found} - {None}
    return StoryCount(stories=len(stories), outlets=sum(tag.startswith("source_") for tag in counts))


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
    edition: OpenEdition, query: Query, counts: Mapping[str, int], asked: Query | None = None
) -> list[FacetList]:
    """Every facet that has values, each value with the count of what a click would give.

    `counts` are the tags of the hits of `query`; `asked` is the query as an address holds it, to which a click adds.
    """
    asked = asked or query
    named = {} if query.empty else await find_values(edition, counts)
    found = []
    for facet in facets().shown_in("search"):
        name = str(facet.filter)  # core.facets refuses one that is shown here and has none
        chosen = asked.values(name)
        if query.empty:
            values = await edition.rows(ValueCount, OF_EVERYTHING, {"f": name})
        elif facet.kind == "column" and chosen:  # the other values of a chosen one: as if nothing were chosen here
            others = await find_tags(edition, without(query, name))
            values = (await find_values(edition, count_tags(others))).get(name, [])
        else:
            values = named.get(name, [])
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


async def find_tags(edition: OpenEdition, query: Query) -> list[str]:
    """The tags of the newest documents that match all of a query."""
    where, params = conditions(query)
    rows = await edition.execute(TAGS.format(where=" AND ".join(where)), {**params, "limit": EXACT})
    return [row[0] for row in rows]


def to_choice(query: Query, name: str, count: ValueCount, chosen: bool) -> Choice:
    """A value with the search that a click on it leads to."""
    changed = (query.minus if chosen else query.plus)(name, count.value)
    return Choice(value=count.value, label=count.label, n=count.n, chosen=chosen, params=to_params(changed))


async def find_values(edition: OpenEdition, counts: Mapping[str, int]) -> Mapping[str, list[ValueCount]]:
    """The values that some tags stand for, the commonest first, by filter."""
    found: dict[str, list[ValueCount]] = defaultdict(list)
    for row in await edition.rows(TaggedValue, NAMED, {"tags": json.dumps(list(counts))}):
        found[row.facet].append(ValueCount(value=row.value, label=row.label, n=counts[row.tag]))
    return {name: sorted(values, key=lambda count: (-count.n, count.label)) for name, values in found.items()}
