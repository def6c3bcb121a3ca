"""Counts of the search page: how many hits each value of each facet would give.

Up to EXACT hits are counted by joins, with every value there is; up to TAGGED the commonest values are counted
through the column `tags` of the index; of still more hits the newest EXACT are counted, and the page says so.
"""

from __future__ import annotations

from dataclasses import dataclass

from core.facets import Facet, facets
from publish.pages.rows import OpenEdition
from publish.search.fold import name_key
from publish.search.fts import conditions, is_concept, to_count
from publish.search.query import Filter, Query, to_params

EXACT = 5000
TAGGED = 40_000
VALUES_SHOWN = 30  # of a facet
STATUSES = {"status": "banner", "trial_status": "trial_status"}  # facet -> the table that holds its values
Parameters = list[tuple[str, str]]

KNOWN = "SELECT 1 FROM alias WHERE type = :type AND name = :name AND entity IS NOT NULL LIMIT 1"
EVERYTHING = "SELECT value FROM meta WHERE name = 'documents'"
OF_EVERYTHING = """
SELECT value, label, documents AS n FROM facet WHERE facet = :f ORDER BY n DESC, label LIMIT 40"""


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueCount:
    """A value, its name, and how many hits have it."""

    value: str
    label: str
    n: int


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


async def count_hits(edition: OpenEdition, query: Query) -> int:
    """The documents of a query."""
    return await edition.number(*((EVERYTHING,) if query.empty else to_count(query)))


async def count_stories(edition: OpenEdition, query: Query, total: int) -> StoryCount | None:
    """How many stories and outlets the hits are of; None of more hits than can be counted at once."""
    if total > EXACT:
        return None
    where, params = conditions(query)
    hits = "SELECT id FROM document" if query.empty else f"SELECT rowid FROM search WHERE {' AND '.join(where)}"
    sql = f"""SELECT count(DISTINCT m.story) AS stories, count(DISTINCT d.source) AS outlets FROM document d
        LEFT JOIN member m ON m.document = d.id WHERE d.id IN ({hits})"""
    return await edition.first(StoryCount, sql, {} if query.empty else params)


async def find_unknown(edition: OpenEdition, query: Query) -> list[Filter]:
    """Names asked for that nothing in this edition goes by."""
    missing = []
    for one in query.filters:
        if facets().filters[one.name].kind == "type" and not is_concept(one.value):
            type_ = facets().filters[one.name].name
            name = {"type": type_, "name": name_key(one.value, type_)}
            if not await edition.numbers(KNOWN, name):
                missing.append(one)
    return missing


async def find_facets(edition: OpenEdition, query: Query, total: int) -> list[FacetList]:
    """Every facet that has values, each value with the count of what a click would give."""
    found = []
    for facet in facets().shown_in("search"):
        name = str(facet.filter)  # core.facets refuses one that is shown here and has none
        chosen = query.values(name)
        base = query
        if facet.kind == "column":  # the other values of a chosen one: as if nothing were chosen here
            for value in chosen:
                base = base.minus(name, value)
        counts = await count_values(edition, facet, base, total if base is query else await count_hits(edition, base))
        if facet.newest:
            counts.sort(key=lambda count: count.value, reverse=True)
        if counts:
            choices = (to_choice(query, name, count, count.value in chosen) for count in counts[:VALUES_SHOWN])
            found.append(FacetList(facet=facet, values=tuple(choices)))
    return found


def to_choice(query: Query, name: str, count: ValueCount, chosen: bool) -> Choice:
    """A value with the search that a click on it leads to."""
    changed = (query.minus if chosen else query.plus)(name, count.value)
    return Choice(value=count.value, label=count.label, n=count.n, chosen=chosen, params=to_params(changed))


async def count_values(
    edition: OpenEdition, facet: Facet, query: Query, total: int, exact: int | None = None
) -> list[ValueCount]:
    """The commonest values of one facet among the hits of a query, at most forty."""
    if query.empty:
        return await edition.rows(ValueCount, OF_EVERYTHING, {"f": facet.filter})
    where, params = conditions(query)
    clause = " AND ".join(where)
    if (EXACT if exact is None else exact) < total <= TAGGED:
        sql = _by_tags(clause)
        return await edition.rows(ValueCount, sql, {**params, "match": f"({params['match']})", "f": facet.filter})
    newest = f" ORDER BY rowid DESC LIMIT {EXACT}" if total > TAGGED else ""
    sql, more = _by_joins(facet, f"(SELECT rowid FROM search WHERE {clause}{newest})")
    return await edition.rows(ValueCount, sql, {**params, **more})


def _by_tags(clause: str) -> str:
    """SQL that asks the index once for each of the commonest values."""
    clause = clause.replace("MATCH :match", """MATCH :match || ' AND tags : "' || f.tag || '"'""", 1)
    one = f"SELECT count(*) FROM search WHERE {clause}"
    common = "SELECT * FROM facet WHERE facet = :f ORDER BY documents DESC LIMIT 30"
    return f"""SELECT value, label, n FROM (SELECT f.value, f.label, ({one}) AS n FROM ({common}) f)
        WHERE n > 0 ORDER BY n DESC, label"""


def _by_joins(facet: Facet, hits: str) -> tuple[str, dict[str, str | None]]:
    """SQL that joins the hits with labels, with what they name, or with a column of document; its parameters."""
    # not the view `labelled`: it would be made whole. CROSS JOIN: hits first, then the rows of each
    if facet.kind == "status":
        return _by_label(hits, f"{STATUSES[facet.name]} l ON", "status"), {}
    if facet.kind == "label":
        return _by_label(hits, "label l ON l.facet = :t AND", "value"), {"t": facet.name}
    if facet.kind == "type":
        sql = f"""SELECT e.concept AS value, e.name AS label, count(*) AS n
            FROM entity_document x JOIN entity e ON e.id = x.entity
            WHERE x.document IN {hits} AND x.about IS NOT 0 AND e.type = :t
            GROUP BY e.id ORDER BY n DESC, label LIMIT 40"""
        return sql, {"t": facet.name}
    sql = f"""SELECT d.{facet.name} AS value, coalesce(f.label, d.{facet.name}) AS label, count(*) AS n
        FROM document d LEFT JOIN facet f ON f.facet = :f AND f.value = d.{facet.name}
        WHERE d.id IN {hits} AND d.{facet.name} IS NOT NULL GROUP BY 1 ORDER BY n DESC, label LIMIT 40"""
    return sql, {"f": facet.filter}


def _by_label(hits: str, table: str, column: str) -> str:
    return f"""SELECT l.{column} AS value, l.{column} AS label, count(DISTINCT l.document) AS n
        FROM {hits} h CROSS JOIN {table} l.document = h.rowid GROUP BY 1 ORDER BY n DESC, 1 LIMIT 40"""
