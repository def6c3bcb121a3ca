"""The second group of a search: documents that match a substantial part of it, each with what it lacks.

A part of the search weighs the more, the fewer documents have it (log of 1 + documents / those that have it); a part
that nothing has weighs most. Related words count for a part by CREDIT. A document is in the group if the parts that it
has weigh at least LEAST of all parts: where the telling word is nowhere, the rest of a search finds nothing.
"""

from __future__ import annotations

import math
from collections.abc import Sequence, Set
from dataclasses import dataclass

LEAST = 0.5
CREDIT = 0.6  # what a related word counts for
ENOUGH = 20  # documents that match all: a search that finds as many needs no second group


@dataclass(frozen=True, slots=True, kw_only=True)
class Partly:
    """A document that matches some of a search: the share by weight, and the numbers of the parts that it lacks."""

    id: int
    share: float
    missing: tuple[int, ...]


def weigh(having: Sequence[int], documents: int) -> list[float]:
    """The weight of each part of a search, by how many documents have it."""
    return [math.log(1 + documents / max(0.5, some)) for some in having]


def find_partly(
    full: Sequence[Set[int]], related: Sequence[Set[int]], weights: Sequence[float], *, without: Set[int]
) -> list[Partly]:
    """Documents that have enough of a search. `full`: that have each part; `related`: that have a word like it."""
    whole = sum(weights)
    if not whole:
        return []
    found = []
    for ident in frozenset[int]().union(*full, *related) - without:
        share, missing = 0.0, []
        for number, weight in enumerate(weights):
            if ident in full[number]:
                share += weight
                continue
            missing.append(number)
            share += CREDIT * weight if ident in related[number] else 0.0
        if missing and share >= LEAST * whole:
            found.append(Partly(id=ident, share=share / whole, missing=tuple(missing)))
    return sorted(found, key=lambda one: (one.share, one.id), reverse=True)
