"""What crawlers are asked to leave out: searches with parameters and readers' SQL, whose addresses have no end, and
short addresses, which only lead to the long ones.

Feeds and the other forms of a search are let through: programs fetch them for their readers. They come first, because
some crawlers take the first rule that fits, others the longest.
"""

from __future__ import annotations

from collections.abc import Iterable

from publish.pages import site_map
from publish.pages.datasette_parts import NAME
from publish.pages.page import Page, Request, Text
from publish.pages.rows import OpenEdition
from publish.pages.short_addresses import DOCUMENT, STORY

ENDLESS = ("/search", "/figures")  # pages that make another page of every parameter


async def show(edition: OpenEdition, request: Request) -> Text:
    return Text(write_rules(site_map.own_pages(), request.site))


def write_rules(pages: Iterable[Page], site: str) -> str:
    """robots.txt."""
    forms = sorted(page.address for page in pages if page.address.startswith(tuple(f"{one}." for one in ENDLESS)))
    return "\n".join(
        [
            "User-agent: *",
            *(f"Allow: {address}" for address in forms),
            f"Allow: /{NAME}/*.atom",
            f"Allow: /{NAME}/*.json$",
            f"Allow: /{NAME}/*.csv$",
            *(f"Disallow: {address}?" for address in ENDLESS),
            *(f"Disallow: {address}" for address in (DOCUMENT, STORY)),
            f"Disallow: /{NAME}",
            "Disallow: /-/",
            "",
            f"Sitemap: {site}/sitemap.xml",
            "",
        ]
    )


PAGES = (Page(route=r"/robots\.txt", show=show),)
