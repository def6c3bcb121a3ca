"""The status of a trial in its registry: a fact of its own for every status, and never a retraction."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.config import Config, Crawl
from core.facets import facets
from core.records import Document, Json, Link, Notice, Source
from core.stage import run_stage
from core.store import Store, new_run, open_store
from crawlers.lists.apis.trial import normal_word
from relations import retractions, trial_status
from relations.trial_status import STOPPED, to_status

CONFIG = Config(crawl=Crawl(contact="mailto:desk@stemwire.example"))
REASON = "The pump for the cells was out of stock."
NEWS = "https://gate.example/n"
EVERY_STATUS = (  # as the three generations of the registry's interface write them
    "Recruiting", "Not yet recruiting", "Enrolling by invitation", "Active, not recruiting", "ACTIVE_NOT_RECRUITING",
    "Completed", "Suspended", "Terminated", "Withdrawn", "Unknown status", "Available", "No longer available",
    "Temporarily not available", "Approved for marketing", "Withheld",
)  # fmt: skip


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path / "work.db", "work") as work:
        with work.writing():
            work.save(Source(id="s", name="s", kind="news", country=None, lang="en", about="", licence="full",
                             home=None, scope="all", rules="{}"))  # fmt: skip
        yield work


def document(ident: str, kind: str, extra: Json) -> Document:
    return Document(
        id=ident, entry=f"s:{ident}", source="s", kind=kind, url="https://s.example/", title=f"Title of {ident}.",
        text="", summary="", authors=(), lang="en", published="2026-05-01", published_from=None, dates=(),
        identifiers={}, links=(), extra=extra, licence="full", translated=None, state="current", capture="c",
        first_seen="2026-11-20T00:00:00Z", hash=json.dumps([ident, extra]),
    )  # fmt: skip


def a_trial(number: int, status: str, reason: str = "", day: str = "2026-05-01") -> Document:
    extra = {"status": normal_word(status), "why_stopped": reason, "dates": {"updated": day}}
    return document(f"nct:NCT{number:08}", "trial", {name: value for name, value in extra.items() if value})


def a_link(src: str, dst: str) -> Link:
    return Link(src=src, relation="trial", dst=dst, score=1.0, how="identifier", why="names it", component="links/1")


def night(store: Store, monkeypatch: pytest.MonkeyPatch, at: str, *records: object) -> int:
    monkeypatch.setenv("STEMWIRE_NOW", at)
    run = new_run(store, "test")
    with store.writing():
        store.save(*records)
    run_stage(retractions.stage(CONFIG), store, run)
    return run_stage(trial_status.stage(CONFIG), store, run).seen


def known(store: Store) -> dict[tuple[str, str], Json]:
    return {(row["document"], row["trial"]): row for row in store.rows("SELECT * FROM trial_status")}


@pytest.mark.parametrize("said", EVERY_STATUS)
def test_every_status_is_a_fact_of_the_trial_and_no_retraction(
    store: Store, monkeypatch: pytest.MonkeyPatch, said: str
) -> None:
    trial = a_trial(1, said, REASON)
    night(store, monkeypatch, "2026-11-22T03:00:00Z", trial, document(NEWS, "news", {}), a_link(NEWS, trial.id))
    rows = known(store)
    assert set(rows) == {(trial.id, trial.id), (NEWS, trial.id)}
    status = to_status(normal_word(said))
    facet = facets().filters["trial_status"]
    assert status in facet.values, "a search knows it"
    assert (status in facet.unflagged) == (status not in STOPPED), "a card shows it where the trial was stopped"
    for row in rows.values():
        assert (row["status"], row["day"]) == (status, "2026-05-01")
        assert row["reason"] == (REASON if status in STOPPED else "")
        assert "May 1, 2026" in row["text"] and "retract" not in row["text"] and "work" not in row["text"]
    assert not store.rows("SELECT * FROM fact") and not store.rows("SELECT * FROM work_status")


def test_the_words(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    trials = [a_trial(1, "Withdrawn", "No funding"), a_trial(2, "Terminated"), a_trial(3, "Recruiting")]
    links = [a_link(NEWS, trial.id) for trial in trials]
    night(store, monkeypatch, "2026-11-22T03:00:00Z", *trials, document(NEWS, "news", {}), *links)
    assert [row["text"] for row in known(store).values()] == [
        "A trial that it names, “Title of nct:NCT00000001”, was withdrawn before enrolment,"
        " as the registry said on May 1, 2026. Reason given: No funding",
        "A trial that it names, “Title of nct:NCT00000002”, was terminated, as the registry said on May 1, 2026",
        "A trial that it names, “Title of nct:NCT00000003”, is recruiting, as the registry said on May 1, 2026",
        "This trial was withdrawn before enrolment, as the registry said on May 1, 2026. Reason given: No funding",
        "This trial was terminated, as the registry said on May 1, 2026",
        "This trial is recruiting, as the registry said on May 1, 2026",
    ]


def test_a_record_without_a_status_says_nothing(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    night(store, monkeypatch, "2026-11-22T03:00:00Z", a_trial(1, ""))
    assert not known(store)


def test_a_status_that_changes_is_told_and_a_quiet_night_writes_nothing(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert night(store, monkeypatch, "2026-11-22T03:00:00Z", a_trial(1, "Recruiting")) == 1
    assert night(store, monkeypatch, "2026-11-23T03:00:00Z") == 0
    night(store, monkeypatch, "2026-11-24T03:00:00Z", a_trial(1, "Recruiting", day="2026-11-23"))
    (row,) = known(store).values()
    assert row["first_seen"].startswith("2026-11-22") and row["day"] == "2026-11-23"
    night(store, monkeypatch, "2026-11-25T03:00:00Z", a_trial(1, "Terminated", REASON, day="2026-11-24"))
    (row,) = known(store).values()
    assert row["first_seen"].startswith("2026-11-25") and row["status"] == "terminated"


def test_a_notice_about_a_trials_record_is_no_retraction(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only works are retracted, whatever a notice says."""
    said = Notice(id="n", entry="s:n", about="nct:NCT00000001", nature="withdrawal", notice=None, day="2026-05-01",
                  reasons=(), url=None)  # fmt: skip
    trial = a_trial(1, "Withdrawn")
    news = document(NEWS, "news", {})
    night(store, monkeypatch, "2026-11-22T03:00:00Z", said, trial, news, a_link(NEWS, trial.id))
    assert not store.rows("SELECT * FROM fact") and not store.rows("SELECT * FROM work_status")
