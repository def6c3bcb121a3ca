"""The paper that a preprint became, found by title and authors.

Papers that were published from 10 days before to three years after the preprint are compared. A paper qualifies when
the titles share half of their stems and at least two surnames (or the only one) are the same. Its score is the mean of
two shares: title stems in common (Jaccard index), and surnames of the preprint that the paper has. The best one is
taken from `ACCEPT` on.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from relations.links.journal_names import fold
from relations.links.scoring import Work, count_days
from relations.links.words import stem

ACCEPT = 0.8
EARLIEST, LATEST = -10, 3 * 366  # days from the preprint to the paper
SAME_TITLE = 0.5  # Jaccard index


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """A published version; `work` is None when none was found."""

    work: str | None
    score: float
    why: str


class VersionFinder:
    """Papers by the stems of their titles."""

    def __init__(self, works: Sequence[Work]) -> None:
        self._works = works
        self._by_stem: dict[str, list[int]] = defaultdict(list)
        self._stems = [_find_stems(work.title) for work in works]
        for at, stems in enumerate(self._stems):
            for one in stems:
                self._by_stem[one].append(at)

    def find(self, preprint: Work) -> Version:
        """The best paper, or none."""
        stems, surnames = _find_stems(preprint.title), _find_surnames(preprint.authors)
        common: dict[int, int] = defaultdict(int)
        for one in stems:
            for at in self._by_stem.get(one, ()):
                common[at] += 1
        best: tuple[float, str, str] | None = None
        for at, shared in common.items():
            work = self._works[at]
            days = count_days(preprint.published, work.published)
            if work.id == preprint.id or (days is not None and not EARLIEST <= days <= LATEST):
                continue
            title = shared / len(stems | self._stems[at])
            people = surnames & _find_surnames(work.authors)
            if title < SAME_TITLE or len(people) < min(2, len(surnames)) or not people:
                continue
            score = (title + len(people) / len(surnames)) / 2
            why = f"title shares {shared} of {len(stems)} words; {len(people)} of {len(surnames)} authors are the same"
            if best is None or (score, work.id) > (best[0], best[1]):
                best = (score, work.id, why + (f"; published {days} days later" if days is not None else ""))
        if best is None:
            return Version(work=None, score=0.0, why="no paper here has its title and authors")
        score, ident, why = best
        return Version(work=ident if score >= ACCEPT else None, score=round(score, 3), why=why)


def _find_stems(title: str) -> frozenset[str]:
    return frozenset(stem(word) for word in fold(title).split() if len(word) > 2)


def _find_surnames(authors: Sequence[str]) -> frozenset[str]:
    """The longest part of each name is taken as the surname, because names come in either order."""
    parts = ([part for part in fold(author).split() if len(part) > 1] for author in authors)
    return frozenset(max(part, key=len) for part in parts if part)
