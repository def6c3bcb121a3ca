"""What a list says of one thing, as a record of ours; and whether it says something new."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from urllib.parse import urlsplit

from core.config import SourceFile
from core.records import Entry, Json
from core.text import digest
from crawlers.feeds.model import FeedEntry


def as_entry(item: FeedEntry, source: SourceFile, *, capture: str, at: str) -> Entry:
    """`at` is when we saw it first, should we not know it yet.

    The hash covers what the source says of the thing itself. When it says it was touched (`updated`) does not
    count: many feeds touch everything every day.
    """
    extra: Json = dict(item.extra)
    extra |= {"lang": item.lang} if item.lang else {}
    extra |= {"categories": list(item.categories)} if item.categories else {}
    summary = item.summary if source.page.fetch else item.content or item.summary
    said = json.dumps([item.authors, item.identifiers, extra], ensure_ascii=False, sort_keys=True)
    extra |= {"updated": item.updated} if item.updated else {}
    return Entry(
        id=f"{source.id}:{item.native}",
        source=source.id,
        native=item.native,
        url=item.url if item.url and urlsplit(item.url).scheme in ("http", "https") else None,
        title=item.title,
        summary=summary,
        published=item.published,
        published_raw=item.published_raw,
        authors=item.authors,
        identifiers=item.identifiers,
        extra=extra,
        hash=digest(item.url, item.title, summary, item.published_raw or item.published, said),
        capture=capture,
        first_seen=at,
    )


def compare(known: Mapping[str, Entry], seen: Mapping[str, Entry], entries: Iterable[Entry]) -> list[Entry]:
    """The entries that are new, or say something else than before, each once; first_seen stays what it was.

    What an earlier list of the same night said wins (`seen`): two feeds of a source may carry the same thing.
    """
    news: dict[str, Entry] = {}
    for entry in entries:
        before = known.get(entry.id)
        if entry.id in seen or entry.id in news or (before and before.hash == entry.hash):
            continue
        news[entry.id] = replace(entry, first_seen=before.first_seen) if before else entry
    return list(news.values())
