"""Arrivals: documents are numbered once and in order, and nights are counted by day."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.config import Config
from publish.letters.arrivals import count_night, make_likeness, note_arrivals
from tests.publish.rig import letters_of, make_config

TITLE = "Organoids grow blood vessels of their own"


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return make_config(tmp_path)


def test_arrivals_are_numbered_once_and_in_order(config: Config) -> None:
    with letters_of(config) as letters, letters.writing():
        assert note_arrivals(letters, [("a", None), ("b", None), ("a", None)]) == 2
        assert note_arrivals(letters, [("c", None), ("b", None)]) == 1
        assert letters.rows("SELECT document, item FROM arrival ORDER BY item") == [
            {"document": "a", "item": 1}, {"document": "b", "item": 2}, {"document": "c", "item": 3},
        ]  # fmt: skip


def test_a_document_that_changed_its_id_keeps_its_number(config: Config) -> None:
    same = make_likeness("daily", TITLE, "2026-11-20")
    with letters_of(config) as letters, letters.writing():
        note_arrivals(letters, [("https://daily.example/1", same)])
        note_arrivals(letters, [("https://daily.example/2", same), ("x", None)])
        found = {row["document"]: row["item"] for row in letters.rows("SELECT * FROM arrival")}
    assert found == {"https://daily.example/1": 1, "https://daily.example/2": 1, "x": 2}


def test_a_night_is_another_day_not_a_later_one(config: Config) -> None:
    with letters_of(config) as letters, letters.writing():
        days = ["2026-11-20", "2026-11-20", "2026-11-21", "2026-11-19", "2026-11-20"]
        assert [count_night(letters, day, "r").number for day in days] == [1, 1, 2, 3, 4]
