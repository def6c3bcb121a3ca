"""Pages that Datasette makes itself: the tables of the edition, SQL, static files; and what it must not answer."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

from publish.pages.page import DatasettePage, Link, Sample

TABLES = """
SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'search%' AND name NOT LIKE 'sqlite%'"""


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


PAGES = (DatasettePage(samples=samples, links=(Link("Data and SQL", place=80, address="/stemwire"),)),)
