"""Tokens of a text for the trained models: words, numbers and single signs, each with its kind.

Kinds, in order of preference: NUM (digits), YEAR, WORD (a number in words), UNIT, BOUND ("about", "<"), MONTH,
GREEK, STOP (words of grammar), VERB (forms of be, have, do and common verbs of reporting), the sign itself, else
LOW, CAP or ABBR by the letters' case.
"""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from functools import cache

from nlp.quantities.numbers import SCALES, WORDS
from nlp.quantities.rules import UNITS
from nlp.quantities.words import get_words

_TOKEN = re.compile(r"\d+(?:[.,]\d+)*|[μµ]?[A-Za-z]+(?:['’][a-z]+)?|[^\W\d_A-Za-z]+|\S")
_LISTS = {"month": "month", "bound": "bound", "verb": "report", "stop": "grammar"}  # kind of token -> kind of word
_GREEK = re.compile(r"[α-ωΑ-Ω]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    start: int
    end: int
    text: str
    low: str  # in lower case, digits as 0
    kind: str
    glued: bool  # nothing between it and the token before


def find_tokens(text: str, start: int = 0, end: int | None = None) -> list[Token]:
    """Tokens between two offsets."""
    found: list[Token] = []
    for match in _TOKEN.finditer(text, start, len(text) if end is None else end):
        word = match[0]
        glued = bool(found) and found[-1].end == match.start()
        found.append(
            Token(
                start=match.start(), end=match.end(), text=word, low=re.sub(r"\d", "0", word.lower()),
                kind=kind_of(word), glued=glued,
            )
        )  # fmt: skip
    return found


def kind_of(word: str) -> str:
    low = word.lower()
    if word[0].isdigit():
        return "YEAR" if re.fullmatch(r"1[5-9]\d\d|20[0-4]\d", word) else "NUM"
    if low in WORDS or low in SCALES:
        return "WORD"
    if word in _sets()["unit"] or (len(word) > 2 and low in _sets()["unit"]):
        return "UNIT"
    for kind in _LISTS:
        if low in _sets()[kind]:
            return kind.upper()
    if _GREEK.fullmatch(word):
        return "GREEK"
    if not word[0].isalpha():
        return word
    return "LOW" if word.islower() else ("ABBR" if word[1:].isupper() or len(word) == 1 else "CAP")


def shape_of(word: str) -> str:
    """Upper case X, lower case x, digits 0, runs shortened to two."""
    shape = re.sub(r"[A-Z]", "X", re.sub(r"[a-z]", "x", re.sub(r"\d", "0", word)))
    return re.sub(r"(.)\1{2,}", r"\1\1", shape)


@cache
def _sets() -> dict[str, frozenset[str]]:
    with UNITS.open(encoding="utf-8", newline="") as file:
        forms = [form for row in csv.DictReader(file, delimiter="\t") for form in row["forms"].split("|")]
    found = {kind: get_words(name) for kind, name in _LISTS.items()}
    return found | {"unit": get_words("science") | {form for form in forms if " " not in form}}
