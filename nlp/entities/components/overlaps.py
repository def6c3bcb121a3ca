"""One span, one thing: removes overlaps between types, last of all.

A mention is dropped when a mention of a type that `swallows` its type covers or crosses it (the TOMLs say which type
swallows which): "Journal of Spinal Cord Injury" is a journal and not an injury. Two types that do not swallow each
other may overlap: "lung cancer cells" names a disease and a cell.

Within one type the longest stays, then the leftmost, then the one with a meaning. Of one span with two types the same
holds, then the type that swallows more stays.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from nlp.entities.annotations import Annotations, EntitySpan
from nlp.entities.component import Component, Tools

STEP, ALWAYS = 90, True
STRETCH = 128  # characters
Swallowed = Mapping[str, frozenset[str]]  # type -> the types that it swallows


def make(tools: Tools) -> Component:
    return Overlaps({one.label: frozenset(one.swallows) for one in tools.types})


class Overlaps(Component):
    """Leaves the findings that do not exclude each other, in the order of the text."""

    def __init__(self, swallowed: Swallowed) -> None:
        self._swallowed = swallowed

    def annotate(self, annotations: Annotations) -> None:
        kept = drop_same_spans(drop_beaten(annotations.found, self._swallowed), self._swallowed)
        annotations.found = sorted(kept, key=lambda f: (f.start, f.end))


def drop_beaten(found: Iterable[EntitySpan], swallowed: Swallowed) -> list[EntitySpan]:
    """Without spans that a longer one excludes."""
    kept: list[EntitySpan] = []
    near: defaultdict[int, list[EntitySpan]] = defaultdict(list)  # kept ones by stretch of text
    for one in sorted(found, key=lambda f: (-f.length, f.start, not f.names, -len(swallowed[f.type]))):
        stretches = range(one.start // STRETCH, (one.end - 1) // STRETCH + 1)
        if not any(beats(other, one, swallowed) for number in stretches for other in near[number]):
            kept.append(one)
            for number in stretches:
                near[number].append(one)
    return kept


def drop_same_spans(found: list[EntitySpan], swallowed: Swallowed) -> list[EntitySpan]:
    """Without types that another type of the very same span swallows."""
    eaten: defaultdict[tuple[int, int], set[str]] = defaultdict(set)
    for one in found:
        eaten[one.start, one.end] |= swallowed.get(one.type, frozenset())
    return [one for one in found if one.type not in eaten[one.start, one.end]]


def beats(other: EntitySpan, one: EntitySpan, swallowed: Swallowed) -> bool:
    """True when `other`, which is not shorter, excludes `one`."""
    if other.end <= one.start or one.end <= other.start:
        return False
    return other.type == one.type or one.type in swallowed.get(other.type, frozenset())
