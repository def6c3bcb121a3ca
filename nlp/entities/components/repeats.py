"""A name found once is found in its exact repeats: what a cue or a shape showed in one sentence holds in the next.

Only names of two words and more; "Cell" after a cue says nothing about every other "Cell".
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from nlp.entities.notes import Component, Tools, notes_of

STEP, ALWAYS = 80, True


def make(tools: Tools) -> Component:
    def repeats(doc: Any) -> Any:
        notes = notes_of(doc)
        spans = {(one.start, one.end, one.type) for one in notes.found}
        seen: set[tuple[str, str]] = set()
        for one in list(notes.found):
            surface = notes.text[one.start : one.end]
            if one.component.startswith(("lexicon", "abbreviations", "coordination")) or " " not in surface:
                continue
            if (surface, one.type) in seen:
                continue
            seen.add((surface, one.type))
            if notes.text.count(surface) == 1:
                continue  # only itself: most names, and a pattern of its own costs more than all else here
            for match in re.finditer(rf"(?<!\w){re.escape(surface)}(?!\w)", notes.text):
                if (match.start(), match.end(), one.type) not in spans:
                    notes.found.append(
                        replace(
                            one,
                            start=match.start(),
                            end=match.end(),
                            why=one.why or "repeat of a name found by its cue",
                        )
                    )
        return doc

    return repeats
