"""The record of a quantity, as the rules find it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantity:
    """`start` and `end` are of the whole expression with bound and unit, without the noun that it counts."""

    start: int
    end: int
    value: float
    high: float | None  # the upper end of a range
    unit: str  # as `units.tsv` names it, "of 40" for a part of forty; empty for a count
    noun: str  # what is counted, as written; "age" of an age; empty for a measure
    modifier: str  # exact | approximate | at least | at most | multiple
