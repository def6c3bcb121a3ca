"""The nearest word of an edition to one that it does not have: what the search asks "did you mean" of.

Two words are near if they share a form from which at most one letter is missing (the table `word_near` has those of
every word: SymSpell's deletes). Of the near ones, the one with the smallest distance counts (letters added, left out,
exchanged, or two neighbours swapped: Damerau's distance), then one that begins with the same letter, then the
commonest. In a word of SHORTEST letters none may be exchanged for another (Leeds is not leads). A word of fewer
letters, or with a digit or a sign of Korean, Chinese or Japanese in it, has no near words.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

SHORTEST = 5
LONG = 8  # a word of as many letters may differ in two


def deletes(word: str) -> tuple[str, ...]:
    """The word itself, and the word without one of its letters.

    >>> deletes("abb")
    ('abb', 'bb', 'ab')
    """
    return tuple(dict.fromkeys([word, *(word[:at] + word[at + 1 :] for at in range(len(word)))]))


def may_be_misspelt(word: str) -> bool:
    """Whether a word is long enough, and of letters that are compared one by one."""
    return len(word) >= SHORTEST and word.isalpha() and max(word) < "\u1100"


def choose_nearest(word: str, candidates: Mapping[str, int]) -> str | None:
    """The word that was most likely meant, of words with the number of documents that have them; None: none is near."""
    allowed = 2 if len(word) >= LONG else 1
    near = []
    for other, documents in candidates.items():
        steps = distance(word, other)
        exchanged = len(other) == len(word) and sorted(other) != sorted(word)
        if 0 < steps <= allowed and not (exchanged and len(word) <= SHORTEST):
            near.append((-steps, other[:1] == word[:1], math.log(1 + documents), other))
    return max(near)[-1] if near else None


def distance(one: str, other: str) -> int:
    """Letters added, left out, exchanged, or neighbours swapped, between two words.

    >>> distance("organiods", "organoids"), distance("maculer", "macular"), distance("cell", "cells")
    (1, 1, 1)
    """
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        earlier, before, row = before, row, [i]
        for j, b in enumerate(other, 1):
            steps = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (a != b))
            if i > 1 and j > 1 and a == other[j - 2] and one[i - 2] == b:
                steps = min(steps, earlier[j - 2] + 1)
            row.append(steps)
    return row[-1]
