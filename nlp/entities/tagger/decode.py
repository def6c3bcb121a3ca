"""Scores of tags -> spans: the best sequence of tags that is a legal one.

Before that, occurrences of one abbreviation hear each other: half of what is said of each is the mean over all of
them, as an abbreviation means one thing in a document and only one place explains it.

Tags are 0 outside and, by label, B, I, L, U (begins, inside, last, alone). Where the best tag of every token gives a
legal sequence it is taken; elsewhere the stretch between two surely outside tokens is solved by Viterbi. Both give
the same as Viterbi over everything would, except where an outside token is less sure than it looks.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np

Array = Any  # numpy arrays: (tokens, tags) float32 of log-probabilities
ABBREVIATION = re.compile(r"[A-Z][A-Za-z]*[A-Z0-9][A-Za-z0-9]*")
SURE = float(np.log(0.97))
BLOCKED = -1e4


@cache
def transitions(tags: int) -> Array:
    """0 where tag b may follow tag a, a large negative number elsewhere; row and column `tags` are the edges."""
    allowed = np.full((tags + 1, tags + 1), BLOCKED, dtype=np.float32)
    for a in range(tags + 1):
        for b in range(tags + 1):
            open_a = a not in (0, tags) and (a - 1) % 4 in (0, 1)
            inner_b = b not in (0, tags) and (b - 1) % 4 in (1, 2)
            same = open_a and inner_b and (a - 1) // 4 == (b - 1) // 4
            if same or (not open_a and not inner_b):
                allowed[a, b] = 0.0
    return allowed


def find_repeats(words: Sequence[str]) -> list[list[int]]:
    """Places of each abbreviation that occurs more than once."""
    places: defaultdict[str, list[int]] = defaultdict(list)
    for at, word in enumerate(words):
        if word[0].isupper() and ABBREVIATION.fullmatch(word):
            places[word].append(at)
    return [group for group in places.values() if len(group) > 1]


def agree(scores: Array, repeats: Sequence[Sequence[int]]) -> None:
    """Draw the scores (tokens, tags) of an abbreviation's occurrences nearer to each other, in place."""
    for group in repeats:
        scores[group] = 0.5 * (scores[group] + scores[group].mean(0))


def decode(scores: Array) -> list[tuple[int, int, int]]:
    """(first token, past token, label number) of each span, in order."""
    tags = scores.shape[1]
    best = scores.argmax(1)
    marked = np.flatnonzero(best)
    if not len(marked):
        return []
    allowed = transitions(tags)
    outside = (best == 0) & (scores[:, 0] > SURE)
    spans: list[tuple[int, int, int]] = []
    past = 0
    for at in marked:
        if at < past:
            continue
        first = int(at)
        while first > past and not outside[first - 1]:
            first -= 1
        past = int(at) + 1
        while past < len(best) and not outside[past]:
            past += 1
        path = best[first:past]
        steps = np.concatenate(([tags], path, [tags]))
        if allowed[steps[:-1], steps[1:]].min() < 0:
            path = _viterbi(scores[first:past], allowed)
        spans += _read(path, first)
    return spans


def _viterbi(scores: Array, allowed: Array) -> Array:
    tags = scores.shape[1]
    inner = allowed[:tags, :tags]
    total = scores[0] + allowed[tags, :tags]
    back = np.zeros(scores.shape, dtype=np.int32)
    for at in range(1, len(scores)):
        ways = total[:, None] + inner
        back[at] = ways.argmax(0)
        total = ways.max(0) + scores[at]
    path = np.zeros(len(scores), dtype=np.int64)
    path[-1] = int((total + allowed[:tags, tags]).argmax())
    for at in range(len(scores) - 1, 0, -1):
        path[at - 1] = back[at, path[at]]
    return path


def _read(path: Array, shift: int) -> list[tuple[int, int, int]]:
    spans = []
    first = 0
    for at, tag in enumerate(path.tolist()):
        if not tag:
            continue
        place = (tag - 1) % 4
        if place in (0, 3):
            first = at
        if place in (2, 3):
            spans.append((shift + first, shift + at + 1, (tag - 1) // 4))
    return spans
