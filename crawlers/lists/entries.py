"""What a list says about an item, as an `Entry`, and which entries are new or changed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace

from core.config import SourceFile
from core.records import Entry, Json
from core.text import fingerprint
from crawlers.addresses import address_key, is_askable, listed_url, loose_url
from crawlers.lists.model import ListEntry
from crawlers.lists.poll import Item, compare


def make_entry(item: ListEntry, source: SourceFile, *, capture: str, at: str) -> Entry:
    """The entry of an item. `at` is its first_seen, if we do not hold it yet.

    The hash covers what the source says about the item itself. The time of its last update (`updated`) does not count,
    because many feeds update everything every day. Nor do trackers and stamps in the address, nor the full text of a
    list whose pages are fetched: it is kept for a page that cannot be had (`crawlers.documents.from_list`).
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
        url=item.url if item.url and is_askable(item.url) else None,
        title=item.title,
        summary=summary,
        published=item.published,
        published_raw=item.published_raw,
        authors=item.authors,
        identifiers=item.identifiers,
        extra=extra,
        hash=fingerprint(loose_url(item.url or ""), item.title, summary, item.published_raw or item.published, said),
        capture=capture,
        first_seen=at,
        content=item.content if source.page.fetch and item.content != summary else "",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """What changed since the last night: `entries` are to be saved, `seen` are the ids of all that was listed."""

    entries: tuple[Entry, ...]
    seen: tuple[str, ...]
    changed: frozenset[str]
    suspicious: str | None


def find_changes(known: Mapping[str, Entry], listed: frozenset[str], seen: Mapping[str, Entry]) -> Changes:
    """Compare what the lists of a source say tonight with what we hold of it (see `crawlers.lists.poll`).

    `listed` are the ids that the last good night listed. An item that only has a new name keeps its old id, and an item
    that we hold keeps its first_seen.
    """
    by_native = {entry.native: entry for entry in seen.values()}
    held = {entry.native: entry for entry in known.values()}
    poll = compare(
        [_make_item(entry, listed=entry.id in listed) for entry in known.values()],
        [_make_item(entry, listed=True) for entry in seen.values()],
    )
    changed = [
        replace(
            by_native[poll.renamed.get(native, native)],
            id=held[native].id,
            native=native,
            first_seen=held[native].first_seen,
        )
        for native in poll.changed
    ]
    return Changes(
        entries=(*(by_native[native] for native in poll.new), *changed),
        seen=(*(by_native[native].id for native in poll.new), *(held[n].id for n in (*poll.changed, *poll.same))),
        changed=frozenset(entry.id for entry in changed),
        suspicious=poll.suspicious,
    )


def _make_item(entry: Entry, *, listed: bool) -> Item:
    dois = entry.identifiers.get("doi") or [None]
    address = listed_url(entry.url or "")
    return Item(
        native=entry.native, hash=entry.hash, doi=dois[0], key=address_key(address) if address else None,
        title=entry.title, day=(entry.published or "")[:10] or None, listed=listed,
    )  # fmt: skip
