"""A search to take away: every document that it finds, those that match all of it first, then those that match some.

Each document is a row of its own, in the order of the page; `members` are the others of its story that were found,
at the first of them, so that a long story does not repeat itself. The newest RANKED of the documents are put in order
as on the page; where there are more, the rest follows, the newest first, and `ranked` says how many were put in order.
So the answer is whole in any case.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from publish.pages.formats_documents import ListedDocument, Listing
from publish.pages.page import Field, Request, Text
from publish.pages.rows import OpenEdition, listed
from publish.pages.search_hits import Search, find, read_query, sort_of
from publish.pages.search_results import ALL, SOME, say
from publish.search.asking import ask_later
from publish.search.clauses import to_text
from publish.search.query import QueryError
from publish.search.rank import Folded
from publish.search.reading import where_of
from publish.search.why import explain

KEYS = 'SELECT id, "key" FROM document WHERE id IN (SELECT value FROM json_each(:ids))'
EVERYTHING = "SELECT id FROM document ORDER BY id {order}"
HITS = "SELECT rowid AS id FROM search WHERE {where} ORDER BY rowid {order}"

MORE = (
    Field("group", "all: it matches all of the search; some: it matches a part of it"),
    Field("why", "why it was found; empty of what is not among the documents put in order"),
    Field("missing", "parts of the search that it lacks"),
    Field("members", "keys of the other documents of its story that were found, at the first of them"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    id: int
    key: str


async def find_listing(edition: OpenEdition, request: Request) -> Listing | Text:
    """Every document of a search."""
    try:
        reading = await read_query(edition, request)
    except QueryError as error:
        return Text(f"{error.what}\n", status=400)
    search = await find(edition, reading, sort=sort_of(request, reading.query), apart=request.get("fold") == "no")
    whole, partly = _documents(search.whole), _documents(search.partly)
    if search.total > len(whole):
        known = set(whole)
        whole = [*whole, *(one for one in await find_rest(edition, search) if one not in known)]
    members = await find_members(edition, [*search.whole, *search.partly])
    ranked = [*_documents(search.whole), *partly]
    why = await ask_later(explain(reading, ranked), edition.execute)
    some = set(partly)
    missing = dict.fromkeys(part for one in partly for part in search.missing.get(one, ()))
    groups = [{"name": ALL, "documents": len(whole)}, {"name": SOME, "documents": len(partly), "missing": [*missing]}]

    def more(row: ListedDocument) -> Sequence[object]:
        group, lacks = (SOME if row.id in some else ALL), list(search.missing.get(row.id, ()))
        return group, why.get(row.id, []), lacks, members.get(row.id, [])

    return Listing(
        name="search",
        ids=[*whole, *partly],
        count=search.total,
        facts={
            "query": to_text(reading.asked),
            "read_as": list(say(reading)),
            "groups": [group for group in groups if group["documents"]],
            **({"ranked": search.ranked} if search.ranked and not reading.query.empty else {}),
        },
        more=MORE,
        extra=more,
    )


def _documents(hits: Sequence[Folded]) -> list[int]:
    """The documents of hits, each story together."""
    return [one.id for hit in hits for one in (hit.best, *hit.others)]


async def find_rest(edition: OpenEdition, search: Search) -> list[int]:
    """All documents that match all of the search, in the order of publication."""
    order = "ASC" if search.sort == "oldest" else "DESC"
    if search.reading.query.empty:
        return await edition.numbers(EVERYTHING.format(order=order))
    where, params = where_of(search.reading)
    return await edition.numbers(HITS.format(where=" AND ".join(where), order=order), params)


async def find_members(edition: OpenEdition, hits: Sequence[Folded]) -> dict[int, list[str]]:
    """document that stands for its story -> keys of the others of it that were found."""
    stories = [[one.id for one in (hit.best, *hit.others)] for hit in hits if hit.others]
    ids = listed([one for story in stories for one in story])
    keys = {row.id: row.key for row in await edition.rows(Key, KEYS, ids)}
    return {first: [keys[other] for other in others] for first, *others in stories}
