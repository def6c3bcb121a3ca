"""Which of the institutions whose names a line holds are meant: what speaks for each, and how much it says.

What is looked at: how rare the words of the name are, whether it is the institution's own name, an alias or a bare
acronym; how much of its part of the line it covers; whether the line names its country or city or another; what kind it
is; where it stands; whether another candidate is its parent or its part. How much each says was fitted on training
sets (`training/affiliations.py` writes `trees.json` and its card). The best candidate is the answer if it is likely
enough. Others stand beside it if they are likely themselves; how likely they must be depends on whether one is part of
the other (a line often gives both), their names stand apart (two employers), or share words (two readings of one name).
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
from nlp.normalize.affiliations import (
    ALIAS,
    IMPLIED,
    LABEL,
    SHORT,
    Hit,
    NameFinder,
    Site,
    SiteIndex,
    Word,
    word_key,
    words_of,
)

TREES = Path(__file__).with_name("trees.json")
LONGEST_LINE = 1500  # characters of a line that are read: more is no line
FACULTY = frozenset({"school", "faculty", "college", "department", "medicine"})  # a part of it follows
DEPARTMENT = frozenset({"department", "school", "faculty", "division", "laboratory"})  # a part of it came before


@dataclass(frozen=True, slots=True, kw_only=True)
class Bars:
    """How likely one must be, 0 to 1: the best; beside it its family, what is apart from it, what is over its words."""

    likely: float
    related: float
    apart: float
    over: float

    def chosen(self, best: Mapping[int, tuple[float, Hit]], sites: Sequence[Site]) -> list[tuple[int, float]]:
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
    """What speaks for a candidate, fitted: boosted trees over named facts, and how likely is likely enough."""

    facts: tuple[str, ...]
    rate: float
    start: float
    bars: Bars
    trees: list[list[list[float]]]

    def score(self, facts: Mapping[str, float]) -> float:
        """How likely, 0 to 1."""
        values = [facts[name] for name in self.facts]
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

        `implied`: also what those are part of, which affiliation lines are counted for and a single name does not say.
        """
        best: dict[int, tuple[float, Hit]] = {}
        line = line[:LONGEST_LINE]
        words = words_of(line)
        hits = self._names.hits(line, words)
        for hit, facts in zip(hits, facts_of(self._is, words, hits), strict=True):
            if hit.way == IMPLIED and not implied:
                continue
            score = self._trees.score(facts)
            if hit.site not in best or score > best[hit.site][0]:
                best[hit.site] = (score, hit)
        return [(self._is.site[site].id, score) for site, score in self._trees.bars.chosen(best, self._is.site)]


def countries_of(index: SiteIndex, words: Sequence[Word]) -> tuple[set[str], set[str]]:
    """Countries that the line names, and countries that a city or state in it may lie in."""
    texts = [word.text for word in words]
    named: set[str] = set()
    maybe: set[str] = set()
    for first in range(len(texts)):
        for end in range(first + 1, min(len(texts), first + 4) + 1):
            place = " ".join(texts[first:end])
            named |= index.places.get(f"!{place}", frozenset())
            maybe |= index.places.get(place, frozenset())
    return named, maybe


def facts_of(index: SiteIndex, words: Sequence[Word], hits: Sequence[Hit]) -> list[dict[str, float]]:
    """What speaks for and against each hit, by name."""
    texts = [word.text for word in words]

    def rarity(word: str) -> float:
        return index.rarity.get(word, index.rarest)

    line = " " + " ".join(texts) + " "
    named, maybe = countries_of(index, words)
    last = max((word.part for word in words), default=0) or 1
    present = {hit.site for hit in hits}
    parents = {hit.site: set(index.site[hit.site].parents) for hit in hits}
    cities = [word_key(index.site[hit.site].city) for hit in hits]
    runs = {(hit.first, hit.end) for hit in hits}
    heavy = [sum(rarity(word) for word in texts[hit.first : hit.end]) for hit in hits]
    top = max(heavy, default=1.0) or 1.0
    line_weight = sum(map(rarity, texts)) or 1.0
    made: list[dict[str, float]] = []
    for hit, city in zip(hits, cities, strict=True):
        site = index.site[hit.site]
        own = texts[hit.first : hit.end]
        weight = sum(map(rarity, own))
        part_weight = sum(
            rarity(texts[number]) for number in range(len(words)) if words[number].part == words[hit.first].part
        )
        outer = [(a, b) for a, b in runs if a <= hit.first and hit.end <= b and b - a > len(own)]
        beyond = [o for o in hits if o.end <= hit.first or hit.end <= o.first]
        part_words = [n for n, word in enumerate(words) if word.part == words[hit.first].part]
        whole = hit.first == part_words[0] and hit.end == part_words[-1] + 1
        in_city = bool(city) and f" {city} " in line
        agrees = bool(site.country) and site.country in named
        rivals = [o for o in hits if o.first == hit.first and o.end == hit.end and o.site != hit.site]
        made.append(
            {
                "bias": 1.0,
                "rarity": min(weight, 60.0) / 20,
                "part_cover": min(1.0, weight / (part_weight or 1.0)),
                "line_cover": min(1.0, weight / line_weight),
                "to_top": weight / top,
                "beyond": math.log(1 + len({(o.first, o.end) for o in beyond})),
                "university_beyond": float(any("university" in texts[o.first : o.end] for o in beyond)),
                "hospital_beyond": float(any({"hospital", "center"} & set(texts[o.first : o.end]) for o in beyond)),
                "label_beyond": float(any(o.way == LABEL and o.cover == 1 and o.end - o.first > 1 for o in beyond)),
                "near_names": float(len(own)),
                "one_word": float(len(own) == 1),
                "two_words": float(len(own) == 2),
                "label": float(hit.way == LABEL),
                "alias": float(hit.way == ALIAS),
                "short": float(hit.way == SHORT),
                "short_agrees": float(hit.way == SHORT and (agrees or in_city)),
                "implied": float(hit.way == IMPLIED),
                "children": float(sum(hit.site in parents[o.site] for o in hits)),
                "bag": float(hit.bag),
                "loose": float(hit.cover < 1 or hit.apart > 0),
                "cover": hit.cover,
                "apart": min(hit.apart, 12) / 4,
                "loose_agrees": float((hit.cover < 1 or hit.apart > 0) and agrees),
                "shared": math.log(hit.shared),
                "shared_agrees": float(hit.shared > 1 and agrees),
                "shared_city": float(hit.shared > 1 and in_city),
                "country": float(agrees),
                "other_country": float(bool(named) and bool(site.country) and not agrees),
                "no_country": float(not named),
                "maybe_country": float(not named and site.country in maybe),
                "city": float(in_city),
                "city_after": float(bool(city) and f" {city} " in " " + " ".join(texts[hit.end : hit.end + 5]) + " "),
                "city_outside": float(in_city and f" {city} " not in " " + " ".join(own) + " "),
                "whole": float(whole),
                "inside": float(any(words[a].part == words[b - 1].part for a, b in outer)),
                "inside_crossing": float(any(words[a].part != words[b - 1].part for a, b in outer)),
                "around": float(
                    any(hit.first <= a and b <= hit.end and b - a < len(own) and b - a > 1 for a, b in runs)
                ),
                "cut_in": float(any(a < hit.first < b < hit.end for a, b in runs)),
                "cut_off": float(any(hit.first < a < hit.end < b for a, b in runs)),
                "same_start": float(any(hit.first == a and b > hit.end for a, b in runs)),
                "before_faculty": float(
                    hit.end < len(texts)
                    and texts[hit.end] in {"school", "faculty", "college", "department", "medicine"}
                ),
                "crosses": float(words[hit.first].part != words[hit.end - 1].part),
                "place": words[hit.first].part / last,
                "first_part": float(words[hit.first].part == words[0].part),
                "education": float("education" in site.kinds),
                "healthcare": float("healthcare" in site.kinds),
                "facility": float("facility" in site.kinds),
                "company": float("company" in site.kinds),
                "government": float("government" in site.kinds),
                "funder_only": float(site.kinds == ("funder",)),
                "part_of_other": float(bool(parents[hit.site] & present)),
                "parent_of_other": float(any(hit.site in parents[o.site] for o in hits)),
                "university": float("university" in own),
                "faculty": float(bool({"school", "faculty", "department", "division"} & set(own))),
                "rival_agrees": float(any(index.site[o.site].country in named for o in rivals) and not agrees),
                "rival_city": float(
                    not in_city and any((k := word_key(index.site[o.site].city)) and f" {k} " in line for o in rivals)
                ),
                "others": math.log(1 + len({(o.first, o.end) for o in hits})),
                "dept_before": float(
                    hit.first > 0 and texts[0] in {"department", "school", "faculty", "division", "laboratory"}
                ),
            }
        )
    return made
