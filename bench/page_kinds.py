"""One address of every kind of page, taken from what the pages declare: there is no list of addresses to forget."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

from publish.earlier_formats import complete
from publish.pages import site_map
from publish.pages.page import Page

MANY = (  # kinds whose pages differ by what they are about: SQL that gives one address of each sort
    """SELECT '/document/' || slug || '-' || "key" FROM document GROUP BY kind""",
    """SELECT '/entity/' || type || '/' || concept FROM entity WHERE documents > 0 GROUP BY type""",
    """SELECT '/document/' || d.slug || '-' || d."key" FROM banner b JOIN document d ON d.id = b.document
       GROUP BY b.own""",
    """SELECT '/story/' || slug || '-' || "key" FROM story GROUP BY documents > 1""",
)
SEARCHES = (
    "/search?q=stem+cells",
    "/search?q=stem+cells&kind=news",
    "/search?q=nerve+zebra&kind=trial",
    "/search?q=contry:KR",
)
MISSING = "/nothing-here"


def list_kinds(path: Path) -> list[str]:
    """Addresses of our own pages: the first sample of each page, and one of each sort where they differ."""
    with closing(sqlite3.connect(f"file:{quote(str(path))}?mode=ro&immutable=1", uri=True)) as edition:
        complete(edition)
        return list(dict.fromkeys((*_firsts(edition), *_sorts(edition), *SEARCHES, MISSING)))


def _firsts(edition: sqlite3.Connection) -> Iterator[str]:
    for page in site_map.own_pages():
        if isinstance(page, Page) and not page.suffix and page.content_type.startswith("text/html") and page.template:
            yield next(sample.address for sample in page.try_at(edition) if sample.status == 200)


def _sorts(edition: sqlite3.Connection) -> Iterator[str]:
    for sql in MANY:
        for (address,) in edition.execute(sql):
            yield re.sub(r"[^/]+$", lambda name: quote(name[0], safe=":"), address)
