"""What speaks for and against each institution whose name an affiliation line contains, as numbers by name.

In groups: how rare the words of the name are; what kind of name it is; where it is in the line; which other names it
overlaps; whether the line names its country or city, or another; what kind of institution it is; and which other
candidates the line has. `trees.json` holds what each number counts for.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from nlp.normalize.affiliations import ALIAS, IMPLIED, LABEL, SHORT, Hit, Site, SiteIndex, Word, word_key

BEFORE_PART = frozenset({"school", "faculty", "college", "department", "medicine"})  # a part of the institution follows
DEPARTMENT = frozenset({"department", "school", "faculty", "division", "laboratory"})  # a part of it came before
FACULTY = frozenset({"school", "faculty", "department", "division"})
KINDS = ("education", "healthcare", "facility", "company", "government")
LONGEST_PLACE = 4  # words
MOST_WEIGHT = 60.0  # of a name's words
Features = dict[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One affiliation line with what all its candidates share."""

    index: SiteIndex
    words: Sequence[Word]
    texts: Sequence[str]
    padded: str  # the words with a blank at both ends
    hits: Sequence[Hit]
    named: frozenset[str]  # countries that the line names
    maybe: frozenset[str]  # countries in which a city or state of the line may be
    sites: frozenset[int]  # of all candidates
    parents: Mapping[int, frozenset[int]]  # site -> what it is part of
    runs: frozenset[tuple[int, int]]  # (first word, past word) of the candidates' names
    weight: float  # of all words
    top: float  # the weight of the heaviest name
    last_part: int

    def weigh(self, first: int, end: int) -> float:
        """How rare these words are together."""
        return sum(weigh_word(self.index, text) for text in self.texts[first:end])

    def has(self, place: str) -> bool:
        """True when the line contains these words in a row."""
        return bool(place) and f" {place} " in self.padded


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """One hit, with what several groups of features use."""

    hit: Hit
    site: Site
    own: Sequence[str]  # the words of the line that are its name
    city: str
    agrees: bool  # the line names its country
    in_city: bool  # the line names its city


def find_features(index: SiteIndex, words: Sequence[Word], hits: Sequence[Hit]) -> list[Features]:
    """The features of each hit of a line, in order."""
    line = read_line(index, words, hits)
    return [
        {
            "bias": 1.0,
            **weight_features(line, one),
            **name_features(one),
            **position_features(line, one),
            **overlap_features(line, one),
            **place_features(line, one),
            **kind_features(line, one),
            **other_features(line, one),
        }
        for one in (read_candidate(line, hit) for hit in hits)
    ]


def read_line(index: SiteIndex, words: Sequence[Word], hits: Sequence[Hit]) -> Line:
    """What the candidates of a line share."""
    texts = [word.text for word in words]
    named, maybe = find_countries(index, texts)
    heavy = [sum(weigh_word(index, text) for text in texts[hit.first : hit.end]) for hit in hits]
    return Line(
        index=index,
        words=words,
        texts=texts,
        padded=" " + " ".join(texts) + " ",
        hits=hits,
        named=named,
        maybe=maybe,
        sites=frozenset(hit.site for hit in hits),
        parents={hit.site: frozenset(index.site[hit.site].parents) for hit in hits},
        runs=frozenset((hit.first, hit.end) for hit in hits),
        weight=sum(weigh_word(index, text) for text in texts) or 1.0,
        top=max(heavy, default=1.0) or 1.0,
        last_part=max((word.part for word in words), default=0) or 1,
    )


def read_candidate(line: Line, hit: Hit) -> Candidate:
    """A hit with its institution, and whether the line names where that is."""
    site = line.index.site[hit.site]
    city = word_key(site.city)
    return Candidate(
        hit=hit,
        site=site,
        own=line.texts[hit.first : hit.end],
        city=city,
        agrees=bool(site.country) and site.country in line.named,
        in_city=line.has(city),
    )


def find_countries(index: SiteIndex, texts: Sequence[str]) -> tuple[frozenset[str], frozenset[str]]:
    """Countries that the line names, and countries in which a city or state in it may be."""
    named: set[str] = set()
    maybe: set[str] = set()
    for first in range(len(texts)):
        for end in range(first + 1, min(len(texts), first + LONGEST_PLACE) + 1):
            place = " ".join(texts[first:end])
            named |= index.places.get(f"!{place}", frozenset())
            maybe |= index.places.get(place, frozenset())
    return frozenset(named), frozenset(maybe)


def weigh_word(index: SiteIndex, word: str) -> float:
    """How rare a word is among the names of institutions."""
    return index.rarity.get(word, index.rarest)


def weight_features(line: Line, one: Candidate) -> Features:
    """How rare the words of the name are, and how much of its part and of the line they are."""
    weight = line.weigh(one.hit.first, one.hit.end)
    part = line.words[one.hit.first].part
    part_weight = sum(weigh_word(line.index, word.text) for word in line.words if word.part == part)
    return {
        "rarity": min(weight, MOST_WEIGHT) / 20,
        "part_cover": min(1.0, weight / (part_weight or 1.0)),
        "line_cover": min(1.0, weight / line.weight),
        "to_top": weight / line.top,
    }


def name_features(one: Candidate) -> Features:
    """What kind of name it is, and how exactly the line has it."""
    hit, size = one.hit, len(one.own)
    loose = hit.cover < 1 or hit.apart > 0
    return {
        "near_names": float(size),
        "one_word": float(size == 1),
        "two_words": float(size == 2),
        "label": float(hit.way == LABEL),
        "alias": float(hit.way == ALIAS),
        "short": float(hit.way == SHORT),
        "short_agrees": float(hit.way == SHORT and (one.agrees or one.in_city)),
        "implied": float(hit.way == IMPLIED),
        "bag": float(hit.bag),
        "loose": float(loose),
        "cover": hit.cover,
        "apart": min(hit.apart, 12) / 4,
        "loose_agrees": float(loose and one.agrees),
        "shared": math.log(hit.shared),
        "shared_agrees": float(hit.shared > 1 and one.agrees),
        "shared_city": float(hit.shared > 1 and one.in_city),
    }


def position_features(line: Line, one: Candidate) -> Features:
    """Where the name is in the line, and what is next to it."""
    hit, words, texts = one.hit, line.words, line.texts
    part = words[hit.first].part
    numbers = [number for number, word in enumerate(words) if word.part == part]
    return {
        "whole": float(hit.first == numbers[0] and hit.end == numbers[-1] + 1),
        "before_faculty": float(hit.end < len(texts) and texts[hit.end] in BEFORE_PART),
        "dept_before": float(hit.first > 0 and texts[0] in DEPARTMENT),
        "crosses": float(part != words[hit.end - 1].part),
        "place": part / line.last_part,
        "first_part": float(part == words[0].part),
    }


def overlap_features(line: Line, one: Candidate) -> Features:
    """Which other names are around the name, inside it, or cross it."""
    first, end, size, words = one.hit.first, one.hit.end, len(one.own), line.words
    outer = [(a, b) for a, b in line.runs if a <= first and end <= b and b - a > size]
    return {
        "inside": float(any(words[a].part == words[b - 1].part for a, b in outer)),
        "inside_crossing": float(any(words[a].part != words[b - 1].part for a, b in outer)),
        "around": float(any(first <= a and b <= end and 1 < b - a < size for a, b in line.runs)),
        "cut_in": float(any(a < first < b < end for a, b in line.runs)),
        "cut_off": float(any(first < a < end < b for a, b in line.runs)),
        "same_start": float(any(first == a and b > end for a, b in line.runs)),
    }


def place_features(line: Line, one: Candidate) -> Features:
    """Whether the line names the institution's country or city, or another country."""
    country, city = one.site.country, one.city
    after = " " + " ".join(line.texts[one.hit.end : one.hit.end + 5]) + " "
    own = " " + " ".join(one.own) + " "
    return {
        "country": float(one.agrees),
        "other_country": float(bool(line.named) and bool(country) and not one.agrees),
        "no_country": float(not line.named),
        "maybe_country": float(not line.named and country in line.maybe),
        "city": float(one.in_city),
        "city_after": float(bool(city) and f" {city} " in after),
        "city_outside": float(one.in_city and f" {city} " not in own),
    }


def kind_features(line: Line, one: Candidate) -> Features:
    """What kind of institution it is, and whether its name says so."""
    return {
        **{kind: float(kind in one.site.kinds) for kind in KINDS},
        "funder_only": float(one.site.kinds == ("funder",)),
        "university": float("university" in one.own),
        "faculty": float(not FACULTY.isdisjoint(one.own)),
    }


def other_features(line: Line, one: Candidate) -> Features:
    """Which other candidates the line has: elsewhere in it, under the same words, and as parents or parts."""
    hit = one.hit
    beyond = [o for o in line.hits if o.end <= hit.first or hit.end <= o.first]
    rivals = [o for o in line.hits if o.first == hit.first and o.end == hit.end and o.site != hit.site]
    children = sum(hit.site in line.parents[o.site] for o in line.hits)
    return {
        "beyond": math.log(1 + len({(o.first, o.end) for o in beyond})),
        "university_beyond": float(any("university" in line.texts[o.first : o.end] for o in beyond)),
        "hospital_beyond": float(any({"hospital", "center"} & set(line.texts[o.first : o.end]) for o in beyond)),
        "label_beyond": float(any(o.way == LABEL and o.cover == 1 and o.end - o.first > 1 for o in beyond)),
        "children": float(children),
        "part_of_other": float(bool(line.parents[hit.site] & line.sites)),
        "parent_of_other": float(children > 0),
        "rival_agrees": float(not one.agrees and any(line.index.site[o.site].country in line.named for o in rivals)),
        "rival_city": float(not one.in_city and any(line.has(word_key(line.index.site[o.site].city)) for o in rivals)),
        "others": math.log(1 + len(line.runs)),
    }
