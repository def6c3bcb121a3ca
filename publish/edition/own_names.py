"""Which names without an identifier are things of their own, and which mentions mean the same thing.

`read_names` takes the mentions of one document, in their order, and gives those that name a thing, each with its own
key (`publish.search.own_key`), the name to show, and whether this document alone is enough to believe it. How a type's
names are read is declared in its facet (`own`):

* `proper` (institutions, journals): a capital, two words or a name of our lists, and nothing of `no_name` in
  `own_names.toml`. A short form that the document explains means the long one. A name that several institutions of the
  registry share is nobody's, and so is one made of common words ("Heart Institute") without a company's legal form.
  What the document also calls a person is no institution;
* `known` (diseases, cell types): what our lexicons hold though no ontology has it;
* `person`: a full name (`is_full_name`). One name alone, or one with initials, belongs to the one full name before it
  in the document that it fits, else to nobody. Titles, offices and degrees are no part of a name.

One document is enough (`sure`) for an institution or journal that has the shape of a name in its text (in a title in
capitals everything has) or ends like an institution's, for a disease or cell type of our lexicons in the title or
named twice, and for a person who is called one by a title, an office or what was said. Of the rest, what the tagger
only guesses to be a disease, a cell or a person is left out; all else needs a second source.
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
from publish.search.own_key import has_legal_form, own_key, person_key

GENERIC = "a name of common words; "  # why: nothing else speaks against it
RULES = Path(__file__).with_name("own_names.toml")
SHORT = re.compile(r"^(?:short for (?P<whole>.+)|abbreviation of '(?P<long>.+)' in this document)")
PARTICLES = frozenset(
    {"van", "von", "de", "del", "della", "di", "da", "dos", "du",
     "bin", "ibn", "al", "el", "la", "le", "der", "den", "ten", "ter", "zu", "af", "y", "e"}
)  # fmt: skip
WORD = re.compile(r"[^\W\d_][^\W\d_.'’-]*(?:[.'’-]+[^\W\d_]*)*")
HANGUL_OR_HAN = re.compile(r"[\uac00-\ud7a3]{3,5}|[\u4e00-\u9fff]{2,4}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Met:
    """A mention without identifier, as the edition has it."""

    number: int
    part: str  # title or text
    type: str
    surface: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """A mention that names a thing. `sure`: no second source is needed."""

    number: int
    concept: str
    name: str
    sure: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """own_names.toml, compiled."""

    nobodys: re.Pattern[str]  # in why: the name is not one thing's
    guessed: re.Pattern[str]  # in why: only the tagger says so
    organisation: re.Pattern[str]  # the end of an institution's name
    guessed_person: re.Pattern[str]  # as `guessed`, of people
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
        organisation=re.compile(rf" (?:{'|'.join(raw['organisation'])})$"),
        guessed_person=re.compile("|".join(raw["guessed_person"])),
        titles=re.compile(rf"^(?:\S+\s+)*(?:{'|'.join(raw['titles'])})\b\.?\s+"),
        degrees=re.compile(rf"(?:,?\s+(?:{'|'.join(raw['degrees'])})\.?)+$"),
        no_person=frozenset(raw["no_person"]),
        no_name=re.compile("|".join(raw["no_name"])),
    )


def read_names(mentions: Sequence[Met]) -> Iterator[Named]:
    """The mentions of one document that name a thing without identifier."""
    ways = {facet.name: facet.own for facet in facets().of_kind("type") if facet.own and facet.filter}
    people = [one for one in mentions if ways.get(one.type) == "person"]
    yield from _read_people(people)
    names = {word.casefold() for one in people for word in (one.surface, plain_person(one.surface))}
    found = []
    for one in mentions:
        way, name = ways.get(one.type), _long_form(one)
        proper = way == "proper" and is_proper(name, one.why) and name.casefold() not in names
        if (proper or (way == "known" and not _is_nobodys(one.why))) and (concept := own_key(one.type, name)):
            found.append((one, concept, name))
    times = Counter(concept for _, concept, _ in found)
    titled = {concept for one, concept, _ in found if one.part == "title"}
    written = {concept for one, concept, name in found if one.part == "text" and not _is_guess(one, name)}
    for one, concept, name in found:
        if ways[one.type] == "known" and concept not in written:
            continue
        sure = concept in written and (ways[one.type] == "proper" or times[concept] > 1 or concept in titled)
        yield Named(number=one.number, concept=concept, name=name, sure=sure)


def is_proper(name: str, why: str) -> bool:
    """Whether a name of an institution or a journal is that of one thing."""
    rules = load_rules()
    if rules.no_name.search(name) or (_is_nobodys(why) and not (why.startswith(GENERIC) and has_legal_form(name))):
        return False
    guessed = rules.guessed.search(why) is not None
    return (name[:1].isupper() and (" " in name or not guessed)) or (not name.isascii() and not guessed)


def _is_guess(one: Met, name: str) -> bool:
    """Whether nothing but the tagger speaks for a name."""
    rules = load_rules()
    if one.type == "institution" and rules.organisation.search(name):
        return False
    return rules.guessed.search(one.why) is not None


def _is_nobodys(why: str) -> bool:
    return load_rules().nobodys.search(why) is not None


def _long_form(one: Met) -> str:
    match = SHORT.match(one.why)
    return (match["whole"] or match["long"]) if match else one.surface


def _read_people(mentions: Iterable[Met]) -> Iterator[Named]:
    """Full names with the mentions that mean the same person."""
    full: dict[str, str] = {}  # key -> name as first written
    held: list[tuple[Met, str]] = []
    sure: set[str] = set()
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
        if not load_rules().guessed_person.search(one.why):
            sure.add(key)
    for one, key in held:
        yield Named(number=one.number, concept=key, name=full[key], sure=key in sure)


def plain_person(surface: str) -> str:
    """A person's name without titles and degrees."""
    rules = load_rules()
    return rules.degrees.sub("", rules.titles.sub("", surface.strip())).strip(" ,")


def is_full_name(name: str) -> bool:
    """Whether a name has a given name and a surname, neither of them an initial."""
    if not name.isascii() and HANGUL_OR_HAN.fullmatch(name):
        return True
    words = re.split(r"\s+", name.replace(",", " ").strip())
    if not 2 <= len(words) <= 5 or not all(WORD.fullmatch(word) for word in words):
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
