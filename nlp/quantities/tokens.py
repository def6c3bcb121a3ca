"""Tokens of a text for the trained models: words, numbers and single signs, each with its kind.

Kinds, the first that fits: NUM (digits), YEAR, WORD (a number in words), UNIT, BOUND ("about", "<"), MONTH,
GREEK, STOP (words of grammar), VERB (forms of be, have, do and common verbs of reporting), the sign itself, else
LOW, CAP or ABBR by the letters' case.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from nlp.quantities.numbers import SCALES
from nlp.quantities.numbers import WORDS as NUMBER_WORDS
from nlp.quantities.units import load_forms
from nlp.quantities.words import get_words

_TOKEN = re.compile(r"\d+(?:[.,]\d+)*|[μµ]?[A-Za-z]+(?:['’][a-z]+)?|[^\W\d_A-Za-z]+|\S")
_LISTS = {"month": "month", "bound": "bound", "verb": "report", "stop": "grammar"}  # kind of token -> kind of word
NUMBERS = ("NUM", "YEAR", "WORD")  # kinds of numbers
WORDS = ("LOW", "CAP", "ABBR")  # kinds of words that are in no list
_GREEK = re.compile(r"[α-ωΑ-Ω]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    start: int
    end: int
    text: str
    low: str  # in lower case, digits as 0
    kind: str
    glued: bool  # nothing is between it and the token before


EDGE = Token(start=0, end=0, text="", low="·", kind="EDGE", glued=False)  # before the first and after the last token


def get_token(tokens: Sequence[Token], place: int) -> Token:
    """The token at a place, `EDGE` outside the text."""
    return tokens[place] if 0 <= place < len(tokens) else EDGE


def find_tokens(text: str, start: int = 0, end: int | None = None) -> list[Token]:
    """Tokens between two offsets."""
    found: list[Token] = []
    for match in _TOKEN.finditer(text, start, len(text) if end is None else end):
        word = match[0]
        glued = bool(found) and found[-1].end == match.start()
        found.append(
            Token(
                start=match.start(), end=match.end(), text=word, low=re.sub(r"\d", "0", word.lower()),
                kind=get_kind(word), glued=glued,
            )
        )  # fmt: skip
    return found


def get_kind(word: str) -> str:
    """The kind of a token by its text."""
    low = word.lower()
    if word[0].isdigit():
        return "YEAR" if re.fullmatch(r"1[5-9]\d\d|20[0-4]\d", word) else "NUM"
    if low in NUMBER_WORDS or low in SCALES:
        return "WORD"
    if word in _load_sets()["unit"] or (len(word) > 2 and low in _load_sets()["unit"]):
        return "UNIT"
    for kind in _LISTS:
        if low in _load_sets()[kind]:
            return kind.upper()
    if _GREEK.fullmatch(word):
        return "GREEK"
    if not word[0].isalpha():
        return word
    return "LOW" if word.islower() else ("ABBR" if word[1:].isupper() or len(word) == 1 else "CAP")


def get_shape(word: str) -> str:
    """The shape of a word: X for upper case, x for lower case, 0 for digits, runs shortened to two."""
    shape = re.sub(r"[A-Z]", "X", re.sub(r"[a-z]", "x", re.sub(r"\d", "0", word)))
    return re.sub(r"(.)\1{2,}", r"\1\1", shape)


@cache
def _load_sets() -> dict[str, frozenset[str]]:
    found = {kind: get_words(name) for kind, name in _LISTS.items()}
    return found | {"unit": get_words("science") | {form for form in load_forms() if " " not in form}}
