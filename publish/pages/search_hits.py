"""What a search finds: documents that match all of it, then those that match some, each story once.

`read_query` and `read` say how a search is understood; `find` asks the index, in this order:

1. the documents that match all of it, the newest RANKED of them, with the story that each tells; of an identifier, its
   record and what cites it. Inside this group nothing is relaxed;
2. where words were typed and the best match is asked for: how much they are about the things that the search names,
   whether they have its words near one another, and whether a title is the search itself; `publish.search.rank` puts
   them in order and folds them;
3. where fewer than ENOUGH match all: those that match a substantial part, by `publish.search.relax`. Filters, dates and
   what is excluded hold for them as well.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from core.facets import facets
from core.text import slug
from publish.pages.page import Request
from publish.pages.rows import OpenEdition
from publish.search import reading as meaning
from publish.search.asking import ask_later
from publish.search.clauses import Group, Query, Term
from publish.search.fold import fold_words
from publish.search.fts import RANKED, conditions, tag_of
from publish.search.names import str_of
from publish.search.query import parse_params
from publish.search.rank import MATCHES, Folded, Match, fold, order_best
from publish.search.reading import Reading, in_other_words, said, where_of, words_close, words_of_names
from publish.search.relax import ENOUGH, find_partly, weigh
from publish.search.values import VALUES, needed, with_known_values

SORTS = ("best", "newest", "oldest")
RARE = 0.2  # a word in a larger share of the documents does not stand for a name
NEARLY = 3  # times as many documents as have the rarest word of a name
TITLED = 4  # words of a search that may be a whole title
EVERYTHING = "SELECT value FROM meta WHERE name = 'documents'"
ALL = "SELECT id, 0.0 AS rank FROM document ORDER BY id {order} LIMIT :limit"
HITS = "SELECT rowid AS id, {rank} AS rank FROM search WHERE {where} ORDER BY rowid {order} LIMIT :limit"
CLOSE = "SELECT rowid AS id FROM search WHERE search MATCH :match ORDER BY rowid DESC LIMIT :limit"
TITLES = "SELECT d.id, d.title FROM search JOIN document d ON d.id = search.rowid WHERE search MATCH :match LIMIT 50"


@dataclass(frozen=True, slots=True, kw_only=True)
class FacetValue:
    """A value of a filter that documents of the edition have."""

    facet: str
    value: str
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Titled:
    id: int
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """What was found, and how it was asked for."""

    reading: Reading
    sort: str
    apart: bool  # each document by itself, not folded by story
    total: int  # documents that match all of it
    whole: Sequence[Folded]  # hits that match all of it
    partly: Sequence[Folded]  # hits that match some of it
    missing: Mapping[int, tuple[str, ...]]  # document -> what it lacks of the search
    found: Sequence[Match]  # the documents that match all of it, at most RANKED

    @property
    def ranked(self) -> int | None:
        """How many were put in order, where not all of them were."""
        return len(self.found) if self.total > len(self.found) else None


async def read_query(edition: OpenEdition, request: Request, *, correct: bool = True) -> Reading:
    """The query of an address, and how it is read. Raises QueryError.

    A feed goes on with `correct=False`: a value of last month may be absent from this edition.
    """
    query = parse_params(request.params)
    if correct and (names := needed(query)):
        known: dict[str, dict[str, str]] = {}
        for row in await edition.rows(FacetValue, VALUES, {"filters": json.dumps(names)}):
            known.setdefault(row.facet, {})[row.value] = row.label
        query = with_known_values(query, known)
    return await read(edition, query, correct=correct)


async def read(edition: OpenEdition, query: Query, *, correct: bool = True) -> Reading:
    """How a query is read in this edition."""
    return await ask_later(meaning.read(query, correct=correct), edition.execute)


def sort_of(request: Request, query: Query) -> str:
    """The order asked for: the best match where words are searched for, else the newest first."""
    asked = request.get("sort")
    if asked not in SORTS:
        asked = "best"
    return "newest" if asked == "best" and not query.clauses else asked


async def find(edition: OpenEdition, reading: Reading, *, sort: str, apart: bool = False, most: int = RANKED) -> Search:
    """What a search finds. `most`: documents of everything that are looked at, where no word or filter was given."""
    query = reading.query
    if query.wordless:
        return Search(reading=reading, sort=sort, apart=apart, total=0, whole=(), partly=(), missing={}, found=())
    if query.empty:
        order = "ASC" if sort == "oldest" else "DESC"
        found = await ask_matches(edition, ALL.format(order=order), {"limit": most})
        total = await edition.number(EVERYTHING)
    else:
        found = await find_matches(edition, reading, sort)
        total = len(found) if len(found) < RANKED else await edition.number(*count_of(reading))
    if reading.landing:
        place = dict(reading.landing.places)
        total = len(found)
        ordered = sorted(found, key=lambda one: (place[one.id], -one.id))
    elif sort == "best":
        about = find_about(reading, found)
        exact, close = await find_titled(edition, reading), await find_close(edition, reading)
        ordered = order_best(found, about=about, exact=exact, close=close, share={})
    else:
        ordered = sorted(found, key=lambda one: one.id, reverse=sort != "oldest")
    partly: list[Folded] = []
    missing: dict[int, tuple[str, ...]] = {}
    if total < ENOUGH and not reading.landing and query.clauses and not (total and reading.exacting):
        partly, missing = await find_some(edition, reading, found, apart=apart)
    return Search(
        reading=reading, sort=sort, apart=apart, total=total, whole=fold(ordered, apart=apart), partly=partly,
        missing=missing, found=found,
    )  # fmt: skip


async def find_matches(edition: OpenEdition, reading: Reading, sort: str) -> list[Match]:
    """The newest (or oldest) documents that match all of a search."""
    where, params = where_of(reading)
    rank = "rank" if sort == "best" and not reading.landing else "0.0"
    order = "ASC" if sort == "oldest" else "DESC"
    hits = HITS.format(rank=rank, where=" AND ".join(where), order=order)
    return await ask_matches(edition, hits, {**params, "limit": RANKED})


async def ask_matches(edition: OpenEdition, hits: str, params: Mapping[str, object]) -> list[Match]:
    """The documents that a query gives as id and rank, with what puts them in order."""
    return list(map(Match._make, await edition.execute(MATCHES.format(hits=hits), params)))


def count_of(reading: Reading) -> tuple[str, Mapping[str, str | int]]:
    """SQL that counts the documents that match all of a search."""
    where, params = where_of(reading)
    return f"SELECT count(*) AS documents FROM search WHERE {' AND '.join(where)}", params


def find_about(reading: Reading, found: Sequence[Match]) -> dict[int, float]:
    """The share of the things that the search names that each document is about."""
    things = [part.thing for part in reading.parts if part.thing]
    filters = [facet.filter if (facet := facets().find("type", one.type)) else None for one in things]
    tags = [tag_of(name, one.concept) for name, one in zip(filters, things, strict=True) if name]
    return {one.id: sum(tag in one.tags for tag in tags) / len(tags) for one in found} if tags else {}


async def find_titled(edition: OpenEdition, reading: Reading) -> frozenset[int]:
    """Documents whose title is the search itself."""
    words = [str_of(clause) for clause in reading.written.clauses]
    if len(words) < TITLED or not all(words):
        return frozenset()
    asked = " ".join(words)
    match = f'{{title}} : "{fold_words(asked)}"'
    rows = await edition.rows(Titled, TITLES, {"match": match})
    return frozenset(row.id for row in rows if slug(row.title, 500) == slug(asked, 500))


async def find_close(edition: OpenEdition, reading: Reading) -> frozenset[int]:
    """The newest documents that have the words of a search near one another."""
    close = words_close(reading)
    if not close:
        return frozenset()
    return frozenset(await edition.numbers(CLOSE, {"match": close, "limit": RANKED}))


async def find_some(
    edition: OpenEdition, reading: Reading, whole: Sequence[Match], *, apart: bool
) -> tuple[list[Folded], dict[int, tuple[str, ...]]]:
    """Hits that match a substantial part of a search, and what each lacks."""
    query = reading.query
    full = [frozenset(await find_clause(edition, query, clause)) for clause in query.clauses]
    related = [frozenset(await find_related(edition, reading, clause)) for clause in query.clauses]
    having = [len(one) or len(near) for one, near in zip(full, related, strict=True)]
    weights = weigh(having, await edition.number(EVERYTHING))
    some = find_partly(full, related, weights, without={one.id for one in whole})
    stories = {one.story for one in whole if one.story is not None}
    matches = await find_by_id(edition, query, [one.id for one in some])
    left = [one for one in matches if apart or one.story is None or one.story not in stories]
    about = find_about(reading, left)
    ordered = order_best(left, about=about, share={one.id: one.share for one in some})
    words = [said(clause) for clause in query.clauses]
    return fold(ordered, apart=apart), {one.id: tuple(words[number] for number in one.missing) for one in some}


async def find_clause(edition: OpenEdition, query: Query, clause: tuple[Term | Group, ...]) -> list[int]:
    """The newest documents that match one part of a search, within its filters."""
    where, params = conditions(replace(query, clauses=(clause,)))
    sql = HITS.format(rank="0.0", where=" AND ".join(where), order="DESC")
    return await edition.numbers(sql, {**params, "limit": RANKED})


async def find_related(edition: OpenEdition, reading: Reading, clause: tuple[Term | Group, ...]) -> list[int]:
    """The newest documents that come near one part of a search (`reading.in_other_words`).

    Of a name of several words also by the rarest of them, and those nearly as rare. What many documents have does not
    come near anything.
    """
    most = RARE * await edition.number(EVERYTHING)
    near = [await find_clause(edition, reading.query, terms) for terms in in_other_words(reading, clause)]
    for words in words_of_names(reading, clause):
        having = [await find_clause(edition, reading.query, (word,)) for word in words]
        rarest = min(map(len, filter(None, having)), default=0)
        near += [some for some in having if len(some) <= NEARLY * rarest]
    return [ident for some in near if len(some) <= most for ident in some]


async def find_by_id(edition: OpenEdition, query: Query, ids: Sequence[int]) -> list[Match]:
    """Documents with how well they match any part of a search."""
    if not ids:
        return []
    anything = tuple(dict.fromkeys(term for clause in query.clauses for term in clause))
    where, params = conditions(Query(clauses=(anything,)))
    where.append("search.rowid IN (SELECT value FROM json_each(:ids))")
    hits = HITS.format(rank="rank", where=" AND ".join(where), order="DESC")
    more = {"ids": json.dumps(list(ids)), "limit": RANKED}
    found = await ask_matches(edition, hits, {**params, **more})
    others = sorted(set(ids) - {one.id for one in found})  # found by related words only
    hits = "SELECT value AS id, 0.0 AS rank FROM json_each(:ids)"
    return found + await ask_matches(edition, hits, {"ids": json.dumps(others)})
