"""Numbers that the documents of a story give differently."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from publish.pages.rows import DocumentLine


@dataclass(frozen=True, slots=True, kw_only=True)
class Member(DocumentLine):
    """A document of a story, and how it tells it."""

    document: int
    role: str
    kept: float | None
    added: str
    dropped: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A number of a thing in a period, as one document gives it."""

    document: int
    subject: str
    unit: str
    period: str
    place: str | None
    series: str | None
    value: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Differing:
    """A number that documents give differently; `given` is a list of value, unit, and the documents that say so."""

    subject: str
    period: str
    given: tuple[tuple[float, str, tuple[Member, ...]], ...]


def find_differing(figures: Iterable[Figure], members: Iterable[Member]) -> list[Differing]:
    """Numbers of one thing in one period that documents of a story give differently, at most twenty.

    A document that gives two numbers for it is left out: it speaks of two things.
    """
    things: dict[object, list[Figure]] = defaultdict(list)
    for figure in figures:
        thing = figure.series or (figure.subject.casefold(), figure.unit, figure.place)
        things[thing, figure.period].append(figure)
    documents = {member.document: member for member in members}
    found = []
    for some in things.values():
        given = _by_value(some)
        if len(given) > 1:
            most = sorted(given.items(), key=lambda item: (-len(item[1][1]), item[0]))
            found.append(
                Differing(
                    subject=some[0].subject,
                    period=some[0].period,
                    given=tuple(
                        (value, unit, tuple(documents[one] for one in sayers)) for value, (unit, sayers) in most
                    ),
                )
            )
    return found[:20]


def _by_value(figures: Iterable[Figure]) -> dict[float, tuple[str, list[int]]]:
    """value -> its unit and the documents that give this value and no other."""
    units: dict[int, dict[float, str]] = defaultdict(dict)
    for figure in figures:
        units[figure.document][figure.value] = figure.unit
    given: dict[float, tuple[str, list[int]]] = {}
    for document, values in units.items():
        if len(values) == 1:
            [(value, unit)] = values.items()
            given.setdefault(value, (unit, []))[1].append(document)
    return given
