"""Today, the front page: what one reads of the latest night (`mornings.py`), and what a newcomer should know."""

from __future__ import annotations

from publish.pages.mornings import find_morning
from publish.pages.nights import NIGHT_BEFORE, Day, NightRow
from publish.pages.page import Context, Link, Page, Request
from publish.pages.rows import OpenEdition

LATEST = "SELECT * FROM night WHERE documents > 0 ORDER BY day DESC LIMIT 1"


async def show(edition: OpenEdition, request: Request) -> Context:
    night = await edition.first(NightRow, LATEST)
    day = night.day if night else (await edition.meta()).get("night", "")[:10]
    before = await edition.first(Day, NIGHT_BEFORE, {"day": day})
    return {
        "night": night,
        "today": await find_morning(edition, day) if day else None,
        "before": before if before and before.day else None,
    }


PAGES = (Page(route="/", template="home.html", show=show, links=(Link("Today", place=10),)),)
