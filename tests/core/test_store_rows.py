"""Typed rows of queries, and a store that is opened for reading only."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TypedDict

import pytest

from core.errors import StoreError
from core.store import Store, new_run, open_store, open_view


class RunRow(TypedDict):
    id: str
    command: str


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path / "a folder?" / "work.db", "work") as opened:
        new_run(opened, "test")
        yield opened


def test_a_row_has_the_keys_of_its_type(store: Store) -> None:
    (row,) = store.select(RunRow, "SELECT id, command FROM run WHERE command = ?", ("test",))
    assert row["command"] == "test"


@pytest.mark.parametrize("columns", ["id", "id, command, started"])
def test_a_query_with_other_columns_than_its_type_is_an_error(store: Store, columns: str) -> None:
    with pytest.raises(StoreError, match=r"RunRow and its query differ in (command|started)"):
        store.select(RunRow, f"SELECT {columns} FROM run")


def test_a_reader_sees_what_is_committed_and_can_write_nothing(store: Store) -> None:
    with open_view(store.path, ["run"]) as reader:
        assert len(reader.rows("SELECT * FROM run")) == 1
        new_run(store, "test")
        assert len(reader.rows("SELECT * FROM run")) == 2
        with pytest.raises(StoreError, match="readonly"), reader.writing():
            reader.execute("DELETE FROM run")


def test_a_reader_makes_no_file(tmp_path: Path) -> None:
    with pytest.raises(StoreError):
        open_view(tmp_path / "none.db", ["run"])
    assert not list(tmp_path.iterdir())
