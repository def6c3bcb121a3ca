"""Cases in words: what to do, what came, what is right. People run them; `covered.tsv` names the test that covers each.

A row of `covered.tsv` has the case's id, the fingerprint of what it asks, and the pytest id of a test. The fingerprint
keeps a test from being claimed for a case of the same id in another set.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from bench.case_sets import Case, CaseError, Verdict, fingerprint, rows_of

COVERED = Path(__file__).with_name("covered.tsv")
NONE_YET = "none yet"
ASKS = ("do", "call", "input", "record", "text")  # the fields that say what a case asks, in this order


def is_mine(folder: Path) -> bool:
    """Whether the folder has cases at all: what no other format can run is prose."""
    return bool(rows_of(folder / "cases.jsonl"))


def read(folder: Path) -> list[Case]:
    """The cases of the folder, as prose. A case without an id is called after what it asks."""
    return [prose_case(row, kind=folder.name) for row in rows_of(folder / "cases.jsonl")]


def prose_case(row: Mapping[str, Any], *, kind: str) -> Case:
    """A row as a prose case. Raises CaseError where it does not say what it asks."""
    asked = asks(row)
    return Case(id=row.get("id") or f"{kind}-{asked}".replace(" ", "-"), kind=kind, row=row, prose=True)


def judge(folder: Path, cases: Sequence[Case]) -> Iterator[Verdict]:
    """Nothing here runs by itself."""
    yield from ()


def wording(row: Mapping[str, Any]) -> str:
    """What a case asks, in its own words. Raises CaseError where it does not say."""
    parts = [str(row[name]) for name in ASKS if name in row]
    if not parts:
        raise CaseError(f"a case that says nothing of {', '.join(ASKS)}: {row}")
    return " · ".join(parts)


def asks(row: Mapping[str, Any]) -> str:
    """The fingerprint of what a case asks. Raises CaseError where it does not say."""
    return fingerprint(wording(row))


def load_covered(path: Path = COVERED) -> dict[tuple[str, str], list[str]]:
    """(id, fingerprint of what it asks) -> pytest ids of the tests that cover the case."""
    covered: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t"):
            covered[row["case"], row["asks"]].append(row["test"])
    return dict(covered)
