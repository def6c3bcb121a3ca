"""The period of a figure: the year that its sentence gives, counted from the day of the text or from another year.

`find_times` reads the years and words of time of a sentence in their order ("last year", 지난해, 이듬해, "the last of
those years"). `find_period` chooses one of them for a quantity, by the first rule that answers. In languages that put
the time first (Korean, Japanese, Chinese; `TIME_FIRST_RULES`):

1. the nearest time before the quantity;
2. the first time after it in its clause.

In other languages (`RULES`):

1. the first time after the quantity in its clause ("66 cases in 2019");
2. the last time before it in its clause, unless that belongs to another number ("66 in 2019");
3. the only time of the sentence;
4. the time that the sentence begins with.

A time in a comparison ("compared to the previous year", "than in 2019") belongs to the other side of the comparison.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
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
_NO_TIME = re.compile(  # addresses; days, because figures are of years, and a day is that of the news
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
_SHIFTS = {  # group of _TIME -> years from the day of the text
    "last": -1, "klast": -1, "this": 0, "kthis": 0,
}  # fmt: skip
_SHIFTS_FROM_LAST = {  # group of _TIME -> years from the time before in the sentence
    "before": -1, "kbefore": -1, "next": 1, "knext": 1, "those": 0,
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Time:
    """`period` is YYYY or YYYY/YYYY; `year` the last year of it."""

    start: int
    end: int
    period: str
    year: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """The times around a quantity. `begin` and `stop` are offsets of its clause."""

    words: str
    times: Sequence[Time]
    start: int
    begin: int
    stop: int
    before: Sequence[Time]
    after: Sequence[Time]  # without times of a comparison
    taken: frozenset[str]  # periods that belong to other quantities
    compared: Sequence[Time]  # times before that belong to a comparison

    @property
    def free(self) -> set[str]:
        """Periods that belong to no comparison."""
        return {time.period for time in (*self.after, *self.before) if time not in self.compared}


Rule = Callable[[Surroundings], Time | None]


def find_times(words: str, day: str | None) -> list[Time]:
    """Times of a sentence; `day` is the day of the text (YYYY-MM-DD)."""
    now = int(day[:4]) if day else None
    masked = [match.span() for match in _NO_TIME.finditer(words)]
    found: list[Time] = []
    for match in _TIME.finditer(words):
        if any(start <= match.start() < end for start, end in masked):
            continue
        last = found[-1] if found else None
        time = _read_time(match, now, last.year if last else None)
        if time is None:
            continue
        if last and last.year < time.year and _is_range(words, last, time.start):
            first = found.pop()
            period = f"{first.period}/{time.year}"
            time = Time(start=first.start, end=time.end, period=period, year=time.year)
        found.append(time)
    return found


def _read_time(match: re.Match[str], now: int | None, last: int | None) -> Time | None:
    """The time of a match; `now` is the year of the text, `last` that of the time before. None without that year."""
    start, end = match.span()
    if match["to"]:
        to = match["to"] if len(match["to"]) == 4 else match["year"][:2] + match["to"]
        return Time(start=start, end=end, period=f"{match['year']}/{to}", year=int(to))
    if match["year"]:
        return Time(start=start, end=end, period=str(int(match["year"])), year=int(match["year"]))
    group = match.lastgroup or ""
    base = now if group in _SHIFTS else last
    if not base:
        return None
    year = base + (_SHIFTS.get(group) or _SHIFTS_FROM_LAST.get(group) or 0)
    return Time(start=start, end=end, period=str(year), year=year)


def _is_range(words: str, first: Time, begin: int) -> bool:
    """Whether another time at `begin` is the end of a range: "between June 2017 and January 2018"."""
    joined = _TO.fullmatch(words, first.end, begin)
    return bool(joined and _FROM.search(words, max(0, first.start - 30), first.start))


def find_period(
    words: str, start: int, end: int, times: Sequence[Time], others: Sequence[int] = (), *, time_first: bool = False
) -> str | None:
    """The period of the quantity between `start` and `end`; `others` are where the other quantities end."""
    around = _look_around(words, start, end, times, others)
    rules = TIME_FIRST_RULES if time_first else RULES
    return next((time.period for rule in rules if (time := rule(around))), None)


def _look_around(words: str, start: int, end: int, times: Sequence[Time], others: Sequence[int]) -> Surroundings:
    cuts = [match.end() for match in _CLAUSE.finditer(words)]
    before = [time for time in times if time.end <= start]
    return Surroundings(
        words=words,
        times=times,
        start=start,
        begin=max((cut for cut in cuts if cut <= start), default=0),
        stop=min((cut for cut in cuts if cut > end), default=len(words) + 1),
        before=before,
        after=[time for time in times if time.start >= end and not _COMPARED.search(words, end, time.start)],
        taken=_find_taken(words, times, others),
        compared=[time for time in before if _COMPARED.search(words, max(0, time.start - 20), time.start)],
    )


def _find_taken(words: str, times: Sequence[Time], others: Sequence[int]) -> frozenset[str]:
    """Periods that directly follow another quantity: "66 in 2019"."""
    return frozenset(time.period for time in times if any(_IN.fullmatch(words, end, time.start) for end in others))


def get_nearest_before(around: Surroundings) -> Time | None:
    """The last time before the quantity without a comparison between them."""
    near = (t for t in reversed(around.before) if not _COMPARED.search(around.words, t.end, around.start))
    return next(near, None)


def get_next_in_clause(around: Surroundings) -> Time | None:
    """The first time after the quantity in its clause."""
    return next((time for time in around.after if time.start < around.stop), None)


def get_last_in_clause(around: Surroundings) -> Time | None:
    """The last time before the quantity in its clause that belongs to no other quantity."""
    inside = (t for t in reversed(around.before) if t.start >= around.begin and t.period not in around.taken)
    return next(inside, None)


def get_only_time(around: Surroundings) -> Time | None:
    """The only period of the sentence."""
    if len({time.period for time in around.times}) != 1 or len(around.free) != 1:
        return None
    return around.times[0] if _is_time(around.words, around.times[0]) else None


def get_opening_time(around: Surroundings) -> Time | None:
    """The time that the sentence begins with, where no other period is free."""
    first = (
        time
        for time in around.before
        if time.start < _BEGINS and time not in around.compared and time.period not in around.taken
    )
    return next(first, None) if len(around.free) == 1 else None


RULES: tuple[Rule, ...] = (get_next_in_clause, get_last_in_clause, get_only_time, get_opening_time)
TIME_FIRST_RULES: tuple[Rule, ...] = (get_nearest_before, get_next_in_clause)


def _is_time(words: str, time: Time) -> bool:
    """Whether a year is a time ("in 2024") and not part of a name ("Rankings 2016")."""
    return not words[time.start].isdigit() or bool(_NAMED.search(words[: time.start]))


def fill_gaps(periods: Sequence[str | None]) -> list[str | None]:
    """Periods of a list, each single missing year between two others filled in: 2019, None, 2021."""
    found = list(periods)
    for at in range(1, len(found) - 1):
        left, right = found[at - 1], found[at + 1]
        if found[at] is None and left and right and left.isdigit() and right.isdigit() and int(right) - int(left) == 2:
            found[at] = str(int(left) + 1)
    return found
