"""Where documents come from: the list of sources, and the page of one source with its newest documents."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass

from publish.pages.cards import find_cards
from publish.pages.page import Context, Link, Page, PageMissing, Request, Sample
from publish.pages.rows import Count, OpenEdition

LISTED = "SELECT * FROM source ORDER BY documents DESC, name COLLATE NOCASE"
ONE = "SELECT * FROM source WHERE id = :id"
DOCUMENTS = "SELECT id FROM document WHERE source = :id ORDER BY day DESC, id DESC LIMIT 20"
MONTHS = "SELECT month AS value, count(*) AS n FROM document WHERE source = :id GROUP BY 1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    id: str
    name: str
    kind: str
    country: str | None
    lang: str | None
    about: str
    licence: str
    home: str | None
    documents: int
    newest: str | None


async def show_list(edition: OpenEdition, request: Request) -> Context:
    return {"found": await edition.rows(Source, LISTED)}


async def show_one(edition: OpenEdition, request: Request) -> Context:
    source = await edition.first(Source, ONE, request.parts)
    if source is None:
        raise PageMissing("There is no such source.")
    ident = {"id": source.id}
    return {
        "source": source,
        "found": await find_cards(edition, await edition.numbers(DOCUMENTS, ident)),
        "counts": {month.value: month.n for month in await edition.rows(Count, MONTHS, ident)},
    }


def samples(edition: sqlite3.Connection) -> Iterator[Sample]:
    for (ident,) in edition.execute("SELECT id FROM source ORDER BY id"):
        yield Sample(f"/source/{ident}")
    yield Sample("/source/none", 404)


PAGES = (
    Page(route="/sources", template="sources.html", show=show_list, links=(Link("Sources", place=70),)),
    Page(route="/source/(?P<id>[a-z0-9_]+)", template="source.html", show=show_one, samples=samples),
)
