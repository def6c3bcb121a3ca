"""What goes into the reading of a list (`IndexTask`) and what comes out of it (`Index`). Both can be pickled."""

from __future__ import annotations

from dataclasses import dataclass

from core.config import ApiRule, FeedRule, ListingRule, SitemapRule
from crawlers.lists.feeds.model import FeedEntry

Rule = FeedRule | SitemapRule | ListingRule | ApiRule


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexTask:
    """A list to be read by its rule. `url` is the address that answered; `fetched` is when, in ISO 8601."""

    rule: Rule
    body: bytes
    url: str
    content_type: str | None
    fetched: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Index:
    """What a list says. `follow` are addresses that belong to it too; `problems` one line each, none of them fatal.

    `names` are the native names of things that an interface lists without their records (see `crawlers.lists.apis`).
    """

    entries: tuple[FeedEntry, ...]
    follow: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()
