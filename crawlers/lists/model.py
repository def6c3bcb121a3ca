"""What reading a list takes (`ListTask`) and gives (`ListResult`, with a `ListEntry` per item)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from core.config import ApiRule, FeedRule, ListingRule, SitemapRule

Rule = FeedRule | SitemapRule | ListingRule | ApiRule


@dataclass(frozen=True, slots=True, kw_only=True)
class ListTask:
    """A list to be read by its rule. `url` is the address that answered; `fetched` is when (ISO 8601)."""

    rule: Rule
    body: bytes
    url: str
    content_type: str | None
    fetched: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ListEntry:
    """What a list says about one item. Every text is plain text, and nothing is guessed.

    `published` and `updated` are `YYYY-MM-DDThh:mm:ssZ` where the list gives a time with its zone, else
    `YYYY-MM-DD`, else None (`published_raw` has the text as written). `identifiers` maps a scheme of `core.ids` to its
    values, those of the most trusted field first. `summary` falls back to the beginning of `content`.
    `native` names the entry within its source (see `crawlers.lists.feeds`); `guid` is what the feed gave, if any.
    """

    native: str
    guid: str = ""
    url: str | None = None
    title: str = ""
    summary: str = ""
    content: str = ""
    published: str | None = None
    published_raw: str | None = None
    updated: str | None = None
    authors: tuple[str, ...] = ()
    identifiers: dict[str, list[str]] = field(default_factory=dict)
    lang: str | None = None
    categories: tuple[str, ...] = ()
    extra: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ListResult:
    """What a list contains. `follow` are further addresses of it; `problems` are one line each, none of them fatal.

    `names` are the native names of records that an interface lists without giving them (see `crawlers.lists.apis`).
    """

    entries: tuple[ListEntry, ...]
    follow: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()
