"""Whole nights over the bundled newsroom: from a recording, and over a real server on loopback."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
NEWSROOM = ROOT / "demo" / "newsroom"
TABLES = (
    "entry", "page", "identity", "document", "version", "appearance", "notice", "mention", "concept", "link",
    "work_status", "fact", "label", "figure", "quotation", "promise", "near_duplicate", "story", "member",
    "registry_check", "edit", "changed_number", "telling", "warning",
)  # fmt: skip
VISIT_TIMES = {"page": "entry, url, capture, fetched, first_visit, state, gone_nights"}


class NightRunner:
    """A data folder of its own, and the pipeline run in processes of their own, as an operator runs it."""

    def __init__(self, folder: Path, sources: Path = ROOT / "demo" / "sources", more: str = "") -> None:
        self.folder = folder
        self.reports: dict[str, dict[str, int]] = {}  # of the last night, by stage
        self.config = folder / "config.toml"
        self.config.write_text(
            f'[crawl]\ncontact = "mailto:desk@stemwire.example"\ndelay = 0.0\nrevisit_hours = 0.0\n{more}\n'
            f'[paths]\ndata = "{folder}/data"\nsources = "{sources}"\neditions = "{folder}/editions"\n',
            "utf-8",
        )

    def run(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "pipeline.py", "--config", str(self.config), *arguments]
        return subprocess.run(
            command, cwd=ROOT, capture_output=True, text=True, check=False, env={**os.environ, **environment}
        )

    def night(self, *arguments: str, recorded: Path = NEWSROOM) -> dict[str, dict[str, int]]:
        """One recorded night; its reports by stage."""
        done = self.run("nightly", "--recorded", str(recorded), "--json", *arguments)
        assert done.returncode in (0, 1), done.stderr
        rows = [json.loads(line) for line in done.stdout.splitlines()]
        self.reports = {row["stage"]: row for row in rows if "stage" in row}
        return self.reports

    def rows(self, sql: str, schema: str = "work") -> list[sqlite3.Row]:
        db = sqlite3.connect(f"file:{self.folder}/data/{schema}.db?mode=ro", uri=True)
        db.row_factory = sqlite3.Row
        try:
            return db.execute(sql).fetchall()
        finally:
            db.close()

    def content(self) -> dict[str, list[tuple[object, ...]]]:
        """Everything that the night says, times of visits apart."""
        said = {t: [tuple(r) for r in self.rows(f"SELECT {VISIT_TIMES.get(t, '*')} FROM {t}")] for t in TABLES}
        said["capture"] = [tuple(r) for r in self.rows("SELECT id FROM capture", "raw")]
        said["edition"] = [(Path(self.folder / "editions" / "current.db").resolve().name,)]
        return said


@pytest.fixture(scope="module")
def runner(tmp_path_factory: pytest.TempPathFactory) -> NightRunner:
    """One night, kept for all looks at it."""
    runner = NightRunner(tmp_path_factory.mktemp("night"))
    runner.night()
    return runner


def one(runner: NightRunner, sql: str) -> sqlite3.Row:
    rows = runner.rows(sql)
    assert len(rows) == 1, [tuple(row) for row in rows]
    row: sqlite3.Row = rows[0]
    return row


def test_every_entry_ends_as_a_document_or_says_why_not(runner: NightRunner) -> None:
    assert runner.reports["collect"]["seen"] > 50
    assert runner.reports["extract"]["failed"] == 0
    assert runner.reports["publish"]["done"] == 1
    entries = {row["id"] for row in runner.rows("SELECT id FROM entry")}
    ended = {row["key"]: row for row in runner.rows("SELECT * FROM outcome WHERE stage = 'extract'")}
    assert entries == set(ended)
    for row in ended.values():
        assert row["state"] == "done" or row["reason"], dict(row)


def test_sources_that_fail_are_named_and_nothing_else_is_lost(runner: NightRunner) -> None:
    done = runner.run("status", "--json")
    issues = [json.loads(line)["issue"] for line in done.stdout.splitlines() if '"issue"' in line]
    broken = {issue["source"]: issue["text"] for issue in issues}
    assert "Sign in" in broken["members_wire"]
    assert len(runner.rows("SELECT id FROM source")) == len(list((ROOT / "demo" / "sources").glob("*.toml")))


def test_the_study_its_paper_and_its_copies_are_there(runner: NightRunner) -> None:
    rows = runner.rows("SELECT title, kind, source FROM document WHERE published BETWEEN '2025-05-27' AND '2025-06-30'")
    assert {row["kind"] for row in rows} >= {"release", "news", "paper"} and len(rows) >= 4
    assert one(runner, "SELECT kind FROM document WHERE id = 'doi:10.5555/demo.an.2025.0527'")["kind"] == "paper"
    seen = runner.rows("SELECT source FROM appearance WHERE document = 'doi:10.5555/demo.an.2025.0527'")
    assert len({row["source"] for row in seen}) == 2, "the journal and the saved search announce one paper"


def test_names_are_tied_to_what_they_name(runner: NightRunner) -> None:
    concepts = {row["id"] for row in runner.rows("SELECT id FROM concept")}
    assert {"ROR:025h1m602", "ROR:04h9pn542", "journal:acta-neuropathologica", "EFO:0004905", "CL:0011012"} <= concepts
    for row in runner.rows("SELECT m.*, d.title, d.text FROM mention m JOIN document d ON d.id = m.document"):
        stored = row["title"] if row["part"] == "title" else row["text"]
        assert stored[row["start"] : row["end"]] == row["surface"], dict(row)
        assert row["why"], dict(row)


def test_the_korean_page_is_read_and_meets_the_english_one(runner: NightRunner) -> None:
    page = one(runner, "SELECT * FROM document WHERE lang = 'ko' AND text LIKE '%133%'")
    assert "�" not in page["text"]
    named = {row["concept"] for row in runner.rows(f"SELECT concept FROM mention WHERE document = '{page['id']}'")}
    english = runner.rows(
        "SELECT m.concept FROM mention m JOIN document d ON d.id = m.document"
        " WHERE d.lang = 'en' AND d.text LIKE '%133%'"
    )
    assert named & {row["concept"] for row in english} - {None}


def test_what_is_not_about_stem_cells_is_kept_but_not_shown(runner: NightRunner) -> None:
    titles = {row["title"] for row in runner.rows(
        "SELECT title FROM document JOIN label ON document = id WHERE facet = 'scope' AND value = 'out'"
    )}  # fmt: skip
    assert any("typhoon" in title for title in titles) and any("header" in title.lower() for title in titles)
    edition = sqlite3.connect(f"file:{runner.folder}/editions/current.db?mode=ro", uri=True)
    shown = {row[0] for row in edition.execute("SELECT title FROM document")}
    edition.close()
    assert shown and not shown & titles


def test_a_translation_says_so_in_a_field_and_not_in_the_text(runner: NightRunner) -> None:
    row = one(runner, "SELECT translated, text FROM document WHERE translated IS NOT NULL AND source = 'mirae' LIMIT 1")
    assert "translated by AI" in row["translated"] and "translated by AI" not in row["text"]


def test_the_second_night_finds_the_edited_page_and_the_third_changes_nothing(runner: NightRunner) -> None:
    before = runner.content()
    runner.night()
    versions = runner.rows("SELECT v.text AS old, d.text AS new FROM version v JOIN document d ON d.id = v.document")
    assert len(versions) == 2 and all(row["old"] != row["new"] for row in versions)
    second = runner.content()
    changed = {table for table in before if before[table] != second[table]}
    assert "document" in changed and "edition" in changed
    third = runner.night()
    after = runner.content()
    assert {t for t in second if second[t] != after[t]} <= {"page", "document", "edition"}, (
        "only the tombstone of the 410"
    )
    assert third["extract"]["failed"] == 0
    fourth = runner.night()
    assert runner.content() == after
    assert (fourth["extract"]["seen"], fourth["enrich"]["seen"], fourth["publish"]["done"]) == (0, 0, 0)


def test_explain_shows_the_life_of_a_record(runner: NightRunner) -> None:
    done = runner.run("explain", "doi:10.5555/demo.an.2025.0527", "--json")
    kinds = [next(iter(json.loads(line))) for line in done.stdout.splitlines()]
    assert {"capture", "entry", "document", "mention", "label", "outcome"} <= set(kinds)


def test_every_page_of_the_site_answers(runner: NightRunner) -> None:
    done = runner.run("check")
    assert done.returncode == 0, done.stderr


def test_a_rebuild_from_raw_says_the_same_and_keeps_the_file_before(runner: NightRunner) -> None:
    before = {table: rows for table, rows in runner.content().items() if table in ("document", "mention", "label")}
    done = runner.run("rebuild")
    assert done.returncode == 0, done.stderr
    after = runner.content()
    assert {table: len(after[table]) for table in before} == {table: len(rows) for table, rows in before.items()}
    assert [row[:6] for row in after["document"]] == [row[:6] for row in before["document"]]
    assert (runner.folder / "data" / "work.db.before").exists()
