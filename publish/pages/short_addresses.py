"""Short addresses of documents and stories, for letters, whose lines are short: `/d/KEY` and `/s/KEY`.

They hold the key alone and lead to the page under its present title. A document that was withdrawn, or that is known by
another key now, is found as at its long address. Crawlers are asked to leave them out (`robots.py`).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

from publish.pages import document, story
from publish.pages.page import Page, Redirect, Request, Sample
from publish.pages.rows import OpenEdition

DOCUMENT, STORY = "/d/", "/s/"  # their beginnings
KEY = "(?P<name>[0-9a-z]{1,40})"
DOCUMENTS = 'SELECT "key" FROM document ORDER BY id DESC LIMIT 3'
WITHDRAWN = 'SELECT "key" FROM tombstone ORDER BY 1 LIMIT 1'
STORIES = 'SELECT "key" FROM story ORDER BY id DESC LIMIT 3'


async def show_document(edition: OpenEdition, request: Request) -> Redirect:
    """Raises PageMissing."""
    found = await document.find(edition, request)
    return to_page("document", found, request)


async def show_story(edition: OpenEdition, request: Request) -> Redirect:
    """Raises PageMissing."""
    return to_page("story", await story.find(edition, request), request)


def to_page(folder: str, found: object, request: Request) -> Redirect:
    """The page of what was found; one without a present title (it was withdrawn) is at its key."""
    where = found.address if isinstance(found, Redirect) else f"/{folder}/{request.key}"
    return Redirect(where, status=302)


def document_samples(edition: sqlite3.Connection) -> Iterator[Sample]:
    for (key,) in (*edition.execute(DOCUMENTS), *edition.execute(WITHDRAWN)):
        yield Sample(f"{DOCUMENT}{key}", 302)
    yield Sample(f"{DOCUMENT}000000000000", 404)


def story_samples(edition: sqlite3.Connection) -> Iterator[Sample]:
    for (key,) in edition.execute(STORIES):
        yield Sample(f"{STORY}{key}", 302)
    yield Sample(f"{STORY}000000000000", 404)


PAGES = (
    Page(route=f"{DOCUMENT}{KEY}", show=show_document, samples=document_samples),
    Page(route=f"{STORY}{KEY}", show=show_story, samples=story_samples),
)
