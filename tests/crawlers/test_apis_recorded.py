"""Recorded answers of the literature and the registries, when they are at hand: not one field may differ."""

from __future__ import annotations

import os
from importlib import import_module
from itertools import islice
from pathlib import Path

import pytest

SHARED = Path(os.environ.get("STEMWIRE_SHARED") or Path(__file__).resolve().parents[2].parent / "shared")


@pytest.mark.parametrize("number", ["23", "24", "25", "26", "27", "28"])
def test_every_field_of_a_set_is_exact(number: str) -> None:
    folder = next(iter(sorted((SHARED / "inputs").glob(f"{number}_*"))), None)
    if folder is None:
        pytest.skip(f"set {number} of recorded answers is not here: {SHARED / 'inputs'}")
    rows = import_module(f"bench.exact.s{number}").rows(folder)
    seen = 0
    differ = []
    for field, expected, got, where in rows:
        seen += 1
        if expected != got:
            differ.append(f"{field}: {expected!r} is {got!r} in {where}")
    assert seen > 100
    assert not differ, "\n".join(line[:300] for line in islice(differ, 10))
