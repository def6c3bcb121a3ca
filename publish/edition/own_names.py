"""Which names without an identifier are things of their own, and which mentions mean the same thing.

`read_names` takes the mentions of one document, in their order, and gives those that name a thing, each with its own
key (`publish.search.own_key`), the name to show, and whether this document alone is enough to believe it. How a type's
names are read is declared in its facet (`own`):

* `proper` (institutions, journals): a capital, two words or a name of our lists, and none of the endings of
  `own_names.toml`. A short form that the document explains means the long one. A name that several institutions of the
  registry share, or one made of common words ("Heart Institute"), is nobody's;
* `known` (diseases, cell types): what our lexicons hold though no ontology has it. What only the tagger found
  must be two words at least and be named by two documents;
* `person`: a full name (`is_full_name`). One name alone, or one with initials, belongs to the one full name before it
  in the document that it fits, else to nobody. "Dr" and degrees are no part of a name.

What a text says only once, and no more than the tagger's guess speaks for, needs a second document.
"""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from core.facets import facets
from publish.search.own_key import own_key, person_key

RULES = Path(__file__).with_name("own_names.toml")
SHORT = re.compile(r"^(?:short for (?P<whole>.+)|abbreviation of '(?P<long>.+)' in this document)")
PARTICLES = frozenset(
    [
        "van",
        "von",
        "de",
        "del",
        "della",
        "di",
        "da",
        "dos",
        "du",
        "bin",
        "ibn",
        "al",
        "el",
        "la",
        "le",
        "der",
        "den",
        "ten",
        "ter",
        "zu",
        "af",
        "y",
        "e",
    ]
)
HANGUL_OR_HAN = re.compile(r"[\uac00-\ud7a3]{3,5}|[\u4e00-\u9fff]{2,4}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Met:
    """A mention without identifier, as the edition has it."""

    number: int
    type: str
    surface: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """A mention that names a thing. `sure`: no second document is needed."""

    number: int
    concept: str
    name: str
    sure: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """own_names.toml, compiled."""

    nobodys: re.Pattern[str]  # in why: the name is not one thing's
    guessed: re.Pattern[str]  # in why: only the tagger says so
    titles: re.Pattern[str]  # before a person's name
    degrees: re.Pattern[str]  # after it
    no_person: frozenset[str]  # words that no person's name has
    no_name: re.Pattern[str]  # what only looks like a proper name


@cache
def load_rules() -> Rules:
    raw = tomllib.loads(RULES.read_text("utf-8"))
    return Rules(
        nobodys=re.compile("|".join(raw["nobodys"])),
        guessed=re.compile("|".join(raw["guessed"])),
        titles=re.compile(rf"^(?:(?:{'|'.join(raw['titles'])})\b\.?\s+)+", re.IGNORECASE),
        degrees=re.compile(rf"(?:,?\s+(?:{'|'.join(raw['degrees'])})\.?)+$"),
        no_person=frozenset(raw["no_person"]),
        no_name=re.compile("|".join(raw["no_name"])),
    )


def read_names(mentions: Sequence[Met]) -> Iterator[Named]:
    """The mentions of one document that name a thing without identifier."""
    ways = {facet.name: facet.own for facet in facets().of_kind("type") if facet.own and facet.filter}
    yield from _read_people([one for one in mentions if ways.get(one.type) == "person"])
    times = Counter(own_key(one.type, one.surface) for one in mentions)
    for one in mentions:
        way = ways.get(one.type)
        name = _long_form(one)
        if way == "proper" and is_proper(name, one.why):
            sure = not load_rules().guessed.search(one.why) or times[own_key(one.type, one.surface)] > 1
        elif way == "known" and is_known(name, one.why):
            sure = not load_rules().guessed.search(one.why)
        else:
            continue
        if concept := own_key(one.type, name):
            yield Named(number=one.number, concept=concept, name=name, sure=sure)


def is_proper(name: str, why: str) -> bool:
    """Whether a name of an institution or a journal is that of one thing."""
    rules = load_rules()
    if rules.nobodys.search(why) or rules.no_name.search(name):
        return False
    guessed = rules.guessed.search(why) is not None
    return (name[:1].isupper() and (" " in name or not guessed)) or (not name.isascii() and not guessed)


def is_known(name: str, why: str) -> bool:
    """Whether a name of a disease or cell type is one thing's."""
    rules = load_rules()
    if rules.nobodys.search(why):
        return False
    return not rules.guessed.search(why) or (" " in name and not rules.no_name.search(name))


def _long_form(one: Met) -> str:
    match = SHORT.match(one.why)
    return (match["whole"] or match["long"]) if match else one.surface


def _read_people(mentions: Iterable[Met]) -> Iterator[Named]:
    """Full names with the mentions that mean the same person."""
    full: dict[str, str] = {}  # key -> name as first written
    held: list[tuple[Met, str]] = []
    sure: Counter[str] = Counter()
    for one in mentions:
        name = plain_person(one.surface)
        key = own_key("person", name) if is_full_name(name) else ""
        if key and key not in full:
            fuller = [known for known in full if _adds_initials(person_key(full[known]), person_key(name))]
            key = fuller[0] if len(fuller) == 1 else key
        elif not key:
            fits = [known for known in full if _fits(name, full[known])]
            key = fits[0] if len(fits) == 1 else ""
        if not key:
            continue
        full.setdefault(key, name)
        held.append((one, key))
        sure[key] += 1 + (not load_rules().guessed.search(one.why))
    for one, key in held:
        yield Named(number=one.number, concept=key, name=full[key], sure=sure[key] > 1)


def plain_person(surface: str) -> str:
    """A person's name without titles and degrees."""
    rules = load_rules()
    return rules.degrees.sub("", rules.titles.sub("", surface.strip())).strip(" ,")


def is_full_name(name: str) -> bool:
    """Whether a name has a given name and a surname, neither of them an initial."""
    if not name.isascii() and HANGUL_OR_HAN.fullmatch(name):
        return True
    words = re.split(r"\s+", name.replace(",", " ").strip())
    if not 2 <= len(words) <= 5 or any(char.isdigit() for char in name):
        return False
    if any(word.strip(".").casefold() in load_rules().no_person for word in words):
        return False
    spelled = [word for word in words if re.search("[^\\W\\d_]{2}", word) and not _is_initials(word)]
    named = [word for word in spelled if word.casefold() not in PARTICLES]
    return len(named) >= 2 and words[-1] in named and all(word[:1].isupper() for word in named)


def _is_initials(word: str) -> bool:
    """A., J.R., SG."""
    return bool(re.fullmatch(r"(?:[^\W\d_]\.?-?){1,2}|(?:[^\W\d_]\.){1,3}", word)) and word.upper() == word


def _adds_initials(known: str, name: str) -> bool:
    """Whether two folded names differ only in initials between first name and surname that one of them lacks."""
    one, other = known.split(), name.split()
    if len(one) == len(other) or len(one) < 2 or len(other) < 2 or (one[0], one[-1]) != (other[0], other[-1]):
        return False
    return min(len(one), len(other)) == 2 and all(len(word) == 1 for word in (*one[1:-1], *other[1:-1]))


def _fits(name: str, full: str) -> bool:
    """Whether one name alone, or one with initials (Cho SG, M. Ashdown-Price), is a part of a full name."""
    words = name.split()
    spelled = [word for word in words if not _is_initials(word)]
    initials = "".join(char for word in words if _is_initials(word) for char in word if char.isalpha()).casefold()
    parts = full.split()
    if len(spelled) != 1 or spelled[0].casefold() not in (part.casefold() for part in parts):
        return False
    rest = [part for part in parts if part.casefold() != spelled[0].casefold()]
    firsts = "".join(part[0] for whole in rest for part in whole.split("-") if part).casefold()
    return not initials or firsts.startswith(initials[:1])
