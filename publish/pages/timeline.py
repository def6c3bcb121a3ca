"""The geometry of a timeline of a story: a row for each document, its day to the right. Sizes are in units of the
drawing.

Rows are in the order of time. What repeats another text is drawn hollow. With one day in all, the marks are in one
column. A story of more than ROWS documents is drawn by its first ROWS; the table under the drawing has all of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from publish.pages.bar_charts import MONTHS
from publish.pages.story_members import Member, in_time

ROWS = 24
WIDTH, NAMES, HEAD, FOOT, ROW = 400, 168, 6, 22, 20  # NAMES: the column of the names
MARGIN = 26  # at either side of the marks, so that the days below them fit
LONGEST = 25  # characters of a name
APART = 58  # between two days that are written


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A document in the drawing. `hollow`: it repeats another text."""

    member: Member
    name: str
    x: float
    y: float
    hollow: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DayTick:
    """A day that is written under the drawing; `anchor` keeps it inside."""

    day: str
    x: float
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """The drawing; `members` are all documents in their order, `left_out` those that are not drawn."""

    marks: tuple[Mark, ...]
    ticks: tuple[DayTick, ...]
    members: tuple[Member, ...]
    left_out: int
    width: int
    height: int
    left: int
    base: int


def draw_timeline(members: Sequence[Member]) -> Timeline | None:
    """The timeline of a story; None for a single document."""
    ordered = in_time(members)
    if len(ordered) < 2:
        return None
    drawn = ordered[:ROWS]
    days = sorted({member.day for member in drawn})
    places = {day: _place(day, days[0], days[-1]) for day in days}
    base = HEAD + ROW * len(drawn)
    return Timeline(
        marks=tuple(
            Mark(
                member=member,
                name=_short(member.name),
                x=places[member.day],
                y=round(HEAD + ROW * (place + 0.5), 1),
                hollow=member.role == "copy",
            )
            for place, member in enumerate(drawn)
        ),
        ticks=tuple(_write_days(days, places)),
        members=tuple(ordered),
        left_out=len(ordered) - len(drawn),
        width=WIDTH,
        height=base + FOOT,
        left=NAMES,
        base=base,
    )


def _place(day: str, first: str, last: str) -> float:
    begin, end = NAMES + MARGIN, WIDTH - MARGIN
    whole = _days_between(first, last)
    return round(begin + (end - begin) * (_days_between(first, day) / whole if whole else 0.5), 1)


def _days_between(one: str, other: str) -> int:
    return (date.fromisoformat(other) - date.fromisoformat(one)).days


def _write_days(days: Sequence[str], places: dict[str, float]) -> list[DayTick]:
    """The first and the last day, and those between that fit; the year with the first, and where it changes."""
    chosen = list(dict.fromkeys((days[0], days[-1])))
    for day in days:
        if all(abs(places[day] - places[other]) >= APART for other in chosen):
            chosen.append(day)
    ticks, year = [], ""
    for day in sorted(chosen):
        words = f"{int(day[8:10])} {MONTHS[int(day[5:7]) - 1]}"
        ticks.append(DayTick(day=day, x=places[day], label=words if day[:4] == year else f"{words} {day[:4]}"))
        year = day[:4]
    return ticks


def _short(name: str) -> str:
    return name if len(name) <= LONGEST else f"{name[: LONGEST - 1].rstrip()}…"
