"""Where documents come from: the list of sources, and the page of one source with its newest documents."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass

from publish.pages.cards import find_cards
from publish.pages.formats import Table, csv_of, json_of, listed_rows
from publish.pages.formats_documents import Listing, documents_of
from publish.pages.page import Context, Field, Link, Page, PageMissing, Request, Sample
from publish.pages.rows import Count, OpenEdition

LISTED = "SELECT * FROM source ORDER BY documents DESC, name COLLATE NOCASE"
ONE = "SELECT * FROM source WHERE id = :id"
DOCUMENTS = "SELECT id FROM document WHERE source = :id ORDER BY day DESC, id DESC LIMIT 20"
EVERY = "SELECT id FROM document WHERE source = :id ORDER BY day DESC, id DESC"
SOURCE_FIELDS = (
    Field("id", "name of its source file, the end of its address here"),
    Field("name", "name for people"),
    Field("kind", "news, press_release, explainer, clinic, journal, preprint, registry or stem_cell_bank"),
    Field("country", "of the publisher, ISO 3166-1 alpha-2"),
    Field("lang", "ISO 639-1"),
    Field("about", "one sentence on what it is"),
    Field("licence", "what is shown of its texts: full, abstract or headline-and-link"),
    Field("home", "its address"),
    Field("documents", "how many are in this edition"),
    Field("newest", "day of the newest of them"),
)
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


async def find_listing(edition: OpenEdition, request: Request) -> Listing:
    """Every document of a source, to take away. Raises PageMissing."""
    source = await edition.first(Source, ONE, request.parts)
    if source is None:
        raise PageMissing("There is no such source.")
    facts = {"source": {field.name: getattr(source, field.name) for field in SOURCE_FIELDS}}
    return Listing(name=source.id, ids=await edition.numbers(EVERY, {"id": source.id}), facts=facts)


async def find_sources(edition: OpenEdition, request: Request) -> Table:
    """Every source, to take away."""
    rows = [
        tuple(getattr(source, field.name) for field in SOURCE_FIELDS) for source in await edition.rows(Source, LISTED)
    ]
    return Table(name="sources", file="sources", fields=SOURCE_FIELDS, rows=listed_rows(rows), count=len(rows))


def samples(edition: sqlite3.Connection) -> Iterator[Sample]:
    for (ident,) in edition.execute("SELECT id FROM source ORDER BY id"):
        yield Sample(f"/source/{ident}")
    yield Sample("/source/none", 404)


PAGES = (
    Page(
        route="/sources",
        template="sources.html",
        show=show_list,
        links=(Link("Sources", 430, under="Data", about="Who is asked each night, and whether they answered."),),
        formats=(json_of(find_sources, SOURCE_FIELDS), csv_of(find_sources, SOURCE_FIELDS)),
        about="Every source.",
        schema="CollectionPage",
    ),
    Page(
        route="/source/(?P<id>[a-z0-9_]+)",
        template="source.html",
        within="/sources",
        show=show_one,
        samples=samples,
        formats=documents_of(find_listing, about="Every document that came by it, the newest first."),
        about="A source: an outlet, a press office, a journal, a registry …",
        example="SELECT '/source/' || id FROM source ORDER BY documents DESC LIMIT 1",
        schema="CollectionPage",
    ),
)
