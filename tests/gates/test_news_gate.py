"""How well names are found in news must not get worse: the floors of news.toml, measured by `bench/news.py`."""

from __future__ import annotations

import contextlib
import io
import json
import os
import tomllib
from pathlib import Path
from typing import Any

import pytest

from bench import news
from bench.gold import GOLD, TYPES, find_article, load_gold
from bench.measure import fingerprint_files

PINNED = tomllib.loads(Path(__file__).with_name("news.toml").read_text("utf-8"))
SHARED = Path(os.environ.get("STEMWIRE_SHARED") or Path(__file__).resolve().parents[2].parent / "shared")
INPUTS = SHARED / "inputs"
SETS = PINNED["set"]


@pytest.fixture(scope="module")
def rows() -> dict[tuple[str, str], Any]:
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        assert news.main(["--inputs", str(INPUTS), "--only", "gold", "--json"]) == 0
    return {(row["set"], row["measure"]): row for row in map(json.loads, printed.getvalue().splitlines())}


def test_gold_is_the_one_that_was_measured() -> None:
    assert fingerprint_files([GOLD], GOLD.parent) == PINNED["gold"], "another gold set: measure it, then pin it"


def test_texts_of_the_newsroom_are_those_that_were_annotated() -> None:
    for row in load_gold():
        if row["set"] == "newsroom":
            assert find_article(row, INPUTS) is not None


@pytest.mark.parametrize("name", sorted(SETS))
def test_nothing_got_worse(name: str, rows: dict[tuple[str, str], Any]) -> None:
    if not name.startswith("newsroom") and not (INPUTS / "33_health_news_releases").is_dir():
        pytest.skip(f"no 33_health_news_releases in {INPUTS}")
    for measure, floor in SETS[name]["floor"].items():
        row = rows[name, measure]
        assert row["n"] == SETS[name]["n"][measure]
        assert row["value"] >= floor, f"{name} {measure}"


def test_gold_is_sound() -> None:
    """At least 60 articles, half of the bundled newsroom, a third for test; spans inside and of known types."""
    gold = load_gold()
    assert len(gold) >= 60
    assert sum(row["set"] == "newsroom" for row in gold) >= 30
    assert len(gold) / 3 - 1 <= sum(row["part"] == "test" for row in gold) <= len(gold) / 3 + 1
    for row in gold:
        spans = [(start, end) for start, end, _, _ in row["ents"]]
        assert all(0 <= start < end for start, end in spans)
        assert {kind for _, _, kind, _ in row["ents"]} <= set(TYPES)
        assert set(row) == {"id", "set", "file", "part", "sha256", "ents"}, "no text in it"
