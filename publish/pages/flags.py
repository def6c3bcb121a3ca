"""Flags: the few values that a card or story emphasises, such as a retracted paper or work in animals.

Which facets make flags, and which of their values do not, is declared in the table of facets (`core.facets`, place
`flag`): the status of the paper comes first, because it is declared so.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from core.corrections import day_checked
from core.facets import facets

MOST = 6  # flags of one document or story


@dataclass(frozen=True, slots=True, kw_only=True)
class FlagRow:
    """A value that a document or story has; `n` is how many documents of a story have it, `rule` what it rests on."""

    owner: int
    facet: str
    value: str
    n: int
    rule: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Flag:
    """What a list shows, and the filter that finds all of its kind; the day on which a person checked it."""

    filter: str
    value: str
    checked: str = ""
    warns: bool = False


def flag_facets() -> str:
    """JSON array of the facets that make flags, for a query."""
    return json.dumps([facet.name for facet in facets().shown_in("flag")])


def to_flags(rows: Iterable[FlagRow]) -> dict[int, tuple[Flag, ...]]:
    """The flags of each document or story: facets in their order, of one facet the commonest value first."""
    shown = {facet.name: facet for facet in facets().shown_in("flag")}
    order = {name: place for place, name in enumerate(shown)}
    found: dict[int, list[Flag]] = defaultdict(list)
    flagged: dict[int, set[str]] = defaultdict(set)
    for row in sorted(rows, key=lambda row: (order[row.facet], -row.n, row.value)):
        facet = shown[row.facet]
        if facet.filter and facet.is_flag(row.value, flagged[row.owner]):
            flagged[row.owner].add(row.facet)
            found[row.owner].append(
                Flag(filter=facet.filter, value=row.value, checked=day_checked(row.rule), warns=facet.warns)
            )
    return {owner: tuple(flags[:MOST]) for owner, flags in found.items()}
