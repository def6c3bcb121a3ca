"""How well names are tied to identifiers must not get worse: the floors of linking.toml, by `bench/linking.py`."""

from __future__ import annotations

import contextlib
import io
import json
import os
import tomllib
from pathlib import Path

import pytest

from bench import linking
from bench.measure import fingerprint_files

PINNED = tomllib.loads(Path(__file__).with_name("linking.toml").read_text("utf-8"))
SHARED = Path(os.environ.get("STEMWIRE_SHARED") or Path(__file__).resolve().parents[2].parent / "shared")


@pytest.mark.parametrize("stem", sorted(PINNED))
def test_nothing_got_worse(stem: str) -> None:
    path = SHARED / "nlp" / PINNED[stem]["file"]
    if not path.is_file():
        pytest.skip(f"no {path.name} in {path.parent}")
    fingerprint = fingerprint_files([path], path.parent)
    assert fingerprint == PINNED[stem]["corpus"], "another corpus: measure it with bench/linking.py, then pin it"
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        assert linking.main(["--nlp", str(SHARED / "nlp"), "--json", "--only", stem]) == 0
    rows = {row["measure"]: row for row in map(json.loads, printed.getvalue().splitlines())}
    for measure, floor in PINNED[stem]["floor"].items():
        assert rows[measure]["n"] >= PINNED[stem]["n"]
        assert rows[measure]["value"] >= floor, measure
