"""Figures of judged queries: what counts as found, right and judged, asked of a real edition."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from bench.judged_search import Result, find_errors, measure, read_results
from bench.relevance import Judged, Need, kept_as
from core.store import open_store
from publish.stage import publish
from tests.publish.conftest import NIGHT, fill, make_config

NERVE = "https://hanbit.example/2026/ev-nerve"


def result(hits: str, grades: Mapping[str, str], whole: int | None = None) -> Result:
    """Each hit is a word of the identifiers that it stands for: `ab c` is a and b folded, then c."""
    return Result(
        need=Need(q="x", why="words", need="x"),
        judged=Judged(q="x", grades=dict(grades)),
        hits=tuple(frozenset(hit) for hit in hits.split()),
        whole=len(hits.split()) if whole is None else whole,
    )


def test_a_folded_hit_counts_for_every_document_that_it_stands_for() -> None:
    assert result("ab c", {"a": "11", "b": "11", "c": "00"}).recall == 1.0
    assert result("a c", {"a": "11", "b": "11", "c": "00"}).recall == 0.5


def test_more_right_documents_than_ten_need_ten() -> None:
    grades = dict.fromkeys("abcdefghijkl", "11")
    assert result("a b c d e f g h i j", grades).recall == 1.0
    assert result("a b c d e", grades).recall == 0.5
    assert result("abcdefghijkl", grades).recall == 1.0


def test_hits_past_the_tenth_are_not_seen() -> None:
    assert result("b c d e f g h i j k a", {"a": "11"}).recall == 0.0


def test_precision_leaves_out_what_nobody_judged_and_what_is_in_doubt() -> None:
    assert result("a b c d", {"a": "11", "b": "00", "c": "10"}).precision == 0.5
    assert result("d", {"a": "11"}).precision is None


def test_precision_is_of_the_documents_that_match_all_where_there_are_any() -> None:
    assert result("a b b", {"a": "11", "b": "00"}, whole=1).precision == 1.0
    assert result("a b", {"a": "11", "b": "00"}, whole=0).precision == 0.5


def test_errors_name_what_is_missing_and_what_is_wrong() -> None:
    assert list(find_errors(result("a", {"a": "11"}))) == []
    missing, wrong = find_errors(result("c", {"a": "11", "c": "00"}))
    assert missing == "missing, 0 of 1 found: a"
    assert wrong == "wrong: c"


def test_a_query_without_a_right_document_has_no_recall() -> None:
    rows = {row.measure: row for row in measure("x", [result("a", {"a": "00"}), result("", {"a": "11"})])}
    assert (rows["recall_at_10"].n, rows["recall_at_10"].value) == (1, 0.0)
    assert (rows["nothing_found"].n, rows["nothing_found"].value) == (1, 1.0)


def test_an_edition_is_asked_each_judged_query(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STEMWIRE_NOW", NIGHT)
    config = make_config(tmp_path)
    with open_store(config.data("work.db"), "work") as work:
        fill(work)
        publish(config, work)
    needs = [Need(q=q, why="words", need="") for q in ("vesicles nerve", "bagpipes", "not judged")]
    grades = {"vesicles nerve": "11", "bagpipes": "00"}
    judged = {q: Judged(q=q, grades={kept_as(NERVE): both}) for q, both in grades.items()}
    found, nothing = read_results(config.editions / "current.db", needs, judged)
    assert (found.recall, found.is_judged(found.hits[0])) == (1.0, True)
    assert (nothing.hits, nothing.recall) == ((), None)
