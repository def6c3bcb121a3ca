"""A night out of a recording: what it answers, what it lacks, and that a second night changes nothing."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from core.config import ROOT, ListingRule, load_sources
from core.errors import ConfigError
from core.store import new_run
from crawlers.documents.rebuild import find_rule, rebuild
from crawlers.fetch.recorded import NotRecorded, load_recording
from tests.nights import NightRunner, a_source, rss

XML = {"content-type": "text/xml"}
HTML = {"content-type": "text/html; charset=utf-8"}


def record(folder: Path, *rows: dict[str, Any], **files: bytes) -> Path:
    folder.mkdir(exist_ok=True)
    for name, body in files.items():
        (folder / name).write_bytes(body)
    (folder / "index.jsonl").write_text("\n".join(json.dumps(row) for row in rows) + "\n", "utf-8")
    return folder


def test_two_nights(tmp_path: Path, runner: NightRunner) -> None:
    """Every way in which a row can be answered; the second night finds only what the recording changed."""
    entries = [(str(n), f"https://a.example/{n}", f"Entry {n}") for n in range(1, 6)]
    folder = record(
        tmp_path / "rec",
        {"url": "https://a.example/robots.txt", "status": 200, "file": "robots"},
        {"url": "https://a.example/feed", "headers": XML | {"ETag": '"1"'}, "file": "feed", "packed": "gzip"},
        {"url": "https://a.example/1", "status": 200, "headers": HTML, "file": "page"},
        {"url": "https://a.example/2", "status": 301, "headers": {"location": "https://b.example/2"}},
        {"url": "https://b.example/2", "status": 200, "headers": HTML, "file": "page"},
        {"url": "https://b.example/2", "status": 200, "headers": HTML, "file": "edited"},
        {"url": "https://a.example/5", "status": 200, "headers": HTML, "file": "nowhere"},
        robots=b"User-agent: *\nDisallow: /4\n",
        feed=gzip.compress(rss(*entries)),
        page=b"<p>one</p>",
        edited=b"<p>two</p>",
    )  # fmt: skip
    sources = [
        a_source("a", feed="https://a.example/feed", allow_private=False),
        a_source("b", feed="https://c.example/x"),
    ]
    first = runner.night(sources, recorded=folder)
    assert first.failed.keys() == {"b"}
    assert "not in the recording: https://c.example/x" in first.failed["b"]
    assert "source_dead" in runner.issues("b")
    assert sorted(runner.visits("a")) == [
        ("/1", "fetched", 200),
        ("/2", "fetched", 200),
        ("/3", "failed", None),
        ("/4", "refused", None),
        ("/5", "failed", None),
        ("/feed", "fetched", 200),
    ]
    reasons = runner.rows("SELECT url, reason FROM raw.visit WHERE outcome = 'failed' AND role = 'page' ORDER BY url")
    assert reasons[0]["reason"] == "not in the recording: https://a.example/3"
    assert "nowhere" in reasons[1]["reason"]
    before = runner.contents()
    second = runner.night(sources, recorded=folder)
    assert second.report.seen == first.report.seen
    after = runner.contents()
    assert after["entries"] == before["entries"]
    changed = [row for row in after["captures"] if row not in before["captures"]]
    assert [row["url"] for row in changed] == ["https://a.example/2"]
    runner.night(sources, recorded=folder)
    assert runner.contents() == after
    assert runner.rows("SELECT count(*) AS n FROM sighting") == [{"n": 15}]


def test_a_second_run_in_the_same_night_asks_no_page_again(tmp_path: Path, runner: NightRunner) -> None:
    folder = record(
        tmp_path / "rec",
        {"url": "https://a.example/feed", "headers": XML, "file": "feed"},
        {"url": "https://a.example/1", "headers": HTML, "file": "page"},
        feed=rss(("1", "https://a.example/1", "One")),
        page=b"<p>one</p>",
    )
    source = a_source("a", feed="https://a.example/feed")
    runner.night([source], at="2026-11-22T03:00:00Z", recorded=folder)
    before = runner.contents()
    again = runner.night([source], at="2026-11-22T04:00:00Z", recorded=folder)
    assert again.report.seen == 1
    assert runner.contents() == before


def test_prefix_rows_and_folders(tmp_path: Path) -> None:
    folder = record(
        tmp_path / "rec",
        {"url": "https://api.example/search", "match": "prefix", "file": "any"},
        {"url": "https://api.example/search?q=", "match": "prefix", "file": "longer"},
        {"url": "https://api.example/search?q=1", "file": "exact"},
        {"url": "https://api.example/out", "file": "../outside"},
        any=b"any",
        longer=b"longer",
        exact=b"exact",
    )
    (tmp_path / "outside").write_bytes(b"secret")
    recording = load_recording(folder)

    def body(url: str) -> bytes:
        found = recording.find_rows(url)
        assert found is not None
        return recording.body_of(found[2][0])

    assert body("https://api.example/search/x") == b"any"
    assert body("https://api.example/search?q=2") == b"longer"
    assert body("https://api.example/search?q=1") == b"exact"
    assert recording.find_rows("https://api.example/") is None
    with pytest.raises(NotRecorded, match="outside"):
        body("https://api.example/out")


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("{", "not a line of a recording"),
        ("[]", "not a line of a recording"),
        ('{"status": 200}', "not a line of a recording"),
        ('{"url": "https://a.example", "headers": []}', "not a line of a recording"),
        ('{"url": "https://a.example", "fiel": "x"}', "unknown key fiel"),
    ],
)
def test_a_broken_index_names_its_line(tmp_path: Path, line: str, complaint: str) -> None:
    folder = record(tmp_path / "rec", {"url": "https://a.example"})
    with (folder / "index.jsonl").open("a") as index:
        index.write(line + "\n")
    with pytest.raises(ConfigError, match=complaint) as caught:
        load_recording(folder)
    assert str(caught.value.where).endswith("index.jsonl line 2")
    assert caught.value.exit_code == 2


def test_a_folder_without_index(tmp_path: Path, runner: NightRunner) -> None:
    with pytest.raises(ConfigError, match="no readable index"):
        runner.night([a_source("a", feed="https://a.example/feed")], recorded=tmp_path)


def test_rebuilding_gives_what_the_nights_wrote(tmp_path: Path, runner: NightRunner) -> None:
    """The demo's newsroom, three nights of it: work.db made again from raw.db equals the one that the nights made."""
    sources, _ = load_sources(ROOT / "demo" / "sources")
    for _ in range(3):
        runner.night(sources, recorded=ROOT / "demo" / "newsroom")
    tables = ("source", "entry", "sighting", "page")
    before = {table: runner.rows(f"SELECT * FROM {table} ORDER BY 1, 2") for table in tables}
    assert all(before.values())
    for path in runner.folder.glob("work.db*"):
        path.unlink()
    with runner.stores() as (work, raw):
        rebuild(runner.config(), work, raw, new_run(work, "rebuild"), sources)
    for table in tables:
        assert runner.rows(f"SELECT * FROM {table} ORDER BY 1, 2") == before[table]
    assert not runner.night(sources, recorded=ROOT / "demo" / "newsroom").failed.keys() - {"members_wire"}


def test_rules_are_found_again() -> None:
    source = a_source(
        "s",
        feed=[{"url": "https://a.example/feed"}, {"url": "https://b.example/feed"}],
        listing=[
            {"url": "https://a.example/en/list", "item": "li"},
            {"url": "https://a.example/ko/list", "item": "tr"},
        ],
    )
    found = find_rule(source, "listing", "https://a.example/ko/list?page=2")
    assert isinstance(found, ListingRule)
    assert found.item == "tr"
    feed = find_rule(source, "feed", "https://b.example/feed")
    assert feed is not None
    assert feed == source.feed[1]
    assert find_rule(source, "sitemap", "https://a.example/") is None
