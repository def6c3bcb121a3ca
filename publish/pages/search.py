"""The page of the search: how it was read, hits in pages, filters in force, counts of every facet; and its feeds.

`search_hits` reads the query and finds the hits, `search_counts` counts. The kinds of document are tabs over the hits
(`to_tabs`), the other facets narrow. Above the hits are things that go by a name that begins as what was typed
(`suggest`). Where nothing is found, the page says how many documents each part of the search has, and how many there
would be without each filter. A query that cannot be understood is answered with 400 and one line that says why.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from publish.pages.cards import Card, find_cards
from publish.pages.feed_entries import Feed
from publish.pages.feeds import feeds_of, search_feed
from publish.pages.formats_documents import documents_of
from publish.pages.page import FURTHEST, Answer, Context, Link, Page, Request, Sample, Text
from publish.pages.rows import DocumentLine, OpenEdition, listed
from publish.pages.search_counts import (
    FacetList,
    Parameters,
    StoryCount,
    count_stories,
    count_tags,
    find_facets,
    find_tags,
    find_unknown,
    without,
)
from publish.pages.search_data import MORE, find_listing
from publish.pages.search_hits import Search, find, find_clause, read_query, sort_of
from publish.pages.search_results import Results, find_results
from publish.pages.suggest import Named
from publish.pages.suggest import find_names as find_names_like
from publish.search.clauses import Filter, Query, describe, to_params, to_text
from publish.search.query import QueryError
from publish.search.rank import Folded
from publish.search.reading import Reading, said

HITS_SHOWN = 20  # on a page
NAMES_SHOWN = 4
FILTERS_TRIED = 4  # of a search that found nothing
KIND = "kind"
TABS = ("news", "release", "paper", "preprint", "trial", "explainer", "clinic")
NAME = "SELECT label FROM facet WHERE facet = :f AND value = :v"
FACETS = "SELECT facet, value FROM facet GROUP BY facet HAVING max(documents)"
LINES = "SELECT * FROM card WHERE id IN (SELECT value FROM json_each(:ids))"
STORIES = """
SELECT id, "key", slug, title, documents FROM story
WHERE id IN (SELECT value FROM json_each(:ids)) AND documents > 1"""
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
class StoryLine:
    """The story of a hit, with documents that the search need not have found."""

    id: int
    key: str
    slug: str
    title: str
    documents: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A hit as the page lists it: its card, what it lacks of the search, the others of its story that were found.

    `story` is there where more than one document tells it.
    """

    card: Card
    missing: tuple[str, ...]
    others: tuple[DocumentLine, ...]
    story: StoryLine | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PartCount:
    """A part of a search that found nothing, and how many documents have it."""

    text: str
    n: int
    params: Parameters


@dataclass(frozen=True, slots=True, kw_only=True)
class WithoutFilter:
    """A filter in force, and how many documents the search would find without it."""

    name: str
    value: str
    n: int
    params: Parameters


@dataclass(frozen=True, slots=True, kw_only=True)
class Tab:
    """One kind of document over the hits, or all of them (`kind` is empty)."""

    kind: str
    n: int
    chosen: bool
    params: Parameters


@dataclass(frozen=True, slots=True, kw_only=True)
class Hits:
    """What a query found: the hits of one page and all that is counted."""

    search: Search
    whole: Sequence[Shown]
    partly: Sequence[Shown]
    told: StoryCount | None
    facets: Sequence[FacetList]
    unknown: Sequence[Filter]
    parts: Sequence[PartCount]  # where nothing was found
    fewer: Sequence[WithoutFilter] = ()  # the same
    names: Sequence[Named] = ()


async def find_names(edition: OpenEdition, query: Query) -> Names:
    """Names of what a query asks for by identifier."""
    names = {}
    for one in (*query.filters, *query.barred):
        if name := await edition.first(Name, NAME, {"f": one.name, "v": one.value}):
            names[one.name, one.value] = name.label
    return names


async def show(edition: OpenEdition, request: Request) -> Context | Answer:
    try:
        reading = await read_query(edition, request)
    except QueryError as error:
        written = request.get("q")[:2000]
        return Answer({"error": error.what, "written": written, "query": None, "found": [], "total": 0}, status=400)
    search = await find(
        edition, reading, sort=sort_of(request, reading.query), apart=request.get("fold") == "no"
    )  # fmt: skip
    hits = await find_hits(edition, search, request)
    if not (hits.whole or hits.partly or search.total):
        edition.note_unanswered(to_text(replace(reading.written, filters=(), barred=())))
    return context(reading, await find_names(edition, reading.asked), hits, request)


async def find_hits(edition: OpenEdition, search: Search, request: Request) -> Hits:
    """One page of hits, the second group after the last of the first, and the counts."""
    start = request.skipped(HITS_SHOWN)
    whole = search.whole[start : start + HITS_SHOWN]
    partly = search.partly[:HITS_SHOWN] if start + HITS_SHOWN >= len(search.whole) else []
    reading = search.reading
    shown = await find_shown(edition, search, [*whole, *partly])
    counts = count_tags(one.tags for one in search.found)
    return Hits(
        search=search,
        whole=shown[: len(whole)],
        partly=shown[len(whole) :],
        told=None if search.ranked else count_stories(search.found, counts),
        facets=await find_facets(edition, reading.query, counts, reading.asked),
        unknown=await find_unknown(edition, reading.asked),
        parts=[] if search.whole or search.partly else await count_parts(edition, reading),
        fewer=[] if search.whole or search.partly else await count_without(edition, reading),
        names=await find_likely(edition, reading) if request.number == 1 else (),
    )


async def find_shown(edition: OpenEdition, search: Search, hits: Sequence[Folded]) -> list[Shown]:
    """Hits with their cards."""
    cards = await find_cards(edition, [hit.best.id for hit in hits], search.reading.query)
    others = listed([one.id for hit in hits for one in hit.others])
    lines = {line.id: line for line in await edition.rows(DocumentLine, LINES, others)}
    told = listed([hit.best.story for hit in hits if hit.best.story is not None])
    stories = {story.id: story for story in await edition.rows(StoryLine, STORIES, told)}
    return [
        Shown(
            card=card,
            missing=search.missing.get(card.id, ()),
            others=tuple(lines[one.id] for one in hit.others),
            story=stories.get(hit.best.story or 0),
        )
        for card, hit in zip(cards, hits, strict=True)
    ]


async def find_likely(edition: OpenEdition, reading: Reading) -> list[Named]:
    """Things that go by a name that begins as the whole search, if that is plain words."""
    query = reading.written
    plain = query.clauses and not (query.excluded or query.long)
    return (
        await find_names_like(edition, to_text(replace(Query(), clauses=query.clauses)), NAMES_SHOWN) if plain else []
    )


async def count_without(edition: OpenEdition, reading: Reading) -> list[WithoutFilter]:
    """How many documents there would be without each filter."""
    found = []
    for one, asked in zip(reading.query.filters[:FILTERS_TRIED], reading.asked.filters, strict=False):
        n = len(await find_tags(edition, reading.query.minus(one.name, one.value)))
        params = to_params(reading.asked.minus(asked.name, asked.value))
        found.append(WithoutFilter(name=asked.name, value=asked.value, n=n, params=params))
    return found


def to_tabs(asked: Query, found: Sequence[FacetList]) -> list[Tab]:
    """All, then each kind of document that was found, in the order of the facet."""
    kinds = next((one for one in found if one.facet.filter == KIND), None)
    if kinds is None:
        return []
    bare = without(asked, KIND)
    chosen = asked.values(KIND)
    counts = {one.value: one.n for one in kinds.values}
    order = [value for value in TABS if value in counts]
    order += [value for value in counts if value not in TABS]
    return [
        Tab(kind="", n=sum(counts.values()), chosen=not chosen, params=to_params(bare)),
        *(
            Tab(kind=one, n=counts[one], chosen=one in chosen, params=to_params(bare.plus(KIND, one)))
            for one in order
        ),
    ]  # fmt: skip


async def count_parts(edition: OpenEdition, reading: Reading) -> list[PartCount]:
    """Each part of a search by itself."""
    query = reading.query
    if len(query.clauses) + len(query.filters) < 2:
        return []
    bare = Query()
    found = []
    for clause in query.clauses:
        alone = replace(bare, clauses=(clause,))
        n = len(await find_clause(edition, bare, clause))
        found.append(PartCount(text=said(clause), n=n, params=to_params(alone)))
    return found


def context(reading: Reading, names: Names, hits: Hits, request: Request) -> Context:
    """What the template of the search needs."""
    search, query = hits.search, reading.asked
    params = to_params(query)
    asked = request.get("sort") if request.get("sort") == search.sort else ""
    kept = [("sort", asked), ("fold", "no" if search.apart else "")]
    pages = min(max(1, -(-len(search.whole) // HITS_SHOWN)), FURTHEST)
    return {
        "error": None,
        "query": query,
        "written": request.get("q") or dict(params).get("q", ""),
        "hidden": [(name, value) for name, value in params if name != "q"],
        "params": params,
        "kept": kept,
        "text": to_text(query),
        "said": describe(query, names),
        "chips": [to_chip(query, names, one) for one in query.filters],
        "reading": reading,
        "exact": to_params(reading.exact),
        "parts_exact": [to_params(part.exact) for part in reading.parts],
        "unknown": hits.unknown,
        "total": search.total,
        "told": hits.told,
        "whole": hits.whole,
        "partly": hits.partly,
        "some": sum(hit.documents for hit in search.partly),
        "parts": hits.parts,
        "facets": [one for one in hits.facets if one.facet.filter != KIND],
        "tabs": to_tabs(query, hits.facets),
        "fewer": hits.fewer,
        "names": hits.names,
        "sort": search.sort,
        "apart": search.apart,
        "can_rank": bool(query.clauses),
        "ranked": search.ranked if not query.empty else None,
        "page": request.number,
        "last": pages,
        "first_shown": request.skipped(HITS_SHOWN) + 1,
        "capped": len(search.whole) > FURTHEST * HITS_SHOWN,
    }


def to_chip(query: Query, names: Names, one: Filter) -> Chip:
    """A filter in force, with the search without it."""
    label = names.get((one.name, one.value), one.value)
    return Chip(name=one.name, value=one.value, label=label, params=to_params(query.minus(one.name, one.value)))


async def find_feed(edition: OpenEdition, request: Request) -> Feed | Text:
    """The feed of the search: the documents that match all of it, its words as they are written."""
    try:
        reading = await read_query(edition, request, correct=False)
    except QueryError as error:
        return Text(f"{error.what}\n", status=400)
    names = await find_names(edition, reading.asked)
    return await search_feed(edition, reading, names, request)


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
        links=(Link("Search", place=20),),
        formats=(*documents_of(find_listing, more=MORE, about="Every document that it finds."), *feeds_of(find_feed)),
        about="A search, or everything that is here; with the parameters of the page.",
        example="SELECT '/search?kind=' || kind FROM document LIMIT 1",
        schema="SearchResultsPage",
    ),
)

__all__ = ["PAGES", "Results", "find_results"]
