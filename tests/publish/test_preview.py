"""What a search would have sent in the last month, against a count made by hand; and tips that find something."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner

from core.config import Config
from pipeline import main
from publish.letters.current_edition import open_current
from publish.letters.preview import TIPS, WIDE, Preview, preview
from publish.search.spelling import deletes
from tests.present import present
from tests.publish.rig import Doc, make_config, make_edition

ANIMAL = (("evidence", "evidence", "animal"),)
DOCS = [
    Doc(key="old", title="Organoids of before", published="2026-09-01"),
    Doc(key="a1", title="Organoids grow vessels", published="2026-11-02"),
    Doc(key="a2", title="Organoids with vessels, a copy", published="2026-11-03"),
    Doc(key="b1", title="Mice walk", text="Cells were given to mice.", published="2026-11-20", labelled=ANIMAL),
]


def look(config: Config, query: str, *stages: str) -> Preview:
    with open_current(config) as edition:
        return preview(present(edition), query, stages)


@pytest.fixture
def config(tmp_path: Path) -> Config:
    config = make_config(tmp_path)
    with closing(sqlite3.connect(make_edition(config, DOCS))) as db, db:
        db.execute("INSERT INTO word VALUES ('organoids', 3)")
        db.executemany("INSERT INTO word_near VALUES (?, 'organoids')", [(form,) for form in deletes("organoids")])
    return config


def test_the_month_is_counted(config: Config) -> None:
    found = look(config, "organoid")
    assert (found.total, found.documents, found.stories, found.letters) == (3, 2, 2, 2)
    assert [line.day for line in found.lines] == ["2026-11-03", "2026-11-02"]
    assert found.lines[0].page == "https://stemwire.example/d/a2"
    assert (found.since, found.until, found.wide, found.tips) == ("2026-10-22", "2026-11-20", False, ())


def test_a_story_counts_once_on_its_first_day(config: Config) -> None:
    with closing(sqlite3.connect(config.editions / "site-1.db")) as db, db:
        ids = [row[0] for row in db.execute("SELECT id FROM document WHERE title LIKE 'Organoids %' ORDER BY id")][1:]
        db.execute(
            "INSERT INTO story VALUES (1, 's', 's', 'S', '2026-11-02', '2026-11-03', ?, 2, 2, 0, '', '')", ids[:1]
        )
        db.executemany("INSERT INTO member VALUES (1, ?, 'copy', 1, NULL, '', '', '')", [(ident,) for ident in ids])
    found = look(config, "organoid")
    assert (found.documents, found.stories, found.letters, len(found.lines)) == (2, 1, 1, 1)


def test_stages_count(config: Config) -> None:
    assert look(config, "mice", "animal").total == 1
    nothing = look(config, "mice", "phase 1")
    assert [(tip.query, tip.found) for tip in nothing.tips] == [("mice", 1)]


INSTEAD = [
    ("organids", "organoids"), ("organoid moonshine", "organoid"), ("kind:trial mice", "mice"),
    ("organids moonshine", "organoids"),
]  # fmt: skip


@pytest.mark.parametrize(("query", "instead"), INSTEAD)
def test_what_finds_nothing_gets_what_finds_something(config: Config, query: str, instead: str) -> None:
    found = look(config, query)
    assert found.total == 0 and instead in [tip.query for tip in found.tips]
    assert all(look(config, tip.query).total == tip.found > 0 for tip in found.tips)


def test_what_is_too_wide_gets_what_is_narrower(tmp_path: Path) -> None:
    config = make_config(tmp_path)
    kinds = ("news", "paper", "trial")
    make_edition(config, [Doc(key=f"k{n}", title=f"Cells {n}", kind=kinds[n % 3]) for n in range(WIDE + 30)])
    found = look(config, "cells")
    assert found.wide and 0 < len(found.tips) <= TIPS and "cells kind:paper" in [tip.query for tip in found.tips]
    assert all(look(config, tip.query).documents == tip.found for tip in found.tips if "kind:" in tip.query)
    assert not look(config, "cells kind:paper").wide


def test_the_command_prints_it(config: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.load_config", lambda *_: config)
    said = CliRunner().invoke(main, ["preview", "organoid"])
    assert said.exit_code == 0 and "2 stories of 2 documents, in 2 daily letters" in said.output
    data = json.loads(CliRunner().invoke(main, ["preview", "organoid", "--json"]).output)
    assert (data["stories"], len(data["lines"])) == (2, 2)
    refused = CliRunner().invoke(main, ["preview", "status:retractd"])
    assert refused.exit_code != 0
