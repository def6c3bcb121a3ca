"""Institutions: names of the lexicon, and names by their shape.

1. Lexicon names with capitals, except those of everyday science words ("Clinical Research") without a keyword
   ("University", "Institute" …).
2. Shapes: at most seven capitalised words with a keyword ("Sample Valley Stem Cell Institute", "University of
   Sampleton"). They have no concept. A shape replaces a lexicon name only where that holds no word of its own ("Stem
   Cell Institute"). What comes before a possessive is left out ("Korea's …"). The keywords are English: in text of
   another language no shape is a name.
3. A lexicon name continued by a part of it ("… University School of Medicine") is one mention, linked to the whole.

Of overlapping ones the longest stays. Keywords and everyday words are in the TOML's [options].
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from nlp.entities.annotations import Annotations, EntitySpan, keep_longest
from nlp.entities.boundaries import is_cjk
from nlp.entities.component import Component, Tools
from nlp.entities.typefiles import EntityType
from nlp.entities.vocabulary import KEEP

STEP, ALWAYS = 31, False
VERSION = "institutions/1"
WORD = r"(?:(?:St|Mt|Ste)\. )?[A-ZÀ-Þ][\w’'&]*(?:-[\w’']+)*"
SHAPED = "has the shape of an institution's name; not in ROR or our lists"
JOINTS = frozenset({"and", "of", "for", "&"})


def make(tools: Tools) -> Component:
    (institution,) = tools.of_component("institutions")
    return Institutions(institution)


class Institutions(Component):
    """Adds institutions from the lexicon's candidates and by shape."""

    def __init__(self, institution: EntityType) -> None:
        options = institution.options
        keyword = "(?:" + "|".join(options["keywords"]) + ")"
        tail = rf"(?: (?:of|for|on) (?:the )?{WORD}(?:(?:,? (?:and|&))? {WORD}){{0,4}})"
        self._label = institution.label
        self._shape = re.compile(
            rf"\b(?:(?:{WORD}(?: (?:of|and|&|for) (?={WORD})| )){{1,5}}{keyword}\b{tail}?|{keyword}{tail})"
        )
        self._part = re.compile(rf" (?:{'|'.join(options['parts'])})\b{tail}?")
        self._keywords = re.compile(rf"\b{keyword}\b", re.IGNORECASE)
        self._everyday = frozenset(options["everyday"])
        self._openers = frozenset(options["openers"])
        self._possessives = frozenset(options["possessives"])

    def annotate(self, annotations: Annotations) -> None:
        text = annotations.text
        taken = list(self.take_listed(text, annotations.candidates.get(self._label, [])))
        for start, end in find_shapes(text, self._shape, self._openers, self._possessives):
            shaped = EntitySpan(start=start, end=end, type=self._label, names=(), component=VERSION, why=SHAPED)
            if self.holds_no_name(text, start, end, taken) and not annotations.is_foreign(shaped):
                taken.append(shaped)
        annotations.found += keep_longest(taken)

    def take_listed(self, text: str, candidates: list[EntitySpan]) -> Iterator[EntitySpan]:
        """Names of the lexicon that are not everyday words, with a part of the institution after them."""
        for one in keep_longest(candidates):
            if text.startswith("the ", one.start):
                one = replace(one, start=one.start + 4)
            surface = text[one.start : one.end]
            keyword = self._keywords.search(surface) is not None
            by_hand = any(name.flags & KEEP for name in one.names)
            if not (by_hand or keyword) and (is_everyday(surface, self._everyday) or is_heading(surface)):
                continue
            part = self._part.match(text, one.end)
            if part and keyword:
                one = replace(one, end=part.end(), why=f"a part of {surface}")
            yield replace(one, component=one.component if one.why is None else VERSION)

    def holds_no_name(self, text: str, start: int, end: int, taken: Iterable[EntitySpan]) -> bool:
        """True when the institutions that overlap this span hold only keywords and everyday words."""
        inner = [one for one in taken if one.start < end and start < one.end]
        return all(is_everyday(self._keywords.sub("", text[one.start : one.end]), self._everyday) for one in inner)


def is_heading(surface: str) -> bool:
    """True for words in capitals, and for a single word. Chinese characters need no spaces (北海道大学)."""
    if any(map(is_cjk, surface)):
        return False
    return " " not in surface or (surface.isascii() and surface.isupper())


def is_everyday(surface: str, everyday: frozenset[str]) -> bool:
    """True when every word is an everyday word."""
    words = re.findall(r"[\w']+", surface.casefold())
    return all(word in everyday for word in words)


def find_shapes(
    text: str, shape: re.Pattern[str], openers: frozenset[str], possessives: frozenset[str]
) -> Iterator[tuple[int, int]]:
    """Spans of shapes, without owners and the capitalised small words that open sentences."""
    for match in shape.finditer(text):
        words = match.group().split(" ")
        words = words[find_owner(words, possessives) :]
        words = words[find_joint(words) :]
        while len(words) > 1 and words[0].casefold() in openers:
            words = words[1:]
        if len(words) > 1:
            yield match.end() - len(" ".join(words)), match.end()


def find_owner(words: Sequence[str], possessives: frozenset[str]) -> int:
    """How many words are an owner in front of the name ("Korea's Sample Institute": 1)."""
    for at in range(len(words) - 2, -1, -1):
        if words[at].endswith(("'s", "’s")) and words[at].casefold().replace("’", "'") not in possessives:
            return at + 1
    return 0


def find_joint(words: Sequence[str]) -> int:
    """How many words are another name before a university ("Sample Trust and Sampleton University": 3)."""
    if not words[-1].startswith("Universit") or len(words) < 3:
        return 0
    return max((at + 1 for at, word in enumerate(words) if word in JOINTS), default=0)
