"""Which concept of an ontology a name of a disease or a cell type means, however it is written.

An index of the lexicons' names under two keys (`name_keys.py`): the stems in order, and the bag of their classes. A
surface is looked up, in order,
1. as it is written; a name of the hand lists before the concept's own name, then what annotators of training corpora
   agree on, then a synonym;
2. under its bag of classes, which names of several concepts may share: the one with most words in common;
3. without words that only say how severe, early or inherited a disease is; a cell without what is to the left of its
   name.

Each step has a score; what is below the type's threshold is not linked. An abbreviation is looked up as what the
document says it is short for. Bare capitals that the document does not explain are only looked up as names of the hand
lists, or as what a training corpus always meant by them.
"""

from __future__ import annotations

import re
from array import array
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b

from nlp.normalize.name_keys import Equivalents, bag_key, equivalents, order_key, tokens

HAND, LABEL, TAUGHT, SYNONYM, LEARNT = range(5)
BARE = re.compile(r"(?=(?:[^A-Z]*[A-Z]){2}|[A-Z]\d)[A-Za-z][A-Za-z0-9+/.-]{0,7}")
SAY = {
    HAND: "a name of our own list",
    LABEL: "its own name",
    TAUGHT: "what corpora mean by it",
    SYNONYM: "a synonym",
    LEARNT: "what corpora mean by it, seldom seen",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """A concept found for a surface, how sure (0 to 1), and how in words."""

    concept: str
    score: float
    why: str


@dataclass(slots=True, kw_only=True)
class TermIndex:
    """Columns: sorted hashes of keys, with the numbers of their names."""

    kind: str
    concepts: list[str]
    ordered: array[int]
    ordered_name: array[int]
    bags: array[int]
    bags_name: array[int]
    name_concept: array[int]
    name_rank: bytes
    name_text: list[str]


def hashed(text: str) -> int:
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "big")


def build_index(kind: str, names: Iterable[tuple[str, str, int, bool]]) -> TermIndex:
    """(surface, concept, rank, whether a bare abbreviation) -> index."""
    numbers: dict[str, int] = {}
    ordered: dict[int, int] = {}
    bags: defaultdict[int, list[int]] = defaultdict(list)
    name_concept: array[int] = array("I")
    ranks: list[int] = []
    texts: list[str] = []
    for surface, concept, rank, bare in sorted(names, key=lambda one: one[2]):
        stems = tokens(surface)
        if not stems:
            continue
        key = hashed(f"={surface}" if bare else order_key(stems))
        if key in ordered:
            continue
        number = len(texts)
        texts.append(order_key(stems))
        name_concept.append(numbers.setdefault(concept, len(numbers)))
        ranks.append(rank)
        ordered[key] = number
        bag = bag_key(stems, kind)
        if bag and not bare:
            bags[hashed(bag)].append(number)
    first = sorted(ordered.items())
    second = sorted((key, number) for key, held in bags.items() for number in held)
    return TermIndex(
        kind=kind,
        concepts=list(numbers),
        ordered=array("Q", (key for key, _ in first)),
        ordered_name=array("I", (number for _, number in first)),
        bags=array("Q", (key for key, _ in second)),
        bags_name=array("I", (number for _, number in second)),
        name_concept=name_concept,
        name_rank=bytes(ranks),
        name_text=texts,
    )


class TermLinker:
    """Looks up surfaces of one type."""

    def __init__(self, index: TermIndex, *, floor: float = 0.0) -> None:
        self._is = index
        self._floor = floor

    @property
    def concepts(self) -> Sequence[str]:
        """Every concept that may be found."""
        return self._is.concepts

    def find(self, surface: str, *, long_forms: Mapping[str, str] | None = None) -> Term | None:
        """The concept meant, or None. `long_forms`: the document's abbreviations."""
        short = surface.removesuffix("s") if surface[-2:-1].isupper() else surface
        long = (long_forms or {}).get(short) or (long_forms or {}).get(surface)
        if long is not None:
            stems = tokens(long)
            found = self._find(stems) or self._find(about(stems, self._is.kind))
            if found is not None:
                return Term(concept=found.concept, score=found.score, why=f"short for '{long}' here; {found.why}")
            return None
        if BARE.fullmatch(surface):
            number = self._get(f"={short}")
            if number is None:
                number = self._get(f"={surface}")
            if number is None:
                number = self._ordered(tokens(surface))
            return None if number is None else self._said(number)
        number = self._ordered(tokens(surface))
        if number is not None and (found := self._said(number)) is not None:
            return found
        found = self._find(tokens(expand(surface, long_forms or {})))
        last = surface.rpartition(" ")[2]
        if found is None and last != surface and BARE.fullmatch(last):
            number = self._get(f"={last.removesuffix('s')}")
            return None if number is None else self._term(number, 0.7, f"its last word, '{last}'")
        return found

    def taught(self, surface: str) -> Term | None:
        """What annotators of corpora meant by this very surface, if they often marked it and agree; else None."""
        number = self._ordered(tokens(surface))
        return self._said(number) if number is not None and self._is.name_rank[number] == TAUGHT else None

    def _find(self, stems: tuple[str, ...]) -> Term | None:
        if not stems:
            return None
        number = self._ordered(stems)
        if number is not None:
            return self._said(number)
        found = self._bag(stems, 0.9, "the same words")
        if found is not None:
            return found
        return self._fewer(stems)

    def _said(self, number: int) -> Term | None:
        rank = self._is.name_rank[number]
        return self._term(number, 1.0 - 0.02 * rank, SAY[rank])

    def _ordered(self, stems: Sequence[str]) -> int | None:
        return self._get(order_key(stems))

    def _get(self, text: str) -> int | None:
        key = hashed(text)
        at = bisect_left(self._is.ordered, key)
        if at < len(self._is.ordered) and self._is.ordered[at] == key:
            return self._is.ordered_name[at]
        return None

    def _bag(self, stems: Sequence[str], score: float, why: str) -> Term | None:
        bag = bag_key(stems, self._is.kind)
        if not bag:
            return None
        key = hashed(bag)
        at = bisect_left(self._is.bags, key)
        held = []
        while at < len(self._is.bags) and self._is.bags[at] == key:
            held.append(self._is.bags_name[at])
            at += 1
        if not held:
            return None
        if " " not in bag:  # one word: "pain" is not "pain syndrome", but an osteoblast cell is an osteoblast
            data = equivalents(self._is.kind)
            own = set(stems) - data.general
            free = data.general if own != set(stems) or any(one.endswith(data.ailing) for one in own) else frozenset()
            held = [one for one in held if len(set(self._is.name_text[one].split(" ")) - free) == 1]
            if not held or len(own) > 1:
                return None
        own = set(stems)

        def likeness(number: int) -> tuple[int, int, int]:
            others = set(self._is.name_text[number].split(" "))
            return (-len(own & others), len(others - own), self._is.name_rank[number])

        best = min(held, key=likeness)
        return self._term(best, score, f"{why} as '{self._is.name_text[best]}'")

    def _fewer(self, stems: tuple[str, ...]) -> Term | None:
        """The concept of a name without some of its words."""
        if self._is.kind == "cell_type":
            return self._without_inner_word(stems) or self._without_left_of_cell(stems)
        found = self._adjectives(stems) or self._trouble(stems) or self._without_modifiers(stems)
        return found or self._without_first_words(stems)

    def _without_inner_word(self, stems: tuple[str, ...]) -> Term | None:
        """A cell type's name without one word inside it: "hippocampal autaptic neuron"."""
        for cut in range(1, len(stems) - 1):
            number = self._ordered(stems[:cut] + stems[cut + 1 :])
            if number is not None:
                return self._term(number, 0.8, "without a word within its name")
        return None

    def _without_left_of_cell(self, stems: tuple[str, ...]) -> Term | None:
        """The longest end of a cell type's name that is known."""
        for cut in range(1, len(stems)):
            rest = stems[cut:]
            number = self._ordered(rest)
            if number is not None and len(rest) + (rest[-1] != "cell") > 1:
                return self._term(number, 0.75, "without what stands left of its name")
            found = self._bag(rest, 0.7, "without what stands left of its name, the same words")
            if found is not None:
                return found
        return None

    def _without_modifiers(self, stems: tuple[str, ...]) -> Term | None:
        """A disease without words that only say how severe, early or inherited it is."""
        data = equivalents(self._is.kind)
        rest = tuple(one for one in stems if one not in data.modifiers)
        if not rest or rest == stems:
            return None
        number = self._ordered(rest)
        if number is not None and (len(rest) > 1 or rest[0] not in data.vague):
            found = self._term(number, 0.8, "without how severe, early or inherited it is")
            if found is not None:
                return found
        return self._bag(rest, 0.7, "without how severe, early or inherited it is, the same words")

    def _without_first_words(self, stems: tuple[str, ...]) -> Term | None:
        """The longest end of a disease's name that is known and that still means the disease."""
        for cut in range(1, len(stems)):
            if is_another_name(equivalents(self._is.kind), stems, cut):
                continue
            if "typ" in stems[:cut] and any(one.isdigit() for one in stems[:cut]):
                return None  # "type 2 …": another subtype is another disease
            number = self._ordered(stems[cut:])
            if number is not None:
                return self._term(number, 0.75, "without the first words of its name")
        return None

    def _adjectives(self, stems: tuple[str, ...]) -> Term | None:
        """ "atherosclerotic", "neutropenic": what the adjective is made of."""
        nouns = tuple(map(noun_of, stems))
        if nouns == stems:
            return None
        number = self._ordered(nouns)
        if number is not None:
            return self._term(number, 0.85, "the noun of its adjective")
        return self._bag(nouns, 0.8, "the noun of its adjective, the same words")

    def _trouble(self, stems: tuple[str, ...]) -> Term | None:
        """ "retinal toxicity", "cardiovascular complications": a disorder of the organ before."""
        data = equivalents(self._is.kind)
        rest = tuple(one for one in stems if one not in data.troubles)
        if not rest or not data.troubles.intersection(stems) or data.joints.intersection(rest):
            return None
        return self._bag((*rest, "disorder"), 0.7, "trouble with it")

    def _term(self, number: int, score: float, why: str) -> Term | None:
        if score < self._floor:
            return None
        return Term(concept=self._is.concepts[self._is.name_concept[number]], score=score, why=why)


def is_another_name(data: Equivalents, stems: tuple[str, ...], cut: int) -> bool:
    """True when a disease's name without its first `cut` words is too vague, or another disease.

    "Aarskog-Scott syndrome" is not Scott's.
    """
    before, rest = stems[cut - 1], stems[cut:]
    vague = rest[0] in data.vague
    if len(rest) < 2 and (before not in data.causes or vague):
        return True
    if before in data.joints or (len(rest) == 2 and vague):
        return True
    return len(rest) == 2 and rest[1] in data.eponymous and rest[0] not in data.ailing


def about(stems: tuple[str, ...], kind: str) -> tuple[str, ...]:
    """An explanation without the words at its ends that belong to no name: "Wilson disease gene", "for … coli"."""
    data = equivalents(kind)
    first, end = 0, len(stems)
    while first < end and stems[first] in data.joints:
        first += 1
    while end > first and stems[end - 1] in data.tails:
        end -= 1
    return stems[first:end] if (first, end) != (0, len(stems)) else ()


NOUNS = (  # ends of stems: an adjective's, its noun's
    ("otic", "os"),
    ("emic", "emia"),
    ("enic", "enia"),
    ("onic", "onium"),
    ("pathic", "pathy"),
    ("plegic", "plegia"),
    ("algic", "algia"),
    ("trophic", "trophy"),
    ("phrenic", "phrenia"),
    ("phalic", "phaly"),
    ("itic", "it"),
    ("matous", "ma"),
    ("pothyroid", "pothyroidism"),
    ("perthyroid", "perthyroidism"),
)


def noun_of(stem: str) -> str:
    for ending, noun in NOUNS:
        if stem.endswith(ending) and len(stem) > len(ending) + 3:
            return stem.removesuffix(ending) + noun
    return stem


def expand(surface: str, long_forms: Mapping[str, str]) -> str:
    """The surface with the document's abbreviations in it written out ("DMD patients", "BM-MSC")."""
    if not long_forms or not any(short in surface for short in long_forms):
        return surface
    return re.sub(
        r"[A-Za-z0-9]+",
        lambda word: long_forms.get(word.group(), long_forms.get(word.group().removesuffix("s"), word.group())),
        surface,
    )
