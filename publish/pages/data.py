"""Data: the landing page of all below it, and the pages that Datasette makes itself: tables, SQL, static files.

The landing page lists what the navigation has below this place, each with its sentence, and the ready-made questions.
The samples say what Datasette must answer, and what it must not.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

from publish.pages import site_map
from publish.pages.datasette_parts import NAME
from publish.pages.page import Context, DatasettePage, Link, Page, Request, Sample
from publish.pages.rows import OpenEdition

TITLE = "Data"
TABLES = """
SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'search%' AND name NOT LIKE 'sqlite%'"""


async def show(edition: OpenEdition, request: Request) -> Context:
    below = next(place.below for place in site_map.navigation().places if place.link.title == TITLE)
    return {"below": below, "questions": await edition.ready_queries(), "database": NAME}


def samples(edition: sqlite3.Connection) -> Iterator[Sample]:
    """Every table; static files; pages about the machine and the index of words, which stay closed."""
    for address in ("/stemwire", "/-/metadata.json", "/static/mark.svg"):
        yield Sample(address)
    for (name,) in edition.execute(TABLES):
        yield Sample(f"/stemwire/{name}")
    yield Sample("/stemwire/document.json?_shape=array&_size=2")
    yield Sample("/-/databases.json", 404)
    yield Sample("/stemwire/search_data", 403)
    yield Sample("/nothing-here", 404)


SQL = Link(
    "Tables and SQL", 450, "/stemwire", under=TITLE, about="Every table behind these pages, and your own queries."
)
PAGES = (
    Page(route="/data", template="data.html", show=show, links=(Link(TITLE, place=40),)),
    DatasettePage(samples=samples, links=(SQL,)),
)
