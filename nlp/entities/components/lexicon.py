"""Names of the lexicons: one search for all types, then the rules of each type.

In order:
1. a type may want capitals (every main word begins with one, or all is in capitals) or the exact surface;
2. a name directly after a text in the type's `not_after` ("anti-") or before a sign of money ("US$") is not taken;
3. in text of another language, an everyday word of that language and a short word in small letters are not taken;
4. of overlapping names of one type the leftmost and then the longest stays.

Names of types whose TOML names this component are findings. Names of other types (`journals`, `institutions`) are only
candidates, in `annotations.candidates`, for the component of that type.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence

from nlp.entities.annotations import Annotations, EntitySpan, keep_longest
from nlp.entities.component import Component, Tools
from nlp.entities.foreign import is_everyday, is_lower_short
from nlp.entities.typefiles import EntityType
from nlp.entities.vocabulary import EXACT, Vocabulary

STEP, ALWAYS = 20, True
VERSION = "lexicon/1"
MONEY = "$€£¥₩"  # US$ is no country
SMALL = frozenset({
    "a", "al", "am", "an", "and", "at", "con", "d", "da", "das", "de", "del", "den", "der", "des", "di", "die",
    "do", "dos", "du", "e", "el", "et", "for", "für", "i", "im", "in", "in's", "l", "la", "las", "le", "les",
    "los", "o", "och", "of", "og", "on", "per", "pour", "the", "to", "und", "van", "von", "y", "zum", "zur",
})  # fmt: skip


def make(tools: Tools) -> Component:
    return Lexicon(tools.types, tools.vocabulary)


class Lexicon(Component):
    """Finds every name of every lexicon."""

    def __init__(self, types: Sequence[EntityType], vocabulary: Vocabulary) -> None:
        self._types = tuple(types)
        self._vocabulary = vocabulary
        by_label = {one.label: one for one in types}
        self._by_number = [by_label[label] for label in vocabulary.labels]

    def annotate(self, annotations: Annotations) -> None:
        seen = self.find_names(annotations)
        for one in self._types:
            if one.component == "lexicon":
                annotations.found += keep_longest(seen[one.label])
            else:
                annotations.candidates[one.label] = seen[one.label]

    def find_names(self, annotations: Annotations) -> defaultdict[str, list[EntitySpan]]:
        """Names by type that the type's own rules allow; they may overlap."""
        text = annotations.text
        seen: defaultdict[str, list[EntitySpan]] = defaultdict(list)
        for start, end, names in self._vocabulary.find_names(annotations.folded, text):
            for number in {name.type for name in names}:
                one = self._by_number[number]
                own = tuple(name for name in names if name.type == number)
                if may_be_name(one, text, start, end, exact=all(name.flags & EXACT for name in own)):
                    span = EntitySpan(start=start, end=end, type=one.label, names=own, component=VERSION)
                    if not (annotations.foreign and annotations.is_foreign(span) and is_other(annotations, span)):
                        seen[one.label].append(span)
        return seen


def is_other(annotations: Annotations, span: EntitySpan) -> bool:
    """True for a name in text of another language that is most likely a word of that language."""
    surface = annotations.surface(span)
    return is_lower_short(surface) or is_everyday(surface, annotations.lang)


def may_be_name(one: EntityType, text: str, start: int, end: int, *, exact: bool) -> bool:
    """True when the type's rules on capitals and on the text before allow this span to be a name."""
    if end < len(text) and text[end] in MONEY:
        return False
    if one.not_after and text[max(0, start - 12) : start].lower().endswith(one.not_after):
        return False
    return exact or one.case == "fold" or has_capitals(text[start:end])


def has_capitals(surface: str) -> bool:
    """Every main word begins with a capital or a digit, or is in a script that has no capitals."""
    words = [word for word in re.split(r"[\s\-‐-—/&.,'’()]+", surface) if word]
    main = [word for word in words if word not in SMALL]
    return bool(main) and all(not word[0].islower() for word in main)
