"""Quantities in a text: a number with what belongs to it (bound, range, unit or counted noun), and its value.

`find_quantities` tries each place where a fraction in words, a word such as "doubled" or a number begins. For a number
with its bound and range (`parse_number_at`), the first of `RULES` that answers decides:

1. `read_age`: "aged 40 to 60", "18 years old". The age of one person is no quantity;
2. `read_money`: the sign of a currency is before the number;
3. `read_ratio`: a part of a whole ("31 of 40 pairs", "one in forty boxes": value 31, unit "of 40"), in English;
4. `reject_single`: "one" is a number only before one of few nouns ("one patient");
5. `read_measure`: a multiple ("1.8 times", "a factor of 1.8", 1.8배), a unit of `units.tsv`, a counted noun
   (`nouns.py`), or a bare number; then a part of that (10명 중 7명), and words of a bound that follow.

Numbers in `exclusions.py` are no quantities. Offsets are characters, of the whole expression from its bound to its
unit.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cache

from nlp.quantities.exclusions import get_exclusions
from nlp.quantities.modifiers import AFTER, MORE, find_bound, get_modifier, match_after
from nlp.quantities.money import find_sign, get_codes, get_names, get_sign_pattern, match_scale, name_of
from nlp.quantities.nouns import find_counted
from nlp.quantities.numbers import COMMA_FOR_POINT, SCALES, get_number_pattern, is_magnitude, parse_number
from nlp.quantities.quantity import Quantity
from nlp.quantities.ratios import match_part_of, match_whole
from nlp.quantities.units import TIME, get_unit, match_unit

_SIGN = r"(?:[-−–±](?=\d))?"
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
_FACTOR = re.compile(r"\ba factor of(?: about| around| nearly| some| roughly)?\s?$", re.I)
_FRACTION = re.compile(
    r"\b(?P<word>(?:one[- ])?half|two[- ]thirds|three[- ]quarters|(?:a|one)[- ](?:third|quarter|fifth|tenth))(?= of )",
    re.I,
)
_FRACTIONS = {
    "half": (1, 2), "third": (1, 3), "thirds": (2, 3), "quarter": (1, 4), "quarters": (3, 4), "fifth": (1, 5),
    "tenth": (1, 10),
}  # fmt: skip
_PER = re.compile(r"/(?:kg|dL|dl|mL|ml|L|l|m2|m²|day|week|year|h|min)\b")
_MINUS = re.compile(r"\bminus\s$")
_AGED = re.compile(
    r"(?:\b(?:aged?|ages|older than|younger than"
    r"|(?:over|under|above) the age of|(?:up to |at )?the age of|at age)(?: of| between| from)?\s"
    r"|\b(?:people|patients|adults|men|women|children|volunteers|participants|those|anyone|everyone|[A-Z][a-z]+(?:ns|ese))"
    r" (?:aged |who are )?)$"
)
_OLD = re.compile(r"\s?(?:세(?![포대계])|歳|岁)|[- ]?(?:years?|months?)[- ](?:old|of age)\w*", re.I)
_SCALED = re.compile(r"[ -](hundred|thousand|million|billion|trillion|lakhs?|crores?)$", re.I)
_BETWEEN = re.compile(r"\b(?:between|from)\s+$", re.I)


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A number in a text with what was read of it so far. `start` and `end` are of what was read."""

    text: str
    lang: str | None
    number: re.Match[str]  # its group `number` is the number as written
    start: int
    end: int
    value: float
    high: float | None = None
    unit: str = ""
    noun: str = ""
    modifier: str = "exact"
    bound: str = ""  # the words of the bound before it
    coin: str = ""  # the sign of the currency before it

    @property
    def is_single(self) -> bool:
        """Whether it is the word "one"."""
        return self.number["number"].lower() == "one"

    def finish(self) -> Quantity:
        return Quantity(
            start=self.start, end=self.end, value=self.value, high=self.high, unit=self.unit, noun=self.noun,
            modifier=self.modifier,
        )  # fmt: skip


Answer = tuple[Quantity, ...] | None  # empty: no quantity; None: the next rule decides
Rule = Callable[[Draft], Answer]


def find_quantities(text: str, lang: str | None = None) -> Iterator[Quantity]:
    """Quantities of a text, in its order, none inside another."""
    excluded = [match.span() for match in get_exclusions(lang).finditer(text)]
    starts = [start for start, _ in excluded]
    done = -1
    patterns = (_FRACTION, _DOUBLE, _get_pattern(lang))  # of two that begin together, the first
    for match in sorted((m for p in patterns for m in p.finditer(text)), key=lambda match: match.start()):
        at = bisect_right(starts, match.start()) - 1
        if match.start() < done or (at >= 0 and match.start() < excluded[at][1]):
            continue
        for quantity in _read(text, match, lang):
            done = quantity.end
            yield quantity


def _read(text: str, match: re.Match[str], lang: str | None) -> tuple[Quantity, ...]:
    """The quantity that begins with a match, if it is one."""
    if match.re is _DOUBLE:
        return (read_double(text, match),)
    if match.re is _FRACTION:
        return (read_fraction(text, match),)
    draft = parse_number_at(text, match, lang)
    if draft is None:
        return ()
    return next((answer for rule in RULES if (answer := rule(draft)) is not None), ())


def read_double(text: str, match: re.Match[str]) -> Quantity:
    """A multiple in one word: "nearly doubled"."""
    word = (match["word"] or match["korean"]).lower()
    value = float(_DOUBLES[next(key for key in _DOUBLES if word.startswith(key))])
    bound = find_bound(text, match.start(), 20)
    start = bound.start() if bound else match.start()
    return Quantity(start=start, end=match.end(), value=value, high=None, unit="times", noun="", modifier="multiple")


def read_fraction(text: str, match: re.Match[str]) -> Quantity:
    """A fraction in words: "about two thirds of the patients"."""
    part, whole = _FRACTIONS[re.split(r"[- ]", match["word"].lower())[-1]]
    bound = find_bound(text, match.start())
    counted = find_counted(text, match.end())
    return Quantity(
        start=bound.start() if bound else match.start(), end=match.end(), value=float(part), high=None,
        unit=f"of {whole}", noun=text[slice(*counted)] if counted else "",
        modifier=get_modifier(bound[0]) if bound else "exact",
    )  # fmt: skip


def parse_number_at(text: str, match: re.Match[str], lang: str | None) -> Draft | None:
    """The number of a match with its range, minus, currency and bound; None where it is no number."""
    value = parse_number(match["number"], lang)
    if value is None:
        return None
    draft = Draft(text=text, lang=lang, number=match, start=match.start(), end=match.end(), value=value)
    draft = draft if draft.is_single else add_range(draft)
    if minus := _MINUS.search(text[max(0, draft.start - 6) : draft.start]):
        draft = replace(draft, start=draft.start - len(minus[0]), value=-draft.value)
    if coin := find_sign(text, draft.start):
        draft = replace(draft, start=coin.start(), coin=coin["sign"])
    if bound := find_bound(text, draft.start):
        draft = replace(draft, start=bound.start(), bound=bound[0], modifier=get_modifier(bound[0]))
    return replace(draft, modifier="at least") if is_magnitude(match["number"]) else draft


def add_range(draft: Draft) -> Draft:
    """With the upper end of a range that begins with the number: "30 to 40", "10% to 20%", "two to three million"."""
    text, lang = draft.text, draft.lang
    early = match_unit(text, draft.end)
    step = _get_range_pattern(lang).match(text, early.end() if early else draft.end)
    other = _get_pattern(lang).match(text, step.end()) if step else None
    joined = step["joint"].lower() if step else "or"
    if not step or not other or joined == "or":
        return draft
    if step["coin"] and (not find_sign(text, draft.start) or joined == "to"):
        return draft  # "from $4 million to $8 million" are two sums
    upper = parse_number(other["number"], lang)
    sign = find_sign(text, draft.start)
    first = sign.start() if sign else draft.start
    between = _BETWEEN.search(text[max(0, first - 10) : first])
    if upper is None or upper <= draft.value or (joined == "and" and not between):
        return draft
    return replace(draft, high=upper, end=other.end(), value=draft.value * _get_shared_scale(draft, other["number"]))


def _get_shared_scale(draft: Draft, upper: str) -> float:
    """What the scale of the upper end makes of the lower one: a million in "two to three million"."""
    scaled = _SCALED.search(upper)
    if scaled and not _SCALED.search(draft.text[draft.start : draft.end]) and draft.value < 1000:
        return SCALES[scaled[1].lower()]
    return 1.0


def read_age(draft: Draft) -> Answer:
    """An age, in years or months; nothing for the age of one person."""
    text, unit = draft.text, match_unit(draft.text, draft.end)
    aged = _AGED.search(text[max(0, draft.start - 30) : draft.start])
    counts_age = aged and (unit is None or get_unit(unit) in ("years", "months"))
    if not _OLD.match(text, draft.end) and not counts_age:
        return None
    words = aged[0].lower() if aged else "at"
    if not draft.bound and draft.high is None and words.startswith("at"):
        return ()
    modifier = draft.modifier
    if re.match(r"(?:up to|under|younger)", words):
        modifier = "at most"
    elif re.match(r"(?:over|above|older)", words):
        modifier = "at least"
    name = "months" if unit and unit["unit"].lower().startswith("mo") else "years"
    end = unit.end() if unit else draft.end
    return (replace(draft, end=end, unit=name, noun="age", modifier=modifier).finish(),)


def read_money(draft: Draft) -> Answer:
    """A sum with the sign of its currency before it, and perhaps a scale behind it: "£1.2bn"."""
    if not draft.coin:
        return None
    draft = replace(draft, unit=name_of(draft.coin))
    if scale := match_scale(draft.text, draft.end):
        draft = replace(draft, value=draft.value * scale[0], high=draft.high and draft.high * scale[0], end=scale[1])
    if (after := match_unit(draft.text, draft.end)) and get_unit(after) in get_names():
        draft = replace(draft, end=after.end())
    return (draft.finish(),)


def read_ratio(draft: Draft) -> Answer:
    """A part of a whole, in English."""
    if draft.lang not in (None, "en") or draft.high is not None:
        return None
    whole = match_whole(draft.text, draft.end, draft.value, draft.lang)
    if whole is None:
        return None
    return (replace(draft, end=whole.end, unit=f"of {whole.value:g}", noun=whole.noun).finish(),)


def reject_single(draft: Draft) -> Answer:
    """Nothing for "one", unless it counts a patient, a trial or the like."""
    return () if draft.is_single and not find_counted(draft.text, draft.end, one=True) else None


def read_measure(draft: Draft) -> Answer:
    """A multiple, a measure, a count or a bare number."""
    draft = next((found for step in MEASURES if (found := step(draft))), draft)
    if draft.high is None and (part := match_part_of(draft.text, draft.end, draft.value, draft.unit, draft.lang)):
        value, end = part
        return (replace(draft, end=end, value=value, unit=f"of {draft.value:g}", noun=draft.unit).finish(),)
    if draft.unit in TIME and draft.bound.strip().lower() == "over":
        draft = replace(draft, modifier="exact")  # "over two years": for so long, not longer
    return (add_bound_after(draft).finish(),)


RULES: tuple[Rule, ...] = (read_age, read_money, read_ratio, reject_single, read_measure)


def read_times(draft: Draft) -> Draft | None:
    """A multiple: "1.8 times", "a factor of 1.8"."""
    if times := _TIMES.match(draft.text, draft.end):
        return replace(draft, unit="times", modifier="multiple", end=times.end())
    at = draft.number.start()
    if _FACTOR.search(draft.text[max(0, at - 24) : at]):
        return replace(draft, unit="times", modifier="multiple")
    return None


def read_unit(draft: Draft) -> Draft | None:
    """A unit, with what it is per: "5 mg/kg". 200多种 is at least 200."""
    text, more = draft.text, draft.text[draft.end : draft.end + 1]
    measure = match_unit(text, draft.end) or (match_unit(text, draft.end + 1) if more and more in MORE else None)
    if measure is None:
        return None
    unit, end = get_unit(measure), measure.end()
    if per := _PER.match(text, end):
        unit, end = f"{unit}{per[0]}", per.end()
    return replace(draft, unit=unit, end=end, modifier="at least" if more in MORE else draft.modifier)


def read_counted(draft: Draft) -> Draft | None:
    """A counted noun; the quantity ends before it."""
    counted = find_counted(draft.text, draft.end, one=draft.is_single, english=draft.lang not in COMMA_FOR_POINT)
    return replace(draft, noun=draft.text[slice(*counted)]) if counted else None


MEASURES: tuple[Callable[[Draft], Draft | None], ...] = (read_times, read_unit, read_counted)


def add_bound_after(draft: Draft) -> Draft:
    """With a bound that follows: 이상, "or more"; and the noun after that, where none was counted yet."""
    for name in AFTER:
        if after := match_after(name, draft.text, draft.end):
            draft = replace(draft, modifier=name, end=after.end())
            if not draft.unit and not draft.noun and (counted := find_counted(draft.text, draft.end)):
                draft = replace(draft, noun=draft.text[slice(*counted)])
    return draft


@cache
def _get_pattern(lang: str | None) -> re.Pattern[str]:
    """A number that begins a word. Chinese and Korean put no space before a number."""
    begin = r"(?<![\w.,/:#])|(?<=[\u3040-\u9fff\uac00-\ud7af])"
    begin += "".join(rf"|(?<=\b{re.escape(code)})(?=\d)" for code in get_codes())
    return re.compile(rf"(?:{begin})(?P<number>{_SIGN}{get_number_pattern(lang)})", re.I)


@cache
def _get_range_pattern(lang: str | None) -> re.Pattern[str]:
    """What joins the two ends of a range; in a sum, each may have its sign."""
    joint = r"\s?(?P<joint>[-–—−~∼]|to|and|or|から|에서)\s?"
    return re.compile(rf"{joint}(?P<coin>{get_sign_pattern()})?(?={_SIGN}{get_number_pattern(lang)})", re.I)
