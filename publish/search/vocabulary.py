"""Words that a reader types next to a topic and that are values of a facet: retracted, trial, mice, Korea, phase 1.

Which values there are is what an edition has (its table `facet`); by which words each goes is said by `core.facets`:
the value itself, its words, its plural. The facets are those that `core.facets` declares as `typed`: what a
document is and rests on.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from core.facets import facets
from publish.search.asking import Ask, Steps
from publish.search.fold import name_key

VALUES = "SELECT facet, value, label, tag FROM facet WHERE facet IN (SELECT value FROM json_each(:facets))"


def typed_filters() -> list[str]:
    """The filters whose values are understood."""
    return [str(facet.filter) for facet in facets().shown_in("typed")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """A value of a facet that the edition has, and its word in the column `tags` of the index."""

    filter: str
    value: str
    label: str
    tag: str

    @property
    def said(self) -> str:
        """In words, as in "Kind: Trial"."""
        facet = facets().filters[self.filter]
        words = facet.words(self.value)
        return f"{facet.title}: {words if words != self.value else self.label}"


Values = Mapping[str, tuple[Value, ...]]  # by the keys of the words that they go by


def find_values() -> Steps[Values]:
    """The values of an edition by the keys of the words that they go by."""
    rows = yield Ask(VALUES, {"facets": json.dumps(typed_filters())})
    return by_key(Value(filter=row["facet"], value=row["value"], label=row["label"], tag=row["tag"]) for row in rows)


def by_key(values: Iterable[Value]) -> Values:
    """Values by the keys of the words that they go by."""
    found: dict[str, list[Value]] = {}
    for one in values:
        facet = facets().filters[one.filter]
        if one.value == facet.absent:
            continue
        words = {one.value, one.label, facet.words(one.value), facet.plurals.get(one.value, one.value)}
        if one.filter == "kind":
            words.add(facet.words(one.value).split()[0])
        for key in {name_key(word) for word in words} - {""}:
            found.setdefault(key, []).append(one)
    return {key: tuple(some) for key, some in found.items()}


@cache
def question_words() -> frozenset[str]:
    """Words of questions, in every language of the file."""
    table = tomllib.loads(Path(__file__).with_name("question_words.toml").read_text("utf-8"))
    return frozenset(word for words in table.values() for word in words.split())


def is_question_word(word: str) -> bool:
    """Whether a word as it was typed is one: how, How, but not WHO."""
    plain = word.strip("?!.,;:…。？")
    return plain.casefold() in question_words() and not (len(plain) > 1 and plain.isupper())
