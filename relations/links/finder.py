"""The paper that a news item is about when it gives no identifier: candidates, evidence, a decision with its reason.

In order: the thirty papers whose words fit best within the window (published up to a year before the news and 45 days
after it, or undated), and every paper one of whose authors is named; each gets the odds of its words (`sure` for
the first, less by what others are behind) and the points of what is named; the best is taken when its probability
reaches `accept`, when something besides words is named, and when no other paper comes as near as `apart`, unless the
two are one work's preprint and publication. Else the news is `not identified`, and the reason says what was nearest.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from relations.links.evidence import Named, Names, Work, find_named, load_points, points
from relations.links.journals import Journals, fold
from relations.links.literature import Literature, Paper
from relations.links.wording import say_evidence, say_nearest

_LONGEST = 12_000  # characters of a news item that are looked at


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """What is looked at of a news item."""

    title: str
    text: str
    published: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A decision: `work` is None when nothing was identified."""

    work: str | None
    score: float  # probability
    why: str


@dataclass(frozen=True, slots=True)
class _Candidate:
    at: int
    odds: float
    named: Named


class Finder:
    """Built once over the papers at hand. `works[i]` and `papers[i]` are one paper."""

    def __init__(
        self, works: Sequence[Work], papers: Sequence[Paper], journals: Journals, same: dict[str, str] | None = None
    ) -> None:
        """`same` names the published version of a preprint."""
        self.works, self._journals, self._same = works, journals, same or {}
        self._literature = Literature(papers, journals)
        self._names = Names(works)
        self._days = np.array([_ordinal(work.published) for work in works], dtype=np.int64)

    def find(self, news: News, *, without: frozenset[str] = frozenset()) -> Found:
        """The decision. `without` names papers that are taken to be absent (for measurements)."""
        if not self.works:
            return Found(work=None, score=0.0, why="not identified: there are no papers here yet")
        candidates = sorted(self._candidates(news, without), key=lambda one: (-one.odds, one.at))
        if not candidates:
            return Found(work=None, score=0.0, why="not identified: no paper here shares anything with it")
        weight = load_points()
        best = candidates[0]
        probability = 1 / (1 + math.exp(-best.odds))
        work = self.works[best.at]
        shared = self._literature.shared(f"{news.title}. {news.text[:_LONGEST]}", best.at)
        if not best.named.something:
            return Found(work=None, score=round(probability, 3), why=say_nearest(work, best.named, shared, probability))
        if probability < weight["accept"]:
            return Found(work=None, score=round(probability, 3), why=say_nearest(work, best.named, shared, probability))
        for other in candidates[1:]:
            rival = self.works[other.at]
            if best.odds - other.odds >= weight["apart"]:
                break
            if self._one_work(work.id, rival.id):
                continue
            return Found(
                work=None,
                score=round(probability, 3),
                why=say_nearest(work, best.named, shared, probability, rival=rival.title),
            )
        return Found(work=work.id, score=round(probability, 3), why=say_evidence(work, best.named, shared))

    def _candidates(self, news: News, without: frozenset[str]) -> list[_Candidate]:
        text = f"{news.title}. {news.text[:_LONGEST]}"
        folded = f" {fold(text)} "
        day = _ordinal(news.published)
        keep = (self._days == 0) | ((self._days >= day - 366) & (self._days <= day + 45)) if day else None
        if without:
            here = np.array([work.id not in without for work in self.works])
            keep = here if keep is None else keep & here
        journals = self._journals.find(text)
        odds: dict[int, float] = {}
        if keep is None or keep.any():
            matches = self._literature.rank(text, keep=keep, said=journals)
            if matches:
                first = math.log(max(matches[0].sure, 1e-6) / max(1 - matches[0].sure, 1e-6))
                odds = {match.at: first + match.score - matches[0].score for match in matches}
        named = self._names.find(folded.strip())
        nothing = load_points()["nothing_shared"]
        for at in named:
            if keep is None or keep[at]:
                odds.setdefault(at, nothing)
        found = []
        for at, plain in odds.items():
            said = find_named(
                text=text, folded=folded, published=news.published, work=self.works[at], said=journals,
                names=named.get(at, {}),
            )  # fmt: skip
            found.append(_Candidate(at, plain + points(said), said))
        return found

    def _one_work(self, one: str, other: str) -> bool:
        return self._same.get(one) == other or self._same.get(other) == one


def _ordinal(day: str | None) -> int:
    """Days since the year 1; 0 for none. A month or a year counts from its first day."""
    if not day:
        return 0
    try:
        return date.fromisoformat((day + "-01-01")[:10] if len(day) == 4 else (day + "-01")[:10]).toordinal()
    except ValueError:
        return 0
