"""Nights over the registries, out of recordings of our own writing: pages to the end, and notices that are kept."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from core.config import SourceFile
from crawlers.lists.apis import crossref, with_parameters
from tests.nights import NightRunner, a_source

ANSWERS = Path(__file__).parent / "api_answers"


@pytest.fixture
def runner(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> NightRunner:
    return NightRunner(tmp_path / "data", monkeypatch)


def record(tmp_path: Path, *lines: tuple[str, bytes]) -> Path:
    """A recording: (beginning of the address, body), in the order of the answers to one address."""
    folder = tmp_path / "recorded"
    folder.mkdir(exist_ok=True)
    rows = []
    for number, (url, body) in enumerate(lines):
        (folder / str(number)).write_bytes(body)
        rows.append(json.dumps({"url": url, "match": "prefix", "file": str(number), "status": 200}))
    (folder / "index.jsonl").write_text("\n".join(rows), "utf-8")
    return folder


def a_registry(api: str, query: str, **more: object) -> SourceFile:
    return a_source(api, kind="registry", api=[{"api": api, "query": query, "max": 500}], page={"fetch": False}, **more)


def works(*numbers: int, total: int, cursor: str) -> bytes:
    items = [
        {"DOI": f"10.5555/w.{n}", "title": [f"Work {n}"], "issued": {"date-parts": [[2026, 11, 3]]}} for n in numbers
    ]
    message = {"total-results": total, "next-cursor": cursor, "items": items}
    return json.dumps({"status": "ok", "message-type": "work-list", "message": message}).encode()


def test_a_search_is_read_to_its_last_page(runner: NightRunner, tmp_path: Path) -> None:
    host, query = "https://api.crossref.org/works", "filter=issn:1234-567X"
    (begin,) = crossref.requests(query, date(2026, 8, 24), 500)  # ninety days before the first night
    first, second, third = (tuple(range(start, start + 100)) for start in (0, 100, 200))
    recorded = record(
        tmp_path,
        (begin, works(*first, total=250, cursor="same")),
        (with_parameters(begin, offset="100"), works(*second, total=250, cursor="same")),
        (with_parameters(begin, offset="200"), works(*third[:50], total=250, cursor="same")),
    )
    source = a_registry("crossref", query)
    runner.night([source], recorded=recorded)
    assert len(runner.rows("SELECT id FROM entry")) == 250
    assert not runner.rows("SELECT id FROM issue")
    runner.night([source], recorded=record(tmp_path, (host, works(*first, total=100, cursor="x"))))
    assert len(runner.visits("crossref")) == 4, "newest first: a page without news is the last"


def test_retractions_become_notices_and_the_second_night_writes_nothing(runner: NightRunner, tmp_path: Path) -> None:
    url = "https://registry.example/retractions.csv"
    body = (ANSWERS / "retraction_watch" / "published.csv").read_bytes()
    recorded = record(tmp_path, (url, body))
    source = a_registry("retraction_watch", url)
    runner.night([source], recorded=recorded)
    rows = runner.rows("SELECT native, extra FROM entry ORDER BY native")
    assert [row["native"] for row in rows] == ["70001", "70002", "70003", "70004"]
    assert [n["about"] for n in json.loads(rows[0]["extra"])["notices"]] == [
        "doi:10.5555/cells.2026.7", "pmid:99000001",
    ]  # fmt: skip
    runner.night([source], recorded=recorded)
    assert runner.rows("SELECT native, extra FROM entry ORDER BY native") == rows
