"""Names that share their head: "Parkinson's and Alzheimer's diseases" are two diseases.

Where "A and", "A or" or "A," is to the left of a found name "B head", the name "A head" is looked up, the head also in
the singular, and with the longest head that makes a known name. If it is a name of the same type, A is a mention of
it. Then the same again to the left of A: "breast, lung and ovarian cancer" gives three.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from nlp.entities.annotations import Annotations, EntitySpan
from nlp.entities.component import Component, Tools, names_of_type
from nlp.entities.spelling import singulars
from nlp.entities.vocabulary import DERIVED, Name, Vocabulary

STEP, ALWAYS = 60, True
VERSION = "coordination/1"
LEFT = re.compile(r"((?:[\w'+]+ ){0,3}[\w'+]+)(?:,? (?:and|or|and/or|&) (?:the )?|, | ?/ ?)$")
LONGEST_ROW = 6  # names to the left of a name
WINDOW = 60  # characters before a name in which its neighbour is


@dataclass(frozen=True, slots=True, kw_only=True)
class Neighbour:
    """A name to the left that lacks its head: its span, its meanings, and the name with its head."""

    start: int
    end: int
    names: tuple[Name, ...]
    whole: str


def make(tools: Tools) -> Component:
    return Coordination({one.label for one in tools.types if one.options.get("coordinates", False)}, tools.vocabulary)


class Coordination(Component):
    """Adds the names in a row that only the last one's head completes. `labels` are the types that coordinate."""

    english = True

    def __init__(self, labels: Collection[str], vocabulary: Vocabulary) -> None:
        self._labels = frozenset(labels)
        self._vocabulary = vocabulary
        self._numbers = {label: number for number, label in enumerate(vocabulary.labels)}

    def annotate(self, annotations: Annotations) -> None:
        taken = {(one.start, one.type) for one in annotations.found if one.names}
        for one in list(annotations.found):
            if one.type not in self._labels:
                continue
            for near in self.find_row(annotations.folded, one):
                if (near.start, one.type) not in taken:
                    why = f"'{near.whole}' with the head shared"
                    annotations.found.append(
                        EntitySpan(
                            start=near.start,
                            end=near.end,
                            type=one.type,
                            names=near.names,
                            component=VERSION,
                            why=why,
                        )
                    )

    def find_row(self, folded: str, last: EntitySpan) -> Iterator[Neighbour]:
        """The names to the left of the last one in a row, the nearest first."""
        words = folded[last.start : last.end].split()
        start = last.start
        for _ in range(LONGEST_ROW):
            near = self.find_neighbour(folded, start, words, self._numbers[last.type])
            if near is None:
                return
            yield near
            start = near.start

    def find_neighbour(self, folded: str, before: int, words: list[str], number: int) -> Neighbour | None:
        """The name that ends directly before this place and is known with the last of these words as its head."""
        window = max(0, before - WINDOW)
        match = LEFT.search(folded[window:before])
        if match is None:
            return None
        end = window + match.end(1)
        for part, head in pair_parts(match.group(1).split(" "), words):
            names = names_of_type(self._vocabulary, f"{part} {head}", number)
            if names:
                exact = tuple(name for name in names if not name.flags & DERIVED)
                return Neighbour(start=end - len(part), end=end, names=exact or names, whole=f"{part} {head}")
        return None


def pair_parts(left: list[str], words: list[str]) -> Iterator[tuple[str, str]]:
    """(part, head) to try: the longest head first, then the longest part of at most three words."""
    for size in range(len(words) - 1, 0, -1):
        for head in singulars(" ".join(words[-size:])):
            for count in range(min(3, len(left)), 0, -1):
                yield " ".join(left[-count:]), head
