"""Words that change what a number says: bounds ("at least", 이상) and "more than" signs after a number."""

from __future__ import annotations

import re

BEFORE = {  # modifier -> words before a number
    "at least": r"more than|greater than|over|at least|no (?:less|fewer) than|upwards? of|above|exceed(?:s|ed|ing)?"
    r"|≥|>=?|⩾|in excess of|a minimum of|超过|超過|최소",
    "at most": r"less than|fewer than|lower than|up to|at most|no more than|below|under|a maximum of|≤|<=?|⩽|不到|최대",
    "approximate": r"about|around|approximately|approx\.?|roughly|nearly|almost|some|circa|ca\.|an estimated"
    r"|estimated|~|∼|≈|close to|as many as|just over|just under|약|대략|거의|約|およそ|大约|近",
}
AFTER = {  # modifier -> words after a number, its unit or its noun
    "at least": r"[이가을를] 넘는|이상|以上|-plus\b|or more\b|or over\b|余|여(?=\s?(?:명|건|개|곳))|\+(?!\d)",
    "at most": r"이하|以下|or less\b|or fewer\b|미만",
}
MORE = "多余餘여"  # signs for "more than" between a number and its unit: 200多种

_BEFORE = re.compile(rf"(?:(?<![A-Za-z])(?:{'|'.join(rf'(?:{words})' for words in BEFORE.values())}))\s*$", re.I)
_AFTER = {name: re.compile(rf"\s?(?:{words})") for name, words in AFTER.items()}


def find_bound(text: str, at: int, reach: int = 24) -> re.Match[str] | None:
    """The words of a bound that end at `at`, looked for in the `reach` characters before."""
    return _BEFORE.search(text, max(0, at - reach), at)


def get_modifier(bound: str) -> str:
    """The modifier that the words of a bound give."""
    words = bound.strip().lower()
    return next(name for name, pattern in BEFORE.items() if re.fullmatch(pattern, words, re.I))


def match_after(name: str, text: str, at: int) -> re.Match[str] | None:
    """The words at `at` that give the modifier `name` of `AFTER`."""
    return _AFTER[name].match(text, at)
