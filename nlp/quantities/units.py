"""Units: how they are written, and what we call them (`units.tsv`: a unit, its forms with | between).

The words of currencies (`money.py`) are units too.

A form counts at the end of a number, with or without a space or hyphen. The longest form counts. A form of up to three
letters must have the case of the table: ms is not MS.
"""

from __future__ import annotations

import csv
import re
from functools import cache
from pathlib import Path

from nlp.quantities.money import load_words

UNITS = Path(__file__).with_name("units.tsv")
TIME = frozenset({"years", "months", "weeks", "days", "hours", "minutes", "seconds"})
COUNTERS = frozenset({"people", "cases", "animals", "places", "items"})  # words that Korean and Chinese count with


def match_unit(text: str, at: int) -> re.Match[str] | None:
    """The unit that begins at `at`, after at most a space or hyphen; its form is the group `unit`."""
    return _load_pattern().match(text, at)


def get_unit(match: re.Match[str]) -> str:
    """The name of a matched unit, as `units.tsv` has it."""
    return _load_names()[match["unit"].lower()]


def load_forms() -> tuple[str, ...]:
    """All forms of units as written."""
    return tuple(_load_forms())


@cache
def _load_names() -> dict[str, str]:
    """A form in lower case -> the unit."""
    return {form.lower(): unit for form, unit in _load_forms().items()}


@cache
def _load_forms() -> dict[str, str]:
    """A form -> the unit."""
    with UNITS.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    return {form: row["unit"] for row in rows for form in row["forms"].split("|")} | load_words()


@cache
def _load_pattern() -> re.Pattern[str]:
    forms = sorted(_load_forms(), key=len, reverse=True)
    return re.compile(rf"[\s\u00a0-]?(?P<unit>{'|'.join(map(_write_pattern, forms))})", re.I)


def _write_pattern(form: str) -> str:
    """A regular expression for a form; letters may not follow one that ends with a letter."""
    if not (form[-1].isascii() and form[-1].isalpha()):
        return re.escape(form)
    written = rf"{re.escape(form)}(?![A-Za-z])"
    return f"(?-i:{written})" if len(form) <= 3 else written
