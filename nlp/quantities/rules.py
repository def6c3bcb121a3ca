"""Quantities in a text: a number with what belongs to it (bound, range, unit or counted noun) and what it is worth.

A quantity is, in order of preference: a multiple ("1.8 times", "nearly double", "a factor of 1.8", 1.8배); a part of
a whole ("31 of 40 pairs", "one in forty boxes", "two thirds of": value 31, unit "of 40"); a range ("30 to 40 mice",
"20–30 cm"); a number with a unit of `units.tsv` or a currency; a number with the noun that it counts (`nouns.py`);
a bare number. "One" is a number only before a noun of few kinds ("one patient"). No quantities: years, days and
times of day, ages of readers, numbers of headings, lists, phases, types, telephones, pages, identifiers and
versions, intervals of confidence, p-values, how often a year. `find_quantities` gives spans of the whole
expression, from its bound to its unit; offsets are characters.
"""

from __future__ import annotations

import csv
import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from nlp.quantities.nouns import find_counted
from nlp.quantities.numbers import COMMA_FOR_POINT, SCALES, is_many, number, read_number

UNITS = Path(__file__).with_name("units.tsv")
TIME = frozenset({"years", "months", "weeks", "days", "hours", "minutes", "seconds"})
CURRENCY = {"us$": "US dollars", "$": "US dollars", "€": "euros", "£": "pounds", "¥": "yen", "₩": "won"}

BOUNDS = {
    "at least": r"more than|greater than|over|at least|no (?:less|fewer) than|upwards? of|above|exceed(?:s|ed|ing)?"
    r"|≥|>=?|⩾|in excess of|a minimum of|超过|超過|최소",
    "at most": r"less than|fewer than|lower than|up to|at most|no more than|below|under|a maximum of|≤|<=?|⩽|不到|최대",
    "approximate": r"about|around|approximately|approx\.?|roughly|nearly|almost|some|circa|ca\.|an estimated"
    r"|estimated|~|∼|≈|close to|as many as|just over|just under|약|대략|거의|約|およそ|大约|近",
}
AFTER = {
    "at least": r"[이가을를] 넘는|이상|以上|-plus\b|or more\b|or over\b|余|여(?=\s?(?:명|건|개|곳))|\+(?!\d)",
    "at most": r"이하|以下|or less\b|or fewer\b|미만",
}

_SIGN = r"(?:[-−–±](?=\d))?"
_BOUND = "|".join(rf"(?:{words})" for words in BOUNDS.values())
_BEFORE = re.compile(rf"(?:(?<![A-Za-z])(?:{_BOUND}))\s*$", re.I)
_DOUBLE = re.compile(
    r"\b(?P<word>doubl(?:e[ds]?|ing)(?![- ](?:blind|strand|check|dose|mask))"
    r"|tripl(?:e[ds]?|ing)(?![- ](?:negative|therapy))"
    r"|quadrupl(?:e[ds]?|ing)|(?:twice|thrice)(?= (?:as|the|that|what|its|their|more)\b)|halv(?:e[ds]|ing)"
    r"|(?:two|three|four|five|ten)-?fold)\b|(?P<korean>[두세네])\s?배(?![가-힣]양|아)",
    re.I,
)
_DOUBLES = {
    "doubl": 2, "twice": 2, "twofo": 2, "two-f": 2, "두": 2, "tripl": 3, "thric": 3, "three": 3, "세": 3, "quadr": 4,
    "fourf": 4, "four-": 4, "네": 4, "fivef": 5, "five-": 5, "tenfo": 10, "ten-f": 10, "halv": 0.5,
}  # fmt: skip
_TIMES = re.compile(
    r"\s?(?:-?fold\b|times\b(?= (?:the|as|more|higher|larger|greater|that|its|their|over|compared|what|those)\b)"
    r"|배(?![가-힣]?양|아|지)|倍|×(?!\s?\d))",
    re.I,
)
_FRACTION = re.compile(
    r"\b(?P<word>(?:one[- ])?half|two[- ]thirds|three[- ]quarters|(?:a|one)[- ](?:third|quarter|fifth|tenth))(?= of )",
    re.I,
)
_PER = re.compile(r"/(?:kg|dL|dl|mL|ml|L|l|m2|m²|day|week|year|h|min)\b")
_AMONG = re.compile(r"\s?(?:중|가운데|中|のうち|うち)(?:에서)?\s?(?:약\s?|約)?")
COUNTED = frozenset({"people", "cases", "animals", "places", "items"})
_MORE = "多余餘余여"
_SCALED = re.compile(r"[ -](hundred|thousand|million|billion|trillion)$", re.I)
_FRACTIONS = {
    "half": (1, 2),
    "third": (1, 3),
    "thirds": (2, 3),
    "quarter": (1, 4),
    "quarters": (3, 4),
    "fifth": (1, 5),
    "tenth": (1, 10),
}
_WHOLE = re.compile(
    r"(?: [a-z]+){0,2} out of (?:the |its |their |every )?|/(?=\d)"
    r"|(?: \(\d+(?:\.\d+)? ?%\))? of (?:the |these |those |its |their |all )?| in (?:every )?",
    re.I,
)
_AGED = re.compile(
    r"(?:\b(?:aged?|ages|older than|younger than"
    r"|(?:over|under|above) the age of|(?:up to |at )?the age of|at age)(?: of| between| from)?\s"
    r"|\b(?:people|patients|adults|men|women|children|volunteers|participants|those|anyone|everyone|[A-Z][a-z]+(?:ns|ese))"
    r" (?:aged |who are )?)$"
)
_OLD = re.compile(r"\s?(?:세(?![포대계])|歳|岁)|[- ]?(?:years?|months?)[- ](?:old|of age)\w*", re.I)
_MONTH = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*"
_SKIP = re.compile(
    "|".join(
        (
            rf"\b{_MONTH}\.? \d{{1,2}}(?:st|nd|rd|th)?(?:,? \d{{4}})?\b",
            rf"\b\d{{1,2}}(?:st|nd|rd|th)?\.?(?: of)? {_MONTH}\.?,?(?: \d{{4}})?\b",
            r"\b\d{4}[-/.]\d{1,2}[-/.]\d{1,2}\b|\b\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}\b",
            r"\b\d{1,2}:\d{2}(?::\d{2})?\b|\b\d{1,2} ?[ap]\.?m\b",
            r"\b(?:19|20)\d{2}(?:[-–/](?:\d{2}|\d{4}))?s?\b"  # a year, unless it counts something
            r"(?!\s?(?:patients|people|mice|cells|trials|cases|participants|건|명|개))",
            r"\d{1,2}월(?:\s?\d{1,2}일)?|\d{1,2}일(?!\s?(?:간|동안))|\d{4}년|\d+년(?!\s?(?:간|동안))|\d{1,2}분기|\d+[차회기호층](?![가-힣]?\s?[투주])",
            r"\d{1,2}月(?:\d{1,2}日)?|\d{4}年|\d{1,2}日(?!間)|第\s?\d+|제\s?\d+",
            r"(?m:^\s*\(?\d{1,2}(?:-\d{1,2})?[.)]\s)",
            r"\b(?:PART|Part|Fig(?:ure|s)?\.?|Tables?|Section|Chapter|No\.?|Vol\.?|pp?\.|Step"
            r"|Day|Ref\.?|Room|Article|Question|Q) ?"
            r"\d+(?:[-–.]\d+)*[a-z]?\b",
            r"\b(?:types?|phases?|stages?|grades?|class|levels?|arms?|groups?|cohorts?|days?|weeks?|passages?|steps?|parts?|chapters?"
            r"|versions?|top|number|page|line|point|room|factor|interleukin|lot|batch) "
            r"(?:\d+(?:[-–/.]\d+)*[a-z]?|one|two|three|four|ten)"
            r"(?:(?:,| and| or|/| to)+ ?(?:\d+[a-z]?|two|three|four))*\b(?!%| ?per ?cent)",
            r"\b\d{2} ?% ?(?:CI\b|confidence\b)[^.;)]{0,12}?[-−]?\d+(?:\.\d+)?(?: ?%)?"
            r"(?: ?(?:to|[-–,]) ?[-−]?\d+(?:\.\d+)?(?: ?%)?)?"
            r"|\b\d{2} ?% ?(?:CI\b|confidence\b)",
            r"\b[pP] ?(?:-?value)? ?[=<>≤] ?0?\.\d+",
            r"\b(?:once|twice|thrice|(?:two|three|four|\d+) times) (?:a|an|per|each|every)"
            r" (?:year|month|week|day|night|hour)",
            r"^\s*0\d\b|\+?\d{2,4}(?:[- ]\d{3,4}){2,}|\b10\.\d{4,9}/\S+|\bhttps?://\S+",
            r"\b(?:NCT|PMC|ISRCTN|GSE|MONDO:|CL:)\d+|\b\d+(?:st|nd|rd|th)\b|\b[A-Za-z]+-?\d+(?:[-./]\w+)*\b|\b\d+[a-z]\b(?<![gmhls])",
            r"\bv?\d+\.\d+\.\d+\b(?!,)|\[\d+(?:[,–-] ?\d+)*\]",
            r"(?:조회수?|댓글|추천|좋아요)\s?[\d,]+(?:회|건|개)?"
            r"|\b(?:Views|Likes|Comments|Shares):? [\d,]+|\b[\d,]+ (?:views|shares|likes|comments)\b",
        )
    )
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantity:
    """`start`..`end` is the whole expression up to its unit, without the noun that it counts."""

    start: int
    end: int
    value: float
    high: float | None
    unit: str  # as `units.tsv` names it, "of 40" for a part of forty; empty for a count
    noun: str  # what is counted, as written; "age" of an age; empty for a measure
    modifier: str  # exact | approximate | at least | at most | multiple


def find_quantities(text: str, lang: str | None = None) -> Iterator[Quantity]:
    """Quantities of a text, in its order, none inside another."""
    skipped = [match.span() for match in _skip(lang).finditer(text)]
    starts = [start for start, _ in skipped]
    done = -1
    patterns = (_FRACTION, _DOUBLE, _value(lang))  # of two that begin together, the first
    for match in sorted((m for p in patterns for m in p.finditer(text)), key=lambda match: match.start()):
        at = bisect_right(starts, match.start()) - 1
        if match.start() < done or (at >= 0 and match.start() < skipped[at][1]):
            continue
        quantity: Quantity | None
        if match.re is _DOUBLE:
            quantity = _multiple(text, match)
        elif match.re is _FRACTION:
            quantity = _fraction(text, match)
        else:
            quantity = _measured(text, match, lang)
        if quantity is not None:
            done = quantity.end
            yield quantity


def _multiple(text: str, match: re.Match[str]) -> Quantity:
    word = (match["word"] or match["korean"]).lower()
    value = float(_DOUBLES[next(key for key in _DOUBLES if word.startswith(key))])
    start = match.start()
    if bound := _BEFORE.search(text, max(0, start - 20), start):
        start = bound.start()
    return Quantity(start=start, end=match.end(), value=value, high=None, unit="times", noun="", modifier="multiple")


def _fraction(text: str, match: re.Match[str]) -> Quantity:
    part, whole = _FRACTIONS[re.split(r"[- ]", match["word"].lower())[-1]]
    start, modifier = match.start(), "exact"
    if bound := _BEFORE.search(text, max(0, start - 24), start):
        start, modifier = bound.start(), _modifier(bound[0])
    noun = find_counted(text, match.end())
    return Quantity(
        start=start, end=match.end(), value=float(part), high=None, unit=f"of {whole}",
        noun=text[noun[0] : noun[1]] if noun else "", modifier=modifier,
    )  # fmt: skip


def _measured(text: str, match: re.Match[str], lang: str | None) -> Quantity | None:
    value = read_number(match["number"], lang)
    if value is None:
        return None
    english = lang in (None, "en")
    single = match["number"].lower() == "one"
    start, end, high = match.start(), match.end(), None
    if not single:
        high, end, scale = _range(text, start, end, value, lang)
        value *= scale
    modifier = "exact"
    if minus := re.search(r"\bminus\s$", text[max(0, start - 6) : start]):
        start, value = start - len(minus[0]), -value
    coin = re.search(r"(?:US)?\$\s?$|[€£¥₩]\s?$", text[max(0, start - 4) : start])
    if coin:
        start -= len(coin[0])
    bound = _BEFORE.search(text, max(0, start - 24), start)
    if bound:
        modifier, start = _modifier(bound[0]), bound.start()
    if is_many(match["number"]):
        modifier = "at least"
    old = _unit().match(text, end)
    aged = _AGED.search(text[max(0, start - 30) : start])
    if _OLD.match(text, end) or (aged and (not old or _named()[old["unit"].lower()] in ("years", "months"))):
        said = aged[0].lower() if aged else "at"
        if not bound and high is None and said.startswith("at"):
            return None  # the age of one person
        if re.match(r"(?:up to|under|younger)", said):
            modifier = "at most"
        elif re.match(r"(?:over|above|older)", said):
            modifier = "at least"
        unit, end = ("months" if old and old["unit"].lower().startswith("mo") else "years"), old.end() if old else end
        return Quantity(start=start, end=end, value=value, high=high, unit=unit, noun="age", modifier=modifier)
    if coin:
        unit = CURRENCY[coin[0].strip().lower()]
        return Quantity(start=start, end=end, value=value, high=high, unit=unit, noun="", modifier=modifier)
    if english and high is None and (ratio := _ratio(text, start, end, value, modifier, lang)):
        return ratio
    if single and not (counted := find_counted(text, end, one=True)):
        return None
    unit, noun = "", ""
    if times := _TIMES.match(text, end):
        unit, modifier, end = "times", "multiple", times.end()
    elif re.search(
        r"\ba factor of(?: about| around| nearly| some| roughly)?\s?$",
        text[max(0, match.start() - 24) : match.start()],
        re.I,
    ):
        unit, modifier = "times", "multiple"
    elif measure := _unit().match(text, end) or _many_of(text, end):
        modifier = "at least" if text[end : end + 1] in _MORE else modifier
        unit, end = _named()[measure["unit"].lower()], measure.end()
        if per := _PER.match(text, end):
            unit, end = f"{unit}{per[0]}", per.end()
    elif counted := find_counted(text, end, one=single, english=lang not in COMMA_FOR_POINT):
        noun = text[counted[0] : counted[1]]
    if high is None and (part := _among(text, end, value, unit, lang)):
        return Quantity(
            start=start, end=part[1], value=part[0], high=None, unit=f"of {value:g}", noun=unit, modifier=modifier
        )
    if unit in TIME and bound and bound[0].strip().lower() == "over":
        modifier = "exact"  # for so long, not longer
    for name, words in AFTER.items():
        if after := re.compile(rf"\s?(?:{words})").match(text, end):
            modifier, end = name, after.end()
            if not unit and not noun and (counted := find_counted(text, end)):
                noun = text[counted[0] : counted[1]]
    return Quantity(start=start, end=end, value=value, high=high, unit=unit, noun=noun, modifier=modifier)


def _range(text: str, start: int, end: int, value: float, lang: str | None) -> tuple[float | None, int, float]:
    """(the higher end, where it ends, what the lower end is to be taken times); (None, `end`, 1) where none begins."""
    early = _unit().match(text, end)  # 10% to 20%
    place = early.end() if early else end
    step = _to(lang).match(text, place)
    other = _value(lang).match(text, step.end()) if step else None
    if not step or not other or step[0].strip().lower() == "or":
        return None, end, 1.0
    upper, joined = read_number(other["number"], lang), step[0].strip().lower()
    between = re.search(r"\b(?:between|from)\s+$", text[max(0, start - 10) : start], re.I)
    if upper is None or upper <= value or (joined == "and" and not between):
        return None, end, 1.0
    scaled = _SCALED.search(other["number"])
    scale = SCALES[scaled[1].lower()] if scaled and not _SCALED.search(text[start:end]) and value < 1000 else 1.0
    return upper, other.end(), scale


def _ratio(text: str, start: int, end: int, value: float, modifier: str, lang: str | None) -> Quantity | None:
    """A part of a whole: "31 of 40 pairs", "two dishes out of 960", "nine in ten"."""
    whole = _WHOLE.match(text, end)
    other = _number(lang).match(text, whole.end()) if whole else None
    if not whole or not other or is_many(other["number"]):
        return None
    total = read_number(other["number"], lang)
    if (
        total is None
        or total <= value
        or value != int(value)
        or total != int(total)
        or _skip(lang).match(text, other.start())
    ):
        return None
    if _unit().match(text, other.end()) and not re.match(r"\s?(?:cases|places)\b", text[other.end() :]):
        return None
    if whole[0].strip().lower().startswith("in") and not (value <= 10 and total <= 10_000):
        return None
    noun = find_counted(text, other.end())
    if whole[0] == "/" and not noun:
        return None
    words = text[noun[0] : noun[1]] if noun else " ".join(whole[0].split()[:-2]) if whole[0].endswith("out of ") else ""
    last = other.end()
    return Quantity(start=start, end=last, value=value, high=None, unit=f"of {total:g}", noun=words, modifier=modifier)


def _among(text: str, end: int, whole: float, unit: str, lang: str | None) -> tuple[float, int] | None:
    """(part, where it ends) where a counter is the whole of what follows it: 10명 중 7명."""
    step = _AMONG.match(text, end) if unit in COUNTED else None
    other = _number(lang).match(text, step.end()) if step else None
    counter = _unit().match(text, other.end()) if other else None
    part = read_number(other["number"], lang) if other else None
    if not counter or part is None or part > whole or _named()[counter["unit"].lower()] != unit:
        return None
    return part, counter.end()


def _modifier(bound: str) -> str:
    said = bound.strip().lower()
    return next(name for name, words in BOUNDS.items() if re.fullmatch(words, said, re.I))


@cache
def _value(lang: str | None) -> re.Pattern[str]:
    glued = r"(?<![\w.,/:#])|(?<=[\u3040-\u9fff\uac00-\ud7af])"  # Chinese and Korean put no space before a number
    return re.compile(rf"(?:{glued})(?P<number>{_SIGN}{number(lang)})", re.I)


def _many_of(text: str, end: int) -> re.Match[str] | None:
    """A counter after a word for "more than": 200多种."""
    return _unit().match(text, end + 1) if text[end : end + 1] in _MORE and text[end : end + 1] else None


@cache
def _number(lang: str | None) -> re.Pattern[str]:
    return re.compile(rf"(?P<number>{number(lang)})", re.I)


@cache
def _to(lang: str | None) -> re.Pattern[str]:
    return re.compile(rf"\s?(?:[-–—−~∼]|to|and|or|から|에서)\s?(?={_SIGN}{number(lang)})", re.I)


@cache
def _skip(lang: str | None) -> re.Pattern[str]:
    """What is no quantity. Where a point parts thousands, 1.234.567 is no version and no date."""
    if lang not in COMMA_FOR_POINT:
        return _SKIP
    return re.compile(_SKIP.pattern.replace(r"\bv?\d+\.\d+\.\d+\b(?!,)|", r"\bv\d+\.\d+\.\d+\b|"))


@cache
def _named() -> dict[str, str]:
    """A unit as written, in lower case -> its name."""
    return {form.lower(): unit for form, unit in _forms().items()}


@cache
def _forms() -> dict[str, str]:
    with UNITS.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    return {form: row["unit"] for row in rows for form in row["forms"].split("|")}


@cache
def _unit() -> re.Pattern[str]:
    def closed(form: str) -> str:
        if not (form[-1].isascii() and form[-1].isalpha()):
            return re.escape(form)
        written = rf"{re.escape(form)}(?![A-Za-z])"
        return f"(?-i:{written})" if len(form) <= 3 else written  # ms is no MS

    forms = sorted(_forms(), key=len, reverse=True)
    return re.compile(rf"[\s\u00a0-]?(?P<unit>{'|'.join(map(closed, forms))})", re.I)
