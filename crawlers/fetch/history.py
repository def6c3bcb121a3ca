"""What earlier nights left in the stores, read-only: validators, hosts on hold, known entries, pages."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TypedDict

import zstandard

from core import clock
from core.records import Capture, Entry, Page, Visit
from core.store import Store, as_record
from crawlers.addresses import origin_of
from crawlers.fetch.politeness import LONGEST


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredBody:
    """A body that we hold, as it was when we fetched it."""

    capture: str
    body: bytes
    content_type: str | None
    final_url: str
    fetched: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """When the last complete night of an interface was, and whether it was the last night on which it was asked."""

    since: datetime | None
    whole: bool


class NightRow(TypedDict):
    """A run that asked an interface: when it began, and how many of its answers were unusable."""

    run: str
    began: str
    failed: int


class IssueRow(TypedDict):
    """The runs in which an issue was seen first and last."""

    first_seen: str
    last_seen: str


class AddressRow(TypedDict):
    """An address, and when it was visited."""

    url: str
    at: str


class HoldRow(TypedDict):
    """An address whose host asked us to wait, and until when."""

    url: str
    until: str


class RunRow(TypedDict):
    """A run."""

    id: str


class SightingRow(TypedDict):
    """An entry that was seen."""

    entry: str


class History:
    """Reads raw.db and work.db for one night. The connections cannot write."""

    def __init__(self, raw: Path, work: Path, run: str) -> None:
        self.raw, self.work, self.run = _open_reader(raw), _open_reader(work), run

    def find_visit(self, source: str | None, url: str) -> Visit | None:
        """The newest visit of an address (by this source; None: by any) that gave us a body."""
        row = self.raw.one(
            "SELECT * FROM visit WHERE url = :url AND (:source IS NULL OR source = :source) AND capture IS NOT NULL"
            " ORDER BY at DESC, rowid DESC LIMIT 1",
            {"url": url, "source": source},
        )
        return as_record(Visit, row) if row else None

    def find_robots(self, url: str) -> tuple[datetime | None, StoredBody | None]:
        """(since when a robots.txt cannot be read, its last good copy)."""
        since = self.raw.value(
            "SELECT min(at) FROM visit WHERE url = :url AND outcome IN ('failed', 'refused') AND at > coalesce("
            " (SELECT max(at) FROM visit WHERE url = :url AND outcome IN ('fetched', 'unchanged')), '')",
            {"url": url},
        )
        good = self.find_visit(None, url)
        return clock.parse(since) if since else None, self.find_body(good.capture) if good else None

    def find_body(self, capture: str | None) -> StoredBody | None:
        """The body of a capture, unpacked."""
        row = self.raw.one("SELECT * FROM capture WHERE id = ?", (capture,))
        return unpack_capture(as_record(Capture, row)) if row else None

    def has_capture(self, ident: str) -> bool:
        return self.raw.one("SELECT 1 FROM capture WHERE id = ?", (ident,)) is not None

    def count_nights(self, url: str, *, prefix: bool = False) -> int:
        """In how many earlier runs this address (or one that begins with it) was asked for."""
        where = "substr(url, 1, length(:url)) = :url" if prefix else "url = :url"
        return int(
            self.raw.value(
                f"SELECT count(DISTINCT run) FROM visit WHERE {where} AND run <> :run AND outcome <> 'held'",
                {"url": url, "run": self.run},
            )
        )

    def find_window(self, source: str) -> Window:
        """The last night on which all answers of this source's interface came and could be read."""
        nights = self.raw.select(
            NightRow,
            "SELECT run, min(at) AS began, sum(outcome NOT IN ('fetched', 'unchanged')) AS failed FROM visit"
            " WHERE source = ? AND role = 'api' AND run <> ? AND url LIKE 'http%' GROUP BY run ORDER BY run DESC",
            (source, self.run),
        )
        issues = self.work.select(
            IssueRow,
            "SELECT first_seen, last_seen FROM issue WHERE source = ? AND kind IN"
            " ('feed_broken', 'list_failed', 'source_dead', 'crashed', 'unfinished')",
            (source,),
        )
        for number, night in enumerate(nights):
            was_open = any(issue["first_seen"] <= night["run"] <= issue["last_seen"] for issue in issues)
            if not night["failed"] and not was_open:
                return Window(since=clock.parse(night["began"]), whole=number == 0)
        return Window(since=None, whole=False)

    def load_record_visits(
        self, source: str, named: Callable[[str], tuple[str, ...]], after: datetime
    ) -> dict[str, tuple[datetime, datetime]]:
        """When each record was first and last asked for; `named` gives the records that an address asks for."""
        visits: dict[str, tuple[datetime, datetime]] = {}
        for row in self.raw.select(
            AddressRow,
            "SELECT url, at FROM visit WHERE source = ? AND role = 'api' AND at >= ? AND run <> ?"
            " AND outcome IN ('fetched', 'unchanged') ORDER BY at",
            (source, clock.stamp(after), self.run),
        ):
            at = clock.parse(row["at"])
            for name in named(row["url"]):
                visits[name] = (visits[name][0] if name in visits else at, at)
        return visits

    def load_retry_times(self, now: datetime) -> dict[str, str]:
        """Host -> the time before which it asked not to be called."""
        rows = self.raw.select(
            HoldRow,
            "SELECT url, max(retry_after) AS until FROM visit WHERE run >= ? AND retry_after > ? GROUP BY url",
            (clock.compact(now - LONGEST - timedelta(days=1)), clock.stamp(now)),
        )
        times: dict[str, str] = {}
        for row in rows:
            host = origin_of(row["url"])
            times[host] = max(row["until"], times.get(host, ""))
        return times

    def load_entries(self, source: str) -> dict[str, Entry]:
        return {entry.id: entry for entry in self.work.load(Entry, "source = ?", (source,))}

    def load_listed(self, source: str) -> frozenset[str]:
        """The entries that this source listed on the last night on which it listed any."""
        for run in self.work.select(RunRow, "SELECT id FROM run WHERE id <> ? ORDER BY id DESC LIMIT 60", (self.run,)):
            rows = self.work.select(
                SightingRow,
                "SELECT entry FROM sighting WHERE run = ? AND entry IN (SELECT id FROM entry WHERE source = ?)",
                (run["id"], source),
            )
            if rows:
                return frozenset(row["entry"] for row in rows)
        return frozenset()

    def load_pages(self, source: str) -> dict[str, Page]:
        pages = self.work.load(Page, "entry IN (SELECT id FROM entry WHERE source = ?)", (source,))
        return {page.entry: page for page in pages}


def unpack_capture(capture: Capture) -> StoredBody:
    """A capture with its body unpacked."""
    return StoredBody(
        capture=capture.id,
        body=zstandard.ZstdDecompressor().decompress(capture.body, max_output_size=capture.size or 1),
        content_type=capture.headers.get("content-type"),
        final_url=capture.final_url,
        fetched=capture.fetched,
    )


def _open_reader(path: Path) -> Store:
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=30, isolation_level=None)
    connection.row_factory = sqlite3.Row
    return Store(path, connection)
