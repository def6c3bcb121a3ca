"""Counting exact spans while training: by corpus and label."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import numpy as np

from nlp.entities.tagger.decode import _read, decode

Span = tuple[int, int, int]


def spans_of_scores(scores: Any) -> list[Span]:
    return decode(scores)


def spans_of_tags(tags: Sequence[int]) -> list[Span]:
    return _read(np.asarray(tags), 0)


class Tally:
    """right, found, gold by (corpus, label)."""

    def __init__(self) -> None:
        self.counts: defaultdict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0, 0])

    def add(self, corpus: str, head: str, labels: Sequence[str], gold: Sequence[int], found: Sequence[Span]) -> None:
        wanted, got = set(spans_of_tags(gold)), set(found)
        for number, label in enumerate(labels):
            ours = {one for one in got if one[2] == number}
            theirs = {one for one in wanted if one[2] == number}
            count = self.counts[corpus, label]
            count[0] += len(ours & theirs)
            count[1] += len(ours)
            count[2] += len(theirs)

    def f1(self, corpus: str, label: str) -> float:
        right, found, gold = self.counts[corpus, label]
        return 2 * right / (found + gold) if gold else 0.0

    def show(self) -> None:
        line = []
        for (corpus, label), (right, found, gold) in sorted(self.counts.items(), key=lambda one: one[0][::-1]):
            if gold >= 5:
                line.append(
                    f"  {label:10} {corpus:22} P {right / max(1, found):.3f} R {right / gold:.3f} "
                    f"F {self.f1(corpus, label):.4f} n {gold}"
                )
        print("\n".join(line), flush=True)
