"""Work by country: documents and trials of each country where work was done, with the newest three documents."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from publish.pages.formats import query_of
from publish.pages.page import Context, Field, Link, Page, Request
from publish.pages.rows import Count, DocumentLine, OpenEdition

COUNTRIES = "SELECT value, documents AS n FROM facet WHERE facet = 'work' ORDER BY documents DESC, value"
TABLE = """
SELECT f.value AS country, f.documents, coalesce(t.trials, 0) AS trials FROM facet f
LEFT JOIN trial_count t ON t.facet = 'country' AND t.value = f.value AND t.status = ''
WHERE f.facet = 'work' ORDER BY f.documents DESC, f.value LIMIT :most OFFSET :skip"""
FIELDS = (
    Field("country", "where the work was done, ISO 3166-1 alpha-2"),
    Field("documents", "how many report work done there"),
    Field("trials", "how many trials are there"),
)
TRIALS = "SELECT value, trials AS n FROM trial_count WHERE facet = 'country' AND status = ''"
NEWEST = """
SELECT c.country AS work, d.* FROM country_newest c JOIN card d ON d.id = c.document ORDER BY c.country, c.place"""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewestDocument(DocumentLine):
    """One of the newest documents of a country; `work` is its code."""

    work: str


async def show(edition: OpenEdition, request: Request) -> Context:
    return context(
        await edition.rows(Count, COUNTRIES),
        await edition.rows(Count, TRIALS),
        await edition.rows(NewestDocument, NEWEST),
    )


def context(countries: Sequence[Count], trials: Iterable[Count], newest: Iterable[NewestDocument]) -> Context:
    """Countries in their order, with trials and newest documents by country."""
    documents: dict[str, list[NewestDocument]] = defaultdict(list)
    for document in newest:
        documents[document.work].append(document)
    return {"found": countries, "newest": documents, "trials": {count.value: count.n for count in trials}}


PAGES = (
    Page(
        route="/countries",
        template="countries.html",
        show=show,
        links=(Link("Countries", 260, under="Search", about="Where the work was done."),),
        formats=query_of("countries", TABLE, FIELDS),
        about="Work by country: how many documents and trials.",
        schema="CollectionPage",
    ),
)
