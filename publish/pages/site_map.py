"""Every page of the site, found by its module: whatever in this folder has `PAGES`. There is no other list.

The navigation is made of the links that the pages declare: those without `under` are the places in the head of every
page, the others are below the place that they name.
"""

from __future__ import annotations

import importlib
import pkgutil
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import publish.pages
from core.errors import StemwireError
from publish.pages.page import DatasettePage, Link, Page, Sample


@dataclass(frozen=True, slots=True)
class Place:
    """One of the places in the head of each page, and the entries below it."""

    link: Link
    below: tuple[Link, ...]


@dataclass(frozen=True, slots=True)
class Navigation:
    """The places of the site, in their order."""

    places: tuple[Place, ...]

    def __iter__(self) -> Iterator[Link]:
        """Every entry."""
        for place in self.places:
            yield from (place.link, *place.below)

    def entry_of(self, address: str) -> Link | None:
        """The entry that an address belongs to: its own, or the one above it. The front page is above none."""
        above = [link for link in self if address == link.address or address.startswith(f"{link.address.rstrip('/')}/")]
        above = [link for link in above if link.address != "/" or address == "/"]
        return max(above, key=lambda link: len(link.address), default=None)

    def place_of(self, address: str) -> Place | None:
        """The place that an address is in. One that no entry is above is in the place of its neighbours."""
        found = self.entry_of(address)
        if found is None:
            folder = address.rpartition("/")[0]
            beside = [link for link in self if folder and link.address.rpartition("/")[0] == folder]
            found = beside[0] if beside else None
        return next((place for place in self.places if found in (place.link, *place.below)), None)


def find_pages() -> Iterator[Page | DatasettePage]:
    """All pages, by the names of their modules."""
    for found in pkgutil.iter_modules(publish.pages.__path__, "publish.pages."):
        yield from getattr(importlib.import_module(found.name), "PAGES", ())


def own_pages() -> list[Page]:
    """The pages that we answer ourselves. Their forms come first, because `/entity/x/…` takes any ending."""
    pages = [page for page in find_pages() if isinstance(page, Page)]
    return [*(form for page in pages for form in page.forms()), *pages]


def navigation() -> Navigation:
    """The places and what is below them. Raises StemwireError where a link names a place that is not there."""
    links = []
    for page in find_pages():
        address = page.address if isinstance(page, Page) else ""
        found = page.links() if callable(page.links) else page.links
        links += [replace(link, address=link.address or address) for link in found]
    return arrange(links)


def arrange(links: Sequence[Link]) -> Navigation:
    """Entries by their places; of one place in the order of their pages."""
    links = sorted(links, key=lambda link: link.place)
    heads = [link for link in links if not link.under]
    for link in links:
        if link.under and link.under not in {head.title for head in heads}:
            raise StemwireError(f"there is no place {link.under!r} in the navigation", where=link.title)
    return Navigation(
        tuple(Place(head, tuple(link for link in links if link.under == head.title)) for head in heads)
    )  # fmt: skip


def samples(edition: sqlite3.Connection) -> Iterator[Sample]:
    """Addresses to ask an edition for before it goes live, with the status that each must have."""
    for page in find_pages():
        yield from page.try_at(edition)
