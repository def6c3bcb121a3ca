"""A preprint and the paper that it became.

In order: what an interface says (`published_as` of the preprint, `preprint_of` of the paper); else among papers that
came out from 10 days before to three years after the preprint: titles that share most of their words, and authors.
The score is the mean of the share of title stems in common (Jaccard) and of the share of the preprint's surnames
that the paper has; it is taken from 0.8 on, when at least two authors (or the only one) are the same and the titles
share half of their stems.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from relations.links.evidence import Work, days_between
from relations.links.journals import fold
from relations.links.words import stem

ACCEPT = 0.8


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """A published version: `work` None when none was found."""

    work: str | None
    score: float
    why: str


class Published:
    """Papers by the words of their titles."""

    def __init__(self, works: Sequence[Work]) -> None:
        self._works = works
        self._by_stem: dict[str, list[int]] = defaultdict(list)
        self._stems = [_stems(work.title) for work in works]
        for at, stems in enumerate(self._stems):
            for one in stems:
                self._by_stem[one].append(at)

    def find(self, preprint: Work) -> Version:
        """The best paper, or none with the nearest in words."""
        stems = _stems(preprint.title)
        common: dict[int, int] = defaultdict(int)
        for one in stems:
            for at in self._by_stem.get(one, ()):
                common[at] += 1
        best: tuple[float, str, str] | None = None
        surnames = _surnames(preprint.authors)
        for at, shared in common.items():
            work = self._works[at]
            days = days_between(preprint.published, work.published)
            if work.id == preprint.id or (days is not None and not -10 <= days <= 3 * 366):
                continue
            title = shared / len(stems | self._stems[at])
            people = surnames & _surnames(work.authors)
            if title < 0.5 or len(people) < min(2, len(surnames)) or not people:
                continue
            score = (title + len(people) / len(surnames)) / 2
            why = f"title shares {shared} of {len(stems)} words; {len(people)} of {len(surnames)} authors are the same"
            if best is None or (score, work.id) > (best[0], best[1]):
                best = (score, work.id, why + (f"; published {days} days later" if days is not None else ""))
        if best is None:
            return Version(work=None, score=0.0, why="no paper here has its title and authors")
        score, work_id, why = best
        return Version(work=work_id if score >= ACCEPT else None, score=round(score, 3), why=why)


def _stems(title: str) -> frozenset[str]:
    return frozenset(stem(word) for word in fold(title).split() if len(word) > 2)


def _surnames(authors: Sequence[str]) -> frozenset[str]:
    """The longest part of each name stands for the surname, however the name is turned."""
    parts = ([part for part in fold(author).split() if len(part) > 1] for author in authors)
    return frozenset(max(part, key=len) for part in parts if part)
