"""Parts of a whole: "31 of 40 pairs", "two dishes out of 960", "nine in ten", 10명 중 7명."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from nlp.quantities.exclusions import get_exclusions
from nlp.quantities.nouns import find_counted
from nlp.quantities.numbers import get_number_pattern, is_magnitude, parse_number
from nlp.quantities.units import COUNTERS, get_unit, match_unit

MAX_IN = (10, 10_000)  # the largest part and whole that "nine in ten" is read of

_WHOLE = re.compile(
    r"(?: [a-z]+){0,2} out of (?:the |its |their |every )?|/(?=\d)"
    r"|(?: \(\d+(?:\.\d+)? ?%\))? of (?:the |these |those |its |their |all )?| in (?:every )?",
    re.I,
)
_COUNTED_UNIT = re.compile(r"\s?(?:cases|places)\b")
_AMONG = re.compile(r"\s?(?:중|가운데|中|のうち|うち)(?:에서)?\s?(?:약\s?|約)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Whole:
    """The whole of a part. It ends at `end`; `noun` is what is counted, empty where nothing is."""

    value: float
    end: int
    noun: str


def match_whole(text: str, end: int, part: float, lang: str | None) -> Whole | None:
    """The whole after a part that ends at `end`."""
    joint = _WHOLE.match(text, end)
    other = _get_pattern(lang).match(text, joint.end()) if joint else None
    if not joint or not other or is_magnitude(other["number"]):
        return None
    total = parse_number(other["number"], lang)
    if total is None or not _is_part(part, total) or get_exclusions(lang).match(text, other.start()):
        return None
    if _is_measure(text, other.end()) or (_is_in(joint[0]) and (part > MAX_IN[0] or total > MAX_IN[1])):
        return None
    counted = find_counted(text, other.end())
    if joint[0] == "/" and not counted:
        return None
    return Whole(value=total, end=other.end(), noun=text[slice(*counted)] if counted else _get_noun_between(joint[0]))


def match_part_of(text: str, end: int, whole: float, unit: str, lang: str | None) -> tuple[float, int] | None:
    """(part, where it ends) after a whole that ends at `end` with a counter of Korean, Chinese or Japanese."""
    joint = _AMONG.match(text, end) if unit in COUNTERS else None
    other = _get_pattern(lang).match(text, joint.end()) if joint else None
    if other is None:
        return None
    counter, part = match_unit(text, other.end()), parse_number(other["number"], lang)
    if not counter or part is None or part > whole or get_unit(counter) != unit:
        return None
    return part, counter.end()


def _is_part(part: float, total: float) -> bool:
    """Whether both are whole numbers and the first is the smaller."""
    return part < total and part % 1 == 0 and total % 1 == 0


def _is_measure(text: str, end: int) -> bool:
    """Whether a unit of measure follows: in "5 of 10 mg" nothing is counted."""
    return bool(match_unit(text, end)) and not _COUNTED_UNIT.match(text[end:])


def _is_in(joint: str) -> bool:
    """Whether it is the joint of "nine in ten"."""
    return joint.strip().lower().startswith("in")


def _get_noun_between(joint: str) -> str:
    """The noun of "two dishes out of"; empty for other joints."""
    return " ".join(joint.split()[:-2]) if joint.endswith("out of ") else ""


@cache
def _get_pattern(lang: str | None) -> re.Pattern[str]:
    return re.compile(rf"(?P<number>{get_number_pattern(lang)})", re.I)
