"""What a feed turns into, and the error when it is none."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from core.errors import StemwireError


class FeedError(StemwireError):
    """This body is not a feed that can be read; the message says what came and what was expected."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedEntry:
    """What a feed says of one thing. Every text is plain text; nothing is guessed that the feed does not say.

    `published` and `updated` are `YYYY-MM-DDThh:mm:ssZ` where the feed gives a time with its zone, else
    `YYYY-MM-DD`, else None (then `published_raw` tells what stood there). `identifiers` maps a scheme of
    `core.ids` to its values in order of the fields' trust. `summary` falls back to the beginning of `content`.
    `native` names the entry within its source (see `crawlers.lists.feeds`); `guid` is what the feed gave, if anything.
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
class Feed:
    """A feed as read. `kind` is rss, atom, rdf or json; `problems` are one line each, none of them fatal.

    `seen` counts the items that stood in the feed: `entries` may be fewer (empty ones, and true duplicates).
    """

    title: str
    kind: str
    encoding: str
    entries: tuple[FeedEntry, ...]
    seen: int
    problems: tuple[str, ...] = ()
