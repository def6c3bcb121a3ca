"""Institutions: names of the lexicon, and names by their shape.

1. Lexicon names with capitals, except those made only of everyday science words ("Clinical Research") that hold
   no keyword ("University", "Institute" …).
2. Shapes: capitalised words with a keyword ("Sample Valley Stem Cell Institute", "University of Sampleton"), at
   most seven words; without a concept, and longer than a lexicon name only where that holds no word of its own
   ("Stem Cell Institute"). What comes before a possessive is left out ("Korea's …").
3. A lexicon name continued by a part of it ("… University School of Medicine") is one mention, linked to the
   whole.
Of overlapping ones the longest stays. Keywords and everyday words are in the TOML's [options].
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from nlp.entities.boundaries import is_cjk
from nlp.entities.notes import Component, Found, Tools, keep_longest, notes_of
from nlp.entities.vocabulary import KEEP

STEP, ALWAYS = 31, False
VERSION = "institutions/1"
WORD = r"(?:(?:St|Mt|Ste)\. )?[A-ZÀ-Þ][\w’'&]*(?:-[\w’']+)*"


def make(tools: Tools) -> Component:
    (institution,) = tools.of_component("institutions")
    options = institution.options
    keyword = "(?:" + "|".join(options["keywords"]) + ")"
    tail = rf"(?: (?:of|for|on) (?:the )?{WORD}(?:(?:,? (?:and|&))? {WORD}){{0,4}})"
    shape = re.compile(rf"\b(?:(?:{WORD}(?: (?:of|and|&|for) (?={WORD})| )){{1,5}}{keyword}\b{tail}?|{keyword}{tail})")
    part = re.compile(rf" (?:{'|'.join(options['parts'])})\b{tail}?")
    keywords = re.compile(rf"\b{keyword}\b", re.IGNORECASE)
    everyday = frozenset(options["everyday"])
    openers = frozenset(options["openers"])
    possessives = frozenset(options["possessives"])

    def institutions(doc: Any) -> Any:
        notes = notes_of(doc)
        text = notes.text
        taken: list[Found] = []
        for one in keep_longest(notes.candidates.get(institution.label, [])):
            if text.startswith("the ", one.start):
                one = replace(one, start=one.start + 4)
            surface = text[one.start : one.end]
            sure = any(name.flags & KEEP for name in one.names) or keywords.search(surface) is not None
            if not sure and (is_everyday(surface, everyday) or is_heading(surface)):
                continue
            more = part.match(text, one.end)
            if more and keywords.search(surface):
                one = replace(one, end=more.end(), why=f"a part of {surface}")
            taken.append(replace(one, component=one.component if one.why is None else VERSION))
        for start, end in find_shapes(text, shape, openers, possessives):
            inner = [one for one in taken if one.start < end and start < one.end]
            if all(is_everyday(keywords.sub("", text[one.start : one.end]), everyday) for one in inner):
                why = "has the shape of an institution's name; not in ROR or our lists"
                taken.append(Found(start=start, end=end, type=institution.label, names=(), component=VERSION, why=why))
        notes.found += keep_longest(taken)
        return doc

    return institutions


def is_heading(surface: str) -> bool:
    """True for words in capitals and for what is no name of two words once its article is gone."""
    if any(map(is_cjk, surface)):
        return False  # 北海道大学 is written without spaces
    return " " not in surface or (surface.isascii() and surface.isupper())


def is_everyday(surface: str, everyday: frozenset[str]) -> bool:
    """True when nothing in it is a name of its own."""
    words = re.findall(r"[\w']+", surface.casefold())
    return all(word in everyday for word in words)


def find_shapes(
    text: str, shape: re.Pattern[str], openers: frozenset[str], possessives: frozenset[str]
) -> Iterator[tuple[int, int]]:
    """Spans of shapes, without the capitalised small words that open sentences."""
    for match in shape.finditer(text):
        start = match.start()
        words = match.group().split(" ")
        owners = [at for at, word in enumerate(words[:-1]) if word.endswith(("'s", "’s"))]
        for at in reversed(owners):
            if words[at].casefold().replace("’", "'") not in possessives:
                start += sum(len(word) + 1 for word in words[: at + 1])  # "Korea's Sample Institute"
                words = words[at + 1 :]
                break
        if words[-1].startswith("Universit") and len(words) > 2:
            joints = [at for at, word in enumerate(words) if word in {"and", "of", "for", "&"}]
            if joints:  # "Sample Trust and Sampleton University" are two
                start += sum(len(word) + 1 for word in words[: joints[-1] + 1])
                words = words[joints[-1] + 1 :]
        while len(words) > 1 and words[0].casefold() in openers:
            start += len(words.pop(0)) + 1
        if len(words) > 1:
            yield start, match.end()
