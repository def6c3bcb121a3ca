"""Money: signs and codes of currencies, what a bare "$" stands for, and scales that are written after a sum only.

`currencies.tsv` holds, for each currency, its country, the signs and codes that may be before a number, and its
words after one. Codes count after the number too. In order:
1. a sign with letters is a currency of its own: A$, HK$, US$;
2. a sign that several countries share ("$", "¥", "Rs") is a family, and stays one ("dollars") unless the countries of
   the text and its source leave one member (`settle`). A text that names no country of a family has its usual member:
   US dollars, yen.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Collection
from dataclasses import dataclass
from functools import cache
from pathlib import Path

CURRENCIES = Path(__file__).with_name("currencies.tsv")
FAMILIES = {  # what a shared sign may mean: country -> currency, and the usual one where no such country is named
    "dollars": (
        {"US": "US dollars", "AU": "Australian dollars", "CA": "Canadian dollars", "NZ": "New Zealand dollars",
         "HK": "Hong Kong dollars", "TW": "Taiwan dollars", "SG": "Singapore dollars"},
        "US dollars",
    ),
    "yen or yuan": ({"JP": "yen", "CN": "yuan"}, "yen"),
    "rupees": ({"IN": "Indian rupees", "PK": "Pakistani rupees", "LK": "Sri Lankan rupees"}, "rupees"),
}  # fmt: skip
SCALES = {"k": 1e3, "m": 1e6, "mn": 1e6, "mln": 1e6, "mm": 1e6, "b": 1e9, "bn": 1e9, "bln": 1e9, "tn": 1e12}
SCALE = re.compile(rf"\s?(?P<scale>{'|'.join(sorted(SCALES, key=len, reverse=True))})(?![\w$])", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Currency:
    """One row of the table."""

    name: str
    signs: tuple[str, ...]
    words: tuple[str, ...]


@cache
def load_currencies() -> tuple[Currency, ...]:
    with CURRENCIES.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    return tuple(
        Currency(
            name=row["currency"],
            signs=tuple(row["signs"].split("|")),
            words=tuple(filter(None, row["words"].split("|"))),
        )
        for row in rows
    )


@cache
def get_names() -> frozenset[str]:
    """The names of all currencies and families."""
    members = (name for named, _ in FAMILIES.values() for name in named.values())
    return frozenset({one.name for one in load_currencies()}.union(members))


@cache
def load_words() -> dict[str, str]:
    """What may be after a number -> the currency: its words, and its codes."""
    return {
        form: one.name
        for one in load_currencies()
        for form in (*one.words, *(sign for sign in one.signs if sign.isalpha() and sign.isupper()))
    }


@cache
def get_codes() -> tuple[str, ...]:
    """Signs that are letters only: a number may follow them at once."""
    return tuple(sign for one in load_currencies() for sign in one.signs if sign.rstrip(".").isalpha())


@cache
def _names_of_signs() -> dict[str, str]:
    return {sign.lower(): one.name for one in load_currencies() for sign in one.signs}


def _write_sign(sign: str) -> str:
    """A sign that begins with a letter begins a word."""
    return (r"(?<![A-Za-z])" if sign[0].isalpha() else "") + re.escape(sign)


@cache
def get_sign_pattern() -> str:
    """A regular expression for a sign before a number."""
    signs = sorted((sign for one in load_currencies() for sign in one.signs), key=len, reverse=True)
    return "(?:" + "|".join(map(_write_sign, signs)) + ")"


@cache
def _before() -> re.Pattern[str]:
    return re.compile(rf"(?P<sign>{get_sign_pattern()})\s?$")


def find_sign(text: str, at: int) -> re.Match[str] | None:
    """The sign of a currency that ends at `at`."""
    return _before().search(text, max(0, at - 8), at)


def name_of(sign: str) -> str:
    """The currency, or the family, of a sign as written."""
    return _names_of_signs()[sign.strip().lower()]


def match_scale(text: str, at: int) -> tuple[float, int] | None:
    """(factor, end) of a scale after a sum: "$5m", "£1.2bn"."""
    match = SCALE.match(text, at)
    return (SCALES[match["scale"].lower()], match.end()) if match else None


def settle(unit: str, countries: Collection[str]) -> str:
    """The currency of a family in a text of these countries; any other unit as it is."""
    if unit not in FAMILIES:
        return unit
    members, usual = FAMILIES[unit]
    named = {members[country] for country in countries if country in members}
    return named.pop() if len(named) == 1 else unit if named else usual
