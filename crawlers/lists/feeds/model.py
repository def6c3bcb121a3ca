"""What a feed is read into, and the error for a body that is not a feed."""

from __future__ import annotations

from dataclasses import dataclass

from core.errors import StemwireError
from crawlers.lists.model import ListEntry


class FeedError(StemwireError):
    """This body is not a feed that can be read; the message says what came and what was expected."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """A feed as read. `kind` is rss, atom, rdf or json; `problems` are one line each, none of them fatal.

    `seen` counts the items in the feed: `entries` may be fewer (without empty ones and true duplicates).
    """

    title: str
    kind: str
    encoding: str
    entries: tuple[ListEntry, ...]
    seen: int
    problems: tuple[str, ...] = ()
