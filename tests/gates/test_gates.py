"""What a bench measures must not get worse: for every `NAME.toml` here that has no test of its own, the floors and
ceilings that it pins, measured by `bench/NAME.py` itself.

A table is a set's number; `corpus` is the fingerprint of the set, `n` over how many items a measure was counted,
`options` (at the top) what the bench is called with.
"""

from __future__ import annotations

import contextlib
import importlib
import io
import json
import os
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from bench.measure import find_set, fingerprint_files

HERE = Path(__file__).parent
SHARED = Path(os.environ.get("STEMWIRE_SHARED") or HERE.parents[1].parent / "shared")
INPUTS = SHARED / "inputs"
NAMES = sorted(path.stem for path in HERE.glob("*.toml") if not (HERE / f"test_{path.stem}_gate.py").exists())
PINS = {name: tomllib.loads((HERE / f"{name}.toml").read_text("utf-8")) for name in NAMES}
SETS = [(name, number) for name, pins in PINS.items() for number in pins if number.isdigit()]
PINNED = [
    (name, number, kind, measure)
    for name, number in SETS
    for kind in ("floor", "ceiling")
    for measure in PINS[name][number].get(kind, {})
]


@cache
def figures(name: str) -> dict[tuple[str, str], Any]:
    """What the bench prints, by set number and measure."""
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        options = ["--inputs", str(INPUTS), "--json", *PINS[name].get("options", [])]
        assert importlib.import_module(f"bench.{name}").main(options) == 0
    rows = [json.loads(line) for line in printed.getvalue().splitlines()]
    return {(row["set"].partition("_")[0], row["measure"]): row for row in rows}


def get_folder(number: str) -> Path:
    folder = find_set(INPUTS, number)
    if folder is None:
        pytest.skip(f"set {number} is not in {INPUTS}")
    return folder


@pytest.mark.parametrize(("name", "number"), SETS)
def test_the_corpus_is_the_one_that_was_measured(name: str, number: str) -> None:
    folder = get_folder(number)
    fingerprint = fingerprint_files((path for path in folder.rglob("*") if path.is_file()), folder)
    assert fingerprint == PINS[name][number]["corpus"], f"another corpus: measure it with bench/{name}.py, then pin it"


@pytest.mark.parametrize(("name", "number", "kind", "measure"), PINNED)
def test_nothing_got_worse(name: str, number: str, kind: str, measure: str) -> None:
    get_folder(number)
    row, pin = figures(name)[number, measure], PINS[name][number][kind][measure]
    value = row["value"]
    assert row["n"] == PINS[name][number].get("n", {}).get(measure, row["n"])
    assert value >= pin if kind == "floor" else value <= pin, f"{measure} of {number}: {value}, pinned at {pin}"


@pytest.mark.parametrize("name", NAMES)
def test_a_folder_without_sets_says_so(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    options = [*PINS[name].get("options", []), "--inputs", str(tmp_path), "--json"]
    assert importlib.import_module(f"bench.{name}").main(options) == 2
    printed = capsys.readouterr()
    assert printed.out == "" and printed.err
