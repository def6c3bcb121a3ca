"""How well texts are labelled must not get worse: the floors of labels.toml, measured by `bench/labels.py`."""

from __future__ import annotations

import contextlib
import io
import json
import os
import tomllib
from pathlib import Path

import pytest

from bench import labels
from bench.measure import find_set, fingerprint_files

PINNED = tomllib.loads(Path(__file__).with_name("labels.toml").read_text("utf-8"))
SHARED = Path(os.environ.get("STEMWIRE_SHARED") or Path(__file__).resolve().parents[2].parent / "shared")
INPUTS = SHARED / "inputs"


@pytest.mark.parametrize("part", sorted(PINNED))
def test_nothing_got_worse(part: str) -> None:
    pinned = PINNED[part]
    for number, corpus in pinned["corpus"].items():
        folder = find_set(INPUTS, number)
        if folder is None:
            pytest.skip(f"no set {number} in {INPUTS}")
        files = [path for path in folder.rglob("*") if path.is_file()]
        assert fingerprint_files(files, folder) == corpus, "another corpus: measure it (bench/labels.py), then pin it"
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        assert labels.main(["--inputs", str(INPUTS), "--json", "--only", part]) == 0
    rows = {f"{row['set'].partition('_')[0]}/{row['set'].partition('/')[2]}{row['measure']}": row
            for row in map(json.loads, printed.getvalue().splitlines())}  # fmt: skip
    for measure, floor in pinned["floor"].items():
        assert rows[measure]["n"] == pinned["n"][measure], measure
        assert rows[measure]["value"] >= floor, measure
