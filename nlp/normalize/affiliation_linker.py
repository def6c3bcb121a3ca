"""Which of the institutions whose names an affiliation line contains are meant.

Boosted trees over the features of each candidate (`affiliation_features.py`) give how likely it is. They were fitted on
training sets: `training/affiliations.py` writes `trees.json` and its card.

The best candidate is the answer if it is likely enough. Others are answers too if they are likely themselves. The bar
for them depends on whether one is part of the other (a line often gives both), their names do not overlap (two
employers), or share words (two readings of one name).
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from core.errors import ConfigError
from nlp.normalize.affiliation_features import find_features
from nlp.normalize.affiliations import IMPLIED, Hit, NameFinder, Site, SiteIndex, words_of

TREES = Path(__file__).with_name("trees.json")
LONGEST_LINE = 1500  # characters of a line that are read: longer ones are not affiliations


@dataclass(frozen=True, slots=True, kw_only=True)
class Bars:
    """How likely an answer must be, 0 to 1."""

    likely: float  # the best candidate
    related: float  # a parent or a part of the best
    apart: float  # one whose name does not overlap the best's
    over: float  # one whose name shares words with the best's

    def choose(self, best: Mapping[int, tuple[float, Hit]], sites: Sequence[Site]) -> list[tuple[int, float]]:
        """(site, how likely) of the answers, the likeliest first; `best` is the likeliest hit of each site."""
        ranked = sorted(best.items(), key=lambda one: (-one[1][0], sites[one[0]].id))
        if not ranked or ranked[0][1][0] < self.likely:
            return []
        top, (score, first) = ranked[0]
        kept = [(top, score)]
        for site, (score, hit) in ranked[1:]:
            if top in sites[site].parents or site in sites[top].parents:
                bar = self.related
            else:
                bar = self.apart if hit.end <= first.first or first.end <= hit.first else self.over
            if score >= bar:
                kept.append((site, score))
        return kept


@dataclass(frozen=True, slots=True, kw_only=True)
class Trees:
    """The fitted model. `trees`: rows [feature, threshold, left, right, value] of each tree; feature -1 is a leaf."""

    facts: tuple[str, ...]  # names of features, in the order that the trees number them
    rate: float
    start: float
    bars: Bars
    trees: list[list[list[float]]]

    def score(self, features: Mapping[str, float]) -> float:
        """How likely a candidate with these features is, 0 to 1."""
        values = [features[name] for name in self.facts]
        total = 0.0
        for tree in self.trees:
            node = tree[0]
            while node[0] >= 0:
                node = tree[int(node[2] if values[int(node[0])] <= node[1] else node[3])]
            total += node[4]
        return 1 / (1 + math.exp(-self.start - self.rate * total))


@cache
def load_trees(path: Path = TREES) -> Trees:
    """Raises ConfigError when the file is not the one of its card."""
    body = path.read_bytes()
    card = json.loads(path.with_name("trees.card.json").read_text("utf-8"))
    if hashlib.sha256(body).hexdigest() != card["sha256"]:
        raise ConfigError(
            "the model is not the one of its card", where=str(path.name), hint="restore trees.json and trees.card.json"
        )
    raw = json.loads(body)
    return Trees(
        facts=tuple(raw["facts"]), rate=raw["rate"], start=raw["start"], bars=Bars(**raw["bars"]), trees=raw["trees"],
    )  # fmt: skip


class AffiliationLinker:
    """Reads affiliation lines."""

    def __init__(self, index: SiteIndex, trees: Trees) -> None:
        self._is = index
        self._names = NameFinder(index)
        self._trees = trees

    def find(self, line: str, *, implied: bool = True) -> list[tuple[str, float]]:
        """(ROR id, how likely) of the institutions that the line names, the likeliest first.

        `implied`: also what those are part of. Affiliation lines count for that too; a single name does not say it.
        """
        best: dict[int, tuple[float, Hit]] = {}
        line = line[:LONGEST_LINE]
        words = words_of(line)
        hits = self._names.hits(line, words)
        for hit, features in zip(hits, find_features(self._is, words, hits), strict=True):
            if hit.way == IMPLIED and not implied:
                continue
            score = self._trees.score(features)
            if hit.site not in best or score > best[hit.site][0]:
                best[hit.site] = (score, hit)
        return [(self._is.site[site].id, score) for site, score in self._trees.bars.choose(best, self._is.site)]
