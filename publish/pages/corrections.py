"""Corrections: what people said of labels, links and names, with what was there before, the reason and the day."""

from __future__ import annotations

from dataclasses import dataclass

from publish.pages.basis import Correction
from publish.pages.page import Context, Page, Request
from publish.pages.rows import OpenEdition

SIZE = 100
ALL = """
SELECT c.*, coalesce(d.slug, '') AS slug, coalesce(d."key", '') AS "key"
FROM correction c LEFT JOIN document d ON d.id = c.document ORDER BY c.number DESC LIMIT :most OFFSET :skip"""
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


PAGES = (Page(route="/corrections", template="corrections.html", show=show),)
