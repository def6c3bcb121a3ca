"""How well names are found must not get worse: the floors of entities.toml, measured by `bench/entities.py`."""

from __future__ import annotations

import contextlib
import io
import json
import os
import tomllib
from pathlib import Path

import pytest

from bench import entities
from bench.measure import fingerprint_files

PINNED = tomllib.loads(Path(__file__).with_name("entities.toml").read_text("utf-8"))
SHARED = Path(os.environ.get("STEMWIRE_SHARED") or Path(__file__).resolve().parents[2].parent / "shared")
CORPORA = SHARED / "nlp" / "corpora"


@pytest.mark.parametrize("stem", sorted(PINNED))
def test_nothing_got_worse(stem: str) -> None:
    path = CORPORA / f"{stem}.jsonl.gz"
    if not path.is_file():
        pytest.skip(f"no {path.name} in {CORPORA}")
    fingerprint = fingerprint_files([path], CORPORA)
    assert fingerprint == PINNED[stem]["corpus"], "another corpus: measure it with bench/entities.py, then pin it"
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        assert entities.main(["--nlp", str(SHARED / "nlp"), "--json", "--only", stem]) == 0
    rows = {row["measure"]: row for row in map(json.loads, printed.getvalue().splitlines())}
    for measure, floor in PINNED[stem]["floor"].items():
        assert rows[measure]["n"] == PINNED[stem]["n"][measure]
        assert rows[measure]["value"] >= floor, measure
