"""Every page of the site, found by its module: whatever in this folder has `PAGES`. There is no other list."""

from __future__ import annotations

import importlib
import pkgutil
import sqlite3
from collections.abc import Iterator
from dataclasses import replace

import publish.pages
from publish.pages.page import DatasettePage, Link, Page, Sample


def find_pages() -> Iterator[Page | DatasettePage]:
    """All pages, by the names of their modules."""
    for found in pkgutil.iter_modules(publish.pages.__path__, "publish.pages."):
        yield from getattr(importlib.import_module(found.name), "PAGES", ())


def own_pages() -> list[Page]:
    """The pages that we answer ourselves. Their forms come first, because `/entity/x/…` takes any ending."""
    pages = [page for page in find_pages() if isinstance(page, Page)]
    return [*(form for page in pages for form in page.forms()), *pages]


def navigation() -> list[Link]:
    """The links at the head of each page, by their places; of one place in the order of their page."""
    links = []
    for page in find_pages():
        address = page.address if isinstance(page, Page) else ""
        found = page.links() if callable(page.links) else page.links
        links += [replace(link, address=link.address or address) for link in found]
    return sorted(links, key=lambda link: link.place)


def samples(edition: sqlite3.Connection) -> Iterator[Sample]:
    """Addresses to ask an edition for before it goes live, with the status that each must have."""
    for page in find_pages():
        yield from page.try_at(edition)
