"""A linear chain over the tokens of a sentence, in numpy: weights of hashed features, transitions, Viterbi, marginals.

A feature is a string; crc32 assigns it one of `BUCKETS` rows of the weights (features that share a row share a weight,
in training too). The scores of a token are the sum of its features' rows. A sentence's labels are the best path over
scores and transitions. `marginals` are the probabilities of each label at each token over all paths.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

BUCKETS = 1 << 17
MODELS = Path(__file__).parents[1] / "models" / "quantities"

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Chain:
    """`weights` is (BUCKETS, labels), `steps` (labels, labels) from one label to the next, `begin` (labels,)."""

    labels: tuple[str, ...]
    weights: Floats
    steps: Floats
    begin: Floats

    def scores(self, features: Sequence[Sequence[str]]) -> Floats:
        """(tokens, labels): the score of each label at each token. `features` are the names of each token's."""
        return np.array([self.weights[hash_features(names)].sum(axis=0) for names in features])

    def decode(self, scores: Floats) -> list[str]:
        """The labels of the best path through at least one token."""
        best, back = scores[0] + self.begin, []
        for row in scores[1:]:
            paths = best[:, None] + self.steps
            back.append(paths.argmax(axis=0))
            best = paths.max(axis=0) + row
        path = [int(best.argmax())]
        for pointers in reversed(back):
            path.append(int(pointers[path[-1]]))
        return [self.labels[at] for at in reversed(path)]

    def marginals(self, scores: Floats) -> Floats:
        """(tokens, labels): probabilities, each row sums to one."""
        ahead, behind = np.empty_like(scores), np.zeros_like(scores)
        ahead[0] = scores[0] + self.begin
        for at in range(1, len(scores)):
            ahead[at] = scores[at] + _log_sum_exp(ahead[at - 1][:, None] + self.steps, 0)
        for at in range(len(scores) - 2, -1, -1):
            behind[at] = _log_sum_exp(self.steps + (scores[at + 1] + behind[at + 1])[None, :], 1)
        joint = ahead + behind
        whole: Floats = np.exp(joint - _log_sum_exp(joint, 1)[:, None])
        return whole


def hash_features(names: Sequence[str]) -> list[int]:
    """The row of the weights of each feature."""
    return [crc32(name.encode()) % BUCKETS for name in names]


@cache
def load_chain(name: str) -> Chain:
    """A chain of `nlp/models/quantities`, loaded once."""
    with np.load(MODELS / f"{name}.npz") as kept:
        weights = np.zeros((BUCKETS, len(kept["labels"])))
        weights[kept["rows"]] = kept["weights"]
        return Chain(
            labels=tuple(map(str, kept["labels"])),
            weights=weights,
            steps=kept["steps"].astype(float),
            begin=kept["begin"].astype(float),
        )


def _log_sum_exp(values: Floats, axis: int) -> Floats:
    """Logarithm of the sum of exponentials along an axis."""
    top = values.max(axis=axis, keepdims=True)
    total: Floats = np.squeeze(top, axis) + np.log(np.exp(values - top).sum(axis=axis))
    return total
