"""Feeds: how much of their content do we read, and is a poll understood? Sets 10, 11 and 12.

    python bench/feeds.py [--inputs DIR] [--json]

Set 10 (feedparser's own suite): `parsed`, the share of files that are read or refused in so many words, never
with another error (anchor: feedparser alone, the same); `entries_agree`, the share of files in which we see as
many entries as feedparser; `title_agree`, the share of those with a feed title in which ours is the same as
plain text (not all can be: the suite has titles in encodings that we refuse, and some that HTML reads otherwise).

Set 11 (feeds in the wild): `entry_recall`, the share of the items that an independent reader counted. An item
with an id, link or title is found if one of our entries has it; one without any, or one that is only counted, if we
saw as many items. feedparser reads no JSON Feed. `doi_recall`, the share of (item, DOI) pairs of prism:doi and
dc:identifier that the matching entry carries; anchor feedparser's entry with the same two fields. `date_read`,
the share of items with a date of which we read one. `speed_ratio`, feeds per CPU-second of the whole way
(decoding to clean entries) over bare feedparser's.

Set 12 (recorded polls, replayed, with an empty poll put after each, for few were recorded): `wrongly_gone`,
items called gone that the recording still lists, or called gone by an empty poll; `announced_twice`, things
called new more than once; `new_recall` and `changed_recall` against what the recording says changed from one
snapshot to the next (a thing that came back under its old name, DOI or link is not new).
"""

from __future__ import annotations

import gzip
import json
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import feedparser

from bench.measure import Board, Measure
from core.ids import find_ids, normalise
from core.text import fingerprint, tidy
from crawlers.addresses import address_key, listed_url
from crawlers.encoding import DecodeError
from crawlers.lists.feeds import MAX_ENTRIES, Feed, FeedError, absolute_link, parse_feed
from crawlers.lists.feeds.html_text import html_to_line
from crawlers.lists.poll import Item, compare

ADDRESS = "https://feeds.invalid/feed"  # what relative links are joined to
FETCHED = "2036-01-01T00:00:00Z"  # after every date that a recording may hold

Truth = dict[str, Any]


def main(argv: Sequence[str] | None = None) -> int:
    """Measure what is there; 0, or 2 if none of the sets is."""
    board = Board.start("Feeds: entries, DOIs and polls", argv)
    for number, measure in (("10", suite), ("11", wild), ("12", replay)):
        folder = board.find(number)
        if folder is None:
            continue
        truth = _truth(folder)
        if truth is None:
            board.say(f"{folder.name}: no ground-truth.json")
            continue
        for figure in measure(folder, truth, board.say):
            board.show(figure)
    return board.finish()


def suite(folder: Path, truth: list[Truth], say: Callable[[str], None]) -> Iterable[Measure]:
    """Set 10."""
    ours = theirs = agree = both = titled = same_title = 0
    files = _bodies(folder, truth, say)
    for item, body in files:
        headers = {str(k).lower(): str(v) for k, v in (item.get("headers") or {}).items()}
        alone = _alone(body, headers)
        theirs += alone is not None
        feed = _ours(body, headers.get("content-type"), say, str(item["file"]))
        ours += feed is not None
        if alone is None or feed is None:
            continue
        both += 1
        seen = feed.seen if isinstance(feed, Feed) else 0
        agree += seen == len(alone.entries)
        title = alone.feed.get("title")
        if isinstance(title, str) and title.strip():
            titled += 1
            same_title += isinstance(feed, Feed) and feed.title == html_to_line(title)
    name, n = folder.name, len(files)
    yield Measure(set=name, measure="parsed", value=_share(ours, n), anchor=_share(theirs, n), n=n)
    yield Measure(set=name, measure="entries_agree", value=_share(agree, both), anchor=None, n=both)
    yield Measure(set=name, measure="title_agree", value=_share(same_title, titled), anchor=None, n=titled)


def wild(folder: Path, truth: list[Truth], say: Callable[[str], None]) -> Iterable[Measure]:
    """Set 11."""
    totals = {"items": 0, "dois": 0, "dates": 0}
    ours, theirs = dict.fromkeys(totals, 0), dict.fromkeys(totals, 0)
    clocks = [0.0, 0.0]
    files = _bodies(folder, truth, say)
    for item, body in files:
        start = time.process_time()
        alone = _alone(body, {})
        middle = time.process_time()
        feed = _ours(body, None, say, str(item["file"]))
        clocks[0] += time.process_time() - middle
        clocks[1] += middle - start
        entries = [e for e in item.get("entries") or [] if isinstance(e, dict)]
        count = item.get("items")
        expected = max(len(entries), count if isinstance(count, int) else 0)
        totals["items"] += expected
        totals["dois"] += sum(len(_dois(entry)) for entry in entries)
        totals["dates"] += sum(bool(entry.get("date")) for entry in entries)
        for score, seen in ((ours, _seen_by_us(feed)), (theirs, _seen_by_feedparser(alone))):
            got = _score(entries, expected, seen)
            for key, value in got.items():
                score[key] += value
            if score is ours and got["items"] < expected:
                say(f"{item['file']}: {got['items']} of {expected} items found")
    for measure, key in (("entry_recall", "items"), ("doi_recall", "dois"), ("date_read", "dates")):
        n = totals[key]
        yield Measure(set=folder.name, measure=measure, value=_share(ours[key], n), anchor=_share(theirs[key], n), n=n)
    ratio = clocks[1] / clocks[0] if clocks[0] else None
    yield Measure(set=folder.name, measure="speed_ratio", value=ratio, anchor=1.0, n=len(files))


def replay(folder: Path, truth: list[Truth], say: Callable[[str], None]) -> Iterable[Measure]:
    """Set 12."""
    wrong = twice = new = new_met = changed = changed_met = polls = 0
    feeds = sorted({str(item.get("feed") or Path(str(item["file"])).parent) for item in truth})
    for name in feeds:
        snapshots = [item for item in truth if str(item.get("feed") or Path(str(item["file"])).parent) == name]
        snapshots.sort(key=lambda item: str(item.get("fetched") or item["file"]))
        known: dict[str, Item] = {}
        feed_name: dict[str, str] = {}  # known name -> the name that the feed last used
        announced: set[str] = set()
        listed: set[str] = set()  # by the recording, now
        for item, body in _bodies(folder, snapshots, say):
            polls += 1
            listed = (listed - set(item.get("gone") or [])) | set(item.get("new") or [])
            feed = _ours(body, None, say, str(item["file"]))
            polled = _items(feed)
            before = {feed_name.get(native, native) for native in known}
            got = compare(known.values(), polled)
            gone = {feed_name.get(native, native) for native in got.gone}
            wrong += len(gone) if not polled else len(gone & listed)
            by_name = {one.native: one for one in polled}
            for native in got.new:
                things = {native, by_name[native].doi or native}
                twice += bool(things & announced)
                announced |= things
            met = {by: native for native, by in got.renamed.items()}
            for native in item.get("new") or []:
                new += 1
                new_met += native in got.new or native in before or native in met
            for native in item.get("title_changed") or []:
                changed += 1
                changed_met += met.get(native, native) in got.changed
            _remember(known, feed_name, polled, got.renamed, met, good=got.suspicious is None)
            polls += 1
            empty = compare(known.values(), [])
            wrong += len(empty.gone)
            _remember(known, feed_name, [], {}, {}, good=empty.suspicious is None)
    name = folder.name
    yield Measure(set=name, measure="wrongly_gone", value=float(wrong), anchor=None, n=polls)
    yield Measure(set=name, measure="announced_twice", value=float(twice), anchor=None, n=polls)
    yield Measure(set=name, measure="new_recall", value=_share(new_met, new), anchor=None, n=new)
    yield Measure(set=name, measure="changed_recall", value=_share(changed_met, changed), anchor=None, n=changed)


def _remember(
    known: dict[str, Item],
    feed_name: dict[str, str],
    polled: list[Item],
    renamed: dict[str, str],
    met: dict[str, str],
    *,
    good: bool,
) -> None:
    feed_name.update(renamed)
    if good:
        for native, item in known.items():
            known[native] = replace(item, listed=False)
    for item in polled:
        native = met.get(item.native, item.native)
        known[native] = replace(item, native=native)


def _items(feed: Feed | FeedError | DecodeError | None) -> list[Item]:
    if not isinstance(feed, Feed):
        return []
    return [
        Item(
            native=entry.native,
            hash=fingerprint(entry.title, entry.summary, entry.url),
            doi=next(iter(entry.identifiers.get("doi", [])), None),
            key=address_key(listed_url(entry.url) or entry.url) if entry.url else None,
        )
        for entry in feed.entries
    ]


@dataclass(frozen=True, slots=True)
class Seen:
    """What a reader saw: of each entry its keys, its DOIs, whether it has a date; and how many items there were."""

    entries: list[tuple[set[str], set[str], bool]]
    count: int


def _seen_by_us(feed: Feed | FeedError | DecodeError | None) -> Seen:
    if not isinstance(feed, Feed):
        return Seen([], 0)
    entries = [
        (
            _keys([entry.guid, entry.native], [entry.url], entry.title),
            set(entry.identifiers.get("doi", [])),
            entry.published is not None,
        )
        for entry in feed.entries
    ]
    return Seen(entries, min(feed.seen, MAX_ENTRIES))


def _seen_by_feedparser(parsed: Any) -> Seen:
    if parsed is None:
        return Seen([], 0)
    entries = []
    for entry in map(dict, parsed.entries):
        dois = {normalise("doi", str(entry.get(key) or "")) for key in ("prism_doi", "dc_identifier")}
        links = [link.get("href") for link in entry.get("links", [])]
        dated = bool(entry.get("published_parsed") or entry.get("updated_parsed"))
        keys = _keys([entry.get("id")], [entry.get("link"), *links], entry.get("title"))
        entries.append((keys, {doi for doi in dois if doi}, dated))
    return Seen(entries, len(parsed.entries))


def _score(truth: list[Truth], expected: int, seen: Seen) -> dict[str, int]:
    """Of the items, DOIs and dates of `truth`, how many are in `seen`."""
    index: dict[str, list[int]] = {}
    for place, (keys, _, _) in enumerate(seen.entries):
        for key in keys:
            index.setdefault(key, []).append(place)
    found = dois = dates = keyed = 0
    for entry in truth:
        keys = _keys([entry.get("id")], [entry.get("link")], entry.get("title"))
        keyed += bool(keys)
        places = {place for key in keys for place in index.get(key, [])}
        found += bool(places)
        wanted = _dois(entry)
        carried = {doi for place in places for doi in seen.entries[place][1]}
        dois += len(wanted & carried)
        dates += bool(entry.get("date")) and any(seen.entries[place][2] for place in places)
    counted = min(expected - keyed, max(0, seen.count - keyed))
    return {"items": found + counted, "dois": dois, "dates": dates}


def _keys(ids: Iterable[object], links: Iterable[object], title: object) -> set[str]:
    keys = {f"id {tidy(i)}" for i in ids if isinstance(i, str) and i.strip()}
    keys |= {f"id {tidy(i)}" for i in links if isinstance(i, str) and i.strip()}
    keys |= {f"id {absolute_link(i, ADDRESS) or i.strip()}" for i in links if isinstance(i, str) and i.strip()}
    if isinstance(title, str) and (line := html_to_line(title)):
        keys.add(f"title {line}")
    return keys


def _dois(entry: Truth) -> set[str]:
    """The DOIs that the item's own fields hold; a field may be one value or several."""
    found: set[str] = set()
    for key in ("prism_doi", "dc_identifier"):
        values = entry.get(key)
        for raw in values if isinstance(values, list) else [values]:
            if not isinstance(raw, str):
                continue
            doi = normalise("doi", raw)
            found |= {doi} if doi else {hit.value for hit in find_ids(raw) if hit.scheme == "doi"}
    return found


def _alone(body: bytes, headers: dict[str, str]) -> Any:
    """feedparser's result, or None where it raises."""
    try:
        return feedparser.parse(body, response_headers=headers or None)
    except (ValueError, AttributeError, TypeError, LookupError, AssertionError):
        return None


def _ours(
    body: bytes, content_type: str | None, say: Callable[[str], None], name: str
) -> Feed | FeedError | DecodeError | None:
    """Our result, our refusal, or None where something else was raised (which should never be)."""
    try:
        return parse_feed(body, url=ADDRESS, content_type=content_type, fetched=FETCHED)
    except (FeedError, DecodeError) as refusal:
        return refusal
    except (ValueError, AttributeError, TypeError, LookupError, AssertionError, RecursionError) as error:
        say(f"{name}: {type(error).__name__}: {error}")
        return None


def _truth(folder: Path) -> list[Truth] | None:
    path = folder / "ground-truth.json"
    if not path.is_file():
        return None
    data = json.loads(path.read_text("utf-8"))
    return [item for item in data if isinstance(item, dict) and item.get("file")] if isinstance(data, list) else None


def _bodies(folder: Path, truth: list[Truth], say: Callable[[str], None]) -> list[tuple[Truth, bytes]]:
    bodies = []
    for item in truth:
        path = folder / str(item["file"])
        if not path.is_file():
            say(f"{folder.name}: no file {item['file']}")
            continue
        body = path.read_bytes()
        while body[:2] == b"\x1f\x8b":  # as stored, and sometimes as served
            body = gzip.decompress(body)
        bodies.append((item, body))
    return bodies


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


if __name__ == "__main__":
    raise SystemExit(main())
