"""Runs of the collect stage for tests: a data folder in a temporary place, and nights at times of our choosing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from core.config import Config, Crawl, Extract, SourceFile
from core.records import Json
from core.store import Store, new_run, open_store
from crawlers.fetch.collect import Collected, collect


def a_source(ident: str, **more: object) -> SourceFile:
    """A news source of our own; `feed="…"` for the common case of one feed."""
    if isinstance(more.get("feed"), str):
        more["feed"] = [{"url": more["feed"]}]
    plain: dict[str, Any] = {
        "id": ident, "name": ident.title(), "kind": "news", "about": "A source made for tests.",
        "licence": "headline-and-link", "allow_private": True,
    }  # fmt: skip
    return SourceFile.model_validate(plain | more)


def rss(*items: tuple[str, str, str], title: str = "News") -> bytes:
    """An RSS feed of (guid, link, title)."""
    entries = "".join(
        f"<item><guid isPermaLink='false'>{guid}</guid><link>{link}</link><title>{name}</title>"
        f"<pubDate>Tue, 17 Nov 2026 08:00:00 GMT</pubDate><description>About {name}.</description></item>"
        for guid, link, name in items
    )
    return f"<?xml version='1.0'?><rss version='2.0'><channel><title>{title}</title>{entries}</channel></rss>".encode()


@dataclass
class NightRunner:
    """Two stores in a folder; `night()` collects once."""

    folder: Path
    monkeypatch: pytest.MonkeyPatch
    crawl: dict[str, Any] = field(default_factory=dict)
    extract: dict[str, Any] = field(default_factory=dict)
    nights: int = 0

    def config(self) -> Config:
        plain = {"contact": "mailto:desk@stemwire.example", "delay": 0.0, "timeout": 5.0, "retries": 0}
        return Config(crawl=Crawl.model_validate(plain | self.crawl), extract=Extract.model_validate(self.extract))

    @contextmanager
    def stores(self) -> Iterator[tuple[Store, Store]]:
        raw_path = self.folder / "raw.db"
        with (
            open_store(raw_path, "raw") as raw,
            open_store(self.folder / "work.db", "work", attach={"raw": raw_path}) as work,
        ):
            yield work, raw

    def night(self, sources: Sequence[SourceFile], *, at: str | None = None, recorded: Path | None = None) -> Collected:
        """Collect once; without `at` the nights follow each other by a day, from 22 November 2026 on."""
        moment = at or f"2026-11-{22 + self.nights:02d}T03:00:00Z"
        self.nights += 1
        self.monkeypatch.setenv("STEMWIRE_NOW", moment)
        with self.stores() as (work, raw):
            run = new_run(work, "collect", str(recorded) if recorded else None)
            return collect(self.config(), work, raw, run, sources, recorded=recorded)

    def rows(self, sql: str, *parameters: str | int | None) -> list[Json]:
        """From work.db, with raw.db attached as `raw`."""
        with self.stores() as (work, _):
            return work.rows(sql, parameters)

    def visits(self, source: str, role: str | None = None) -> list[tuple[Any, ...]]:
        """(address without host, outcome, status) of a source, oldest first, robots.txt left out."""
        rows = self.rows(
            "SELECT url, outcome, status FROM raw.visit WHERE source = ? AND role <> 'robots'"
            " AND (? IS NULL OR role = ?) ORDER BY rowid",
            source, role, role,
        )  # fmt: skip
        return [("/" + "".join(row["url"].split("/", 3)[3:]), row["outcome"], row["status"]) for row in rows]

    def issues(self, source: str, *, resolved: bool = False) -> dict[str, str]:
        """Open issues of a source: kind -> text."""
        sql = "SELECT kind, text FROM issue WHERE source = ? AND (resolved IS NOT NULL) = ?"
        rows = self.rows(sql, source, resolved)
        return {row["kind"]: row["text"] for row in rows}

    def contents(self) -> dict[str, list[Json]]:
        """What a night without news must leave as it is."""
        return {
            "captures": self.rows("SELECT * FROM raw.capture ORDER BY id"),
            "entries": self.rows("SELECT * FROM entry ORDER BY id"),
            "pages": self.rows("SELECT entry, url, capture, fetched, state, gone_nights FROM page ORDER BY entry"),
            "sources": self.rows("SELECT * FROM source ORDER BY id"),
        }
