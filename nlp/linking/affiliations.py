"""Which institutions an affiliation line names: "Dept. of Cell Biology, Univ. of Sampleton, Sampleton, Norway".

In order:
1. words: lower case, without accents; words that institutions are made of in one form ("Univ.", "Università" ->
   university), the small words between them left out. The tables are data: `affiliations.toml`.
2. candidates: every run of words that is a name in ROR, by hash; a part between commas also whatever its order. A run
   inside a longer one that is a name is left out.
3. each candidate is judged by what speaks for it: how rare its words are, whether it is the institution's own name, an
   alias or a bare acronym; whether the line names its country or city or another; what kind it is; where it stands;
   whether another candidate is its parent or its part. How much each says was fitted on training sets
   (`nlp/train/affiliations.py`, `trees.json` and its card).
4. the best is the answer if it is likely enough; others beside it only if they are likely themselves.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import math
import re
import tomllib
import unicodedata
from array import array
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from hashlib import blake2b
from pathlib import Path

from core.errors import ConfigError

WEIGHTS_FILE = Path(__file__).with_name("affiliations.toml")
TREES = Path(__file__).with_name("trees.json")
LONGEST = 12  # words of a name
LONGEST_LINE = 1500  # characters of a line that are read: more is no line
RARE = 8.5  # a single word within a longer name is only looked at when it is rarer than this
FEW = 150  # names: a word that no more names hold is worth following
COVER = 0.7  # of the weight of a name's words: less is another name
TOKEN = re.compile(r"[^\W_]+(?:'s\b)?|[,;()\[\]#|/]|\s[-–]\s")
LABEL, SYNONYM, ALIAS, SHORT = 0, 1, 2, 3
FACULTY = frozenset({"school", "faculty", "college", "department", "medicine"})  # a part of it follows
DEPARTMENT = frozenset({"department", "school", "faculty", "division", "laboratory"})  # a part of it came before


@dataclass(frozen=True, slots=True)
class Word:
    """One word of a line: its common form, where it stands, and in which part between commas."""

    text: str
    start: int
    end: int
    part: int

    def joins(self, start: int) -> bool:
        """True for initials that end just before `start`: "M. D." is one word."""
        return len(self.text) < 4 and self.end - self.start == 3 * len(self.text) - 2 and start - self.end <= 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """What is known of an institution beside its names."""

    id: str
    country: str
    city: str
    kinds: tuple[str, ...]
    parents: tuple[int, ...]  # numbers of sites


@dataclass(frozen=True, slots=True, kw_only=True)
class Tables:
    """affiliations.toml."""

    forms: Mapping[str, str]
    idle: frozenset[str]
    countries: Mapping[str, Sequence[str]]  # code -> further names
    states: Mapping[str, Sequence[str]]  # code -> its states, for lines that do not name the country


@cache
def tables() -> Tables:
    raw = tomllib.loads(WEIGHTS_FILE.read_text("utf-8"))
    forms = {plain(other): head for head, others in raw["forms"].items() for other in others}
    return Tables(forms=forms, idle=frozenset(raw["idle"]), countries=raw["countries"], states=raw["states"])


@dataclass(frozen=True, slots=True, kw_only=True)
class Trees:
    """What speaks for a candidate, fitted: boosted trees over named facts, and how likely is likely enough."""

    facts: tuple[str, ...]
    rate: float
    start: float
    likely: float
    beside: float
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
            "the model is not the one of its card", where=str(path.name), mend="restore trees.json and trees.card.json"
        )
    raw = json.loads(body)
    return Trees(
        facts=tuple(raw["facts"]), rate=raw["rate"], start=raw["start"], likely=raw["likely"], beside=raw["beside"],
        trees=raw["trees"],
    )  # fmt: skip


def plain(text: str) -> str:
    text = text.casefold().replace("’", "'")
    if text.isascii():
        return text
    text = text.replace("ø", "o").replace("ł", "l").replace("đ", "d").replace("ı", "i")
    return "".join(char for char in unicodedata.normalize("NFKD", text) if not unicodedata.combining(char))


@lru_cache(maxsize=65_536)
def form_of(word: str) -> str:
    """The common form of a plain word; empty for one that carries nothing."""
    data = tables()
    word = word.removesuffix("'s")
    if word in data.idle:
        return ""
    return data.forms.get(word, word)


def words_of(line: str) -> list[Word]:
    """Words in order, without the idle ones."""
    found: list[Word] = []
    part = 0
    for match in TOKEN.finditer(line.replace("’", "'")):
        token = match.group()
        if not token[0].isalnum():
            part += 1
            continue
        text = form_of(plain(token))
        if len(token) == 1 and token.isupper() and found and found[-1].joins(match.start()):
            last = found.pop()
            found.append(Word(last.text + plain(token), last.start, match.end(), part))
        elif len(token) == 1 and token.isupper():
            found.append(Word(plain(token), match.start(), match.end(), part))
        elif text:
            found += (Word(one, match.start(), match.end(), part) for one in text.split(" "))
    return found


def hashed(words: Sequence[str]) -> int:
    return int.from_bytes(blake2b(" ".join(words).encode(), digest_size=8).digest(), "big")


@dataclass(slots=True, kw_only=True)
class SiteIndex:
    """Sorted hashes of names beside what they name."""

    keys: array[int]
    sites: array[int]
    ways: bytes
    bags: array[int]
    bag_sites: array[int]
    bag_ways: bytes
    site: list[Site]
    rarity: Mapping[str, float]
    words: Mapping[str, int]  # word -> number
    name_words: array[int]  # numbers of the words of each name, one after another
    name_ends: array[int]
    name_sites: array[int]
    name_ways: bytes
    holders: array[int]  # names that hold a word that few names hold, by word
    holder_ends: array[int]
    starts: frozenset[int]
    places: Mapping[str, frozenset[str]]  # words of a country, state or city -> countries


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """One name found in a line."""

    site: int
    first: int  # word numbers, end exclusive
    end: int
    way: int
    bag: bool
    shared: int  # institutions of this name
    cover: float = 1.0  # of the weight of the name's words, what the line has
    apart: float = 0.0  # words of the line between those of the name


def build_sites(
    sites: Sequence[Site], names: Iterable[tuple[str, int, int]], places: Mapping[str, frozenset[str]]
) -> SiteIndex:
    """(name, number of its site, way) -> index."""
    exact: dict[tuple[int, int], int] = {}
    bags: dict[tuple[int, int], int] = {}
    counts: defaultdict[str, int] = defaultdict(int)
    starts: set[int] = set()
    listed: list[tuple[tuple[str, ...], int, int]] = []
    for name, site, way in names:
        words = tuple(word.text for word in words_of(name))
        if not words or len(words) > LONGEST:
            continue
        key = (hashed(("=", name) if way == SHORT else words), site)
        exact[key] = min(way, exact.get(key, 9))
        if way == SHORT:
            continue
        listed.append((words, site, way))
        for word in set(words):
            counts[word] += 1
        if len(words) > 1:
            starts.add(hashed(words[:2]))
            key = (hashed(sorted(words)), site)
            bags[key] = min(way, bags.get(key, 9))
    total = sum(counts.values())
    numbers = {word: number for number, word in enumerate(counts)}
    kept = [(words, site, way) for words, site, way in listed if len(words) > 1]
    holders: list[list[int]] = [[] for _ in numbers]
    for number, (words, _, _) in enumerate(kept):
        for word in set(words):
            if counts[word] <= FEW:
                holders[numbers[word]].append(number)
    first, second = sorted(exact.items()), sorted(bags.items())
    return SiteIndex(
        keys=array("Q", (key for (key, _), _ in first)),
        sites=array("I", (site for (_, site), _ in first)),
        ways=bytes(way for _, way in first),
        bags=array("Q", (key for (key, _), _ in second)),
        bag_sites=array("I", (site for (_, site), _ in second)),
        bag_ways=bytes(way for _, way in second),
        site=list(sites),
        rarity={word: math.log(total / (1 + times)) for word, times in counts.items()},
        words=numbers,
        name_words=array("I", (numbers[word] for words, _, _ in kept for word in words)),
        name_ends=array("I", itertools.accumulate((len(words) for words, _, _ in kept), initial=0)),
        name_sites=array("I", (site for _, site, _ in kept)),
        name_ways=bytes(way for _, _, way in kept),
        holders=array("I", (number for held in holders for number in held)),
        holder_ends=array("I", itertools.accumulate(map(len, holders), initial=0)),
        starts=frozenset(starts),
        places=places,
    )


class AffiliationLinker:
    """Reads affiliation lines."""

    def __init__(self, index: SiteIndex, trees: Trees | None) -> None:
        self._is = index
        self._trees = trees
        self._words = sorted(index.rarity)
        self._weights = [index.rarity[word] for word in index.words]
        self._known: dict[str, str] = {}
        self._rarest = max(index.rarity.values(), default=1.0) + 0.7

    def find(self, line: str) -> list[tuple[str, float]]:
        """(ROR id, how likely) of the institutions that the line names, the likeliest first."""
        assert self._trees is not None, "only training looks at candidates without a model"
        best: dict[int, float] = {}
        words = words_of(line[:LONGEST_LINE])
        hits = self.hits(line, words)
        for hit, facts in zip(hits, self.facts(words, hits), strict=True):
            best[hit.site] = max(self._trees.score(facts), best.get(hit.site, 0.0))
        ranked = sorted(best.items(), key=lambda one: (-one[1], self._is.site[one[0]].id))
        if not ranked or ranked[0][1] < self._trees.likely:
            return []
        kept = [one for at, one in enumerate(ranked) if at == 0 or one[1] >= self._trees.beside]
        return [(self._is.site[site].id, score) for site, score in kept]

    def hits(self, line: str, words: Sequence[Word]) -> list[Hit]:
        """Every run of words that is a name; a single word only where no longer name holds it."""
        texts = [self._whole(word.text) for word in words]
        runs: dict[tuple[int, int], list[tuple[int, int]]] = {}
        for first in range(len(words)):
            held = self._at(texts[first : first + 1])
            if held:
                runs[first, first + 1] = held
            if first + 2 > len(words) or hashed(texts[first : first + 2]) not in self._is.starts:
                continue
            for end in range(min(len(words), first + LONGEST), first + 1, -1):
                held = self._at(texts[first:end])
                if held:
                    runs[first, end] = held
        found = [
            Hit(site=site, first=first, end=end, way=way, bag=False, shared=len(held))
            for (first, end), held in runs.items()
            if end - first > 1
            or not any(a <= first and end <= b for a, b in runs if b - a > 1)
            or (texts[first] not in self._is.places and self._is.rarity.get(texts[first], 0.0) > RARE)
            for site, way in held
        ]
        for at, word in enumerate(words):
            surface = line[word.start : word.end]
            if surface.isupper() and len(surface) > 1:
                held = self._at(("=", surface))
                found += (Hit(site=s, first=at, end=at + 1, way=w, bag=False, shared=len(held)) for s, w in held)
        for part in {word.part for word in words}:
            numbers = [number for number, word in enumerate(words) if word.part == part]
            first, end = numbers[0], numbers[-1] + 1
            if 1 < end - first <= LONGEST and (first, end) not in runs:
                key = hashed(sorted(texts[first:end]))
                held = list(self._get(self._is.bags, self._is.bag_sites, self._is.bag_ways, key))
                found += (Hit(site=s, first=first, end=end, way=w, bag=True, shared=len(held)) for s, w in held)
        known = {hit.site for hit in found}
        return found + self._loose(texts, known, {parent for site in known for parent in self._is.site[site].parents})

    def _loose(self, texts: Sequence[str], known: set[int], parents: set[int]) -> list[Hit]:
        """Names most of whose words the line has, not in a row."""
        data = self._is
        at = {data.words[text]: number for number, text in reversed(list(enumerate(texts))) if text in data.words}
        weigh = self._weights
        seen: defaultdict[int, float] = defaultdict(float)
        for word in at:
            for name in data.holders[data.holder_ends[word] : data.holder_ends[word + 1]]:
                seen[name] += weigh[word]
        best: dict[int, tuple[float, int]] = {}
        for name, weight in seen.items():
            site = data.name_sites[name]
            if site in known:
                continue
            own = data.name_words[data.name_ends[name] : data.name_ends[name + 1]]
            total = sum(weigh[word] for word in own)
            need = 0.5 if site in parents else COVER
            if weight + 12 < need * total:
                continue
            cover = sum(weigh[word] for word in own if word in at) / total
            if cover >= need and (site not in best or cover > best[site][0]):
                best[site] = (cover, name)
        made = []
        for site, (cover, name) in sorted(best.items(), key=lambda one: -one[1][0])[:12]:
            own = data.name_words[data.name_ends[name] : data.name_ends[name + 1]]
            where = sorted(at[word] for word in set(own) if word in at)
            apart = where[-1] - where[0] + 1 - len(where)
            made.append(
                Hit(
                    site=site, first=where[0], end=where[-1] + 1, way=data.name_ways[name], bag=True, shared=1,
                    cover=cover, apart=apart,
                )
            )  # fmt: skip
        return made

    def _at(self, texts: Sequence[str]) -> list[tuple[int, int]]:
        return list(self._get(self._is.keys, self._is.sites, self._is.ways, hashed(texts)))

    def _whole(self, word: str) -> str:
        """A word that no name has, as the commonest word that begins so ("telecommun" -> telecommunications)."""
        if len(word) < 4 or word in self._is.rarity or not word.isalpha():
            return word
        if word not in self._known:
            at = bisect_left(self._words, word)
            near = []
            while at < len(self._words) and self._words[at].startswith(word):
                near.append(self._words[at])
                at += 1
            self._known[word] = min(near, key=lambda one: self._is.rarity[one], default=word)
        return self._known[word]

    def _get(self, keys: array[int], sites: array[int], ways: bytes, key: int) -> Iterable[tuple[int, int]]:
        at = bisect_left(keys, key)
        while at < len(keys) and keys[at] == key:
            yield sites[at], ways[at]
            at += 1

    def _rarity(self, word: str) -> float:
        return self._is.rarity.get(word, self._rarest)

    def countries(self, words: Sequence[Word]) -> tuple[set[str], set[str]]:
        """Countries that the line names, and countries that a city or state in it may lie in."""
        texts = [word.text for word in words]
        named: set[str] = set()
        maybe: set[str] = set()
        for first in range(len(texts)):
            for end in range(first + 1, min(len(texts), first + 4) + 1):
                place = " ".join(texts[first:end])
                named |= self._is.places.get(f"!{place}", frozenset())
                maybe |= self._is.places.get(place, frozenset())
        return named, maybe

    def facts(self, words: Sequence[Word], hits: Sequence[Hit]) -> list[dict[str, float]]:
        """What speaks for and against each hit, by name."""
        texts = [word.text for word in words]
        line = " " + " ".join(texts) + " "
        named, maybe = self.countries(words)
        last = max((word.part for word in words), default=0) or 1
        present = {hit.site for hit in hits}
        parents = {hit.site: set(self._is.site[hit.site].parents) for hit in hits}
        cities = [word_key(self._is.site[hit.site].city) for hit in hits]
        runs = {(hit.first, hit.end) for hit in hits}
        heavy = [sum(self._rarity(word) for word in texts[hit.first : hit.end]) for hit in hits]
        top = max(heavy, default=1.0) or 1.0
        line_weight = sum(map(self._rarity, texts)) or 1.0
        made: list[dict[str, float]] = []
        for hit, city in zip(hits, cities, strict=True):
            site = self._is.site[hit.site]
            own = texts[hit.first : hit.end]
            weight = sum(map(self._rarity, own))
            part_weight = sum(
                self._rarity(texts[number])
                for number in range(len(words))
                if words[number].part == words[hit.first].part
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
                    "rival_agrees": float(any(self._is.site[o.site].country in named for o in rivals) and not agrees),
                    "rival_city": float(
                        not in_city
                        and any((k := word_key(self._is.site[o.site].city)) and f" {k} " in line for o in rivals)
                    ),
                    "others": math.log(1 + len({(o.first, o.end) for o in hits})),
                    "dept_before": float(
                        hit.first > 0 and texts[0] in {"department", "school", "faculty", "division", "laboratory"}
                    ),
                }
            )
        return made


@lru_cache(maxsize=16_384)
def word_key(name: str) -> str:
    return " ".join(word.text for word in words_of(name))
