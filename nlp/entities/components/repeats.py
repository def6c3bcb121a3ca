"""Finds the exact repeats of names: what a cue or a shape showed in one sentence holds in the next.

Only names of two words and more: "Cell" after a cue says nothing about every other "Cell".
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from nlp.entities.annotations import Annotations, EntitySpan
from nlp.entities.component import Component, Tools

STEP, ALWAYS = 80, True
SEARCHED = ("lexicon", "abbreviations", "coordination")  # components that have looked at the whole text already


def make(tools: Tools) -> Component:
    return Repeats()


class Repeats(Component):
    """Adds further places of names that other components found once."""

    def annotate(self, annotations: Annotations) -> None:
        spans = {(one.start, one.end, one.type) for one in annotations.found}
        seen: set[tuple[str, str]] = set()
        for one in list(annotations.found):
            surface = annotations.surface(one)
            if one.component.startswith(SEARCHED) or " " not in surface or (surface, one.type) in seen:
                continue
            seen.add((surface, one.type))
            annotations.found += [
                repeat
                for repeat in find_repeats(annotations.text, one)
                if (repeat.start, repeat.end, repeat.type) not in spans
            ]


def find_repeats(text: str, span: EntitySpan) -> Iterator[EntitySpan]:
    """Every place of the name of `span`, its own included; nothing when it occurs once."""
    surface = text[span.start : span.end]
    if text.count(surface) == 1:
        return  # most names; to compile a pattern for each would cost more than all the rest
    why = span.why or "repeat of a name found by its cue"
    for match in re.finditer(rf"(?<!\w){re.escape(surface)}(?!\w)", text):
        yield replace(span, start=match.start(), end=match.end(), why=why)
