"""The stylesheet of the site, joined from the files of `datasette/styles/` (`assets.py`)."""

from __future__ import annotations

import re

from publish.pages.assets import STYLESHEET
from publish.pages.page import Page, Request, Text
from publish.pages.rows import OpenEdition
from publish.styles import join_styles


async def show(edition: OpenEdition, request: Request) -> Text:
    return Text(join_styles(), content_type="text/css; charset=utf-8")


PAGES = (Page(route=re.escape(STYLESHEET), show=show),)
