"""Where documents come from: every source with how it answered in the last thirty nights, and the page of one source.

A source that fails comes first, with since when and why. How a night is judged: publish/edition/source_nights.py.
"""

from __future__ import annotations

import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from publish.pages.cards import find_cards
from publish.pages.formats import Table, csv_of, json_of, listed_rows
from publish.pages.formats_documents import Listing, documents_of
from publish.pages.page import Context, Field, Link, Page, PageMissing, Request, Sample
from publish.pages.rows import Count, OpenEdition

WITH_HEALTH = """
SELECT s.*, coalesce(h.asked, 0) AS asked, coalesce(h.failed, 0) AS failed, h.last_good, h.since,
    coalesce(h.reason, '') AS reason, coalesce(h.entries, 0) AS entries, coalesce(h.dated, 0) AS dated
FROM source s LEFT JOIN source_health h ON h.source = s.id"""
LISTED = f"{WITH_HEALTH} ORDER BY h.since IS NULL, s.documents DESC, s.name COLLATE NOCASE"
ONE = f"{WITH_HEALTH} WHERE s.id = :id"
NIGHTS = "SELECT * FROM source_night ORDER BY source, night"
NIGHTS_OF = "SELECT * FROM source_night WHERE source = :id ORDER BY night"
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
    Field("asked", "nights of the last thirty in which it was asked"),
    Field("failed", "of them: in which it failed"),
    Field("last_good", "the last night in which its lists could be read; empty: never"),
    Field("since", "the night from which on it fails; empty: it does not"),
    Field("reason", "why it failed in the last night in which it was asked"),
    Field("entries", "that its lists ever had"),
    Field("dated", "of them: that had a date"),
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
    asked: int
    failed: int
    last_good: str | None
    since: str | None
    reason: str
    entries: int
    dated: int

    @property
    def reads(self) -> str:
        """What happened, and the details that may follow the first colon of the reason."""
        return self.reason.partition(": ")[0]

    @property
    def details(self) -> str:
        return self.reason.partition(": ")[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class Night:
    """How a source answered in a night."""

    source: str
    night: str
    state: str
    documents: int
    entries: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Strip:
    """The nights of a source, the oldest first, and their places in a drawing of PLACES cells."""

    nights: tuple[tuple[int, Night], ...]

    @property
    def said(self) -> str:
        """The drawing in words."""
        counts = Counter(night.state for _, night in self.nights)
        parts = [f"{counts[state]} {words}" for state, words in SAID.items() if counts[state]]
        return f"{len(self.nights)} {'night' if len(self.nights) == 1 else 'nights'}: {', '.join(parts)}"


PLACES = 30
SAID = {
    "good": "with new documents", "nothing new": "read, with nothing new", "failed": "failed",
    "not asked": "not asked",
}  # fmt: skip


def make_strip(nights: Sequence[Night]) -> Strip:
    """The last PLACES nights; the newest has the last place."""
    nights = nights[-PLACES:]
    first = PLACES - len(nights)
    return Strip(nights=tuple((first + place, night) for place, night in enumerate(nights)))


async def show_list(edition: OpenEdition, request: Request) -> Context:
    found = await edition.rows(Source, LISTED)
    nights: dict[str, list[Night]] = defaultdict(list)
    for night in await edition.rows(Night, NIGHTS):
        nights[night.source].append(night)
    return {
        "failing": [(source, make_strip(nights.get(source.id, ()))) for source in found if source.since],
        "found": [(source, make_strip(nights.get(source.id, ()))) for source in found if not source.since],
        "nights": max((len(some) for some in nights.values()), default=0),
        "first": min((some[0].night for some in nights.values()), default=""),
        "last": max((some[-1].night for some in nights.values()), default=""),
        "said": SAID,
    }


async def show_one(edition: OpenEdition, request: Request) -> Context:
    source = await edition.first(Source, ONE, request.parts)
    if source is None:
        raise PageMissing("There is no such source.")
    ident = {"id": source.id}
    nights = await edition.rows(Night, NIGHTS_OF, ident)
    return {
        "source": source,
        "nights": nights,
        "strip": make_strip(nights),
        "said": SAID,
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
