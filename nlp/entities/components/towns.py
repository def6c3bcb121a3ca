"""Which town of that name: what is written behind it decides, a state or a country.

The lexicon knows one Aberdeen, the one that most texts mean. In "Aberdeen, Idaho" it is another. In order:
1. pairs: a town, then ", " or " in " or " (", then a country, a state or its abbreviation. In a row of places
   ("London, Japan and Korea") a country behind a town says nothing about it, unless the lexicon has the town there;
2. a land that shares its name with another or with a town (Georgia, Victoria; `twins` in the TOML) is the one in which
   its town is, by our lexicon or the registry of institutions; without a town, the one in which other places of the
   text are;
3. the town keeps the meanings that are in that land. With none left it is a place without a concept;
4. the same town elsewhere in the text is the same one, where it has no land of its own behind it and the text pairs it
   with one land only.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import pairwise

from nlp.entities.annotations import Annotations, EntitySpan
from nlp.entities.component import Component, Inactive, Tools
from nlp.entities.spelling import fold_name
from nlp.entities.vocabulary import LABEL, Name, Vocabulary
from nlp.normalize.sites import REGISTRY, parse_registry

STEP, ALWAYS = 49, True
JOINT = re.compile(r",? (?:in )?(?:the )?|,? ?\(")
ROW = re.compile(r"(?:, | and |, and | or |, or | & )(?:the )?$")
STATE, COUNTRY = "ISO3166-2:", "ISO3166:"
TOWN = "city:"


def make(tools: Tools) -> Component:
    wanted = [one for one in tools.types if one.label == "PLACE" and "twins" in one.options]
    if not wanted or tools.in_dialect:
        return Inactive()
    return Towns(wanted[0].label, wanted[0].options["twins"], tools.vocabulary)


@dataclass(slots=True, kw_only=True)
class Pair:
    """A town and the land behind it: their numbers in the list of places."""

    town: int
    land: int
    countries: frozenset[str] = frozenset()


class Towns(Component):
    """Narrows the meanings of towns and lands. `twins`: folded name -> ids of the lands that bear it."""

    def __init__(self, label: str, twins: Mapping[str, Sequence[str]], vocabulary: Vocabulary) -> None:
        self._label = label
        self._vocabulary = vocabulary
        self._type = vocabulary.labels.index(label)
        numbers = vocabulary.numbers_of({one for ids in twins.values() for one in ids})
        self._twins = {
            fold_name(name): tuple(Name(type=self._type, concept=numbers[one], flags=LABEL) for one in ids)
            for name, ids in twins.items()
        }

    def annotate(self, annotations: Annotations) -> None:
        places, rest = annotations.split_by_type(self._label)
        places = drop_covered(places)
        places = [self.with_twins(annotations, one) for one in places]
        pairs = self.find_pairs(annotations.text, places)
        for pair in pairs:
            self.settle_land(annotations, places, pair)
        self.settle_alone(places, {pair.land for pair in pairs})
        self.settle_towns(annotations, places, pairs)
        annotations.found = rest + places

    def with_twins(self, annotations: Annotations, one: EntitySpan) -> EntitySpan:
        """A land with all its meanings; a town that shares the name of a state has both."""
        twins = self._twins.get(fold_name(annotations.surface(one)))
        if twins is None:
            return one
        return replace(one, names=tuple(dict.fromkeys((*(n for n in one.names if self.is_town(n)), *twins))))

    def find_pairs(self, text: str, places: Sequence[EntitySpan]) -> list[Pair]:
        pairs = []
        for at, (town, land) in enumerate(pairwise(places)):
            if not self.is_land(land) or not self.may_be_town(town):
                continue
            if JOINT.fullmatch(text, town.end, land.start) is None:
                continue
            if self.is_row(text, places, at) and not self.countries(town.names) & self.countries(land.names):
                continue
            pairs.append(Pair(town=at, land=at + 1))
        return pairs

    def is_row(self, text: str, places: Sequence[EntitySpan], at: int) -> bool:
        """True when the country behind a town is an item of a row of places: "London, Japan and Korea".

        A state always belongs to the town before it, and so does a country before another such pair.
        """
        land, after = places[at + 1], places[at + 2 : at + 3]
        if self.has(land, STATE) or not after or ROW.fullmatch(text, land.end, after[0].start) is None:
            return False
        beyond = places[at + 3 : at + 4]
        return not (beyond and self.is_land(beyond[0]) and JOINT.fullmatch(text, after[0].end, beyond[0].start))

    def settle_land(self, annotations: Annotations, places: list[EntitySpan], pair: Pair) -> None:
        """The one land of those that bear the name in which the town is."""
        land, town = places[pair.land], places[pair.town]
        if len(self.countries(land.names)) > 1:
            here = self.countries(town.names) & self.countries(land.names)
            if len(here) != 1:
                here = cities().get(fold_name(annotations.surface(town)), frozenset()) & self.countries(land.names)
            if len(here) == 1:
                places[pair.land] = self.within(land, here)
        elif self.is_ambiguous(land):  # behind a town, a state and not the town of that name
            places[pair.land] = replace(land, names=tuple(name for name in land.names if not self.is_town(name)))
        pair.countries = self.countries(places[pair.land].names)

    def settle_alone(self, places: list[EntitySpan], behind: set[int]) -> None:
        """Lands without a town: by the countries of the other places."""
        open_ = [at for at, one in enumerate(places) if self.is_ambiguous(one)]
        if not open_:
            return
        named: set[str] = set()
        for at, one in enumerate(places):
            if at not in open_ and len(own := self.countries(one.names)) == 1:
                named |= own
        for at in open_:
            one = places[at]
            here = self.countries(one.names) & named
            names = self.within(one, frozenset(here)).names if len(here) == 1 else one.names
            towns = tuple(name for name in names if self.is_town(name))
            kept = towns if towns and at not in behind else names[:1]
            places[at] = replace(one, names=kept)

    def settle_towns(self, annotations: Annotations, places: list[EntitySpan], pairs: Sequence[Pair]) -> None:
        """Towns with a land behind them, and the same towns elsewhere."""
        said: defaultdict[str, set[frozenset[str]]] = defaultdict(set)
        why: dict[str, str] = {}
        paired = {pair.town for pair in pairs}
        for pair in pairs:
            if not pair.countries:
                continue
            folded = fold_name(annotations.surface(places[pair.town]))
            said[folded].add(pair.countries)
            why[folded] = f"a town of {annotations.surface(places[pair.land])}"
            places[pair.town] = self.narrow(places[pair.town], pair.countries, why[folded])
        for at, one in enumerate(places):
            folded = fold_name(annotations.surface(one))
            if at not in paired and len(said.get(folded, ())) == 1 and not self.is_land(one):
                (countries,) = said[folded]
                places[at] = self.narrow(one, countries, f"{why[folded]}, as said elsewhere in the text")

    def narrow(self, town: EntitySpan, countries: frozenset[str], why: str) -> EntitySpan:
        """The town with its meanings in these countries."""
        kept = self.within(town, countries).names
        if kept == town.names:
            return town
        return replace(town, names=kept, why=why if kept else f"{why}; our list has only one elsewhere")

    def within(self, one: EntitySpan, countries: frozenset[str]) -> EntitySpan:
        return replace(one, names=tuple(n for n in one.names if self.countries((n,)) & countries))

    def is_ambiguous(self, one: EntitySpan) -> bool:
        """True for a name that several lands, or a land and a town, bear."""
        return len(one.names) > 1 and self.is_land(one)

    def may_be_town(self, one: EntitySpan) -> bool:
        """True for a place that is no country and no state, or is a town too."""
        return not self.is_land(one) or any(map(self.is_town, one.names))

    def is_land(self, one: EntitySpan) -> bool:
        return self.has(one, STATE) or self.has(one, COUNTRY)

    def is_town(self, name: Name) -> bool:
        return self._id(name).startswith(TOWN)

    def has(self, one: EntitySpan, prefix: str) -> bool:
        return any(self._id(name).startswith(prefix) for name in one.names)

    def countries(self, names: Sequence[Name]) -> frozenset[str]:
        found = (self._vocabulary.get_concept(name.concept).country for name in names if name.concept is not None)
        return frozenset(code for code in found if code)

    def _id(self, name: Name) -> str:
        return "" if name.concept is None else self._vocabulary.get_concept(name.concept).id


def drop_covered(places: Sequence[EntitySpan]) -> list[EntitySpan]:
    """Places in their order, without those inside another; of the same span, the one with a meaning."""
    kept: list[EntitySpan] = []
    for one in sorted(places, key=lambda one: (one.start, -one.end, not one.names)):
        if not kept or one.end > kept[-1].end:
            kept.append(one)
    return kept


@cache
def cities() -> dict[str, frozenset[str]]:
    """Folded name of a city that has an institution in the registry -> its countries."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for _, country, city, *_ in parse_registry(REGISTRY.read_bytes(), where=REGISTRY.name):
        found[fold_name(city)].add(country)
    return {city: frozenset(countries) for city, countries in found.items()}
