"""Every entity type has a golden file, and every line of it holds: all spans of the type, in order, with concepts.

A line is {"text", "spans": [[surface, concept or null], …], optional "country"}; empty spans say what must not match.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from nlp.entities import Reader
from nlp.entities.typefiles import load_types

ROOT = Path(__file__).resolve().parents[2]
TYPES = {one.name: one for one in load_types(ROOT / "nlp" / "entities")}
GOLDENS = ROOT / "tests" / "entities"


def lines() -> list[Any]:
    found = []
    for name in sorted(TYPES):
        path = GOLDENS / f"{name}.jsonl"
        if path.is_file():
            for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
                found.append(pytest.param(name, json.loads(line), id=f"{name}:{number}"))
    return found


@pytest.mark.parametrize("name", sorted(TYPES))
def test_type_has_goldens_of_both_kinds(name: str) -> None:
    path = GOLDENS / f"{name}.jsonl"
    assert path.is_file(), f"write {path.name}: spans, and sentences that must not match"
    golden = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    assert any(line["spans"] for line in golden)
    assert any(not line["spans"] for line in golden)


def test_no_golden_without_type() -> None:
    assert {path.stem for path in GOLDENS.glob("*.jsonl")} == set(TYPES)


@pytest.mark.parametrize(("name", "golden"), lines())
def test_golden(name: str, golden: dict[str, Any], reader: Reader) -> None:
    reading = reader.read(document="golden", title="", text=golden["text"], lang=None, country=golden.get("country"))
    found = [[m.surface, m.concept] for m in reading.mentions if m.type == TYPES[name].label]
    assert found == golden["spans"]
