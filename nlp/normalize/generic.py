"""Names that say what an institution does and not which one it is: "the Heart Institute", "Cancer Research Institute".

Somewhere there are several of each, however many our extract of the registry has. How a name is judged, from the data:
1. a word is common when institutions of `MANY` countries have it in their names, none with most of them ("American"),
   or of `SOME` countries where an ontology's lower-case terms or the titles of `TITLES` journals have it too ("heart",
   "genetics", not "Mary"). The name of a place is not, nor that of a continent;
2. a name is generic when all its words are common and they weigh little together (`MOST`, as information in nats):
   "International Society for Stem Cell Research" weighs enough to be one. Every country has its ministries.

A generic name is tied only with something next to it, in its sentence and near: the town of the institution, its
country if no other town is there, or what it is a part of. One such place in the text is enough for all. A ministry or
a national institute needs no more than its country: the source's, or one that the text names or has an institution of.
Names of the hand lists that are marked as usually meant (Medical Research Council) need nothing.
"""

from __future__ import annotations

import hashlib
import math
import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from nlp.compiled_lexicons import load_compiled
from nlp.entities.annotations import EntitySpan
from nlp.entities.spelling import fold
from nlp.entities.vocabulary import parse_lexicon
from nlp.normalize.affiliations import word_key, words_of
from nlp.normalize.sites import REGISTRY, parse_registry

FORMAT = 1
INSTITUTIONS, PLACES = "institution.tsv", "place.tsv"
TERMS, JOURNALS = ("disease.tsv", "anatomy.tsv", "cell_type.tsv"), "journal.tsv"
TITLES = 15  # journals
CONTINENTS = frozenset({"african", "arab", "asian", "european", "latin", "nordic", "pacific"})
MANY, SOME, MAINLY = 30, 8, 0.6  # countries; the largest share of one of them
EVEN_PLACES = 60  # countries from which a word is common although a place has this name ("general", "central")
MOST = 20.0  # nats: a name of common words that weighs more is one institution's
REACH = 60  # characters before and after a name
SENTENCE = re.compile(r"[.!?。]\s|\n")
LETTERS = re.compile(r"[^\W\d_]+")
OF_A_COUNTRY = re.compile(r"(?:National|Ministry|Central|State|Federal|Department|Royal)\b")


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """Where an institution is, and what it is part of."""

    country: str
    city: str
    parents: tuple[str, ...]  # concepts


@dataclass(frozen=True, slots=True, kw_only=True)
class Commons:
    """Common words with their weights, and the homes of all institutions of the registry."""

    weights: Mapping[str, float]
    homes: Mapping[str, tuple[str, str, str]]  # ROR id -> country, city, parents


class Generic:
    """Judges names. Loaded when the first institution needs it."""

    def __init__(self, commons: Commons) -> None:
        self._is = commons

    def is_generic(self, name: str) -> bool:
        words = [word.text for word in words_of(name)]
        weights = [self._is.weights.get(word) for word in words]
        known = [weight for weight in weights if weight is not None]
        if not words or len(known) < len(words):
            return False
        return OF_A_COUNTRY.match(name) is not None or sum(known) <= MOST

    def home(self, concept: str) -> Home | None:
        """Where an institution is; None for one that the registry lacks."""
        row = self._is.homes.get(concept.removeprefix("ROR:"))
        if row is None:
            return None
        return Home(country=row[0], city=row[1], parents=tuple(f"ROR:{one}" for one in row[2].split()))


@dataclass(frozen=True, slots=True, kw_only=True)
class Near:
    """A place or institution next to a name."""

    distance: int
    surface: str
    is_town: bool
    countries: frozenset[str]
    concepts: frozenset[str]


def is_beside(home: Home, name: str, near: Sequence[Near], countries: Collection[str]) -> bool:
    """Whether what is near a generic name says that this institution is meant.

    `countries` are the source's and those that the text names.
    """
    if any(set(home.parents) & one.concepts for one in near):
        return True
    if any(fold(one.surface) == fold(home.city) for one in near if home.city):
        return True
    places = [one for one in near if one.is_town or one.countries]
    towns = [one for one in places if one.is_town]
    if OF_A_COUNTRY.match(name):
        return home.country in countries
    if towns:
        return False  # another town
    nearest = min(places, key=lambda one: one.distance, default=None)
    return nearest is not None and nearest.countries == {home.country}


def find_near(
    text: str, one: EntitySpan, found: Iterable[EntitySpan], facts: Mapping[int, tuple[frozenset[str], frozenset[str]]]
) -> list[Near]:
    """Places and institutions near a name, in its sentence. `facts`: index of a span -> its countries and concepts."""
    first = max([one.start - REACH, *(m.end() for m in SENTENCE.finditer(text, max(0, one.start - REACH), one.start))])
    stop = SENTENCE.search(text, one.end, one.end + REACH)
    last = stop.start() if stop else one.end + REACH
    near = []
    for at, other in enumerate(found):
        if other.end <= first or other.start >= last or (other.start < one.end and one.start < other.end):
            continue
        countries, concepts = facts.get(at, (frozenset(), frozenset()))
        if other.type == "PLACE":
            is_town = not any(concept.startswith("ISO3166") for concept in concepts)
            countries = frozenset() if is_town and not concepts else countries
        elif other.type == "INSTITUTION":
            is_town, countries = False, frozenset()
        else:
            continue
        distance = max(other.start - one.end, one.start - other.end)
        near.append(
            Near(
                distance=distance, surface=text[other.start : other.end], is_town=is_town, countries=countries,
                concepts=concepts,
            )
        )  # fmt: skip
    return near


def load_generic(lexicons: Path, cache_folder: Path) -> Generic:
    """Raises ConfigError on a broken row."""
    return Generic(
        load_compiled(cache_folder, "generic", fingerprint_of(lexicons), Commons, lambda: find_commons(lexicons))
    )


def fingerprint_of(lexicons: Path) -> str:
    total = hashlib.sha256(f"format {FORMAT} {MANY} {SOME} {MAINLY} {EVEN_PLACES}".encode())
    for path in (REGISTRY, Path(__file__), *(lexicons / name for name in (INSTITUTIONS, PLACES, JOURNALS, *TERMS))):
        total.update(hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()


def find_commons(lexicons: Path) -> Commons:
    """The common words of the registry's names, by the countries that have them."""
    homes = {
        ror: (country, city, parents)
        for ror, country, city, _, parents, _ in parse_registry(REGISTRY.read_bytes(), where=REGISTRY.name)
    }
    holders: defaultdict[str, set[str]] = defaultdict(set)
    for row in parse_lexicon((lexicons / INSTITUTIONS).read_bytes(), where=INSTITUTIONS):
        ror = row.concept.removeprefix("ROR:")
        if ror in homes:
            for part in words_of(row.surface):
                holders[part.text].add(ror)
    terms = {word for name in TERMS for word in find_lower_words(lexicons / name)}
    terms |= find_fields(lexicons / JOURNALS)
    places = find_place_words(lexicons / PLACES)
    weights: dict[str, float] = {}
    for word, sites in holders.items():
        countries = Counter(homes[site][0] for site in sites)
        mainly = max(countries.values()) / len(sites)
        if word in CONTINENTS or (word in places and len(countries) < EVEN_PLACES):
            continue
        if mainly <= MAINLY and (len(countries) >= MANY or (len(countries) >= SOME and word in terms)):
            weights[word] = math.log(len(homes) / len(sites))
    return Commons(weights=weights, homes=homes)


def find_lower_words(path: Path) -> set[str]:
    """Words of an ontology's names that it writes in small letters."""
    return {
        form.text
        for row in parse_lexicon(path.read_bytes(), where=path.name)
        for word in LETTERS.findall(row.surface)
        if word.islower()
        for form in words_of(word)
    }


def find_fields(path: Path) -> set[str]:
    """Words of the titles of many journals: what is studied, and not who founded a hospital."""
    journals: defaultdict[str, set[str]] = defaultdict(set)
    for row in parse_lexicon(path.read_bytes(), where=path.name):
        for word in words_of(row.surface):
            journals[word.text].add(row.concept)
    return {word for word, titles in journals.items() if len(titles) >= TITLES}


def find_place_words(path: Path) -> set[str]:
    """Places of one word."""
    return {word_key(row.surface) for row in parse_lexicon(path.read_bytes(), where=path.name)}
