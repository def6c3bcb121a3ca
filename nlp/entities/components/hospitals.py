"""Hospitals named by their university: "Sampleton University's hospital", later "the university hospital".

1. A university with a concept owns the "(university) hospital" directly after its possessive 's.
2. "The university hospital" and "its university hospital" belong to the university before them, if the text names only
   one before.

Which hospital that is: the one called "X University Hospital" or "… Medical Center", otherwise the only part of the
university that ROR lists as healthcare. With several or none, nothing is added.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from nlp.entities.annotations import Annotations, EntitySpan
from nlp.entities.component import Component, Inactive, Tools
from nlp.entities.spelling import fold_name
from nlp.entities.vocabulary import Vocabulary
from nlp.normalize.sites import REGISTRY, parse_registry

STEP, ALWAYS = 86, True
VERSION = "hospitals/1"
OWN = re.compile(r"['’]s (?:own )?(?:university )?(?:hospital|medical cent(?:er|re))\b(?! [A-Z])")
LATER = re.compile(
    r"(?<![\w-])(?:[Tt]he|[Ii]ts|[Tt]heir) (?:own )?(?:university|college|school|university['’]s) "
    r"(?:hospital|medical cent(?:er|re))\b(?! [A-Z])"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hospital:
    """The hospital of a university: the university's name, and the hospital's number in the vocabulary."""

    university: str
    number: int


def make(tools: Tools) -> Component:
    owned = tools.of_component("institutions")
    return Hospitals(owned[0].label, tools.vocabulary, find_only_hospitals) if owned else Inactive()


class Hospitals(Component):
    """Adds hospitals that are named by their university. `only_hospitals` is called when the first one is needed."""

    english = True

    def __init__(self, label: str, vocabulary: Vocabulary, only_hospitals: Callable[[], Mapping[str, str]]) -> None:
        self._label = label
        self._vocabulary = vocabulary
        self._only_hospitals = only_hospitals
        self._type = vocabulary.labels.index(label)
        self._numbers = vocabulary.numbers_of(None, prefix="ROR:")

    def annotate(self, annotations: Annotations) -> None:
        text = annotations.text
        universities = [
            one for one in annotations.found if one.type == self._label and "niversit" in text[one.start : one.end]
        ]
        if not universities:
            return
        universities.sort(key=lambda one: one.start)
        taken = {(one.start, one.end) for one in annotations.found}
        annotations.found += list(self.find_owned(text, universities))
        annotations.found += list(self.find_later(text, universities, taken))

    def find_owned(self, text: str, universities: list[EntitySpan]) -> Iterator[EntitySpan]:
        """Hospitals directly after the possessive of their university."""
        for one in universities:
            behind = OWN.match(text, one.end)
            hospital = self.find_hospital(one) if behind else None
            if behind and hospital:
                yield self.make_span(behind.start() + 3, behind.end(), hospital)

    def find_later(
        self, text: str, universities: list[EntitySpan], taken: set[tuple[int, int]]
    ) -> Iterator[EntitySpan]:
        """ "The university hospital" further on, where only one university is named before it."""
        for match in LATER.finditer(text):
            before = [one for one in universities if one.end <= match.start()]
            names = {text[one.start : one.end] for one in before}
            start = match.start() + match.group().index(" ") + 1
            hospital = self.find_hospital(before[-1]) if len(names) == 1 else None
            if hospital and not any(a < match.end() and start < b for a, b in taken):
                yield self.make_span(start, match.end(), hospital)

    def find_hospital(self, university: EntitySpan) -> Hospital | None:
        """The only hospital of a university, or None."""
        meant = {name.concept for name in university.names if name.concept is not None}
        if university.type != self._label or len(meant) != 1:
            return None
        owner = self._vocabulary.get_concept(min(meant))
        if "niversit" not in owner.name:
            return None
        for kind in ("hospital", "medical center"):
            names = self._vocabulary.get_names(fold_name(f"{owner.name} {kind}"))
            named = {name.concept for name in names if name.type == self._type}
            if len(named) == 1 and (number := min(named, key=str)) is not None:
                return Hospital(university=owner.name, number=number)
        ror = self._only_hospitals().get(owner.id.removeprefix("ROR:"))
        number = self._numbers.get(f"ROR:{ror}")
        return None if number is None else Hospital(university=owner.name, number=number)

    def make_span(self, start: int, end: int, hospital: Hospital) -> EntitySpan:
        """The hospital at a place of the text, with its concept."""
        return EntitySpan(
            start=start,
            end=end,
            type=self._label,
            names=(),
            component=VERSION,
            concept=self._vocabulary.get_concept(hospital.number),
            why=f"the hospital of {hospital.university} in ROR",
        )


@cache
def find_only_hospitals() -> dict[str, str]:
    """ROR id of an institution -> that of the one hospital that is a part of it."""
    held: dict[str, set[str]] = {}
    for ror, _, _, kinds, parents, _ in parse_registry(REGISTRY.read_bytes(), where=REGISTRY.name):
        if "healthcare" in kinds.split(" "):
            for parent in parents.split(" "):
                if parent:
                    held.setdefault(parent, set()).add(ror)
    return {parent: min(found) for parent, found in held.items() if len(found) == 1}
