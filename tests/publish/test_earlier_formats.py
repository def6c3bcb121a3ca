"""Pages and letters of the present code over an edition that lacks tables and columns of today."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from core.config import Config
from core.store import Store
from publish import stage
from publish.earlier_formats import complete
from publish.letters.current_edition import open_current
from publish.stage import publish
from tests.present import present
from tests.publish.reader import Reader

OLDER = (
    "DROP VIEW labelled; DROP VIEW card; DROP TABLE trial_status; DROP INDEX banner_day;"
    "ALTER TABLE banner DROP COLUMN url; ALTER TABLE banner DROP COLUMN text"
)


@pytest.fixture
def older(config: Config, work: Store, at_night: None, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current edition, without some of what it holds today."""
    monkeypatch.setattr(stage, "check_edition", lambda config, path: [])
    path = config.editions / f"{present(publish(config, work).edition).name}.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(OLDER)
    return path


def test_it_is_served_and_written_about(older: Path, config: Config) -> None:
    reader = Reader(config)
    try:
        for page in ("/", "/trials", "/search?trial_status=terminated", "/search?status=retracted", "/search.atom"):
            assert reader.get(page).status_code == 200, page
        assert json.loads(reader.sql("SELECT count(*) FROM trial_status").text)["rows"] == [[0]]
        assert json.loads(reader.sql("SELECT DISTINCT text, url FROM banner").text)["rows"] == [["", None]]
    finally:
        reader.close()
    with open_current(config) as edition:
        assert present(edition).count("status:retracted") > 0


def test_an_edition_of_today_gets_nothing(config: Config, work: Store, at_night: None) -> None:
    path = config.editions / f"{present(publish(config, work).edition).name}.db"
    with closing(sqlite3.connect(f"file:{path}?mode=ro&immutable=1", uri=True)) as connection:
        complete(connection)
        assert connection.execute("SELECT name FROM sqlite_temp_master").fetchall() == []
