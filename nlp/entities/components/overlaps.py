"""One span, one thing: settles overlaps between types, last of all.

A mention is dropped when a mention of a type that `swallows` its type covers it (the TOMLs say who swallows
whom): "Journal of Spinal Cord Injury" is a journal and no injury. Two types that do not swallow each other may
overlap: "lung cancer cells" names a disease and a cell. Within one type the longest stays, then the leftmost, then
the one with a meaning; of one span with two types likewise, then that of the type that swallows more.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from nlp.entities.notes import Component, Found, Tools, notes_of

STEP, ALWAYS = 90, True
STRETCH = 128  # characters


def make(tools: Tools) -> Component:
    eaten = {one.label: frozenset(one.swallows) for one in tools.types}

    def overlaps(doc: Any) -> Any:
        notes = notes_of(doc)
        kept: list[Found] = []
        near: defaultdict[int, list[Found]] = defaultdict(list)  # kept ones by stretch of text
        for one in sorted(notes.found, key=lambda f: (-f.length, f.start, not f.names, -len(eaten[f.type]))):
            stretches = range(one.start // STRETCH, (one.end - 1) // STRETCH + 1)
            if not any(beats(other, one, eaten) for number in stretches for other in near[number]):
                kept.append(one)
                for number in stretches:
                    near[number].append(one)
        eaters: defaultdict[tuple[int, int], set[str]] = defaultdict(set)  # of one and the same span
        for one in kept:
            eaters[one.start, one.end] |= eaten.get(one.type, frozenset())
        kept = [one for one in kept if one.type not in eaters[one.start, one.end]]
        notes.found = sorted(kept, key=lambda f: (f.start, f.end))
        return doc

    return overlaps


def beats(other: Found, one: Found, eaten: dict[str, frozenset[str]]) -> bool:
    """True when `other`, which is no shorter, leaves no room for `one`."""
    if other.end <= one.start or one.end <= other.start:
        return False
    return other.type == one.type or one.type in eaten.get(other.type, frozenset())
