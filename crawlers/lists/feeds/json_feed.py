"""JSON Feed 1.0 and 1.1 (jsonfeed.org), read leniently: a field of the wrong type counts as absent.

An item that is not an object is a problem; the rest of the feed is read.
"""

from __future__ import annotations

import json
from typing import Any

from crawlers.lists.feeds.model import FeedError
from crawlers.lists.feeds.raw_feed import RawEntry, RawFeed


def read_json(text: str) -> RawFeed:
    """Raises FeedError if this is not JSON or not a JSON Feed."""
    problems: list[str] = []
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise FeedError(f"not a feed: JSON that cannot be read ({type(error).__name__})") from error
    says_so = isinstance(data, dict) and "jsonfeed.org" in str(data.get("version", ""))
    items = data.get("items") if isinstance(data, dict) else None
    if not isinstance(items, list) and not says_so:
        raise FeedError("not a feed: JSON without a list of items (JSON Feed expected)")
    if not isinstance(items, list):
        problems.append("the feed has no list of items")
    elif not says_so:
        problems.append("no JSON Feed version is named")
    entries = []
    for number, item in enumerate(items if isinstance(items, list) else [], start=1):
        if isinstance(item, dict):
            entries.append(_read_entry(item))
        else:
            problems.append(f"item {number} is not an object")
    return RawFeed(
        title=_get_text(data.get("title")),
        kind="json",
        lang=_get_text(data.get("language")) or None,
        entries=entries,
        problems=problems,
    )


def _read_entry(item: dict[str, Any]) -> RawEntry:
    people = item.get("authors") if isinstance(item.get("authors"), list) else [item.get("author")]
    content = _get_text(item.get("content_html")) or _get_text(item.get("content_text"))
    links = [link for name in ("url", "external_url") if (link := _get_text(item.get(name)))]
    return RawEntry(
        guid=_get_text(item.get("id")),
        links=links,
        title=_get_text(item.get("title")),
        summary=_get_text(item.get("summary")),
        content=content,
        dates=[_get_text(item.get("date_published"))],
        updated=[_get_text(item.get("date_modified"))],
        authors=[_get_text(one.get("name")) for one in people or [] if isinstance(one, dict)],
        lang=_get_text(item.get("language")) or None,
        categories=[_get_text(tag) for tag in item["tags"]] if isinstance(item.get("tags"), list) else [],
        fields={key: [value] for key in ("doi", "pmid") if (value := _get_text(item.get(key) or item.get(f"_{key}")))},
    )


def _get_text(value: object) -> str:
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else ""
