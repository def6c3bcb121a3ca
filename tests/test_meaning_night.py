"""What the bundled newsroom must show after a night: links, labels, figures, stories; and a retraction in the next."""

from __future__ import annotations

import json
import shutil
import sqlite3
from pathlib import Path

import pytest

from core.records import Json
from tests.test_night import NEWSROOM, NightRunner

KONKUK = "https://www.konkuk-news.example/press/2025/vesicles-nerve-repair"
PAPER = "doi:10.5555/demo.an.2025.0527"
BANK = "Korea National Stem Cell Bank: stem cell distributions"


@pytest.fixture(scope="module")
def runner(tmp_path_factory: pytest.TempPathFactory) -> NightRunner:
    made = NightRunner(tmp_path_factory.mktemp("meaning"))
    made.night()
    return made


def values(runner: NightRunner, document: str, facet: str) -> list[str]:
    sql = f"SELECT value FROM label WHERE document = '{document}' AND facet = '{facet}' ORDER BY value"
    return [row["value"] for row in runner.rows(sql)]


def edition(runner: NightRunner, sql: str) -> list[Json]:
    with sqlite3.connect(f"file:{runner.folder}/editions/current.db?mode=ro", uri=True) as db:
        db.row_factory = sqlite3.Row
        return [dict(row) for row in db.execute(sql)]


def test_the_konkuk_story_links_to_its_paper_and_says_why(runner: NightRunner) -> None:
    (link,) = runner.rows(f"SELECT * FROM link WHERE src = '{KONKUK}' AND relation = 'paper'")
    assert (link["dst"], link["how"]) == (PAPER, "evidence")
    for said in ("Acta Neuropathologica", "Cho", "Konkuk University", "May 27, 2025"):
        assert said in link["why"]


def test_the_banks_release_rests_on_no_paper(runner: NightRunner) -> None:
    rows = runner.rows("SELECT l.* FROM link l JOIN document d ON d.id = l.src WHERE d.source = 'stem_cell_bank'")
    assert {row["relation"] for row in rows if row["dst"]} == set()
    assert all("not identified" in row["why"] or row["how"] == "none" for row in rows)


def test_the_konkuk_story_is_in_mice_and_shows_the_sentence(runner: NightRunner) -> None:
    assert values(runner, KONKUK, "evidence") == ["animal"]
    assert values(runner, KONKUK, "species") == ["mouse"]
    (row,) = runner.rows(f"SELECT * FROM label WHERE document = '{KONKUK}' AND facet = 'species'")
    text = runner.rows(f"SELECT text FROM document WHERE id = '{KONKUK}'")[0]["text"]
    assert text[row["start"] : row["end"]] == row["sentence"]
    assert "mice" in row["sentence"]


def test_copies_fold_into_one_story_with_the_release_as_origin_or_the_paper_it_tells_of(runner: NightRunner) -> None:
    story = runner.rows(f"SELECT story FROM member WHERE document = '{KONKUK}'")[0]["story"]
    roles = {row["document"]: row["role"] for row in runner.rows(f"SELECT * FROM member WHERE story = '{story}'")}
    assert sorted(roles.values()).count("copy") == 3
    assert roles[KONKUK] in ("origin", "release")
    assert len(roles) >= 4


def test_the_banks_figures_are_one_series_of_six_years(runner: NightRunner) -> None:
    points = edition(runner, f"SELECT period, value, jump FROM series WHERE name = '{BANK}' ORDER BY period")
    assert [(p["period"], p["value"]) for p in points] == [
        ("2019", 66), ("2020", 80), ("2021", 75), ("2022", 81), ("2023", 68), ("2024", 133),
    ]  # fmt: skip
    assert points[-1]["jump"] == pytest.approx(1.8, abs=0.05)
    times = runner.rows("SELECT value FROM figure WHERE modifier = 'multiple' AND value = 1.8")
    assert times


def test_the_clinic_shows_its_marketing_cues(runner: NightRunner) -> None:
    cues = runner.rows(
        "SELECT DISTINCT l.value FROM label l JOIN document d ON d.id = l.document"
        " WHERE l.facet = 'marketing' AND d.source = 'recell_clinic'"
    )
    assert len(cues) >= 3


def test_the_overview_by_country_gives_its_four_countries(runner: NightRunner) -> None:
    (row,) = runner.rows("SELECT id FROM document WHERE url LIKE '%worldregen%countr%'")
    assert set(values(runner, row["id"], "country")) == {"CN", "US", "JP", "KR"}


def test_the_trials_overview_carries_a_registry_check(runner: NightRunner) -> None:
    rows = runner.rows("SELECT * FROM registry_check")
    assert {"trials", "indications"} <= {row["claim"] for row in rows} or rows
    assert all(row["verdict"] in ("consistent", "differs", "cannot tell") and row["query"] for row in rows)
    assert all("part" in row["why"] for row in rows)


def test_wide_classes_that_are_only_named_have_no_documents(runner: NightRunner) -> None:
    named = edition(runner, "SELECT name, documents, named FROM entity WHERE type = 'disease'")
    wide = {row["name"]: row for row in named if row["name"] in ("cancer", "neoplasm", "infectious disease")}
    assert len(wide) == 3
    assert {row["documents"] for row in wide.values()} == {0}
    assert all(row["named"] for row in wide.values())
    assert {row["name"] for row in named if row["documents"]} >= {"Parkinson disease", "type 1 diabetes mellitus"}
    assert runner.rows("SELECT 1 AS n FROM mention WHERE role = 'denied' AND type = 'DISEASE'")


def test_every_label_can_be_traced(runner: NightRunner) -> None:
    done = runner.run("explain", KONKUK, "--json")
    said = [json.loads(line) for line in done.stdout.splitlines()]
    for what in ("label", "link", "member", "mention"):
        assert any(what in row for row in said), what


def test_a_planted_retraction_turns_the_banner_on_in_the_next_night(runner: NightRunner, tmp_path: Path) -> None:
    assert not runner.rows(f"SELECT 1 FROM fact WHERE document = '{KONKUK}'")
    planted = tmp_path / "newsroom"
    shutil.copytree(NEWSROOM, planted)
    answer = (planted / "api/pubmed-efetch.xml").read_text("utf-8")
    before, record, after = answer.rpartition("10.5555/demo.an.2025.0527</ELocationID>")
    notice = (
        '<CommentsCorrectionsList><CommentsCorrections RefType="RetractionIn"><RefSource>Acta Neuropathol. 2026 Nov 20'
        '</RefSource><PMID Version="1">99000999</PMID></CommentsCorrections></CommentsCorrectionsList><MeshHeadingList>'
    )
    if "<MeshHeadingList>" not in after:
        before, record, after = answer.partition("99000112</PMID>")
    after = after.replace("<MeshHeadingList>", notice, 1)
    (planted / "api/pubmed-efetch.xml").write_text(before + record + after, "utf-8")
    runner.night(recorded=planted)
    (status,) = runner.rows(f"SELECT * FROM work_status WHERE document = '{PAPER}'")
    assert (status["status"], status["notice"]) == ("retracted", "pmid:99000999")
    told = {row["document"] for row in runner.rows(f"SELECT document FROM fact WHERE about = '{PAPER}'")}
    citing = {row["src"] for row in runner.rows(f"SELECT src FROM link WHERE dst = '{PAPER}' AND relation = 'paper'")}
    assert {PAPER, KONKUK} <= told
    assert citing <= told
    banners = edition(
        runner, f"SELECT d.ident FROM banner b JOIN document d ON d.id = b.document WHERE b.about = '{PAPER}'"
    )
    assert {row["ident"] for row in banners} >= {KONKUK, PAPER}
    assert edition(runner, "SELECT documents FROM facet WHERE facet = 'status' AND value = 'retracted'")
