"""A record is found by what its fields say, though its text does not say it."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest

from core.records import Document
from core.store import open_store
from publish.record_words import find_record_words
from publish.stage import publish
from tests.present import present
from tests.publish.conftest import NIGHT, fill, make_config

TRIAL = {
    "sponsor": "Quillwort Cells, Inc.",
    "people": [{"name": "Ada Fennimore, MD", "affiliations": ["Larkspur Hospital"]}],
    "countries": ["Jordan"],
    "phase": ["PHASE1", "PHASE2"],
    "status": "ACTIVE_NOT_RECRUITING",
    "dates": {"posted": "2026-11-02"},
    "enrolment": 24,
}


def test_names_places_and_phases_are_words_and_numbers_are_not() -> None:
    assert find_record_words(TRIAL) == [
        "Quillwort Cells, Inc.", "Ada Fennimore, MD", "Larkspur Hospital", "Jordan", "PHASE1", "PHASE2",
    ]  # fmt: skip


def test_only_a_status_of_one_word_is_one() -> None:
    assert find_record_words({"status": "WITHDRAWN"}) == ["WITHDRAWN"]
    assert find_record_words({"status": "NOT_YET_RECRUITING"}) == []
    assert find_record_words({"phase": "NA"}) == []


def test_a_trial_is_found_by_sponsor_person_country_and_phase(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STEMWIRE_NOW", NIGHT)
    config = make_config(tmp_path)
    with open_store(config.data("work.db"), "work") as work:
        fill(work)
        document = work.load(Document)[0]
        with work.writing():
            work.save(replace(document, extra=TRIAL))
        name = present(publish(config, work).edition).name
    with sqlite3.connect(config.editions / f"{name}.db") as edition:
        for words in ("quillwort", "fennimore", "larkspur", "jordan", '"phase 1"'):
            found = edition.execute(
                "SELECT d.ident FROM search s JOIN document d ON d.id = s.rowid WHERE search MATCH ?", (words,)
            )
            assert (document.id,) in found.fetchall(), words
