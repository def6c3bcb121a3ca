"""Which institutions an affiliation line names: "Dept. of Cell Biology, Univ. of Sampleton, Sampleton, Norway".

In order:
1. words: lower case, without accents; words that institutions are made of in one form ("Univ.", "Università" ->
   university), the small words between them left out. The tables are data: `affiliations.toml`.
2. candidates: every run of words that is a name in ROR, by hash; a part between commas also whatever its order. A run
   inside a longer one that is a name is left out. The institutions that these are part of are candidates themselves.
Which of them are meant is decided in `affiliation_linker.py`.
"""

from __future__ import annotations

import itertools
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

WEIGHTS_FILE = Path(__file__).with_name("affiliations.toml")
LONGEST = 12  # words of a name
RARE = 8.5  # a single word within a longer name is only looked at when it is rarer than this
FEW = 150  # names: a word that no more names hold is worth following
COVER = 0.7  # of the weight of a name's words: less is another name
TOKEN = re.compile(r"[^\W_]+(?:'s\b)?|[,;()\[\]#|/]|\s[-–]\s")
RAREST = 3  # names: a word that no more names hold is most of a name
SINGLED = 0.45  # of a name's words, when such a word is among them: "Courant Institute"
LABEL, SYNONYM, ALIAS, SHORT, IMPLIED = 0, 1, 2, 3, 4


@dataclass(frozen=True, slots=True)
class Word:
    """One word of a line: its common form, its offsets, and the number of its part between commas."""

    text: str
    start: int
    end: int
    part: int

    def joins(self, start: int) -> bool:
        """True for initials that end just before `start`: "M. D." is one word."""
        return len(self.text) < 4 and self.end - self.start == 3 * len(self.text) - 2 and start - self.end <= 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """What is known of an institution besides its names."""

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


def plain(text: str) -> str:
    """Lower case without accents."""
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
    """64 bits of a hash of these words."""
    return int.from_bytes(blake2b(" ".join(words).encode(), digest_size=8).digest(), "big")


@dataclass(slots=True, kw_only=True)
class SiteIndex:
    """Sorted hashes of names, with what they name."""

    keys: array[int]
    sites: array[int]
    ways: bytes
    bags: array[int]
    bag_sites: array[int]
    bag_ways: bytes
    site: list[Site]
    rarity: Mapping[str, float]
    rarest: float  # of a word that no name holds
    words: Mapping[str, int]  # word -> number
    name_words: array[int]  # numbers of the words of each name, one after another
    name_ends: array[int]
    name_sites: array[int]
    name_ways: bytes
    own_name: array[int]  # of each site, the number of its own name among those, or -1
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
    rarity = {word: math.log(total / (1 + times)) for word, times in counts.items()}
    numbers = {word: number for number, word in enumerate(counts)}
    kept = [(words, site, way) for words, site, way in listed if len(words) > 1]
    holders: list[list[int]] = [[] for _ in numbers]
    own = array("i", [-1]) * len(sites)
    for number, (words, site, way) in enumerate(kept):
        if way == LABEL:
            own[site] = number
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
        rarity=rarity,
        rarest=max(rarity.values(), default=1.0) + 0.7,
        words=numbers,
        name_words=array("I", (numbers[word] for words, _, _ in kept for word in words)),
        name_ends=array("I", itertools.accumulate((len(words) for words, _, _ in kept), initial=0)),
        name_sites=array("I", (site for _, site, _ in kept)),
        name_ways=bytes(way for _, _, way in kept),
        own_name=own,
        holders=array("I", (number for held in holders for number in held)),
        holder_ends=array("I", itertools.accumulate(map(len, holders), initial=0)),
        starts=frozenset(starts),
        places=places,
    )


class NameFinder:
    """Finds every name of an institution in the words of a line."""

    def __init__(self, index: SiteIndex) -> None:
        self._is = index
        self._words = sorted(index.rarity)
        self._weights = [index.rarity[word] for word in index.words]
        self._known: dict[str, str] = {}

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
        found += self._loose(texts, known, {parent for site in known for parent in self._is.site[site].parents})
        return found + self._implied(texts, found)

    def _implied(self, texts: Sequence[str], found: Sequence[Hit]) -> list[Hit]:
        """What the institutions found are part of: "Max-Planck-Institut für Physik" and the Max Planck Society."""
        data = self._is
        present = {hit.site for hit in found}
        parts: dict[int, Hit] = {}
        for hit in found:
            if hit.way != SHORT and hit.end - hit.first > 1:
                for parent in data.site[hit.site].parents:
                    if parent not in present:
                        parts.setdefault(parent, hit)
        held = {data.words[text] for text in texts if text in data.words}
        made = []
        for parent, hit in parts.items():
            name = data.own_name[parent]
            own = data.name_words[data.name_ends[name] : data.name_ends[name + 1]] if name >= 0 else ()
            total = sum(self._weights[word] for word in own)
            cover = sum(self._weights[word] for word in own if word in held) / total if total else 0.0
            made.append(Hit(site=parent, first=hit.first, end=hit.end, way=IMPLIED, bag=True, shared=1, cover=cover))
        return made

    def _loose(self, texts: Sequence[str], known: set[int], parents: set[int]) -> list[Hit]:
        """Names most of whose words the line has, not in a row."""
        data = self._is
        at = {data.words[text]: number for number, text in reversed(list(enumerate(texts))) if text in data.words}
        weigh = self._weights
        seen: defaultdict[int, float] = defaultdict(float)
        singled: set[int] = set()
        for word in at:
            held = data.holders[data.holder_ends[word] : data.holder_ends[word + 1]]
            if 0 < len(held) <= RAREST:
                singled.update(held)
            for name in held:
                seen[name] += weigh[word]
        best: dict[int, tuple[float, int]] = {}
        for name, weight in seen.items():
            site = data.name_sites[name]
            if site in known:
                continue
            own = data.name_words[data.name_ends[name] : data.name_ends[name + 1]]
            total = sum(weigh[word] for word in own)
            need = SINGLED if name in singled and len(own) > 2 else 0.5 if site in parents else COVER
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


@lru_cache(maxsize=16_384)
def word_key(name: str) -> str:
    """The common forms of a name's words, as one string."""
    return " ".join(word.text for word in words_of(name))
