"""The geometry of bar charts of documents by month. Sizes are in units of the drawing."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
LEFT, RIGHT, HEAD, FOOT = 44, 6, 14, 46  # margins of the chart by month


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthBar:
    """A month. `label` and `year` are empty where they are not written; `partial`: the month has not ended."""

    month: str
    count: int
    x: float
    y: float
    w: float
    h: float
    cx: float
    partial: bool
    label: str
    year: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    value: int
    y: float


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthChart:
    """Documents by month; `earlier` is how many there are before the first bar."""

    bars: tuple[MonthBar, ...]
    ticks: tuple[Tick, ...]
    width: int
    height: int
    left: int
    right: int
    base: int
    earlier: int
    partial: str
    first: str
    last: str


def draw_months(
    counts: Mapping[str, int], built: str, width: int = 1120, height: int = 240, most: int = 24
) -> MonthChart | None:
    """Bars of {"YYYY-MM": n} up to the month of `built`, gaps as zeros; None where there is nothing.

    At most `most` months are drawn; `earlier` is what came before. The month that `built` falls in is partial.
    """
    if not counts:
        return None
    months = _months(counts, built, most)
    top = max(counts.get(name, 0) for name in months) or 1
    step = _step(top)
    ceiling = math.ceil(top / step) * step
    tall = height - HEAD - FOOT
    ticks = (Tick(value=n, y=round(HEAD + tall - tall * n / ceiling, 1)) for n in range(0, ceiling + 1, step))
    return MonthChart(
        bars=tuple(_month_bars(months, counts, built, width, tall, ceiling)),
        ticks=tuple(ticks),
        width=width,
        height=height,
        left=LEFT,
        right=width - RIGHT,
        base=HEAD + tall,
        earlier=sum(n for name, n in counts.items() if name < months[0]),
        partial=f"to {int(built[8:10])} {MONTHS[int(built[5:7]) - 1]}",
        first=months[0],
        last=months[-1],
    )


def _months(counts: Mapping[str, int], built: str, most: int) -> list[str]:
    """The months that are drawn: at least six, because a chart of one bar says nothing."""
    last, first = max(max(counts), built[:7]), min(counts)
    months: list[str] = []
    for name in _back_from(last):
        if len(months) == most or (name < first and len(months) >= min(6, most)):
            break
        months.insert(0, name)
    return months


def _back_from(month: str) -> Iterator[str]:
    """`2026-02`, `2026-01`, `2025-12`, …"""
    year, at = int(month[:4]), int(month[5:7])
    while True:
        yield f"{year:04}-{at:02}"
        year, at = (year, at - 1) if at > 1 else (year - 1, 12)


def _step(top: int) -> int:
    """The distance of ticks: 1, 2 or 5 times a power of ten, so that there are at most five."""
    power = 10.0 ** max(0, math.floor(math.log10(top)))
    steps = (power / 5, power / 2, power, power * 2, power * 5)
    return max(1, math.ceil(next(step for step in steps if top / step <= 4.5)))


def _month_bars(
    months: Sequence[str], counts: Mapping[str, int], built: str, width: int, tall: int, ceiling: int
) -> Iterator[MonthBar]:
    inner = width - LEFT - RIGHT
    slot = inner / len(months)
    wide = min(slot * 0.72, 56)
    every = max(1, math.ceil(len(months) * 30 / inner))
    for place, name in enumerate(months):
        count = counts.get(name, 0)
        size = tall * count / ceiling
        x = LEFT + slot * place + (slot - wide) / 2
        labelled = (len(months) - 1 - place) % every == 0
        begins = name.endswith("-01") or (place == 0 and slot * (13 - int(name[5:7])) > 50)
        yield MonthBar(
            month=name,
            count=count,
            x=round(x, 1),
            y=round(HEAD + tall - size, 1),
            w=round(wide, 1),
            h=round(size, 1),
            cx=round(x + wide / 2, 1),
            partial=name == built[:7],
            label=MONTHS[int(name[5:7]) - 1] if labelled else "",
            year=name[:4] if begins else "",
        )
