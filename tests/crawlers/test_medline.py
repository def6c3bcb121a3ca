"""A folder of MEDLINE files into the stores."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from core.config import SourceFile
from core.errors import UsageError
from core.store import new_run
from crawlers.documents.rebuild import rebuild
from crawlers.fetch.medline_import import Imported, import_folder
from tests.nights import NightRunner, a_source


def record(pmid: int, title: str) -> str:
    return (
        f'<PubmedArticle><MedlineCitation Status="MEDLINE"><PMID Version="1">{pmid}</PMID><Article><Journal>'
        f"<Title>Cells</Title></Journal><ArticleTitle>{title}</ArticleTitle></Article></MedlineCitation></PubmedArticle>"
    )


def write(folder: Path, name: str, *records: str, tail: str = "") -> None:
    folder.mkdir(exist_ok=True)
    body = f"<?xml version='1.0'?>\n<PubmedArticleSet>{''.join(records)}{tail}</PubmedArticleSet>"
    (folder / name).write_bytes(gzip.compress(body.encode()))


@pytest.fixture
def runner(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> NightRunner:
    monkeypatch.setenv("STEMWIRE_NOW", "2026-11-22T03:00:00Z")
    return NightRunner(tmp_path / "data", monkeypatch)


def papers(**more: object) -> SourceFile:
    return a_source("papers", kind="journal", api=[{"api": "pubmed", "query": "x"}], page={"fetch": False}, **more)


def bring(runner: NightRunner, folder: Path, source: SourceFile | None = None) -> Imported:
    with runner.stores() as (work, raw):
        return import_folder(work, raw, new_run(work, "medline", None), source or papers(), folder)


def test_what_is_about_the_field_is_kept_and_the_later_word_counts(runner: NightRunner, tmp_path: Path) -> None:
    folder = tmp_path / "files"
    many = [record(99000100 + number, f"Stem cells {number}") for number in range(150)]
    write(folder, "pubmed26n0001.xml.gz", record(99000001, "On a stem cell"), record(99000002, "On beetles"), *many)
    deletion = '<DeleteCitation><PMID Version="1">99000100</PMID><PMID Version="1">5</PMID></DeleteCitation>'
    write(folder, "pubmed26n0002.xml.gz", record(99000001, "On a stem cell, corrected"), "<Broken>", tail=deletion)
    said = bring(runner, folder)
    assert (said.seen, said.kept, said.deleted) == (153, 152, 1)
    (row,) = runner.rows("SELECT title FROM entry WHERE native = '99000001'")
    assert row["title"] == "On a stem cell, corrected"
    assert not runner.rows("SELECT 1 FROM entry WHERE native = '99000002'")
    (gone,) = runner.rows("SELECT extra FROM entry WHERE native = '99000100'")
    (notice,) = json.loads(gone["extra"])["notices"]
    assert (notice["nature"], notice["about"], notice["day"]) == ("withdrawal", "pmid:99000100", "2026-11-22")
    assert [row["url"] for row in runner.rows("SELECT url FROM raw.capture ORDER BY url")] == [
        "medline:pubmed26n0001.xml.gz/1", "medline:pubmed26n0001.xml.gz/2", "medline:pubmed26n0002.xml.gz/1",
    ]  # fmt: skip
    before = runner.contents()
    assert bring(runner, folder).deleted == 1
    after = runner.contents()
    assert after["captures"] == before["captures"]


def test_rebuild_reads_the_captures(runner: NightRunner, tmp_path: Path) -> None:
    folder = tmp_path / "files"
    write(folder, "a.xml.gz", record(99000001, "On a stem cell"))
    bring(runner, folder)
    entries = runner.contents()["entries"]
    (runner.folder / "work.db").unlink()
    with runner.stores() as (work, raw):
        rebuild(runner.config(), work, raw, new_run(work, "rebuild", None), [papers()])
    assert runner.contents()["entries"] == entries


def test_problems_are_told_and_a_source_must_ask_pubmed(runner: NightRunner, tmp_path: Path) -> None:
    folder = tmp_path / "files"
    write(folder, "a.xml.gz", record(99000001, "a stem cell &nbsp;"), record(99000002, "A stem cell"))
    said = bring(runner, folder)
    assert said.kept == 1 and said.problems == (
        "a.xml.gz: record 99000001 is left out: Entity 'nbsp' not defined, line 1, column 201",
    )
    with pytest.raises(UsageError, match="does not ask PubMed"):
        bring(runner, folder, a_source("news", feed="https://a.example/"))
