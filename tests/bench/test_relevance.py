"""The judged queries: each half keeps its queries, grades are whole, and figures follow from them."""

from __future__ import annotations

import json
import re

import pytest

from bench.relevance import JUDGED, PARTS, QUERIES, Judged, kappa, load_judged, load_needs, part_of
from publish.search.query import QueryError, parse_query

NOTHING = QUERIES.with_name("nothing.jsonl")
IDENTIFIER = re.compile(r"(?:doi|pmid|nct):\S+|address:[0-9a-f]{16}")


def test_a_query_stays_in_its_half() -> None:
    assert (part_of("spinal cord injury"), part_of("iPSC"), part_of("GVHD")) == ("tuning", "held_out", "held_out")


def test_two_hundred_queries_of_many_kinds_each_once() -> None:
    needs = load_needs()
    assert len({need.q for need in needs}) == len(needs) == 200
    assert len({need.why for need in needs}) >= 12
    halves = [sum(need.part == part for need in needs) for part in PARTS]
    assert min(halves) >= 80


def test_judged_queries_are_queries_and_hold_identifiers_and_grades_only() -> None:
    known = {need.q for need in load_needs()}
    judged = load_judged()
    assert len(judged) >= 80
    assert judged.keys() <= known
    for line in JUDGED.read_text("utf-8").splitlines():
        assert json.loads(line).keys() == {"q", "grades"}
    for one in judged.values():
        assert all(re.fullmatch("[01]{2}", both) for both in one.grades.values()), one.q
        assert all(IDENTIFIER.fullmatch(ident) for ident in one.grades), one.q
    for part in PARTS:
        assert sum(part_of(q) == part and bool(one.right) for q, one in judged.items()) >= 40


def test_a_document_on_which_the_readings_differ_is_in_doubt() -> None:
    one = Judged(q="x", grades={"a": "11", "b": "10", "c": "01", "d": "00"})
    assert one.right == frozenset("a")
    assert one.doubtful == frozenset("bc")


@pytest.mark.parametrize(
    ("grades", "value"),
    [(["11", "00"], 1.0), (["10", "01"], -1.0), (["11", "00", "10", "01"], 0.0), ([], None), (["11", "11"], None)],
)
def test_kappa_counts_agreement_beyond_chance(grades: list[str], value: float | None) -> None:
    assert kappa(grades) == value


def test_thirty_queries_should_find_nothing() -> None:
    rows = [json.loads(line) for line in NOTHING.read_text("utf-8").splitlines()]
    assert len({row["q"] for row in rows}) == 30
    assert not any(row["must"] or row["stories"] or row["best_first"] for row in rows)


def test_every_query_of_ours_is_understood_or_refused_with_a_line() -> None:
    for need in load_needs():
        try:
            parse_query(need.q)
        except QueryError as error:
            assert error.what
