"""Puts the documents of a search in order, and folds those that tell the same story into one hit.

The best match first: the score of a document is the sum, by `order_best`, of
1. how well its title and text match (bm25 of the index, in which a title counts eight times), 1 for the best;
2. how much it is about the things that the search names;
3. whether it has the words of the search near one another, as they were typed (`reading.words_close`);
4. how new it is, and
5. how many outlets tell its story.
A copy and a notice about a work lose a little. A document whose title is the search itself goes first.

`fold` keeps the order: a story comes where its first document would come. It is shown by its best document;
by a copy only where nothing else of the story was found. What else was found of it are the hit's members.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import NamedTuple

ABOUT = 0.3
CLOSE = 0.6  # what a document gains that has the words of the search near one another
NEW = 0.15
TOLD = 0.1
COPY = 0.3  # what a copy loses against the other documents of its story
NOTICE = 0.3  # what a notice of a retraction or correction loses against the work that it is about
NOTICES = "type_notice_"  # the tag of a notice
HALF = 180  # days after which a document counts half as new
MANY = 16  # outlets that count as the most

MATCHES = """
SELECT h.id, h.rank, d.day, min(m.story) AS story, coalesce(m.role, '') AS role, coalesce(s.outlets, 0) AS outlets,
    coalesce(f.tags, '') AS tags
FROM ({hits}) h JOIN document d ON d.id = h.id LEFT JOIN document_facets f ON f.document = h.id
LEFT JOIN member m ON m.document = h.id LEFT JOIN story s ON s.id = m.story
GROUP BY h.id"""


class Match(NamedTuple):
    """A document that a search found; `rank` is the index's: the lower the better, 0 where it was not asked."""

    id: int
    rank: float
    day: str
    story: int | None = None
    role: str = ""
    outlets: int = 0
    tags: str = ""  # of the values of facets that it has


@dataclass(frozen=True, slots=True, kw_only=True)
class Folded:
    """A hit: the document that stands for its story, and the others of it that were found."""

    best: Match
    others: tuple[Match, ...] = ()

    @property
    def documents(self) -> int:
        return 1 + len(self.others)


def order_best(
    found: Sequence[Match],
    *,
    about: Mapping[int, float],
    exact: Collection[int] = (),
    close: Collection[int] = (),
    share: Mapping[int, float],
) -> list[Match]:
    """The best first. `share` is how much of the search each document has (1 where it has all), and comes first."""
    scores = score(found, about=about)
    return sorted(
        found,
        key=lambda one: (
            one.id in exact,
            2 * share.get(one.id, 1.0) + scores[one.id] + CLOSE * (one.id in close),
            one.id,
        ),
        reverse=True,
    )


def score(found: Sequence[Match], *, about: Mapping[int, float]) -> dict[int, float]:
    """How well each document fits."""
    most = max((-one.rank for one in found), default=0.0)
    newest = max((_number(one.day) for one in found), default=0)
    return {
        one.id: (-one.rank / most if most > 0 else 0.0)
        + ABOUT * about.get(one.id, 0.0)
        + NEW * 0.5 ** ((newest - _number(one.day)) / HALF)
        + TOLD * min(1.0, math.log2(1 + one.outlets) / math.log2(1 + MANY))
        - COPY * (one.role == "copy")
        - NOTICE * (NOTICES in one.tags)
        for one in found
    }


def fold(ordered: Sequence[Match], *, apart: bool = False) -> list[Folded]:
    """One hit for each story, in the order given; `apart`: one for each document."""
    groups: dict[int, list[Match]] = {}
    for one in ordered:
        groups.setdefault(-one.id if apart or one.story is None else one.story, []).append(one)
    return [_stand(group) for group in groups.values()]


def _stand(group: Sequence[Match]) -> Folded:
    if len(group) == 1:  # nearly all of them
        return Folded(best=group[0])
    best = next((one for one in group if one.role != "copy"), group[0])
    return Folded(best=best, others=tuple(one for one in group if one is not best))


@lru_cache(maxsize=8192)
def _number(day: str) -> int:
    return date.fromisoformat(day[:10]).toordinal() if len(day) >= 10 else 0
