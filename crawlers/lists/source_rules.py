"""The lists of a source: its rules, the role of their requests, and the hosts that they name."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from core.config import ApiRule, FeedRule, ListingRule, SitemapRule, SourceFile
from crawlers.addresses import host_of
from crawlers.lists.model import Rule

ROLES: dict[type, str] = {FeedRule: "feed", SitemapRule: "sitemap", ListingRule: "listing", ApiRule: "api"}


def get_rules(source: SourceFile) -> Iterator[Rule]:
    """All lists of a source."""
    yield from source.feed
    yield from source.sitemap
    yield from source.listing
    yield from source.api


def get_hosts(source: SourceFile) -> frozenset[str]:
    """The hosts that a source names itself."""
    named = [rule.url for rule in get_rules(source) if not isinstance(rule, ApiRule)]
    named += [source.home] if source.home else []
    return frozenset(host for url in named if urlsplit(url).scheme and (host := host_of(url)))
