"""How well pages are read must not get worse: the floors of extract.toml, measured by `bench/extract.py` itself."""

from __future__ import annotations

import contextlib
import io
import json
import os
import tomllib
from pathlib import Path
from typing import Any

import pytest

from bench import extract
from bench.measure import digest_files, find_set

PINNED = tomllib.loads(Path(__file__).with_name("extract.toml").read_text("utf-8"))
SHARED = Path(os.environ.get("STEMWIRE_SHARED") or Path(__file__).resolve().parents[2].parent / "shared")
INPUTS = SHARED / "inputs"

pytestmark = pytest.mark.skipif(
    not any(find_set(INPUTS, number) for number in PINNED), reason=f"no sets {', '.join(PINNED)} in {INPUTS}"
)


@pytest.fixture(scope="module")
def figures() -> dict[tuple[str, str], dict[str, Any]]:
    """What the bench prints, by set number and measure."""
    printed = io.StringIO()
    arguments = ["--inputs", str(INPUTS), "--json", "--ours", "--sets", ",".join(PINNED)]
    with contextlib.redirect_stdout(printed):
        assert extract.main(arguments) == 0
    rows = [json.loads(line) for line in printed.getvalue().splitlines()]
    return {(row["set"].partition("_")[0], row["measure"]): row for row in rows}


@pytest.mark.parametrize("number", PINNED)
def test_the_corpus_is_the_one_that_was_measured(number: str) -> None:
    folder = find_set(INPUTS, number)
    if folder is None:
        pytest.skip(f"set {number} is not in {INPUTS}")
    digest = digest_files((path for path in folder.rglob("*") if path.is_file()), folder)
    assert digest == PINNED[number]["corpus"], "another corpus: measure it with bench/extract.py, then pin it"


@pytest.mark.parametrize(
    ("number", "kind", "measure"),
    [
        (number, kind, measure)
        for number, pins in PINNED.items()
        for kind in ("floor", "ceiling")
        for measure in pins.get(kind, {})
    ],
)
def test_nothing_got_worse(
    figures: dict[tuple[str, str], dict[str, Any]], number: str, kind: str, measure: str
) -> None:
    if find_set(INPUTS, number) is None:
        pytest.skip(f"set {number} is not in {INPUTS}")
    row, pin = figures[number, measure], PINNED[number][kind][measure]
    assert row["n"] == PINNED[number]["n"].get(measure, row["n"])
    assert row["value"] >= pin if kind == "floor" else row["value"] <= pin


def test_a_folder_without_sets_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert extract.main(["--inputs", str(tmp_path), "--json"]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert len(printed.err.splitlines()) == 7
