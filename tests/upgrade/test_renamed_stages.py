"""A store of commit 235f18d keeps its rows under the new names of stages and tables, and nothing is due again."""

from __future__ import annotations

import sqlite3
import tarfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from core.records import Run
from core.store import Store, open_store

ARCHIVE = Path(__file__).with_name("store-235f18d.tar.xz")
STAGES = {"kin": "duplicates", "standing": "retractions"}
TABLES = {"kin": "near_duplicate", "standing": "work_status"}
COLUMNS = {  # of the old file, in addition to the stage; later migrations add others
    "outcome": '"key", version, input, state, reason, tries, run',
    "report": "run, seen, done, skipped, failed, seconds",
}
OLD_RUN = "20261120T040000Z"


@pytest.fixture
def old(tmp_path: Path) -> Path:
    with tarfile.open(ARCHIVE) as tar:
        tar.extract("data/work.db", tmp_path, filter="data")
    return tmp_path / "data" / "work.db"


@pytest.fixture
def rows_before(old: Path) -> dict[str, list[tuple[object, ...]]]:
    """What the old file holds under the old names; a failed row of each stage is added."""
    with closing(sqlite3.connect(old)) as database, database:
        found: dict[str, list[tuple[object, ...]]] = {}
        for stage in STAGES:
            database.execute(
                "INSERT INTO issue VALUES (?, ?, ?, ?, 'a reason', ?, ?, NULL)",
                (f"id of {stage}", "a-source", f"{stage}_failed", f"{stage} doi:10.5555/x", OLD_RUN, OLD_RUN),
            )
            found[stage] = database.execute(f"SELECT * FROM {stage} ORDER BY 1, 2").fetchall()
            for table, columns in COLUMNS.items():
                found[f"{table} {stage}"] = database.execute(
                    f"SELECT {columns} FROM {table} WHERE stage = ? ORDER BY 1", (stage,)
                ).fetchall()
    return found


@pytest.fixture
def upgraded(old: Path, rows_before: dict[str, list[tuple[object, ...]]]) -> Iterator[Store]:
    with open_store(old, "work") as store:
        yield store


@pytest.mark.parametrize("old_name", STAGES)
def test_tables_reports_and_ledger_keep_their_rows(
    upgraded: Store, rows_before: dict[str, list[tuple[object, ...]]], old_name: str
) -> None:
    def rows(sql: str) -> list[tuple[object, ...]]:
        return [tuple(row) for row in upgraded.connection.execute(sql)]

    stage = STAGES[old_name]
    assert rows_before[f"outcome {old_name}"], "the old file has rows of this stage"
    assert rows(f"SELECT * FROM {TABLES[old_name]} ORDER BY 1, 2") == rows_before[old_name]
    for table, columns in COLUMNS.items():
        kept = rows(f"SELECT {columns} FROM {table} WHERE stage = '{stage}' ORDER BY 1")
        assert kept == rows_before[f"{table} {old_name}"]
        assert rows(f"SELECT * FROM {table} WHERE stage = '{old_name}'") == []


@pytest.mark.parametrize("old_name", STAGES)
def test_an_open_issue_of_the_old_stage_is_the_same_issue(upgraded: Store, old_name: str) -> None:
    later = Run(id="20261121T040000Z", command="nightly", started="2026-11-21T04:00:00Z")
    kind, subject = f"{STAGES[old_name]}_failed", f"{STAGES[old_name]} doi:10.5555/x"
    with upgraded.writing():
        upgraded.raise_issue(later, kind=kind, subject=subject, text="a reason", source="a-source")
    (issue,) = upgraded.rows("SELECT first_seen, last_seen FROM issue WHERE kind LIKE ?", (f"%{kind}",))
    assert issue == {"first_seen": OLD_RUN, "last_seen": later.id}
    assert not upgraded.rows("SELECT * FROM issue WHERE kind = ?", (f"{old_name}_failed",))
