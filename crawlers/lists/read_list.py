"""Read one list (feed, sitemap, listing, API answer): bytes to entries. This runs in a process that can be killed.

`read_list` is pure and can be pickled: it takes the rule of the source, the bytes and where they came from, and gives
what the list contains and which further addresses belong to it. Bodies that are gzip files (often sitemaps, sometimes
feeds) are unpacked first, up to a limit.
"""

from __future__ import annotations

import zlib
from dataclasses import replace

from core.config import ApiRule, FeedRule, ListingRule, SitemapRule
from core.errors import StemwireError
from crawlers.lists.apis.interface import find_api
from crawlers.lists.feeds import parse_feed
from crawlers.lists.listing import parse_listing
from crawlers.lists.model import ListResult, ListTask
from crawlers.lists.sitemap import parse_sitemap

MAX_BYTES = 16 * 2**20


class ListError(StemwireError):
    """The bytes of a list cannot be unpacked."""


def read_list(task: ListTask) -> ListResult:
    """Raises FeedError (or another StemwireError) when the bytes are not what the rule expects."""
    task = replace(task, body=_unpacked(task.body, task.url))
    match task.rule:
        case FeedRule():
            feed = parse_feed(task.body, url=task.url, content_type=task.content_type, fetched=task.fetched)
            return ListResult(entries=feed.entries, problems=feed.problems)
        case SitemapRule():
            return parse_sitemap(task.body, rule=task.rule, url=task.url, fetched=task.fetched)
        case ListingRule():
            return parse_listing(
                task.body, rule=task.rule, url=task.url, content_type=task.content_type, fetched=task.fetched
            )
        case ApiRule():
            return find_api(task.rule.api).parse(task.body, url=task.url, fetched=task.fetched)


def _unpacked(body: bytes, url: str) -> bytes:
    if not body.startswith(b"\x1f\x8b"):
        return body
    unpack = zlib.decompressobj(wbits=31)
    try:
        plain = unpack.decompress(body, MAX_BYTES)
    except zlib.error as error:
        raise ListError("broken gzip", where=url) from error
    if unpack.unconsumed_tail:
        raise ListError(f"larger than {MAX_BYTES} bytes when unpacked", where=url)
    return plain
