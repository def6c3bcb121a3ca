"""Which documents of the edition (`edition.py`) answer which query, as two readings judged them.

Both readings are by one reader: the second saw the same documents in another order of queries and documents, without
the grades of the first. Their agreement says how steady the grades are, not that two people agree.

`bench/queries/edition.jsonl` holds the queries, one a line: `q`, `why` (its kind), `need` (what would be right). They
were written from titles of the sets and from knowledge of the field before any search was asked.
`docs/judged/search.jsonl` holds one query a line: `q` and `grades`, from the identifier of a document (DOI, PubMed or
registry number, else a digest of its address: `kept_as`) to two digits, one of each reading: 1 where somebody who
typed this would want the document in the list.

What is decided here, in order: a query is in the half for tuning or held out by a hash of its words, so the halves
never change; a document is right where both readings say so, wrong where neither does, and in doubt where they differ
(it then counts neither way); a document that was not in the pool is not judged.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.measure import ROOT

QUERIES = ROOT / "bench" / "queries" / "edition.jsonl"
JUDGED = ROOT / "docs" / "judged" / "search.jsonl"
PARTS = ("tuning", "held_out")


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """A query and what is meant by it."""

    q: str
    why: str
    need: str

    @property
    def part(self) -> str:
        return part_of(self.q)


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A query with the grades of its pool."""

    q: str
    grades: dict[str, str]  # identifier -> two digits

    @property
    def right(self) -> frozenset[str]:
        return frozenset(ident for ident, both in self.grades.items() if set(both) == {"1"})

    @property
    def doubtful(self) -> frozenset[str]:
        return frozenset(ident for ident, both in self.grades.items() if len(set(both)) > 1)


def kept_as(ident: str) -> str:
    """An identifier as the grades keep it: of an address only a digest."""
    return f"address:{hashlib.sha256(ident.encode()).hexdigest()[:16]}" if "://" in ident else ident


def part_of(query: str) -> str:
    """The half that a query belongs to.

    >>> part_of("spinal cord injury") in PARTS
    True
    """
    return PARTS[int(hashlib.sha256(query.encode()).hexdigest(), 16) % 2]


def load_needs(path: Path = QUERIES) -> list[Need]:
    return [Need(**json.loads(line)) for line in path.read_text("utf-8").splitlines()]


def load_judged(path: Path = JUDGED) -> dict[str, Judged]:
    """By query."""
    rows = (json.loads(line) for line in path.read_text("utf-8").splitlines())
    return {row["q"]: Judged(**row) for row in rows}


def kappa(grades: Sequence[str]) -> float | None:
    """Cohen's kappa of two readings, each pair two digits; None where there is nothing to agree on.

    >>> kappa(["11", "00", "11", "00"]), kappa(["10", "01", "11", "00"])
    (1.0, 0.0)
    """
    if not grades:
        return None
    seen = sum(both[0] == both[1] for both in grades) / len(grades)
    firsts, seconds = (Counter(both[at] for both in grades) for at in (0, 1))
    chance = sum(firsts[digit] * seconds[digit] for digit in firsts) / len(grades) ** 2
    return None if chance == 1 else (seen - chance) / (1 - chance)
