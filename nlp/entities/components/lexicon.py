"""Names of the lexicons: one search for all types, then each type's own rules.

In order: the name's type may want capitals (every main word of the text begins with one, or all is in capitals)
or the exact surface; a name directly after a text in `not_after` ("anti-") is none; of overlapping names of one
type the leftmost and then the longest stays. Types that name this component are found by that; for the others
(`journals`, `institutions`) the names lie in `notes.candidates`.
"""

from __future__ import annotations

import re
from collections import defaultdict
from typing import Any

from nlp.entities.notes import Component, Found, Tools, keep_longest, notes_of
from nlp.entities.typefiles import EntityType
from nlp.entities.vocabulary import EXACT

STEP, ALWAYS = 20, True
VERSION = "lexicon/1"
SMALL = frozenset({
    "a", "al", "am", "an", "and", "at", "con", "d", "da", "das", "de", "del", "den", "der", "des", "di", "die",
    "do", "dos", "du", "e", "el", "et", "for", "für", "i", "im", "in", "in's", "l", "la", "las", "le", "les",
    "los", "o", "och", "of", "og", "on", "per", "pour", "the", "to", "und", "van", "von", "y", "zum", "zur",
})  # fmt: skip


def make(tools: Tools) -> Component:
    types = {number: next(t for t in tools.types if t.label == label)
             for number, label in enumerate(tools.vocabulary.labels)}  # fmt: skip

    def lexicon(doc: Any) -> Any:
        notes = notes_of(doc)
        seen: defaultdict[str, list[Found]] = defaultdict(list)
        for start, end, names in tools.vocabulary.find_names(notes.folded, notes.text):
            for number in {name.type for name in names}:
                one = types[number]
                own = tuple(name for name in names if name.type == number)
                if may_be(one, notes.text, start, end, exact=all(name.flags & EXACT for name in own)):
                    seen[one.label].append(Found(start=start, end=end, type=one.label, names=own, component=VERSION))
        for one in tools.types:
            if one.component == "lexicon":
                notes.found += keep_longest(seen[one.label])
            else:
                notes.candidates[one.label] = seen[one.label]
        return doc

    return lexicon


def may_be(one: EntityType, text: str, start: int, end: int, *, exact: bool) -> bool:
    """True when the type's rules of capitals and left context let this span be a name."""
    if one.not_after and text[max(0, start - 12) : start].lower().endswith(one.not_after):
        return False
    return exact or one.case == "fold" or has_capitals(text[start:end])


def has_capitals(surface: str) -> bool:
    """Every main word begins with a capital or a digit, or is in a script that has no capitals."""
    words = [word for word in re.split(r"[\s\-‐-—/&.,'’()]+", surface) if word]
    main = [word for word in words if word not in SMALL]
    return bool(main) and all(not word[0].islower() for word in main)
