"""One list (feed, sitemap, listing, API answer) from bytes to entries: the part that runs in a killable child.

`read_index` is pure and picklable: the rule of the source, the bytes and where they came from go in; what the
list says and which further addresses belong to it come out.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

from core.config import ApiRule, FeedRule, ListingRule, SitemapRule
from core.errors import ConfigError
from crawlers.feeds import parse_feed
from crawlers.listing import parse_listing
from crawlers.messages import Index, IndexTask
from crawlers.sitemap import parse_sitemap


def read_index(task: IndexTask) -> Index:
    """Raises FeedError (or another StemwireError) when the bytes are not what the rule expects."""
    match task.rule:
        case FeedRule():
            feed = parse_feed(task.body, url=task.url, content_type=task.content_type, fetched=task.fetched)
            return Index(entries=feed.entries, problems=feed.problems)
        case SitemapRule():
            return parse_sitemap(task.body, rule=task.rule, url=task.url, fetched=task.fetched)
        case ListingRule():
            return parse_listing(
                task.body, rule=task.rule, url=task.url, content_type=task.content_type, fetched=task.fetched
            )
        case ApiRule():
            index: Index = find_api(task.rule.api).parse(task.body, url=task.url, fetched=task.fetched)
            return index


def find_api(name: str) -> Any:
    """The module of an API: `requests`, `parse`, `stable`. Raises ConfigError when there is none of that name."""
    try:
        return import_module(f"crawlers.apis.{name}")
    except ModuleNotFoundError as error:
        raise ConfigError(f"no API is called {name!r}", mend=f"write crawlers/apis/{name}.py") from error
