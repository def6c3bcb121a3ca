"""Names that share their head: "Parkinson's and Alzheimer's diseases" are two diseases.

Left of a found name "B head" with "A and", "A or" or "A," before it, "A head" is looked up (the head also in the
singular, as long a head as makes a known name). If it is a name of the same type, A is a mention of it. Then the
same again left of A, so that "breast, lung and ovarian cancer" gives three.
"""

from __future__ import annotations

import re
from typing import Any

from nlp.entities.notes import Component, Found, Tools, notes_of
from nlp.entities.spelling import singulars
from nlp.entities.vocabulary import DERIVED, Name

STEP, ALWAYS = 60, True
VERSION = "coordination/1"
LEFT = re.compile(r"((?:[\w'+]+ ){0,3}[\w'+]+)(?:,? (?:and|or|and/or|&) (?:the )?|, | ?/ ?)$")


def make(tools: Tools) -> Component:
    numbers = {label: number for number, label in enumerate(tools.vocabulary.labels)}
    wanted = {one.label for one in tools.types if one.options.get("coordinates", False)}

    def names_of(folded: str, label: str) -> tuple[Name, ...]:
        return tuple(name for name in tools.vocabulary.get_names(folded) if name.type == numbers[label])

    def coordination(doc: Any) -> Any:
        notes = notes_of(doc)
        taken = {(one.start, one.type) for one in notes.found if one.names}
        for one in list(notes.found):
            if one.type not in wanted:
                continue
            words = notes.folded[one.start : one.end].split()
            start = one.start
            for _ in range(6):
                part = _find_part(notes.folded, start, words, one.type)
                if part is None:
                    break
                start, end, names, whole = part
                if (start, one.type) not in taken:
                    why = f"'{whole}' with the head shared"
                    notes.found.append(
                        Found(start=start, end=end, type=one.type, names=names, component=VERSION, why=why)
                    )
        return doc

    def _find_part(
        folded: str, before: int, words: list[str], label: str
    ) -> tuple[int, int, tuple[Name, ...], str] | None:
        match = LEFT.search(folded[max(0, before - 60) : before])
        if match is None:
            return None
        left = match.group(1).split(" ")
        end = max(0, before - 60) + match.end(1)
        for size in range(len(words) - 1, 0, -1):
            for head in singulars(" ".join(words[-size:])):
                for count in range(min(3, len(left)), 0, -1):
                    part = " ".join(left[-count:])
                    names = names_of(f"{part} {head}", label)
                    if names:
                        exact = tuple(name for name in names if not name.flags & DERIVED)
                        return end - len(part), end, exact or names, f"{part} {head}"
        return None

    return coordination
