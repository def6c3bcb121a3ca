"""The status that notices add up to, and which documents get a fact: alone, and through the driver night by night."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pytest

from core.config import Config, Crawl
from core.records import Entry, Json, Source
from core.stage import run_stage
from core.store import Store, new_run, open_store
from crawlers.documents import extract
from relations import links, retractions
from relations import works as identify
from relations.retractions import Notice, find_state

CONFIG = Config(crawl=Crawl(contact="mailto:desk@stemwire.example"))


def notice(nature: str, day: str | None = "2026-11-09", **more: object) -> Notice:
    plain: Json = {"nature": nature, "day": day, "notice": None, "reasons": [], "url": None, "by": "rw"}
    return cast(Notice, plain | more)


@pytest.mark.parametrize(
    ("notices", "status", "since"),
    [
        ([notice("retraction")], "retracted", "2026-11-09"),
        ([notice("correction", "2026-01-01"), notice("retraction")], "retracted", "2026-11-09"),
        ([notice("retraction"), notice("correction", "2026-12-01")], "retracted", "2026-11-09"),
        ([notice("correction", "2026-01-01"), notice("concern", "2026-02-01")], "concern", "2026-02-01"),
        ([notice("retraction", "2026-01-02"), notice("retraction", "2026-01-01")], "retracted", "2026-01-01"),
        ([notice("withdrawal", None)], "withdrawn", None),
        ([notice("retraction", "2026-01-01"), notice("reinstatement", "2026-02-01")], None, None),
        (
            [notice("correction", "2025-01-01"), notice("retraction", "2026-01-01"),
             notice("reinstatement", "2026-02-01")], "corrected", "2025-01-01",
        ),
        ([notice("reinstatement", "2026-02-01"), notice("retraction", "2026-03-01")], "retracted", "2026-03-01"),
        ([notice("retraction", None), notice("reinstatement", None)], None, None),
        ([], None, None),
    ],
)  # fmt: skip
def test_the_status_follows_the_notices_by_day(notices: list[Notice], status: str | None, since: str | None) -> None:
    state = find_state(notices)
    assert (state and (state.status, state.since)) == (status and (status, since))


def test_the_reason_is_in_words() -> None:
    state = find_state([notice("retraction", notice="doi:10.5555/r", reasons=["A", "B", "C", "D"])])
    assert state is not None
    assert state.why == (
        "This work was retracted on November 9, 2026: A, B, C and 1 more; notice doi:10.5555/r; source: rw"
    )


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    raw = tmp_path / "raw.db"
    with open_store(raw, "raw"):
        pass
    with open_store(tmp_path / "work.db", "work", attach={"raw": raw}) as work:
        rules = '{"fetch": false, "title": null, "body": null, "date": null, "author": null, "drop": []}'
        with work.writing():
            for name, kind in (("pubmed", "journal"), ("gate", "news"), ("rw", "journal"), ("ctgov", "registry")):
                work.save(Source(id=name, name=name, kind=kind, country=None, lang="en", about="", licence="abstract",
                                 home=None, scope="all", rules=rules))  # fmt: skip
        yield work


def entry(
    source: str, native: str, title: str, summary: str, extra: Json | None = None, **identifiers: list[str]
) -> Entry:
    return Entry(
        id=f"{source}:{native}", source=source, native=native, url=f"https://{source}.example/{native}", title=title,
        summary=summary, authors=(), published="2026-11-01", published_raw="2026-11-01", identifiers=identifiers,
        extra=extra or {}, hash=json.dumps([title, summary, extra]), capture="c", first_seen="2026-11-02T00:00:00Z",
    )  # fmt: skip


PAPER = entry(
    "pubmed",
    "1",
    "Patches of cardiomyocytes reduce scar size",
    "Rabbits were treated.",
    doi=["10.5555/p"],
    pmid=["99000001"],
)
NEWS = entry("gate", "n", "A patch for the heart", "The study (doi:10.5555/p) was done in rabbits.")
BYSTANDER = entry("gate", "b", "Another story", "Nothing of the kind.")
RETRACTED = entry("rw", "7", "", "", {"notice_only": True, "notices": [
    {"nature": "retraction", "about": "pmid:99000001", "notice": "doi:10.5555/r", "day": "2026-11-20",
     "reasons": ["Image duplication"], "url": None}]})  # fmt: skip


def a_notice(native: str, nature: str, day: str) -> Entry:
    said: Json = {"nature": nature, "about": "doi:10.5555/p", "notice": None, "day": day, "reasons": [], "url": None}
    return entry("rw", native, "", "", {"notice_only": True, "notices": [said]})


def night(store: Store, monkeypatch: pytest.MonkeyPatch, at: str, *entries: Entry) -> dict[str, int]:
    monkeypatch.setenv("STEMWIRE_NOW", at)
    run = new_run(store, "test")
    with store.writing():
        store.save(*entries)
    stages = [
        identify.stage(CONFIG),
        extract.stage(CONFIG),
        links.stage(CONFIG),
        retractions.stage(CONFIG),
    ]
    return {stage.name: run_stage(stage, store, run).seen for stage in stages}


def facts(store: Store) -> dict[tuple[str, str], Json]:
    return {(row["document"], row["about"]): row for row in store.rows("SELECT * FROM fact")}


def test_a_planted_retraction_reaches_the_paper_and_its_news_in_the_next_night(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    night(store, monkeypatch, "2026-11-22T03:00:00Z", PAPER, NEWS, BYSTANDER)
    assert not store.rows("SELECT * FROM work_status") and not facts(store)
    night(store, monkeypatch, "2026-11-23T03:00:00Z", RETRACTED)
    (held,) = store.rows("SELECT * FROM work_status")
    assert (held["document"], held["status"], held["since"]) == ("doi:10.5555/p", "retracted", "2026-11-20")
    assert "Image duplication" in held["why"] and held["notice"] == "doi:10.5555/r"
    known = facts(store)
    assert set(known) == {("doi:10.5555/p", "doi:10.5555/p"), ("https://gate.example/n", "doi:10.5555/p")}
    told = known["https://gate.example/n", "doi:10.5555/p"]
    assert told["first_seen"].startswith("2026-11-23T0")
    assert told["text"] == (
        "A paper that it cites, “Patches of cardiomyocytes reduce scar size”, was retracted on November 20, 2026:"
        " Image duplication; notice doi:10.5555/r"
    )
    (link,) = store.rows("SELECT * FROM link WHERE relation = 'notice'")
    assert (link["src"], link["dst"], link["why"]) == (
        "doi:10.5555/p", "doi:10.5555/r", "was retracted on November 20, 2026 (doi:10.5555/r)")  # fmt: skip


def test_a_quiet_night_writes_nothing_and_keeps_the_time(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    night(store, monkeypatch, "2026-11-22T03:00:00Z", PAPER, NEWS, RETRACTED)
    before = facts(store)
    assert night(store, monkeypatch, "2026-11-23T03:00:00Z") == dict.fromkeys(
        ["identify", "extract", "link", "retractions"], 0
    )
    night(store, monkeypatch, "2026-11-24T03:00:00Z", a_notice("8", "retraction", "2026-11-21"))
    assert facts(store).keys() == before.keys()
    assert {row["first_seen"] for row in facts(store).values()} == {row["first_seen"] for row in before.values()}


def test_a_reinstatement_takes_the_banner_down(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    night(store, monkeypatch, "2026-11-22T03:00:00Z", PAPER, NEWS, RETRACTED)
    night(store, monkeypatch, "2026-11-26T03:00:00Z", a_notice("9", "reinstatement", "2026-11-25"))
    assert not store.rows("SELECT * FROM work_status") and not facts(store)


def test_a_work_that_we_do_not_hold_is_told_of_too(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    about = RETRACTED.extra["notices"][0] | {"about": "doi:10.5555/p"}
    night(
        store,
        monkeypatch,
        "2026-11-22T03:00:00Z",
        NEWS,
        entry("rw", "7", "", "", {"notice_only": True, "notices": [about]}),
    )
    assert set(facts(store)) == {("https://gate.example/n", "doi:10.5555/p")}
    assert not store.rows("SELECT * FROM work_status")


def test_news_that_names_only_the_notice_gets_a_fact(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    said = entry("gate", "r", "Journal withdraws a paper", "The notice is doi:10.5555/r, the journal says.")
    night(store, monkeypatch, "2026-11-22T03:00:00Z", PAPER, said, RETRACTED)
    assert ("https://gate.example/r", "doi:10.5555/p") in facts(store)
    (link,) = store.rows("SELECT * FROM link WHERE src = 'https://gate.example/r' AND relation = 'notice'")
    assert link["dst"] == "doi:10.5555/r" and link["why"] == "names doi:10.5555/r in paragraph 1 (a notice)"


def test_a_record_that_is_typed_retracted_speaks_for_itself(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    paper = entry(
        "pubmed", "2", "Old", "Old work.", {"types": ["Journal Article", "Retracted Publication"]}, pmid=["99000002"]
    )
    night(store, monkeypatch, "2026-11-22T03:00:00Z", paper)
    assert {row["document"]: (row["status"], row["since"]) for row in store.rows("SELECT * FROM work_status")} == {
        "pmid:99000002": ("retracted", None)}  # fmt: skip
