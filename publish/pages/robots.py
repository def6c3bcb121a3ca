"""What crawlers are asked to leave out: readers' SQL and searches, whose addresses have no end."""

from __future__ import annotations

from publish.pages.page import Page, Request, Text
from publish.pages.rows import OpenEdition


async def show(edition: OpenEdition, request: Request) -> Text:
    return Text("User-agent: *\nDisallow: /stemwire\nDisallow: /search\n")


PAGES = (Page(route=r"/robots\.txt", show=show),)
