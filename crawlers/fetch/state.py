"""What earlier nights left in the stores, read-only: validators, held hosts, known entries, pages and their due times.

It decides which pages to ask for. An entry's page is due when we have none yet; when the entry itself has changed;
on the night after a 410, until the page counts as gone; and else at intervals that double: as long after the last
visit as the last visit was after the first (a tenth of `revisit_hours` sooner, since no two nights begin to the
second), at least `revisit_hours`, for `revisit_days`. First come pages never asked
for, then the others, each newest first; what exceeds `max_pages` waits for the next night.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import zstandard

from core import clock
from core.config import Crawl
from core.records import Entry, Json, Page
from core.store import Store
from crawlers.addresses import origin_of
from crawlers.fetch.politeness import LONGEST


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A body that we hold, as it was when we fetched it."""

    capture: str
    body: bytes
    content_type: str | None
    final_url: str
    fetched: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Pages to ask for tonight, in order, and how many more are due but wait."""

    due: tuple[tuple[Entry, Page | None], ...]
    waiting: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """When the last whole night of an interface was, and whether it was the last night on which it was asked at all."""

    since: datetime | None
    whole: bool


class State:
    """Reads of raw.db and work.db for one night. The connections cannot write."""

    def __init__(self, raw: Path, work: Path, run: str) -> None:
        self.raw, self.work, self.run = _reader(raw), _reader(work), run

    def find_visit(self, source: str | None, url: str) -> Json | None:
        """The newest visit of an address (by this source; None: by any) that ended with a body in our hands."""
        return self.raw.one(
            "SELECT * FROM visit WHERE url = :url AND (:source IS NULL OR source = :source) AND capture IS NOT NULL"
            " ORDER BY at DESC, rowid DESC LIMIT 1",
            {"url": url, "source": source},
        )

    def find_robots(self, url: str) -> tuple[datetime | None, Kept | None]:
        """(since when a robots.txt cannot be read, its last good copy)."""
        since = self.raw.value(
            "SELECT min(at) FROM visit WHERE url = :url AND outcome IN ('failed', 'refused') AND at > coalesce("
            " (SELECT max(at) FROM visit WHERE url = :url AND outcome IN ('fetched', 'unchanged')), '')",
            {"url": url},
        )
        good = self.find_visit(None, url)
        return clock.parse(since) if since else None, self.find_kept(good["capture"]) if good else None

    def find_kept(self, capture: str) -> Kept | None:
        row = self.raw.one("SELECT * FROM capture WHERE id = ?", (capture,))
        return as_kept(row) if row else None

    def has_capture(self, ident: str) -> bool:
        return self.raw.one("SELECT 1 FROM capture WHERE id = ?", (ident,)) is not None

    def count_nights(self, url: str, *, prefix: bool = False) -> int:
        """In how many earlier runs this address (or one that begins so) was asked for."""
        where = "substr(url, 1, length(:url)) = :url" if prefix else "url = :url"
        return int(
            self.raw.value(
                f"SELECT count(DISTINCT run) FROM visit WHERE {where} AND run <> :run AND outcome <> 'held'",
                {"url": url, "run": self.run},
            )
        )

    def find_window(self, source: str) -> Window:
        """The last night on which all of this source's interface answers came and were understood."""
        nights = self.raw.rows(
            "SELECT run, min(at) AS began, sum(outcome NOT IN ('fetched', 'unchanged')) AS failed FROM visit"
            " WHERE source = ? AND role = 'api' AND run <> ? AND url LIKE 'http%' GROUP BY run ORDER BY run DESC",
            (source, self.run),
        )
        troubles = self.work.rows(
            "SELECT first_seen, last_seen FROM issue WHERE source = ? AND kind IN"
            " ('feed_broken', 'list_failed', 'source_dead', 'crashed', 'unfinished')",
            (source,),
        )
        for number, night in enumerate(nights):
            if not night["failed"] and not any(t["first_seen"] <= night["run"] <= t["last_seen"] for t in troubles):
                return Window(since=clock.parse(night["began"]), whole=number == 0)
        return Window(since=None, whole=False)

    def load_looks(
        self, source: str, named: Callable[[str], tuple[str, ...]], after: datetime
    ) -> dict[str, tuple[datetime, datetime]]:
        """When each record was first and last asked for; `named` gives the records that an address asks for."""
        looks: dict[str, tuple[datetime, datetime]] = {}
        for row in self.raw.rows(
            "SELECT url, at FROM visit WHERE source = ? AND role = 'api' AND at >= ? AND run <> ?"
            " AND outcome IN ('fetched', 'unchanged') ORDER BY at",
            (source, clock.stamp(after), self.run),
        ):
            at = clock.parse(row["at"])
            for name in named(row["url"]):
                looks[name] = (looks[name][0] if name in looks else at, at)
        return looks

    def load_holds(self, now: datetime) -> dict[str, str]:
        """Host -> the time before which it asked not to be called."""
        rows = self.raw.rows(
            "SELECT url, max(retry_after) AS until FROM visit WHERE run >= ? AND retry_after > ? GROUP BY url",
            (clock.compact(now - LONGEST - timedelta(days=1)), clock.stamp(now)),
        )
        holds: dict[str, str] = {}
        for row in rows:
            host = origin_of(row["url"])
            holds[host] = max(row["until"], holds.get(host, ""))
        return holds

    def load_entries(self, source: str) -> dict[str, Entry]:
        return {entry.id: entry for entry in self.work.load(Entry, "source = ?", (source,))}

    def load_listed(self, source: str) -> frozenset[str]:
        """The entries that this source listed on the last night on which it listed any."""
        for run in self.work.rows("SELECT id FROM run WHERE id <> ? ORDER BY id DESC LIMIT 60", (self.run,)):
            rows = self.work.rows(
                "SELECT entry FROM sighting WHERE run = ? AND entry IN (SELECT id FROM entry WHERE source = ?)",
                (run["id"], source),
            )
            if rows:
                return frozenset(row["entry"] for row in rows)
        return frozenset()

    def load_pages(self, source: str) -> dict[str, Page]:
        pages = self.work.load(Page, "entry IN (SELECT id FROM entry WHERE source = ?)", (source,))
        return {page.entry: page for page in pages}


def plan_pages(
    entries: Iterable[Entry],
    changed: frozenset[str],
    pages: Mapping[str, Page],
    crawl: Crawl,
    now: datetime,
) -> Plan:
    """Which pages to ask for tonight."""
    due = [
        (entry, pages.get(entry.id))
        for entry in entries
        if entry.url and _is_due(pages.get(entry.id), entry.id in changed, crawl, now)
    ]
    due.sort(key=lambda pair: pair[0].id)
    due.sort(key=lambda pair: pair[0].published or pair[0].first_seen, reverse=True)
    due.sort(key=lambda pair: pair[1] is not None)
    return Plan(due=tuple(due[: crawl.max_pages]), waiting=max(0, len(due) - crawl.max_pages))


def _is_due(page: Page | None, changed: bool, crawl: Crawl, now: datetime) -> bool:
    if page is None or changed:
        return True
    first, last = clock.parse(page.first_visit), clock.parse(page.last_visit)
    if 0 < page.gone_nights < crawl.gone_nights:
        return now - last >= timedelta(hours=crawl.revisit_hours)
    return is_due_again(first, last, crawl, now)


def is_due_again(first: datetime, last: datetime, crawl: Crawl, now: datetime) -> bool:
    """Whether it is time for another look at something: at intervals that double, for `revisit_days`."""
    shortest = timedelta(hours=crawl.revisit_hours)
    return now - last >= max(shortest, last - first - shortest / 10) and now - first <= timedelta(
        days=crawl.revisit_days
    )


def as_kept(row: Mapping[str, Any]) -> Kept:
    """A row of `capture` with its body unpacked."""
    headers = json.loads(row["headers"])
    return Kept(
        capture=row["id"],
        body=zstandard.ZstdDecompressor().decompress(row["body"], max_output_size=row["size"] or 1),
        content_type=headers.get("content-type"),
        final_url=row["final_url"],
        fetched=row["fetched"],
    )


def _reader(path: Path) -> Store:
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=30, isolation_level=None)
    connection.row_factory = sqlite3.Row
    return Store(path, connection)
