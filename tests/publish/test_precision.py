"""How often labels are right: the file that the page About reads, and what the page makes of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.label_precision import MORE, Counted, write
from bench.shown_cards import KINDS
from core.facets import facets
from publish.pages import precision
from publish.pages.precision import FEW, SETS, load_precision, say
from tests.present import present


def test_the_file_holds_counts_of_known_labels() -> None:
    found = load_precision()
    known = {facet.name for facet in facets().of_kind("label")} | {*MORE, *precision.WARNINGS, "status", "silent edits"}
    assert {one.facet for one in found.measures} <= known
    assert {one.set for one in found.measures} <= {*SETS, *precision.HELD, *precision.OTHERS}
    for one in found.measures:
        assert 0 <= one.right + one.arguable <= one.judged and 0 <= one.found <= one.due
    keys = [(one.facet, one.set) for one in found.measures]
    assert len(set(keys)) == len(keys)
    assert found.texts and found.languages
    assert all(one.sentence.startswith(one.said) for one in found.measures)


def test_every_label_of_a_page_has_a_row() -> None:
    rows = {row.heading: row for row in load_precision().rows}
    headings = {facet.heading for facet in facets().shown_in("document", "label")}
    assert headings <= set(rows)
    assert any(row.any for row in rows.values()) and not all(row.any for row in rows.values())
    assert set(KINDS) >= {"evidence", "species", "country"}


def test_few_labels_give_counts_and_no_share() -> None:
    assert say(16, 18) == "89 % (16 of 18)"
    assert say(5, 5) == "5 of 5"
    assert say(9, FEW) == "90 % (9 of 10)"


def test_what_the_bench_writes_is_what_the_page_reads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "precision.toml"
    write([Counted(facet="species", set="real_night.rest", judged=3, right=2, arguable=1)], path, "2026-11-30", [])
    monkeypatch.setattr(precision, "FILE", path)
    load_precision.cache_clear()
    try:
        found = load_precision()
    finally:
        load_precision.cache_clear()
    assert (found.day, found.texts) == ("2026-11-30", 0)
    assert [one.said for one in found.measures] == ["2 of 3"]


def test_the_measure_to_name_is_that_of_texts_set_aside_where_enough_were_judged() -> None:
    rows = [("a", "real_night.rest", 12), ("a", "real_night", 30), ("b", "real_night.rest", 2), ("b", "real_night", 12)]
    rows += [("c", "gold2.held", 3)]
    measures = tuple(
        precision.Measured(facet=facet, set=name, judged=n, right=n, arguable=0, due=0, found=0)
        for facet, name, n in rows
    )
    found = precision.Precision(day="", texts=0, languages=(), measures=measures)
    assert [present(found.of(name)).set for name in "abc"] == ["real_night.rest", "real_night", "gold2.held"]
    assert found.of("d") is None
