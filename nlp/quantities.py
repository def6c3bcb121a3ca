"""Quantities in a text: a number with what belongs to it (bound, range, unit or counted noun) and what it is worth.

A quantity is, in order of preference: a multiple ("1.8 times", "nearly double", 1.8배); a range ("30 to 40 mice",
"20–30 cm"); a number with a unit of `units.tsv`; a number with the noun that it counts; a bare number. Numbers are
written with digits (6,000 · 6.000 where the language does so · 6 000 · 1.5 million · 1만 2천) or, up to twenty and in
the usual compounds, with words. No quantities: years, days and times of day, numbers of headings, lists, telephones,
pages, identifiers and versions.
`find_quantities` gives spans of the whole expression, from its bound to its unit; offsets are characters.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

UNITS = Path(__file__).with_name("units.tsv")
ADJECTIVES = frozenset({"registered", "edited", "licensed", "related", "embedded", "cultured", "derived", "seed"})
TIME = frozenset({"years", "months", "weeks", "days", "hours", "minutes", "seconds"})
COMMA_FOR_POINT = frozenset({"de", "fr", "es", "it", "pt", "nl"})  # 6.000 is six thousand, 1,5 is one and a half

WORDS = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
    "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16, "seventeen": 17,
    "eighteen": 18, "nineteen": 19, "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70,
    "eighty": 80, "ninety": 90, "a dozen": 12, "dozen": 12,
}  # fmt: skip
SCALES = {
    "hundred": 1e2, "thousand": 1e3, "million": 1e6, "billion": 1e9, "trillion": 1e12, "천": 1e3, "만": 1e4,
    "억": 1e8, "조": 1e12, "万": 1e4, "萬": 1e4, "亿": 1e8, "億": 1e8, "千": 1e3,
}  # fmt: skip
BOUNDS = {
    "at least": r"more than|greater than|over|at least|no (?:less|fewer) than|upwards of|above|exceed(?:s|ed|ing)?"
    r"|≥|>=?|⩾|in excess of|超过|超過",
    "at most": r"less than|fewer than|lower than|up to|at most|no more than|below|under|a maximum of|≤|<=?|⩽|不到",
    "approximate": r"about|around|approximately|approx\.?|roughly|nearly|almost|some|circa|ca\.|an estimated"
    r"|estimated|~|∼|≈|close to|as many as|약|대략|거의|約|およそ|大约|近",
}
AFTER = {"at least": r"이상|以上|or more|or over|余|여", "at most": r"이하|以下|or less|or fewer|미만"}

_DIGITS = r"(?:\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d{1,3}(?:[\u00a0\u202f ]\d{3})+(?![\d])|\d+(?:\.\d+)?)"
_TENS = r"(?:twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety)"
_SMALL = "|".join(sorted((re.escape(word) for word in WORDS), key=len, reverse=True))
_WORDED = rf"(?:{_TENS}-(?:one|two|three|four|five|six|seven|eight|nine)|(?:{_SMALL})\b|hundreds|thousands|millions)"
_CJK_SCALE = r"(?:\s?(?:천|만|억|조|万|萬|亿|億|千)(?:\s?\d[\d,]*\s?(?:천|만|万|千)?)?)"
_SCALE = rf"(?:[ -](?:hundred|thousand|million|billion|trillion)\b|{_CJK_SCALE})"
_SIGN = r"(?:[-−–±](?=\d))?"
_NUMBER = rf"{_SIGN}(?:{_DIGITS}|\b{_WORDED}){_SCALE}?"
_BOUND = "|".join(rf"(?:{words})" for words in BOUNDS.values())
_BEFORE = re.compile(rf"(?:(?<![A-Za-z])(?:{_BOUND}))\s*$", re.I)
_VALUE = re.compile(rf"(?<![\w.,/:#])(?P<number>{_NUMBER})", re.I)
_TO = re.compile(rf"\s?(?:[-–—−~∼]|to|and|or|から|에서)\s?(?={_NUMBER})", re.I)
_DOUBLE = re.compile(
    r"\b(?P<word>doubl(?:e[ds]?|ing)|tripl(?:e[ds]?|ing)|quadrupl(?:e[ds]?|ing)|twice|thrice|halv(?:e[ds]?|ing)"
    r"|(?:two|three|four|five|ten)fold)\b|(?P<korean>[두세네])\s?배",
    re.I,
)
_DOUBLES = {
    "doubl": 2, "twice": 2, "twofo": 2, "두": 2, "tripl": 3, "thric": 3, "three": 3, "세": 3, "quadr": 4, "fourf": 4,
    "네": 4, "fivef": 5, "tenfo": 10, "halv": 0.5,
}  # fmt: skip
_TIMES = re.compile(
    r"\s?(?:-?fold\b|times\b(?= (?:the|as|more|higher|larger|greater|that|its|their|over|compared|what|those)\b)"
    r"|배|倍|×)",
    re.I,
)
_MONTH = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*"
_SKIP = re.compile(
    "|".join(
        (
            rf"\b{_MONTH}\.? \d{{1,2}}(?:st|nd|rd|th)?(?:,? \d{{4}})?\b",
            rf"\b\d{{1,2}}(?:st|nd|rd|th)?(?: of)? {_MONTH}\.?,?(?: \d{{4}})?\b",
            r"\b\d{4}[-/.]\d{1,2}[-/.]\d{1,2}\b|\b\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}\b",
            r"\b\d{1,2}:\d{2}(?::\d{2})?\b",
            r"\b(?:19|20)\d{2}(?:[-–/](?:\d{2}|\d{4}))?s?\b"  # a year, unless it counts something
            r"(?!\s?(?:patients|people|mice|cells|trials|cases|participants|건|명|개))",
            r"\d{1,2}월(?:\s?\d{1,2}일)?|\d{1,2}일(?!\s?(?:간|동안))|\d{4}년",
            r"\d{1,2}月(?:\d{1,2}日)?|\d{4}年|\d{1,2}日(?!間)",
            r"(?m:^\s*\(?\d{1,2}(?:-\d{1,2})?[.)]\s)",
            r"\b(?:PART|Part|Fig(?:ure|s)?\.?|Tables?|Section|Chapter|No\.?|Vol\.?|pp?\.|Step|Day|Ref\.?) ?"
            r"\d+(?:[-–.]\d+)*[a-z]?\b",
            r"\+?\d{2,4}(?:[- ]\d{3,4}){2,}|\b10\.\d{4,9}/\S+|\bhttps?://\S+",
            r"\b(?:NCT|PMC|ISRCTN|GSE|MONDO:|CL:)\d+|\b\d+(?:st|nd|rd|th)\b|\b[A-Za-z]+-?\d+(?:[-./]\w+)*\b",
            r"\bv?\d+\.\d+\.\d+\b|\[\d+(?:[,–-] ?\d+)*\]|조회수?\s?[\d,]+|\bViews:? [\d,]+",
        )
    )
)
_LAST = re.compile(
    r"(?:^|\s)(?:in|on|at|by|for|of|and|or|but|were|was|are|is|be|been|has|have|had|with|without|from|to|who|that|which"
    r"|as|per|after|before|over|during|under|last|this|these|each|than|across|among|into|when|while|where|not|could|would"
    r"|will|may|did|do|does|so|if|then|more|less|fewer|most|worldwide|against|between|through|since|until|about|received"
    r"|finished|took|went|said|live|died|showed)(?=\s|$).*"
)
_NOUN = re.compile(
    r"\s(?:(?:of the|of)\s)?(?P<noun>(?:[a-z][a-z'’-]+|[A-Z]{2,6}s?)(?:\s(?:[a-z][a-z'’-]+|[A-Z]{2,6}s?)){0,3})"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantity:
    """`start`..`end` is the whole expression; `number` ends where the number ends, before its unit."""

    start: int
    end: int
    value: float
    high: float | None
    unit: str  # as `units.tsv` names it; empty for a count
    noun: str  # what is counted, as written; empty for a measure
    modifier: str  # exact | approximate | at least | at most | multiple


def find_quantities(text: str, lang: str | None = None) -> Iterator[Quantity]:
    """Quantities of a text, in its order, none inside another."""
    skipped = _spans(_SKIP, text)
    done = -1
    found = sorted([*_VALUE.finditer(text), *_DOUBLE.finditer(text)], key=lambda match: match.start())
    for match in found:
        if match.start() < done or _inside(match.start(), skipped) or match[0].lower() == "one":
            continue  # one is a pronoun as often as a number
        quantity = _multiple(text, match) if match.re is _DOUBLE else _measured(text, match, lang)
        if quantity is not None:
            done = quantity.end
            yield quantity


def read_number(written: str, lang: str | None = None) -> float | None:
    """What a number is worth; None where it is none."""
    text = written.strip().lower().replace("−", "-").replace("–", "-").replace("\u00a0", " ").replace("\u202f", " ")
    sign = -1.0 if text.startswith("-") else 1.0
    text = text.lstrip("-± ")
    if text in ("hundreds", "thousands", "millions"):
        return sign * {"hundreds": 100, "thousands": 1000, "millions": 1e6}[text]
    total, rest = 0.0, text
    while rest:
        match = re.match(r"(?P<n>\d[\d,. ]*\d|\d|[a-z]+(?:[- ][a-z]+)?)\s?-?(?P<s>천|만|억|조|万|萬|亿|億|千)?", rest)
        if not match:
            return None
        part = match["n"].strip()
        scale = SCALES.get(match["s"] or "", 1.0)
        words = re.split(r"[ -]", part)
        if words[-1] in SCALES and not words[-1].isdigit():
            scale *= SCALES[words[-1]]
            part = " ".join(words[:-1]) or "one"
        if (value := _plain(part, lang)) is None:
            return None
        total += value * scale
        rest = rest[match.end() :].strip(" -")
        if rest and rest in SCALES:
            total *= SCALES[rest]
            rest = ""
    return sign * total if text else None


def _plain(part: str, lang: str | None) -> float | None:
    if part[:1].isdigit():
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
    if part in WORDS:
        return float(WORDS[part])
    tens, _, ones = part.replace(" ", "-").partition("-")
    return float(WORDS[tens] + WORDS[ones]) if tens in WORDS and ones in WORDS else None


def _multiple(text: str, match: re.Match[str]) -> Quantity:
    word = (match["word"] or match["korean"]).lower()
    value = float(_DOUBLES[next(key for key in _DOUBLES if word.startswith(key))])
    start = match.start()
    if bound := _BEFORE.search(text, max(0, start - 20), start):
        start = bound.start()
    return Quantity(start=start, end=match.end(), value=value, high=None, unit="times", noun="", modifier="multiple")


def _measured(text: str, match: re.Match[str], lang: str | None) -> Quantity | None:
    value = read_number(match["number"], lang)
    if value is None:
        return None
    start, end, high = match.start(), match.end(), None
    early = _unit().match(text, end)  # 10% to 20%
    step = _TO.match(text, early.end() if early else end)
    if step and (other := _VALUE.match(text, step.end())) and step[0].strip().lower() != "or":
        upper = read_number(other["number"], lang)
        joined = step[0].strip().lower()
        if upper is not None and (upper > value) and (joined not in ("and",) or _between(text, start)):
            high, end = upper, other.end()
    modifier, said = "exact", ""
    if minus := re.search(r"\bminus\s$", text[max(0, start - 6) : start]):
        start, value = start - len(minus[0]), -value
    if bound := _BEFORE.search(text, max(0, start - 24), start):
        said = bound[0].strip().lower()
        modifier = next(name for name, words in BOUNDS.items() if re.fullmatch(words, said, re.I))
        start = bound.start()
    unit, noun = "", ""
    if times := _TIMES.match(text, end):
        unit, modifier, end = "times", "multiple", times.end()
    elif measure := _unit().match(text, end):
        unit, end = _named()[measure["unit"].lower()], measure.end()
    elif counted := _NOUN.match(text, end):
        noun = _noun(counted["noun"])
    if unit in TIME and said == "over":
        modifier = "exact"  # for so long, not longer
    if match["number"].lower() in ("hundreds", "thousands", "millions"):
        modifier = "at least"
    for name, words in AFTER.items():
        if after := re.compile(rf"\s?(?:{words})").match(text, end):
            modifier, end = name, after.end()
    return Quantity(start=start, end=end, value=value, high=high, unit=unit, noun=noun, modifier=modifier)


def _noun(words: str) -> str:
    """What is counted, up to a word that cannot belong to it: a preposition, a verb, a form in -ed after the first."""
    kept = _LAST.split(words, maxsplit=1)[0].split()
    ends = [place for place, word in enumerate(kept) if place and word.endswith("ed") and word not in ADJECTIVES]
    return " ".join(kept[: ends[0]] if ends else kept)


def _between(text: str, start: int) -> bool:
    return bool(re.search(r"\b(?:between|from)\s+$", text[max(0, start - 10) : start], re.I))


def _spans(pattern: re.Pattern[str], text: str) -> list[tuple[int, int]]:
    return [match.span() for match in pattern.finditer(text)]


def _inside(at: int, spans: list[tuple[int, int]]) -> bool:
    return any(start <= at < end for start, end in spans)


@cache
def _named() -> dict[str, str]:
    """A unit as written, in lower case -> its name."""
    with UNITS.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    return {form.lower(): row["unit"] for row in rows for form in row["forms"].split("|")}


@cache
def _unit() -> re.Pattern[str]:
    def closed(form: str) -> str:
        return re.escape(form) + (r"(?![A-Za-z])" if form[-1].isascii() and form[-1].isalpha() else "")

    forms = sorted(_named(), key=len, reverse=True)
    return re.compile(rf"[\s\u00a0-]?(?P<unit>{'|'.join(map(closed, forms))})", re.I)
