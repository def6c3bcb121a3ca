"""Addresses that have moved. The old ones are redirected for one version; docs/renamed.md lists them too."""

from __future__ import annotations

import re

from publish.pages.page import Page, Redirect, Request, Sample
from publish.pages.rows import OpenEdition

STYLES = "/static/desk.css"


async def show_styles(edition: OpenEdition, request: Request) -> Redirect:
    return Redirect("/static/site.css")


PAGES = (Page(route=re.escape(STYLES), show=show_styles, samples=(Sample(STYLES, 301),)),)
