"""The search: hits in pages, filters in force, counts of every facet; and its feeds.

`publish.search` reads the query and turns it into SQL; `search_counts` counts. A query that cannot be understood is
answered with 400 and one line that says why.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from publish.pages import search_counts
from publish.pages.cards import Card, find_cards
from publish.pages.feed_entries import Feed
from publish.pages.feeds import feeds_of, search_feed
from publish.pages.page import FURTHEST, Answer, Context, Link, Page, Request, Sample, Text
from publish.pages.rows import OpenEdition
from publish.pages.search_counts import (
    FacetList,
    Parameters,
    StoryCount,
    count_hits,
    count_stories,
    find_facets,
    find_unknown,
)
from publish.search.fts import RANKED, to_sql
from publish.search.query import Filter, Query, QueryError, describe, parse_params, to_params, to_text

HITS_SHOWN = 20  # on a page
NAME = "SELECT label FROM facet WHERE facet = :f AND value = :v"
FACETS = "SELECT facet, value FROM facet GROUP BY facet HAVING max(documents)"
ODD = ("stem cells", '"stem cells" -review', "세포", 'a"b', "\0", "*")  # queries that a reader may well write

Names = Mapping[tuple[str, str], str]  # (filter, value) -> name


@dataclass(frozen=True, slots=True, kw_only=True)
class Name:
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Chip:
    """A filter in force; `params` is the search without it."""

    name: str
    value: str
    label: str
    params: Parameters


@dataclass(frozen=True, slots=True, kw_only=True)
class Hits:
    """What a query found: the cards of one page and all that is counted."""

    total: int
    found: Sequence[Card]
    told: StoryCount | None
    facets: Sequence[FacetList]
    unknown: Sequence[Filter]


async def read_query(edition: OpenEdition, request: Request) -> tuple[Query, Names]:
    """The query of an address and, for what it asks for by identifier, names. Raises QueryError."""
    query = parse_params(request.params)
    names = {}
    for one in (*query.filters, *query.barred):
        if name := await edition.first(Name, NAME, {"f": one.name, "v": one.value}):
            names[one.name, one.value] = name.label
    return query, names


async def show(edition: OpenEdition, request: Request) -> Context | Answer:
    try:
        query, names = await read_query(edition, request)
    except QueryError as error:
        written = request.get("q")[:2000]
        return Answer({"error": error.what, "written": written, "query": None, "found": [], "total": 0}, status=400)
    ranked = request.get("sort") == "best" and bool(query.clauses)
    sql = to_sql(query, sort="best" if ranked else "newest", limit=HITS_SHOWN, offset=request.skipped(HITS_SHOWN))
    total = await count_hits(edition, query)
    hits = Hits(
        total=total,
        found=await find_cards(edition, await edition.numbers(*sql), query),
        told=await count_stories(edition, query, total),
        facets=await find_facets(edition, query, total),
        unknown=await find_unknown(edition, query),
    )
    return context(query, names, hits, number=request.number, ranked=ranked)


def context(query: Query, names: Names, hits: Hits, *, number: int, ranked: bool) -> Context:
    """What the template of the search needs; `number` is the page, `ranked` whether the best match comes first."""
    params = to_params(query)
    return {
        "error": None,
        "query": query,
        "written": dict(params).get("q", ""),
        "hidden": [(name, value) for name, value in params if name != "q"],
        "params": params,
        "text": to_text(query),
        "said": describe(query, names),
        "chips": [to_chip(query, names, one) for one in query.filters],
        "unknown": hits.unknown,
        "total": hits.total,
        "told": hits.told,
        "found": hits.found,
        "facets": hits.facets,
        "counted": search_counts.EXACT if hits.total > search_counts.TAGGED and not query.empty else None,
        "sort": "best" if ranked else "newest",
        "can_rank": bool(query.clauses),
        "ranked": RANKED,
        "page": number,
        "last": min(max(1, -(-hits.total // HITS_SHOWN)), FURTHEST),
        "first_shown": (number - 1) * HITS_SHOWN + 1,
        "capped": hits.total > FURTHEST * HITS_SHOWN,
    }


def to_chip(query: Query, names: Names, one: Filter) -> Chip:
    """A filter in force, with the search without it."""
    label = names.get((one.name, one.value), one.value)
    return Chip(name=one.name, value=one.value, label=label, params=to_params(query.minus(one.name, one.value)))


async def find_feed(edition: OpenEdition, request: Request) -> Feed | Text:
    """The feed of the search."""
    try:
        query, names = await read_query(edition, request)
    except QueryError as error:
        return Text(f"{error.what}\n", status=400)
    return await search_feed(edition, query, query, names, request)


def samples(edition: sqlite3.Connection) -> Iterator[Sample]:
    """Queries of every sort, each facet once, one that is refused."""
    for written in ODD:
        yield Sample(f"/search?{urlencode({'q': written})}")
    yield Sample("/search?q=stem&sort=best")
    yield Sample("/search?q=stem&page=2")
    for name, value in edition.execute(FACETS):
        yield Sample(f"/search?{urlencode({name: value})}")
    yield Sample("/search?q=contry:KR", 400)


PAGES = (
    Page(
        route="/search",
        template="search.html",
        show=show,
        samples=samples,
        links=(Link("All documents", place=10),),
        formats=feeds_of(find_feed),
        about="A search, or everything that is here.",
    ),
)
