"""Whether a name made of common words is tied to one far institution: with and without a place next to it.

    ./run.sh bench generic_names [--json]

The names are those of `nlp/normalize/registry.tsv` and its lexicon that one institution has and that hold only words
which are among the `COMMON` commonest of all such names, no place and no word of one country: "Heart Institute". What
is common is counted here anew, without the product's own judgement (`nlp/normalize/generic.py`). Each is put in one
sentence of our own:

- tied_alone: without any place; it should be tied to none, apart from those that the hand list marks as usually meant;
- tied_elsewhere: with the town and country of another institution: none;
- tied_with_town, tied_with_country: with its own town, or its country alone: those that are tied, and `wrong_…` those
  that are tied to another institution.

`n` counts the names that are found as institutions in the sentence without a place.
"""

from __future__ import annotations

import sys
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import pycountry

from bench.measure import Board, Measure
from nlp.entities import Reader, load
from nlp.entities.vocabulary import parse_lexicon
from nlp.normalize.affiliations import word_key, words_of
from nlp.normalize.sites import LEXICONS, REGISTRY, parse_registry

COMMON = 400  # words
MAINLY = 0.6  # of the institutions of a word in one country: it says the country ("American", "Slovak")
MOST = 1000  # names that are asked, every k-th of all
ALONE = "She was treated at the {name} and went home after a week."
BESIDE = "She was treated at the {name} in {place} and went home after a week."
FAR = ("Sampleton, Vanuatu", "Fiji")  # where nearly no institution of the registry is


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A name with the one institution that has it."""

    name: str
    concept: str
    city: str
    country: str


def find_cases() -> list[Case]:
    """Every name of common words that one institution has."""
    homes = {
        f"ROR:{ror}": (city, country)
        for ror, country, city, *_ in parse_registry(REGISTRY.read_bytes(), where=REGISTRY.name)
    }
    holders: defaultdict[str, set[str]] = defaultdict(set)
    for row in parse_lexicon((LEXICONS / "institution.tsv").read_bytes(), where="institution.tsv"):
        if row.concept in homes and row.surface.isascii():
            holders[row.surface].add(row.concept)
    places = {
        word.text
        for row in parse_lexicon((LEXICONS / "place.tsv").read_bytes(), where="place.tsv")
        for word in words_of(row.surface)
        if " " not in word_key(row.surface)
    }
    counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for name, held in holders.items():
        for word in words_of(name):
            counts[word.text].update(homes[one][1] for one in held)
    commonest = sorted(counts, key=lambda word: -counts[word].total())[:COMMON]
    national = {word for word in commonest if max(counts[word].values()) > MAINLY * counts[word].total()}
    common = set(commonest) - places - national
    return [
        Case(name=name, concept=next(iter(held)), city=homes[next(iter(held))][0], country=country)
        for name, held in sorted(holders.items())
        if len(held) == 1
        and 2 <= len(words := words_of(name)) <= 4
        and all(word.text in common for word in words)
        and (country := name_of(homes[next(iter(held))][1]))
    ]


def name_of(code: str) -> str:
    found = pycountry.countries.get(alpha_2=code)
    return str(getattr(found, "common_name", found.name)) if found else ""


def tied(reader: Reader, case: Case, place: str) -> tuple[bool, str | None]:
    """Whether the name is found as an institution, and its concept."""
    text = (BESIDE if place else ALONE).format(name=case.name, place=place)
    mentions = reader.read(document="x", title="", text=text, lang="en").mentions
    own = [m for m in mentions if m.type == "INSTITUTION" and m.surface == case.name]
    return bool(own), own[0].concept if own else None


def main(argv: Sequence[str] | None = None) -> int:
    board = Board.start("names of common words, tied or not", argv)
    board.found += 1
    reader = load({})
    cases = find_cases()
    cases = [case for case in cases[:: -(-len(cases) // MOST)] if tied(reader, case, "")[0]]
    for figure in measure(reader, cases):
        board.show(figure)
    return board.finish()


def measure(reader: Reader, cases: Sequence[Case]) -> Iterator[Measure]:
    def share(name: str, hits: int) -> Measure:
        value = hits / len(cases) if cases else None
        return Measure(set="registry", measure=name, value=value, anchor=None, n=len(cases))

    yield share("tied_alone", sum(tied(reader, case, "")[1] is not None for case in cases))
    far = [(case, FAR[case.country == "Vanuatu"]) for case in cases]
    yield share("tied_elsewhere", sum(tied(reader, case, place)[1] is not None for case, place in far))
    for name, places in (
        ("town", [f"{case.city}, {case.country}" for case in cases]),
        ("country", [case.country for case in cases]),
    ):
        answers = [(case, tied(reader, case, place)[1]) for case, place in zip(cases, places, strict=True)]
        yield share(f"tied_with_{name}", sum(answer == case.concept for case, answer in answers))
        yield share(f"wrong_with_{name}", sum(answer not in (None, case.concept) for case, answer in answers))


if __name__ == "__main__":
    sys.exit(main())
