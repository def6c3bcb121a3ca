"""News must not find its paper less often: the floors of links.toml, measured by `bench/links.py`."""

from __future__ import annotations

import contextlib
import io
import json
import os
import tomllib
from pathlib import Path

import pytest

from bench import links
from bench.measure import find_set, fingerprint_files
from core.records import Json

PINNED = tomllib.loads(Path(__file__).with_name("links.toml").read_text("utf-8"))
SHARED = Path(os.environ.get("STEMWIRE_SHARED") or Path(__file__).resolve().parents[2].parent / "shared")
INPUTS = SHARED / "inputs"


@pytest.fixture(scope="module")
def printed() -> dict[tuple[str, str], Json]:
    for number, pinned in PINNED.items():
        folder = find_set(INPUTS, number)
        if folder is None:
            pytest.skip(f"no set {number} in {INPUTS}")
        fingerprint = fingerprint_files([folder / "ground-truth.json"], folder)
        assert fingerprint == pinned["corpus"], f"another set {number}: measure it with bench/links.py, then pin it"
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        assert links.main(["--inputs", str(INPUTS), "--json"]) == 0
    rows = map(json.loads, out.getvalue().splitlines())
    return {(row["set"][:2], row["measure"]): row for row in rows}


@pytest.mark.parametrize(
    ("number", "measure"), [(number, measure) for number, pinned in PINNED.items() for measure in pinned["floor"]]
)
def test_nothing_got_worse(printed: dict[tuple[str, str], Json], number: str, measure: str) -> None:
    row = printed[number, measure]
    assert row["value"] >= PINNED[number]["floor"][measure]
    if measure in PINNED[number]["n"]:
        assert row["n"] == PINNED[number]["n"][measure]
    if row["anchor"] is not None:
        assert row["value"] > row["anchor"], "TF-IDF alone does as well"
