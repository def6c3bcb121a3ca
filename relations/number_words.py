"""Numbers in a running text, by value: "1,500", "1500" and "fifteen hundred" are the same.

Digits with thousands separators and decimals, English number words up to a million ("forty-nine", "two hundred and
six"), halves, thirds and quarters. A number that is part of a name does not count: "CD34", "COVID-19",
"NCT09087765", "10.1038/x". Neither does the number of a phase of trials, a time of day, or a bare "one".
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

UNITS = {
    word: number
    for number, word in enumerate(
        ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
         "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"]
    )
}  # fmt: skip
TENS = {
    word: 10 * number
    for number, word in enumerate(["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"], 2)
}
SCALES = {"hundred": 100, "thousand": 1000, "million": 1_000_000, "billion": 1_000_000_000}
SHARES = {"half": 0.5, "halves": 0.5, "third": 1 / 3, "thirds": 1 / 3, "quarter": 0.25, "quarters": 0.25}

_WORD = "|".join(sorted({*UNITS, *TENS, *SCALES, "dozen"}, key=len, reverse=True))
_WORDS = re.compile(rf"\b(?:{_WORD})(?:(?:[ -]|[ -]and[ -])(?:{_WORD}))*\b", re.I)
_DIGITS = re.compile(
    r"(?<![\w.,/:·])(?<![^\W\d]-)(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?(?:\s?(?:thousand|million|billion|bn|m)\b)?"
    r"(?![\d:]|[./]\w|,\d|-?[A-Za-z]+\d)",
    re.I,
)
_PHASE = re.compile(r"\b(?:phases?|stages?|grades?|types?|version|figures?|tables?)[ -]$", re.I)
_SHARE = re.compile(
    r"\b(?P<share>half(?= (?:of|the|a|its|their|his|her))|halves|(?<=\ba )third(?= of)|thirds|quarters?(?= of))\b", re.I
)
_TIMES = {"thousand": 1e3, "million": 1e6, "m": 1e6, "billion": 1e9, "bn": 1e9}


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundNumber:
    """A number of a text: its characters, and its value."""

    start: int
    end: int
    value: float


def find_numbers(text: str) -> list[FoundNumber]:
    """The numbers of a text in order.

    >>> [number.value for number in find_numbers("Forty-nine of 1,200 mice; CD34 and phase 2")]
    [49.0, 1200.0]
    """
    found = [*_find_digits(text), *_find_words(text), *_find_shares(text)]
    return sorted(found, key=lambda number: number.start)


def _find_digits(text: str) -> Iterator[FoundNumber]:
    for match in _DIGITS.finditer(text):
        if _PHASE.search(text[max(0, match.start() - 12) : match.start()]):
            continue
        digits = re.match(r"[\d,.]+", match[0])
        scale = match[0][digits.end() :].strip().lower() if digits else ""
        if digits:
            value = float(digits[0].rstrip(".,").replace(",", "")) * _TIMES.get(scale, 1)
            yield FoundNumber(start=match.start(), end=match.end(), value=value)


def _find_shares(text: str) -> Iterator[FoundNumber]:
    """ "Half of the eyes", "a third", "two thirds" (the two is a number of its own)."""
    for match in _SHARE.finditer(text):
        yield FoundNumber(start=match.start(), end=match.end(), value=round(SHARES[match["share"].lower()], 4))


def _find_words(text: str) -> Iterator[FoundNumber]:
    for match in _WORDS.finditer(text):
        words = re.split(r"[ -]+", match[0].lower())
        if _PHASE.search(text[max(0, match.start() - 12) : match.start()]):
            continue
        if words in (["one"], ["hundred"], ["thousand"], ["million"], ["billion"]):
            continue  # "one of them", "the million"
        value = _read_words([word for word in words if word != "and"])
        if value is not None:
            yield FoundNumber(start=match.start(), end=match.end(), value=float(value))


def _read_words(words: list[str]) -> float | None:
    """The value of number words; None where they are no one number ("two three")."""
    total, current, last = 0.0, 0.0, 10_000.0
    for word in words:
        if word in SCALES or word == "dozen":
            scale = SCALES.get(word, 12)
            current = max(current, 1) * scale
            if scale >= 1000:
                total, current = total + current, 0.0
            last = scale
            continue
        value = UNITS.get(word, TENS.get(word, 0))
        size = 10 if word in TENS else 1
        if size >= last and last != 10_000.0:
            return None
        current, last = current + value, size
    return total + current
