"""The mark of the site, for what asks for an icon without reading the page."""

from __future__ import annotations

from publish.pages.assets import FOLDER
from publish.pages.page import Page, Request, Text
from publish.pages.rows import OpenEdition

MARK = FOLDER / "mark.svg"


async def show(edition: OpenEdition, request: Request) -> Text:
    return Text(MARK.read_text("utf-8"), content_type="image/svg+xml")


PAGES = (Page(route=r"/favicon\.ico", show=show),)
