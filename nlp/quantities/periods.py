"""When a figure is of: the year that its sentence gives it, counted from the day of the text or the year named last.

`find_times` resolves a sentence's years and words of time in their order ("last year", 지난해, 이듬해, "the last
of those years"). `find_period` chooses for a quantity: in languages that put time first (Korean,
Japanese, Chinese) the nearest time before it; else, unless another number has it ("66 in 2019"), the first time
after it in its own clause ("66 cases in 2019"), the last before it in that clause, the only time of the sentence,
the time that the sentence begins with. A time that something is compared with ("compared to the previous year",
"than in 2019") is of that, not of what is compared.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

_TIME = re.compile(
    r"(?<![\d.,/])(?P<year>(?:19|20)\d\d)(?![\d]|[.,]\d|\s?(?:건|명|개))(?:[-/–](?P<to>(?:19|20)?\d\d)(?!\d))?(?:\s?[년年])?"
    r"|\b(?P<last>last year|this past year)\b|(?P<klast>지난해|작년|去年|昨年)"
    r"|\b(?P<this>this year)\b|(?P<kthis>올해|今年)"
    r"|\b(?P<before>the (?:year before|previous year|preceding year)|a year earlier)\b|(?P<kbefore>전년|前年|上年)"
    r"|\b(?P<next>the (?:next|following) year|the year after|a year later)\b|(?P<knext>이듬해|翌年|次の年|次年)"
    r"|\b(?P<those>the last of (?:those|these) years)\b",
    re.I,
)
_MONTH = r"(?:(?:early|mid|late)[ -])?(?:(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*\.?\s)?"
_NO_TIME = re.compile(  # addresses, and days: of a day is news, hardly a figure
    r"https?://\S+|\bdoi:\S+|\b10\.\d{4,9}/\S+"
    r"|\b(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*\.? \d{1,2}(?:st|nd|rd|th)?,? \d{4}"
    r"|\b\d{1,2}(?:st|nd|rd|th)? (?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*\.? \d{4}",
    re.I,
)
_FROM = re.compile(rf"\b(?:between|from)\s{_MONTH}$", re.I)
_TO = re.compile(rf"\s(?:and|to|until|through)\s{_MONTH}", re.I)
_NAMED = re.compile(
    r"(?:^|[(,]|\b(?:in|by|during|since|of|for|through|until|from|to|and|early|late|mid|before|after|the|year"
    r"|spring|summer|autumn|fall|winter|[A-Z][a-z]{2,8}))[\s(-]*$"
)
_CLAUSE = re.compile(r"[;:]|,(?!\d)|\b(?:and|while|whereas|but|then)\b|[、，；]")
_COMPARED = re.compile(r"\b(?:compared|than|versus|against|up from|down from|relative)\b|대비|보다|견주|比", re.I)
_IN = re.compile(r"\s(?:in|for|during)\s", re.I)
_BEGINS = 30  # characters in which a sentence begins with a time


@dataclass(frozen=True, slots=True, kw_only=True)
class Time:
    """`period` is YYYY or YYYY/YYYY; `year` the last year of it."""

    start: int
    end: int
    period: str
    year: int


def find_times(words: str, day: str | None) -> list[Time]:
    """Times of a sentence; `day` is the day of the text (YYYY-MM-DD)."""
    now = int(day[:4]) if day else None
    masked = [match.span() for match in _NO_TIME.finditer(words)]
    found: list[Time] = []
    for match in _TIME.finditer(words):
        if any(start <= match.start() < end for start, end in masked):
            continue
        last = found[-1].year if found else None
        year: int | None
        period = None
        if match["year"]:
            year = int(match["year"])
            if match["to"]:
                to = match["to"] if len(match["to"]) == 4 else match["year"][:2] + match["to"]
                year, period = int(to), f"{match['year']}/{to}"
        elif match["last"] or match["klast"]:
            year = now - 1 if now else None
        elif match["this"] or match["kthis"]:
            year = now
        elif match["before"] or match["kbefore"]:
            year = last - 1 if last else None
        elif match["next"] or match["knext"]:
            year = last + 1 if last else None
        else:
            year = last
        if year is None:
            continue
        begin = match.start()
        if last and last < year and _spans(words, found[-1], begin):
            first = found.pop()
            begin, period = first.start, f"{first.period}/{year}"
        found.append(Time(start=begin, end=match.end(), period=period or str(year), year=year))
    return found


def _spans(words: str, first: Time, begin: int) -> bool:
    """Whether a time goes on to another one that begins at `begin`: "between June 2017 and January 2018"."""
    joined = _TO.fullmatch(words, first.end, begin)
    return bool(joined and _FROM.search(words, max(0, first.start - 30), first.start))


def find_period(
    words: str, start: int, end: int, times: Sequence[Time], others: Sequence[int] = (), *, time_first: bool = False
) -> str | None:
    """The period of what stands between `start` and `end`; `others` are where other quantities of the sentence end."""
    cuts = [match.end() for match in _CLAUSE.finditer(words)]
    begin = max((cut for cut in cuts if cut <= start), default=0)
    stop = min((cut for cut in cuts if cut > end), default=len(words) + 1)
    after = [t for t in times if t.start >= end and not _COMPARED.search(words, end, t.start)]
    before = [t for t in times if t.end <= start]
    if time_first:
        near = [t for t in before if not _COMPARED.search(words, t.end, start)][-1:] or [
            t for t in after if t.start < stop
        ][:1]
        return near[0].period if near else None
    taken = {t.period for t in times for other in others if _IN.fullmatch(words, other, t.start)}
    inside = [t for t in after if t.start < stop][:1]
    inside = inside or [t for t in before if t.start >= begin and t.period not in taken][-1:]
    if inside:
        return inside[0].period
    compared = [t for t in before if _COMPARED.search(words, max(0, t.start - 20), t.start)]
    open_times = {t.period for t in (*after, *before) if t not in compared}
    if len({t.period for t in times}) == 1 and len(open_times) == 1 and _said(words, times[0]):
        return open_times.pop()
    first = [t for t in before if t.start < _BEGINS and t not in compared and t.period not in taken]
    return first[0].period if first and len(open_times) == 1 else None


def _said(words: str, time: Time) -> bool:
    """Whether a year is one of time: "in 2024", not "Rankings 2016"."""
    return not words[time.start].isdigit() or bool(_NAMED.search(words[: time.start]))


def fill_gaps(periods: Sequence[str | None]) -> list[str | None]:
    """Periods of a list with the single years that are missing between two neighbours: 2019, None, 2021."""
    found = list(periods)
    for at in range(1, len(found) - 1):
        left, right = found[at - 1], found[at + 1]
        if found[at] is None and left and right and left.isdigit() and right.isdigit() and int(right) - int(left) == 2:
            found[at] = str(int(left) + 1)
    return found
