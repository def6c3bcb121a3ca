"""The paper that a news item without identifiers is about: candidates, evidence, and a decision with its reason.

Candidates are the thirty papers whose words fit best among those published up to a year before the news and 45 days
after it, or undated; and every paper one of whose authors is named. In order:

1. each candidate gets the odds of its words: `sure` for the best one, less by how far the others are behind;
2. what the news names of it adds points (`scoring`);
3. the best candidate is taken when its probability reaches `accept`, when the news names anything of it, and when no
   other candidate comes nearer than `apart`. A preprint and its published version are one work here.

Otherwise no paper is identified, and the reason names the nearest one.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from relations.links.journal_names import Journals, fold
from relations.links.literature import Literature, Paper
from relations.links.reasons import describe_link, describe_nearest
from relations.links.scoring import AuthorIndex, Named, Work, find_named, load_points, score_named

_LONGEST = 12_000  # characters of a news item that are read
_BEFORE, _AFTER = 366, 45  # days: how much older or younger than the news a paper may be


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """What is read of a news item."""

    title: str
    text: str
    published: str | None

    @property
    def whole(self) -> str:
        return f"{self.title}. {self.text[:_LONGEST]}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A decision: `work` is None when nothing was identified."""

    work: str | None
    score: float  # probability
    why: str


@dataclass(frozen=True, slots=True)
class _Candidate:
    at: int  # place of the paper
    odds: float  # logarithm
    named: Named


def _find_no_version(_work: str) -> str | None:
    return None


class PaperFinder:
    """An index over papers, built once. `works[i]` and `papers[i]` are the same paper."""

    def __init__(
        self,
        works: Sequence[Work],
        papers: Sequence[Paper],
        journals: Journals,
        find_version: Callable[[str], str | None] = _find_no_version,
    ) -> None:
        """`find_version` gives the id of a preprint's published version, or None."""
        self.works, self._journals, self._find_version = works, journals, find_version
        self._literature = Literature(papers, journals)
        self._authors = AuthorIndex(works)
        self._days = np.array([_count_days(work.published) for work in works], dtype=np.int64)

    def find(self, news: News, *, without: frozenset[str] = frozenset()) -> Found:
        """The decision. `without` names papers that are taken to be absent (for measurements)."""
        if not self.works:
            return Found(work=None, score=0.0, why="not identified: there are no papers here yet")
        candidates = sorted(self._find_candidates(news, without), key=lambda one: (-one.odds, one.at))
        if not candidates:
            return Found(work=None, score=0.0, why="not identified: no paper here shares anything with it")
        best = candidates[0]
        work = self.works[best.at]
        probability = 1 / (1 + math.exp(-best.odds))
        score = round(probability, 3)
        shared = self._literature.find_shared(news.whole, best.at)
        if not best.named.anything or probability < load_points()["accept"]:
            return Found(work=None, score=score, why=describe_nearest(work, best.named, shared, probability))
        rival = self._find_rival(candidates)
        if rival is not None:
            why = describe_nearest(work, best.named, shared, probability, rival=rival.title)
            return Found(work=None, score=score, why=why)
        return Found(work=work.id, score=score, why=describe_link(work, best.named, shared))

    def _find_rival(self, candidates: Sequence[_Candidate]) -> Work | None:
        """The first candidate that fits about as well as the best one and is another work."""
        best, apart = candidates[0], load_points()["apart"]
        for other in candidates[1:]:
            if best.odds - other.odds >= apart:
                return None
            if not self._is_one_work(self.works[best.at].id, self.works[other.at].id):
                return self.works[other.at]
        return None

    def _find_candidates(self, news: News, without: frozenset[str]) -> list[_Candidate]:
        text = news.whole
        folded = f" {fold(text)} "
        day = _count_days(news.published)
        keep = (self._days == 0) | ((self._days >= day - _BEFORE) & (self._days <= day + _AFTER)) if day else None
        if without:
            here = np.array([work.id not in without for work in self.works])
            keep = here if keep is None else keep & here
        journals = self._journals.find(text)
        odds: dict[int, float] = {}
        if keep is None or keep.any():
            matches = self._literature.rank(text, keep=keep, named=journals)
            if matches:
                first = math.log(max(matches[0].sure, 1e-6) / max(1 - matches[0].sure, 1e-6))
                odds = {match.at: first + match.score - matches[0].score for match in matches}
        names = self._authors.find(folded.strip())
        for at in names:
            if keep is None or keep[at]:
                odds.setdefault(at, load_points()["nothing_shared"])
        found = []
        for at, of_words in odds.items():
            named = find_named(
                text=text, folded=folded, published=news.published, work=self.works[at], journals=journals,
                names=names.get(at, {}),
            )  # fmt: skip
            found.append(_Candidate(at, of_words + score_named(named), named))
        return found

    def _is_one_work(self, one: str, other: str) -> bool:
        return self._find_version(one) == other or self._find_version(other) == one


def _count_days(day: str | None) -> int:
    """Days since the year 1; 0 for none. A month or a year counts from its first day."""
    if not day:
        return 0
    try:
        return date.fromisoformat((day + "-01-01")[:10] if len(day) == 4 else (day + "-01")[:10]).toordinal()
    except ValueError:
        return 0
