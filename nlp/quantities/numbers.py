"""How numbers are written, and their values.

With digits: 6,000 · 6 000 · 1.5 million · 1만 2천; in languages with a decimal comma (`COMMA_FOR_POINT`) 6.000
and 1.234,5. With words, in English: up to ninety-nine, a dozen, four hundred, two trillion. "Thousands",
"tens of thousands" and "dozens" have the least value that they can mean.
"""

from __future__ import annotations

import re
from functools import cache

COMMA_FOR_POINT = frozenset({"de", "fr", "es", "it", "pt", "nl"})

WORDS = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
    "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16, "seventeen": 17,
    "eighteen": 18, "nineteen": 19, "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70,
    "eighty": 80, "ninety": 90, "a dozen": 12, "dozen": 12,
}  # fmt: skip
SCALES = {
    "hundred": 1e2, "thousand": 1e3, "million": 1e6, "billion": 1e9, "trillion": 1e12, "lakh": 1e5, "lakhs": 1e5,
    "crore": 1e7, "crores": 1e7, "천": 1e3, "만": 1e4,
    "억": 1e8, "조": 1e12, "万": 1e4, "萬": 1e4, "亿": 1e8, "億": 1e8, "千": 1e3, "백": 1e2, "百": 1e2,
}  # fmt: skip
MANY = {"dozens": 24.0, "a few dozen": 24.0, "hundreds": 1e2, "thousands": 1e3, "millions": 1e6, "billions": 1e9}
TENS_OF = {"tens of": 10.0, "hundreds of": 100.0}  # of what follows: "tens of thousands"

_SPACE = "[\u00a0\u202f ]"
_POWER = r"(?:\d+(?:\.\d+)?\s?[x×]\s?)?10(?:\^\d{1,2}|[⁰¹²³⁴⁵⁶⁷⁸⁹]{1,2})"
_DIGITS = rf"(?:{_POWER}|\d{{1,3}}(?:,\d{{3}})+(?:\.\d+)?|\d{{1,3}}(?:{_SPACE}\d{{3}})+(?!\d)|\d+(?:\.\d+)?)"
_COMMA_DIGITS = rf"(?:\d{{1,3}}(?:\.\d{{3}})+(?:,\d+)?(?!\d)|\d{{1,3}}(?:{_SPACE}\d{{3}})+(?:,\d+)?(?!\d)|\d+(?:,\d+)?)"
_TENS = r"(?:twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety)"
_SMALL = "|".join(sorted((re.escape(word) for word in WORDS), key=len, reverse=True))
_MANY = r"(?:(?:tens|hundreds) of (?:thousands|millions)|a few dozen|dozens|hundreds|thousands|millions|billions)"
_WORDED = rf"(?:{_MANY}\b|{_TENS}-(?:one|two|three|four|five|six|seven|eight|nine)\b|(?:{_SMALL})\b)"
_CJK_SCALE = r"(?:\s?[천만억조万萬亿億千백百](?:\s?\d[\d,]*\s?[천만万千백百]?(?![\d년年월月]))*)"
_SCALE = rf"(?:[ -](?:hundred|thousand|million|billion|trillion|lakhs?|crores?)\b|{_CJK_SCALE})"
_POWERS = re.compile(r"(?:(?P<n>\d+(?:\.\d+)?)\s?[x×]\s?)?10(?P<e>\^\d{1,2}|[⁰¹²³⁴⁵⁶⁷⁸⁹]{1,2})")
_RAISED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")
_PART = re.compile(r"(?P<n>\d[\d,. ]*\d|\d|[a-z]+(?:[- ][a-z]+)*)\s?-?(?P<s>[천만억조万萬亿億千백百])?")


@cache
def get_number_pattern(lang: str | None = None) -> str:
    """A regular expression for a number without its sign."""
    digits = _COMMA_DIGITS if lang in COMMA_FOR_POINT else _DIGITS
    return rf"(?:{digits}|\b{_WORDED}){_SCALE}?"


def is_magnitude(written: str) -> bool:
    """Whether it is an order of magnitude ("dozens", "tens of thousands") and not a number."""
    low = written.strip().lower()
    return low in MANY or low.startswith(("tens of", "hundreds of"))


def parse_number(written: str, lang: str | None = None) -> float | None:
    """The value of a number; None for what is not a number."""
    text = written.strip().lower().replace("−", "-").replace("–", "-").replace("\u00a0", " ").replace("\u202f", " ")
    sign = -1.0 if text.startswith("-") else 1.0
    text = text.lstrip("-± ")
    value = _parse_magnitude(text)
    if value is None:
        value = _parse_power(text)
    if value is None:
        value = _parse_sum(text, lang)
    return None if value is None else sign * value


def _parse_magnitude(text: str) -> float | None:
    """Such as "dozens" or "tens of thousands"."""
    for name, times in TENS_OF.items():
        if text.startswith(name) and text.removeprefix(name).strip() in MANY:
            return times * MANY[text.removeprefix(name).strip()]
    return MANY.get(text)


def _parse_power(text: str) -> float | None:
    """Such as 10⁶ or 3 × 10^6."""
    power = _POWERS.fullmatch(text)
    if power is None:
        return None
    return float(power["n"] or 1) * 10.0 ** int(power["e"].lstrip("^").translate(_RAISED))


def _parse_sum(text: str, lang: str | None) -> float | None:
    """The parts of a number, each with its scale: 1만 2천, "four hundred", "1.5 million"."""
    total, rest = 0.0, text
    while rest:
        match = _PART.match(rest)
        if not match:
            return None
        part, scale = match["n"].strip(), SCALES.get(match["s"] or "", 1.0)
        words = re.split(r"[ -]", part)
        if words[-1] in SCALES:
            scale *= SCALES[words[-1]]
            part = " ".join(words[:-1]) or "one"
        value = _parse_digits(part, lang) if part[:1].isdigit() else _parse_words(part)
        if value is None:
            return None
        total += value * scale
        rest = rest[match.end() :].strip(" -")
        if rest in SCALES:
            total *= SCALES[rest]
            rest = ""
    return total if text else None


def _parse_digits(part: str, lang: str | None) -> float | None:
    digits = part.replace(" ", "")
    if lang in COMMA_FOR_POINT:
        if re.fullmatch(r"\d{1,3}(?:\.\d{3})+(?:,\d+)?", digits):
            digits = digits.replace(".", "")
        digits = digits.replace(",", ".")
    else:
        digits = digits.replace(",", "")
    try:
        return float(digits)
    except ValueError:
        return None


def _parse_words(part: str) -> float | None:
    """Up to ninety-nine."""
    if part in WORDS:
        return float(WORDS[part])
    tens, _, ones = part.replace(" ", "-").partition("-")
    return float(WORDS[tens] + WORDS[ones]) if tens in WORDS and ones in WORDS else None
