"""Promises: what documents say will come, in the order of the date by which it is due."""

from __future__ import annotations

from dataclasses import dataclass

from publish.pages.page import Context, Link, Page, Request
from publish.pages.rows import DocumentLine, OpenEdition

PROMISES = """
SELECT p.*, d.* FROM promise p JOIN card d ON d.id = p.document
ORDER BY p.due IS NULL, p.due, d.id DESC LIMIT 200"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise(DocumentLine):
    """Something promised, and the document that says so."""

    who: str | None
    what: str
    due: str | None
    state: str


async def show(edition: OpenEdition, request: Request) -> Context:
    return {"found": await edition.rows(Promise, PROMISES)}


PAGES = (Page(route="/promises", template="promises.html", show=show, links=(Link("Promises", place=50),)),)
