"""The measure of names: pairs are drawn alike each time, and a document that says one name is found by the other."""

from __future__ import annotations

import json

import pytest

from bench.alias_pairs import draw_pairs, main
from nlp.names.lexicon_names import load_names
from publish.search.fold import name_key


def test_pairs_are_drawn_alike_from_all_types_and_differ_when_folded() -> None:
    names = load_names()
    pairs = draw_pairs(names, 80, 3)
    assert pairs == draw_pairs(names, 80, 3) != draw_pairs(names, 80, 4)
    assert len({pair.concept for pair in pairs}) == 80
    assert {pair.type for pair in pairs} >= {"DISEASE", "CELL_TYPE", "ANATOMY", "INSTITUTION", "JOURNAL", "PLACE"}
    for pair in pairs:
        assert name_key(pair.typed, pair.type.lower()) != name_key(pair.said, pair.type.lower())


def test_documents_are_found_by_the_other_name_and_not_by_the_words_alone(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--pairs", "60", "--seed", "3", "--json"]) == 0
    rows = {row["measure"]: row for row in map(json.loads, capsys.readouterr().out.splitlines())}
    assert rows["alias_pairs"]["n"] == 60
    assert rows["alias_pairs"]["value"] > 0.9 > 0.5 > rows["alias_pairs"]["anchor"]
