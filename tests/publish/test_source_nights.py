"""How sources answered: the judgement of a run, and the tables and pages of nights that were made by hand."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from core.config import Config
from core.records import Issue, Report, Run, Sighting, Visit
from core.store import Store, open_store
from publish.edition.source_nights import VisitRow, judge, list_nights
from publish.pages.sources import PLACES, Night, make_strip
from publish.stage import publish
from tests.present import present
from tests.publish.conftest import records

RUNS = ("20261118T040000Z", "20261119T040000Z", "20261121T040000Z", "20261122T040000Z")
FAILING, SILENT, WORKING = "northlake_press", "quiet_gazette", "hanbit_wire"


def asked(outcome: str, role: str = "feed", reason: str = "") -> VisitRow:
    return {"run": "r", "source": "s", "role": role, "outcome": outcome, "reason": reason}


@pytest.mark.parametrize(
    ("visits", "entries", "issues", "state", "reason"),
    [
        ([], 0, {}, "not asked", ""),
        ([asked("fetched", "robots")], 0, {}, "not asked", ""),
        ([asked("held")], 0, {}, "not asked", "Its host had asked us to wait"),
        ([asked("fetched")], 9, {}, "read", ""),
        ([asked("unchanged")], 0, {}, "read", ""),
        ([asked("failed", reason="503")], 0, {}, "failed", "It did not answer: 503"),
        ([asked("refused")], 0, {}, "failed", "Its robots.txt asks us not to come"),
        ([asked("fetched")], 0, {"feed_broken": "https://a.example/f?key=1: no feed"}, "failed",
         "Its list could not be read: https://a.example/f no feed"),
        ([asked("fetched")], 9, {"feed_broken": "the second of its feeds"}, "read", ""),
        ([asked("fetched")], 2, {"expect_min": "2"}, "failed", "It gave fewer entries than it should: 2"),
        ([asked("fetched")], 0, {"crashed": "/home/x"}, "failed",
         "Our program ended with an error while it read it"),
    ],
)  # fmt: skip
def test_a_run_is_judged(visits: list[VisitRow], entries: int, issues: dict[str, str], state: str, reason: str) -> None:
    found = judge(visits, entries, issues)
    assert (found.state, found.reason) == (state, reason)


def test_days_without_a_run_are_nights_too() -> None:
    assert list_nights(["2026-11-20", "2026-11-22", "2026-11-22"]) == ["2026-11-20", "2026-11-21", "2026-11-22"]
    assert len(list_nights(["2020-01-01", "2026-11-22"])) == 30
    assert list_nights([]) == []


@pytest.fixture
def nights(tmp_path: Path, at_night: None) -> Iterator[Store]:
    """The newsroom after four runs in five nights: one source always fails, one was silent, one was read each time."""
    raw = tmp_path / "raw.db"
    open_store(raw, "raw").connection.close()
    with open_store(tmp_path / "work.db", "work", attach={"raw": raw}) as work, open_store(raw, "raw") as visits:
        with work.writing():
            work.save(*records())
        entries = [row["id"] for row in work.rows("SELECT id FROM entry")]
        with work.writing(), visits.writing():
            for run in RUNS:
                stamp = f"{run[:4]}-{run[4:6]}-{run[6:8]}T04:00:00Z"
                work.save(Run(id=run, command="run", started=stamp, recorded=None))
                work.save(Report(run=run, stage="collect", seen=1, done=1, skipped=0, failed=0, seconds=1.0))
                for source, outcome in ((FAILING, "failed"), (WORKING, "fetched")):
                    visits.save(
                        Visit(run=run, source=source, url="https://x.example/feed", role="feed", at=stamp,
                              outcome=outcome, status=None, capture=None, entry=None, etag=None, modified=None,
                              retry_after=None,
                              reason="504 Gateway Timeout" if outcome == "failed" else None, seconds=0.1)
                    )  # fmt: skip
                work.save(*(Sighting(entry=entry, run=run) for entry in entries))
            work.save(
                Issue(id="i", source=FAILING, kind="source_dead", subject=FAILING, text="https://x.example/feed: 504",
                      first_seen=RUNS[0], last_seen=RUNS[-1])
            )  # fmt: skip
        yield work


def test_a_source_that_fails_every_night_differs_from_a_good_one(nights: Store, config: Config) -> None:
    path = config.editions / f"{present(publish(config, nights).edition).name}.db"
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as edition:
        states = {
            source: [row[0] for row in edition.execute(
                "SELECT state FROM source_night WHERE source = ? ORDER BY night", (source,))]
            for source in (FAILING, SILENT, WORKING)
        }  # fmt: skip
        health = {
            row[0]: row[1:]
            for row in edition.execute("SELECT source, asked, failed, last_good, since, reason FROM source_health")
        }  # fmt: skip
    assert states[FAILING] == ["failed", "failed", "not asked", "failed", "failed"]
    assert set(states[SILENT]) == {"not asked"}
    assert states[WORKING][:2] == ["nothing new", "nothing new"] and states[WORKING][2] == "not asked"
    assert health[FAILING] == (4, 4, None, "2026-11-18", "It did not answer: https://x.example/feed: 504")
    assert health[WORKING] == (4, 0, "2026-11-22", None, "")


def test_how_sources_answered_is_no_news(nights: Store, config: Config) -> None:
    first = present(publish(config, nights).edition)
    with nights.writing():
        nights.execute("DELETE FROM sighting")
        nights.execute("UPDATE issue SET text = 'something else'")
    assert publish(config, nights).edition is None
    assert present(publish(config, nights, force=True).edition).content == first.content


def test_the_newest_night_has_the_last_place() -> None:
    nights = [
        Night(source="s", night=f"2026-11-{day:02}", state=state, documents=0, entries=0, reason="")
        for day, state in ((20, "failed"), (21, "good"), (22, "nothing new"))
    ]
    strip = make_strip(nights)
    assert [place for place, _ in strip.nights] == [PLACES - 3, PLACES - 2, PLACES - 1]
    assert strip.said == "3 nights: 1 with new documents, 1 read, with nothing new, 1 failed"
