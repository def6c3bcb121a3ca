"""Sparklines: a series as a small drawing with its last value, for other pages.

    {% import "_sparkline.html" as spark %} {% for s in sparklines %}{{ spark.line(s) }}{% endfor %}

`find_sparklines` finds them by key, `find_sparklines_in` those that documents give a figure of, `find_sparklines_of`
those that an institution publishes. Bars begin at zero and have the place of their period: a missing year is a gap.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from publish.pages.rows import OpenEdition, listed
from publish.pages.series_charts import place_periods

WIDTH, HEIGHT, SHOWN = 96, 28, 16  # of the drawing; periods in it
MOST = 60  # sparklines on a page
POINTS = 'SELECT * FROM series WHERE "key" IN (SELECT value FROM json_each(:ids)) ORDER BY title, period'
KEYS_OF = 'SELECT DISTINCT "key" FROM series WHERE entity = :entity ORDER BY title LIMIT :most'
KEYS_IN = """
SELECT DISTINCT "key" FROM series_source WHERE document IN (SELECT value FROM json_each(:ids)) ORDER BY 1 LIMIT :most"""


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesPoint:
    """A value of a series: what most documents say for a period."""

    key: str
    name: str
    title: str
    unit: str
    counted: str
    period: str
    value: float
    others: str  # JSON array
    documents: int
    agree: int
    differ: int
    jump: float | None

    @property
    def differing(self) -> list[float]:
        """Other values that were given for the same period."""
        return [float(value) for value in json.loads(self.others)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stroke:
    """A bar of a sparkline."""

    x: float
    y: float
    w: float
    h: float
    period: str
    value: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Sparkline:
    """A series with its last value. `counted` is the unit in words."""

    key: str
    title: str
    counted: str
    unit: str
    last: SeriesPoint
    points: tuple[SeriesPoint, ...]
    strokes: tuple[Stroke, ...]
    width: int = WIDTH
    height: int = HEIGHT

    @property
    def differing(self) -> tuple[SeriesPoint, ...]:
        """The periods for which a document gives another figure."""
        return tuple(point for point in self.points if point.differ)


async def find_sparklines(edition: OpenEdition, keys: Sequence[str]) -> list[Sparkline]:
    """Series by their keys, in the order of their titles; at most MOST."""
    return make_sparklines(await edition.rows(SeriesPoint, POINTS, listed(list(keys)[:MOST])))


async def find_sparklines_in(edition: OpenEdition, documents: Iterable[int]) -> list[Sparkline]:
    """Series of which these documents give a figure."""
    asked = {**listed(sorted(documents)), "most": MOST}
    return await find_sparklines(edition, [row["key"] for row in await edition.execute(KEYS_IN, asked)])


async def find_sparklines_of(edition: OpenEdition, entity: int) -> list[Sparkline]:
    """Series that an institution publishes; `entity` is its number."""
    asked = {"entity": entity, "most": MOST}
    return await find_sparklines(edition, [row["key"] for row in await edition.execute(KEYS_OF, asked)])


def make_sparklines(points: Iterable[SeriesPoint]) -> list[Sparkline]:
    """Points in the order of their periods, as sparklines in the order of their first points."""
    by_key: dict[str, list[SeriesPoint]] = {}
    for point in points:
        by_key.setdefault(point.key, []).append(point)
    return [
        Sparkline(
            key=key,
            title=some[-1].title,
            counted=some[-1].counted,
            unit=some[-1].unit,
            last=some[-1],
            points=tuple(some),
            strokes=draw_strokes([(point.period, point.value) for point in some]),
        )
        for key, some in by_key.items()
    ]


def draw_strokes(points: Sequence[tuple[str, float]]) -> tuple[Stroke, ...]:
    """Bars of (period, value), the last SHOWN places; years that nobody gives a value for stay empty."""
    places = place_periods([period for period, _ in points])
    if not places:
        return ()
    first = max(0, places[-1] - SHOWN + 1)
    drawn = [(place - first, *point) for place, point in zip(places, points, strict=True) if place >= first]
    slot = WIDTH / max(drawn[-1][0] + 1, 6)
    top = max((value for _, _, value in drawn), default=0.0)
    strokes = []
    for place, period, value in drawn:
        tall = max(1.0, HEIGHT * value / top) if top > 0 else 1.0
        strokes.append(
            Stroke(
                x=round(slot * place, 1), y=round(HEIGHT - tall, 1), w=round(slot * 0.7, 1), h=round(tall, 1),
                period=period, value=value,
            )
        )  # fmt: skip
    return tuple(strokes)
