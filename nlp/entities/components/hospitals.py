"""Hospitals named by their university: "Sampleton University's hospital", "the university hospital" further on.

A university found with a concept owns what is called "'s (university) hospital" directly behind it; "the university
hospital" and "its university hospital" are that of the university before them, when the text names no other before.
Which one that is: the one called "X University Hospital" or "… Medical Center", else the only part of the university of
the kind healthcare in ROR. With several or none, nothing is said.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from nlp.entities.notes import Component, Found, Tools, notes_of
from nlp.entities.spelling import fold_name
from nlp.normalize.sites import REGISTRY, parse_registry

STEP, ALWAYS = 86, True
VERSION = "hospitals/1"
OWN = re.compile(r"['’]s (?:own )?(?:university )?(?:hospital|medical cent(?:er|re))\b(?! [A-Z])")
LATER = re.compile(
    r"(?<![\w-])(?:[Tt]he|[Ii]ts|[Tt]heir) (?:own )?(?:university|college|school|university['’]s) "
    r"(?:hospital|medical cent(?:er|re))\b(?! [A-Z])"
)


@cache
def only_hospitals() -> dict[str, str]:
    """ROR id of an institution -> that of the one hospital that is a part of it."""
    held: dict[str, set[str]] = {}
    for ror, _, _, kinds, parents, _ in parse_registry(REGISTRY.read_bytes(), where=REGISTRY.name):
        if "healthcare" in kinds.split(" "):
            for parent in parents.split(" "):
                if parent:
                    held.setdefault(parent, set()).add(ror)
    return {parent: min(found) for parent, found in held.items() if len(found) == 1}


def make(tools: Tools) -> Component:
    owned = tools.of_component("institutions")
    if not owned:
        return lambda doc: doc
    (institution,) = owned
    vocabulary = tools.vocabulary
    numbers = vocabulary.numbers_of(None, prefix="ROR:")
    label = vocabulary.labels.index(institution.label)

    def hospital_of(one: Found) -> tuple[str, int] | None:
        """The university's name and the number of its only hospital."""
        meant = {name.concept for name in one.names if name.concept is not None}
        if one.type != institution.label or len(meant) != 1:
            return None
        owner = vocabulary.get_concept(min(meant))
        if "niversit" not in owner.name:
            return None
        for kind in ("hospital", "medical center"):
            named = {n.concept for n in vocabulary.get_names(fold_name(f"{owner.name} {kind}")) if n.type == label}
            if len(named) == 1 and (found := min(named, key=str)) is not None:
                return owner.name, found
        ror = only_hospitals().get(owner.id.removeprefix("ROR:"))
        number = numbers.get(f"ROR:{ror}")
        return None if number is None else (owner.name, number)

    def made(start: int, end: int, owner: tuple[str, int]) -> Found:
        concept = vocabulary.get_concept(owner[1])
        why = f"the hospital of {owner[0]} in ROR"
        return Found(
            start=start, end=end, type=institution.label, names=(), component=VERSION, concept=concept, why=why
        )

    def hospitals(doc: Any) -> Any:
        notes = notes_of(doc)
        text = notes.text
        universities = sorted(
            (one for one in notes.found if one.type == institution.label and "niversit" in text[one.start : one.end]),
            key=lambda one: one.start,
        )
        if not universities:
            return doc
        taken = {(one.start, one.end) for one in notes.found}
        for one in universities:
            behind = OWN.match(text, one.end)
            owner = hospital_of(one) if behind else None
            if behind and owner:
                start = behind.start() + 3
                notes.found.append(made(start, behind.end(), owner))
        for match in LATER.finditer(text):
            before = [one for one in universities if one.end <= match.start()]
            names = {text[one.start : one.end] for one in before}
            start = match.start() + match.group().index(" ") + 1
            owner = hospital_of(before[-1]) if len(names) == 1 else None
            if owner and not any(a < match.end() and start < b for a, b in taken):
                notes.found.append(made(start, match.end(), owner))
        return doc

    return hospitals
