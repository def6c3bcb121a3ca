"""Corrections: what people said of labels, links and names, with what was there before, the reason and the day."""

from __future__ import annotations

from dataclasses import dataclass

from publish.pages.basis import Correction
from publish.pages.formats import query_of
from publish.pages.page import Context, Field, Link, Page, Request
from publish.pages.rows import OpenEdition

SIZE = 100
ALL = """
SELECT c.*, coalesce(d.slug, '') AS slug, coalesce(d."key", '') AS "key"
FROM correction c LEFT JOIN document d ON d.id = c.document ORDER BY c.number DESC LIMIT :most OFFSET :skip"""
TABLE = """
SELECT c.*, CASE WHEN d.id IS NULL THEN NULL ELSE '/document/' || d.slug || '-' || d."key" END AS page
FROM correction c LEFT JOIN document d ON d.id = c.document ORDER BY c.number DESC LIMIT :most OFFSET :skip"""
FIELDS = (
    Field("day", "when it was corrected"),
    Field("record", "id of the document: DOI, PubMed or registry number, else its address"),
    Field("title", "title that it had"),
    Field("field", "evidence, species, disease, paper, kind …"),
    Field("action", "is, add, remove or withdraw"),
    Field("value", "what a person says, in words; empty for nothing"),
    Field("before", "what was there, in words; empty for nothing"),
    Field("why", "the reason"),
    Field("state", "in force, replaced or withdrawn"),
    Field("page", "its page here; empty where the edition has none"),
)
TOTAL = "SELECT count(*) FROM correction"


@dataclass(frozen=True, slots=True, kw_only=True)
class Corrected(Correction):
    """A correction, and the page of its document; `key` is empty where the edition has none."""

    title: str
    record: str
    slug: str
    key: str


async def show(edition: OpenEdition, request: Request) -> Context:
    found = await edition.rows(Corrected, ALL, {"most": SIZE, "skip": request.skipped(SIZE)})
    total = await edition.number(TOTAL)
    return {
        "found": found,
        "total": total,
        "page": request.number,
        "more": total > request.skipped(SIZE) + len(found) and not request.last,
    }


PAGES = (
    Page(
        route="/corrections",
        template="corrections.html",
        show=show,
        links=(Link("Corrections", 490, under="Data", about="What a person has corrected here."),),
        formats=query_of("corrections", TABLE, FIELDS),
        about="What people corrected, every line of it, the newest first.",
        schema="CollectionPage",
    ),
)
