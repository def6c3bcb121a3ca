"""A record has the fields that its table has, in one schema and one only."""

from __future__ import annotations

import sqlite3
from dataclasses import fields
from pathlib import Path

import pytest

from core.records import TABLES

SCHEMAS = sorted((Path(__file__).resolve().parents[2] / "core" / "schema").glob("*.sql"))


def columns() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for path in SCHEMAS:
        if path.stem == "letters":
            continue  # private to publish.letters.subscriptions, with records of its own
        db = sqlite3.connect(":memory:")
        db.executescript(path.read_text("utf-8"))
        for (table,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
            assert table not in found, f"{table} is in two schemas"
            found[table] = [row[1] for row in db.execute(f"PRAGMA table_info({table})")]
        db.close()
    return found


def test_every_table_has_a_record_and_every_record_a_table() -> None:
    assert set(columns()) == set(TABLES)


@pytest.mark.parametrize("table", sorted(TABLES))
def test_fields_are_columns(table: str) -> None:
    assert [field.name for field in fields(TABLES[table])] == columns()[table]


@pytest.mark.parametrize("path", SCHEMAS, ids=lambda path: path.stem)
def test_every_table_is_strict_and_described(path: Path) -> None:
    text = path.read_text("utf-8")
    for block in text.split("CREATE TABLE ")[1:]:
        name = block.split()[0]
        assert ") STRICT" in block, f"{name} is not STRICT"
        before = text[: text.index(f"CREATE TABLE {name}")].rstrip().splitlines()[-1]
        assert before.startswith("--"), f"{name} has no comment"
