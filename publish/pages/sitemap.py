"""The site map for crawlers: an index, and files of at most MOST addresses each, with the day of the last change.

Documents are listed by month of publication; things and stories by their numbers, which have no gaps; sources and the
pages at a fixed address in one file. The index reads counts that were made with the edition, and every file one range
of an index, so that no request reads a whole table.
"""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from urllib.parse import quote
from xml.sax.saxutils import escape

from publish.pages import site_map
from publish.pages.formats import gather
from publish.pages.page import Page, PageMissing, Request, Sample, Stream
from publish.pages.rows import Count, OpenEdition

MOST = 50_000  # addresses of a file, by the rules of sitemaps.org
CHUNK = 1_000
XML = "application/xml; charset=utf-8"
START = '<?xml version="1.0" encoding="UTF-8"?>\n'
SCHEMA = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'

MONTHS = "SELECT value, documents AS n FROM facet WHERE facet = 'month' ORDER BY value DESC"
NEWEST = "SELECT max(changed) AS changed FROM document WHERE month = :month"
DOCUMENTS = """
SELECT '/document/' || slug || '-' || "key" AS address, changed, id FROM document
WHERE month = :part AND id > :after ORDER BY id LIMIT :most"""
FIRST = "SELECT id FROM document WHERE month = :part ORDER BY id LIMIT 1 OFFSET :skip"
THINGS = """
SELECT '/entity/' || type || '/' || concept AS address, last AS changed, id FROM entity
WHERE id > :after ORDER BY id LIMIT :most"""
STORIES = """
SELECT '/story/' || slug || '-' || "key" AS address, changed, id FROM story
WHERE id > :after ORDER BY id LIMIT :most"""
SOURCES = "SELECT '/source/' || id AS address, newest AS changed, 0 AS id FROM source ORDER BY id"
BY_NUMBER = {"things": (THINGS, "SELECT max(id) FROM entity"), "stories": (STORIES, "SELECT max(id) FROM story")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """An address and when it last changed."""

    address: str
    changed: str | None
    id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Newest:
    changed: str | None


async def show_index(edition: OpenEdition, request: Request) -> Stream:
    return Stream(pieces=gather(_write_index(edition, request.site)), content_type=XML)


async def _write_index(edition: OpenEdition, site: str) -> AsyncIterator[str]:
    yield f"{START}<sitemapindex {SCHEMA}>\n"
    yield _entry("sitemap", site, "/sitemap-pages-1.xml", None)
    for name, (_, count) in BY_NUMBER.items():
        numbers = await edition.execute(count, {})
        for part in range(1, -(-(numbers[0][0] or 0) // MOST) + 1):
            yield _entry("sitemap", site, f"/sitemap-{name}-{part}.xml", None)
    for month in await edition.rows(Count, MONTHS):
        [newest] = await edition.rows(Newest, NEWEST, {"month": month.value})
        for part in range(1, -(-month.n // MOST) + 1):
            yield _entry("sitemap", site, f"/sitemap-{month.value}-{part}.xml", newest.changed)
    yield "</sitemapindex>\n"


async def show_file(edition: OpenEdition, request: Request) -> Stream:
    """A file of addresses. Raises PageMissing."""
    part, number = request.parts["part"], int(request.parts["number"])
    if part == "pages":
        places: AsyncIterator[Place] = _read_pages(edition)
    elif part in BY_NUMBER:
        sql, count = BY_NUMBER[part]
        if (number - 1) * MOST >= ((await edition.execute(count, {}))[0][0] or 0):
            raise PageMissing("There is no such part of the site map.")
        places = _read(edition, sql, part, (number - 1) * MOST)
    else:
        first = await edition.numbers(FIRST, {"part": part, "skip": (number - 1) * MOST})
        if not first:
            raise PageMissing("There is no such part of the site map.")
        places = _read(edition, DOCUMENTS, part, first[0] - 1)
    return Stream(pieces=gather(_write_file(places, request.site)), content_type=XML)


async def _write_file(places: AsyncIterator[Place], site: str) -> AsyncIterator[str]:
    yield f"{START}<urlset {SCHEMA}>\n"
    async for place in places:
        yield _entry("url", site, quote(place.address, safe="/:"), place.changed)
    yield "</urlset>\n"


async def _read(edition: OpenEdition, sql: str, part: str, after: int) -> AsyncIterator[Place]:
    left = MOST
    while left and (
        found := await edition.rows(Place, sql, {"part": part, "after": after, "most": min(CHUNK, left)})
    ):  # fmt: skip
        for place in found:
            yield place
        after, left = found[-1].id, left - len(found)


async def _read_pages(edition: OpenEdition) -> AsyncIterator[Place]:
    """Pages at a fixed address, and sources."""
    for page in site_map.own_pages():
        if page.template and "(" not in page.route and page.content_type.startswith("text/html"):
            yield Place(address=page.address, changed=None, id=0)
    for place in await edition.rows(Place, SOURCES):
        yield place


def _entry(kind: str, site: str, path: str, changed: str | None) -> str:
    when = f"<lastmod>{escape(changed)}</lastmod>" if changed else ""
    return f"<{kind}><loc>{escape(site + path)}</loc>{when}</{kind}>\n"


def samples(edition: sqlite3.Connection) -> Iterator[Sample]:
    yield Sample("/sitemap-pages-1.xml")
    for (month,) in edition.execute("SELECT max(month) FROM document"):
        yield Sample(f"/sitemap-{month}-1.xml")
    yield Sample("/sitemap-1999-01-1.xml", 404)


PAGES = (
    Page(route=r"/sitemap\.xml", show=show_index, content_type=XML),
    Page(
        route=r"/sitemap-(?P<part>pages|things|stories|\d{4}-\d\d)-(?P<number>[1-9]\d{0,3})\.xml",
        show=show_file,
        samples=samples,
        content_type=XML,
    ),
)
