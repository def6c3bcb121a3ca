"""Promises: what documents say will come, in the order of the date by which it is due."""

from __future__ import annotations

from dataclasses import dataclass

from publish.pages.formats import query_of
from publish.pages.page import Context, Field, Page, Request
from publish.pages.rows import DocumentLine, OpenEdition

PROMISES = """
SELECT p.*, d.* FROM promise p JOIN card d ON d.id = p.document
ORDER BY p.due IS NULL, p.due, d.id DESC LIMIT 200"""

TABLE = """
SELECT p.*, d.title, d.day, '/document/' || d.slug || '-' || d."key" AS page
FROM promise p JOIN document d ON d.id = p.document ORDER BY p.due IS NULL, p.due, d.id DESC, p.number
LIMIT :most OFFSET :skip"""
FIELDS = (
    Field("who", "who promises"),
    Field("what", "what is promised"),
    Field("due", "YYYY or YYYY-MM"),
    Field("state", "open, due, kept or unknown"),
    Field("why", "why the state is what it is"),
    Field("sentence", "the sentence that says so (shortened where its text may not be shown)"),
    Field("title", "title of the document"),
    Field("day", "day of the document"),
    Field("page", "page of the document here"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise(DocumentLine):
    """Something promised, and the document that says so."""

    who: str | None
    what: str
    due: str | None
    state: str


async def show(edition: OpenEdition, request: Request) -> Context:
    return {"found": await edition.rows(Promise, PROMISES)}


PAGES = (
    Page(
        route="/promises",
        template="promises.html",
        show=show,
        within="/watch/promises-due",
        formats=query_of("promises", TABLE, FIELDS),
        about="What documents say will come, in the order of the date.",
        schema="CollectionPage",
    ),
)
