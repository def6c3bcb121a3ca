"""Words that stand for nearly the same, such as regeneration and repair: for the second group of a search only.

`related.tsv` was made once from texts of the field by `training/related_words.py`: word vectors, scikit-learn's SVD of
positive pointwise mutual information. `docs/decisions.md` has what else was measured.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from publish.search.fold import fold_words

MOST = 5


@cache
def _table() -> dict[str, tuple[str, ...]]:
    found: dict[str, list[tuple[float, str]]] = {}
    lines = Path(__file__).with_name("related.tsv").read_text("utf-8").splitlines()
    for line in lines[2:]:  # what the file is, and the names of its columns
        word, other, alike = line.split("\t")
        found.setdefault(word, []).append((-float(alike), other))
    return {word: tuple(other for _, other in sorted(some)[:MOST]) for word, some in found.items()}


def related_words(text: str) -> tuple[str, ...]:
    """Words like a single word, the nearest first; none of several words, and none that differs only in its ending.

    >>> "repair" in related_words("Regeneration"), related_words("stem cells")
    (True, ())
    """
    words = fold_words(text).split()
    return _table().get(words[0], ()) if len(words) == 1 else ()
