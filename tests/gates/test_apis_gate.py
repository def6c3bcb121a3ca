"""How exactly interfaces are read must not get worse: the floors of apis.toml, measured by `bench/apis.py` itself."""

from __future__ import annotations

import contextlib
import io
import json
import os
import tomllib
from pathlib import Path
from typing import Any

import pytest

from bench import apis
from bench.measure import find_set, fingerprint_files

PINNED = tomllib.loads(Path(__file__).with_name("apis.toml").read_text("utf-8"))
SHARED = Path(os.environ.get("STEMWIRE_SHARED") or Path(__file__).resolve().parents[2].parent / "shared")
INPUTS = SHARED / "inputs"

pytestmark = pytest.mark.skipif(
    not any(find_set(INPUTS, number) for number in PINNED), reason=f"no sets {', '.join(PINNED)} in {INPUTS}"
)


@pytest.fixture(scope="module")
def figures() -> dict[tuple[str, str], dict[str, Any]]:
    """What the bench prints, by set number and measure."""
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        assert apis.main(["--inputs", str(INPUTS), "--json", "--exact", "--sets", ",".join(PINNED)]) == 0
    rows = [json.loads(line) for line in printed.getvalue().splitlines()]
    return {(row["set"].partition("_")[0], row["measure"]): row for row in rows}


@pytest.mark.parametrize("number", PINNED)
def test_the_corpus_is_the_one_that_was_measured(number: str) -> None:
    folder = find_set(INPUTS, number)
    if folder is None:
        pytest.skip(f"set {number} is not in {INPUTS}")
    fingerprint = fingerprint_files((path for path in folder.rglob("*") if path.is_file()), folder)
    assert fingerprint == PINNED[number]["corpus"], "another corpus: measure it with bench/apis.py, then pin it"


@pytest.mark.parametrize(
    ("number", "measure"), [(number, measure) for number, pins in PINNED.items() for measure in pins["floor"]]
)
def test_nothing_got_worse(figures: dict[tuple[str, str], dict[str, Any]], number: str, measure: str) -> None:
    if find_set(INPUTS, number) is None:
        pytest.skip(f"set {number} is not in {INPUTS}")
    row = figures[number, measure]
    assert row["n"] >= PINNED[number]["n"][measure], "fewer fields are compared than were"
    assert row["value"] >= PINNED[number]["floor"][measure]


def test_a_folder_without_sets_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert apis.main(["--inputs", str(tmp_path), "--json"]) == 2
    printed = capsys.readouterr()
    assert printed.out == "" and "set 20: not in" in printed.err
