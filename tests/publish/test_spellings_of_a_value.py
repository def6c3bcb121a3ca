"""A value that documents spell in several ways is one row of the facets: one tag finds all of them."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from core.records import Label
from core.store import open_store
from publish.stage import publish
from tests.present import present
from tests.publish.conftest import NIGHT, fill, make_config


def label(document: str, value: str) -> Label:
    return Label(
        document=document, facet="species", value=value, score=1.0, sentence="", start=None, end=None, component="t/1"
    )


def test_spellings_share_a_row_with_each_document_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STEMWIRE_NOW", NIGHT)
    config = make_config(tmp_path)
    with open_store(config.data("work.db"), "work") as work:
        fill(work)
        first, second, third = [row["id"] for row in work.rows("SELECT id FROM document ORDER BY id LIMIT 3")]
        with work.writing():
            work.save(label(first, "Axolotl"), label(second, "axolotl"), label(third, "axolotl"))
            work.save(label(first, "axolotl"))
        name = present(publish(config, work).edition).name
    with sqlite3.connect(config.editions / f"{name}.db") as edition:
        rows = edition.execute("SELECT value, documents FROM facet WHERE value LIKE 'axolotl'")
        assert rows.fetchall() == [("axolotl", 3)]
