"""The geometry of a chart of a series: bars from zero, an axis with its unit, other values as marks.

Sizes are in units of the drawing. A page has two drawings of the same numbers: a wide one, and one for narrow screens
with fewer periods, because text in a drawing shrinks with it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

LEFT, RIGHT, HEAD, FOOT = 46, 8, 24, 28  # margins
TICKS = 4.5  # at most so many steps of the axis
NEAR = 24  # a mark that is nearer above a bar would touch its value


class Point(Protocol):
    """A value of a series, and the other values that were given for its period."""

    @property
    def period(self) -> str: ...
    @property
    def value(self) -> float: ...
    @property
    def jump(self) -> float | None: ...
    @property
    def differing(self) -> Sequence[float]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """Another value of a period."""

    value: float
    x1: float
    x2: float
    y: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """A value, drawn. `labelled`: its period is written below it; `inside`: its value is in the bar."""

    period: str
    value: float
    jump: float | None
    x: float
    y: float
    w: float
    h: float
    cx: float
    labelled: bool
    marks: tuple[Mark, ...]
    label_y: float
    inside: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    value: float
    y: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesChart:
    """`earlier` periods come before the first bar and are not drawn."""

    bars: tuple[Bar, ...]
    ticks: tuple[Tick, ...]
    width: int
    height: int
    left: int
    right: int
    base: int
    earlier: int


def draw_series(points: Sequence[Point], width: int = 640, height: int = 240, most: int = 20) -> SeriesChart:
    """Bars of the last `most` places of a series; years that nobody gives a value for stay empty."""
    places = place_periods([point.period for point in points])
    first = max(0, places[-1] - most + 1) if places else 0
    drawn = [(place - first, point) for place, point in zip(places, points, strict=True) if place >= first]
    top = max((max(point.value, *point.differing) if point.differing else point.value for _, point in drawn), default=0)
    step = find_step(top)
    ceiling = math.ceil(round(top / step, 6)) * step or step
    tall, inner = height - HEAD - FOOT, width - LEFT - RIGHT
    slot = inner / max(places[-1] - first + 1 if places else 1, 4)
    wide = min(slot * 0.62, 56)

    def at(value: float) -> float:
        return round(HEAD + tall - tall * max(value, 0.0) / ceiling, 1)

    every = max(1, math.ceil(46 / slot))
    last = drawn[-1][0] if drawn else 0
    bars = []
    for place, point in drawn:
        x = LEFT + slot * place + (slot - wide) / 2
        inside = any(at(point.value) - NEAR < at(value) < at(point.value) for value in point.differing)
        inside = inside and HEAD + tall - at(point.value) > NEAR
        bars.append(
            Bar(
                period=point.period, value=point.value, jump=point.jump, x=round(x, 1), y=at(point.value),
                w=round(wide, 1), h=round(HEAD + tall - at(point.value), 1), cx=round(x + wide / 2, 1),
                labelled=(last - place) % every == 0,
                marks=tuple(
                    Mark(value=value, x1=round(x - 4, 1), x2=round(x + wide + 4, 1), y=at(value))
                    for value in point.differing[:5]
                ),
                label_y=at(point.value) + (14 if inside else -6), inside=inside,
            )
        )  # fmt: skip
    steps = round(ceiling / step)
    return SeriesChart(
        bars=tuple(bars),
        ticks=tuple(Tick(value=round(number * step, 10), y=at(number * step)) for number in range(steps + 1)),
        width=width, height=height, left=LEFT, right=width - RIGHT, base=HEAD + tall,
        earlier=len(points) - len(drawn),
    )  # fmt: skip


def place_periods(periods: Sequence[str]) -> list[int]:
    """The place of each period on an axis: years from the first one; other periods one after the other."""
    if periods and all(len(period) == 4 and period.isdigit() for period in periods):
        return [int(period) - int(periods[0]) for period in periods]
    return list(range(len(periods)))


def find_step(top: float) -> float:
    """The distance of ticks: 1, 2 or 5 times a power of ten, so that there are at most five."""
    if top <= 0:
        return 1.0
    power = 10.0 ** math.floor(math.log10(top))
    return next(step for step in (power / 5, power / 2, power, power * 2, power * 5) if top / step <= TICKS)
