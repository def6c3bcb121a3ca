"""`record`: what a source answered, saved so that a night reads the same from the folder."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

import pipeline
from core.config import ROOT, Config, Crawl, load_sources
from crawlers.authoring.record import record
from tests.nights import NightRunner, a_source, rss
from tests.wire import Reply, Wire

HTML = {"content-type": "text/html; charset=utf-8"}


def page(title: str) -> bytes:
    words = "Grafted cells mended the nerves of mice within eight weeks, and the animals walked better again. " * 3
    body = f"<article><h1>{title}</h1><p>{words}</p></article>"
    return f"<html><head><title>{title}</title></head><body>{body}</body></html>".encode()


def serve(wire: Wire) -> None:
    """A feed of three: a page, one that moved, one that is lost."""
    items = [(str(number), wire.url(f"/p/{number}"), f"Story {number}") for number in (1, 2, 3)]
    kind = {"content-type": "application/rss+xml", "set-cookie": "a=b"}
    wire.route("/robots.txt", Reply(200, b"User-agent: *\nDisallow: /secret\n", {"content-type": "text/plain"}))
    wire.route("/feed", Reply(200, rss(*items), kind, etag='"one"'))
    wire.route("/p/1", Reply(200, page("Story 1"), HTML))
    wire.route("/p/2", Reply(301, b"", {"location": wire.url("/moved/2")}))
    wire.route("/moved/2", Reply(200, page("Story 2"), HTML))
    wire.route("/p/3", Reply(404, b"lost", HTML))


def config() -> Config:
    return Config(crawl=Crawl(contact="mailto:desk@stemwire.example", delay=0.0, retries=0))


def test_a_recording_is_read_as_the_network_was(wire: Wire, runner: NightRunner, tmp_path: Path) -> None:
    serve(wire)
    source = a_source("courier", feed=wire.url("/feed"))
    done = record(config(), source, tmp_path / "recording", pages=10)
    assert (done.pages, done.failed) == (3, None)
    asked = len(wire.seen)
    runner.night([source], recorded=tmp_path / "recording")
    assert len(wire.seen) == asked, "a replay asks nobody"
    pages = runner.rows("SELECT url, state, capture IS NOT NULL AS held FROM page ORDER BY url")
    assert [(row["url"].rpartition("/")[2], row["state"], row["held"]) for row in pages] == [
        ("1", "held", 1), ("2", "held", 1), ("3", "failed", 0),
    ]  # fmt: skip
    (moved,) = runner.rows("SELECT final_url FROM raw.capture WHERE url = ?", wire.url("/p/2"))
    assert moved["final_url"] == wire.url("/moved/2")
    lines = [json.loads(line) for line in (tmp_path / "recording" / "index.jsonl").read_text("utf-8").splitlines()]
    assert all("set-cookie" not in line.get("headers", {}) for line in lines)
    assert wire.url("/robots.txt") in {line["url"] for line in lines}


def test_no_more_pages_are_asked_for_than_wanted(wire: Wire, tmp_path: Path) -> None:
    serve(wire)
    done = record(config(), a_source("courier", feed=wire.url("/feed")), tmp_path / "recording", pages=1)
    assert done.pages == 1 and len([path for path in wire.paths() if path.startswith("/p/")]) == 1


def test_a_second_recording_is_a_second_night(wire: Wire, runner: NightRunner, tmp_path: Path) -> None:
    source = a_source("courier", feed=wire.url("/feed"))
    for number in (1, 2):
        items = [(str(n), wire.url(f"/p/{n}"), f"Story {n}") for n in range(number)]
        wire.route("/feed", Reply(200, rss(*items), {"content-type": "application/rss+xml"}))
        record(config(), source, tmp_path / "recording", pages=0)
    for number in (1, 2):
        runner.night([source], recorded=tmp_path / "recording")
        assert len(runner.rows("SELECT id FROM entry")) == number


def test_a_source_that_fails_says_so(wire: Wire, tmp_path: Path) -> None:
    done = record(config(), a_source("courier", feed=wire.url("/nothing")), tmp_path / "recording", pages=1)
    assert done.failed and "404" in done.failed


def test_the_command_records_out_of_a_recording(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text(
        f'[crawl]\ncontact = "mailto:desk@stemwire.example"\ndelay = 0.0\n'
        f'[paths]\ndata = "{tmp_path}/data"\nsources = "demo/sources"\n', "utf-8",
    )  # fmt: skip
    arguments = ["record", "kamogawa", "--pages", "2", "--recorded", str(ROOT / "demo" / "newsroom")]
    done = CliRunner().invoke(pipeline.main, ["--config", str(path), *arguments])
    assert done.exit_code == 0, done.output
    assert "2 of them pages" in done.output and (tmp_path / "data/recordings/kamogawa/index.jsonl").is_file()


def test_an_interface_is_replayed_on_the_day_of_its_recording(
    runner: NightRunner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (source,), _ = load_sources(ROOT / "demo" / "sources", ("pubmed_stem_cells",))
    monkeypatch.setenv("STEMWIRE_NOW", "2026-11-22T03:00:00Z")
    done = record(config(), source, tmp_path / "recording", pages=0, recorded=ROOT / "demo" / "newsroom")
    assert done.failed is None and done.answers == 2
    runner.night([source], at="2026-11-22T05:00:00Z", recorded=tmp_path / "recording")
    assert runner.rows("SELECT count(*) AS n FROM entry")[0]["n"] > 5
