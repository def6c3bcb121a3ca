"""Series: figures of one thing over time, with a chart, who gives them and who says otherwise.

What counts as saying otherwise is decided when the edition is made (`series_source`, publish/edition/series.py). Here
statements are put in order:

1. by period, the newest first: those that give the value of most documents, those near it, those that give another;
   what a document says twice is given once;
2. what is not compared, apart: multiples ("1.8 times as many"), figures without a period, other units.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from publish.pages.formats import Table, csv_of, json_of, listed_rows
from publish.pages.page import Context, Field, Link, Page, PageMissing, Request, Sample
from publish.pages.quantities import FIELDS as STATEMENT_FIELDS
from publish.pages.quantities import Statement, make_row
from publish.pages.rows import DocumentLine, OpenEdition
from publish.pages.series_charts import SeriesChart, draw_series
from publish.pages.sparklines import SeriesPoint, find_sparklines

NAMED = """
SELECT * FROM series WHERE "key" IN (SELECT DISTINCT "key" FROM series WHERE name IN
    (SELECT value FROM json_each(:names))) ORDER BY title, period"""
ONE = 'SELECT * FROM series WHERE "key" = :key ORDER BY period'
LISTED = 'SELECT "key" FROM series GROUP BY "key" ORDER BY min(title), "key" LIMIT :most OFFSET :skip'
POINTS = "SELECT * FROM series ORDER BY title, period"
GIVEN = """
SELECT f.*, d.*, coalesce(s.says, '') AS says,
    coalesce((SELECT m.role FROM member m WHERE m.document = f.document LIMIT 1), '') AS role,
    coalesce((SELECT m.why FROM member m WHERE m.document = f.document LIMIT 1), '') AS why
FROM figure f JOIN card d ON d.id = f.document
LEFT JOIN series_source s
    ON s."key" = :key AND s.period = f.period AND s.document = f.document AND s.number = f.number
WHERE f.series = :name ORDER BY f.period IS NULL, f.period DESC, d.day, d.id, f.number LIMIT :most"""
SAYING = """
SELECT DISTINCT s."key" AS series, s.period, f.value, f.high, f.modifier, s.says, d.*
FROM series_source s JOIN figure f ON f.document = s.document AND f.number = s.number JOIN card d ON d.id = s.document
WHERE s."key" IN (SELECT value FROM json_each(:ids)) AND s.says IN ('same', 'another')
ORDER BY s."key", s.period DESC, d.day, d.id LIMIT :most"""
PUBLISHER = """
SELECT e.type, e.concept, e.name FROM entity e WHERE e.id = (SELECT entity FROM series WHERE "key" = :key LIMIT 1)"""
SIZE, SHOWN, EVERY = 50, 400, -1  # series on a page of the list; statements on a page
NAMES = 2000  # statements that a page of the list reads to name who says what
FIELDS = (*STATEMENT_FIELDS, Field("says", "same, near, another or also (see /series); empty: not compared"))
POINT_FIELDS = (
    Field("key", "stable name, the end of its address here"),
    Field("name", "who publishes it and what is counted, as figures name it"),
    Field("title", "the same for readers"),
    Field("unit", "unit of the values; empty for a bare count"),
    Field("counted", "the unit in words; of a bare count what is counted"),
    Field("period", "year, month or day"),
    Field("value", "what most documents say"),
    Field("documents", "how many give one"),
    Field("agree", "of them: that give this value"),
    Field("differ", "that give another value, or a limit that it is beyond"),
    Field("others", "other values that were given for the same period"),
    Field("jump", "over the mean of the periods before, where it is 1.5 times or more"),
)
SAMPLES = 'SELECT DISTINCT "key" FROM series ORDER BY 1 LIMIT 10'


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """A series with its drawings; `points` in the order of their periods."""

    key: str
    name: str
    title: str
    unit: str
    counted: str
    points: tuple[SeriesPoint, ...]
    drawing: SeriesChart
    narrow: SeriesChart

    @property
    def last(self) -> SeriesPoint:
        return self.points[-1]

    @property
    def differing(self) -> tuple[SeriesPoint, ...]:
        """The periods for which a document gives another figure."""
        return tuple(point for point in self.points if point.differ)

    @property
    def step(self) -> str:
        """What a period of it is."""
        lengths = {len(point.period) for point in self.points}
        return {4: "year", 7: "month", 10: "day"}.get(lengths.pop(), "period") if len(lengths) == 1 else "period"


@dataclass(frozen=True, slots=True, kw_only=True)
class Given(Statement):
    """A figure of the series as one document gives it; `role` and `why`: how the document tells its story."""

    says: str
    role: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Saying(DocumentLine):
    """A document that gives a value of a series."""

    series: str
    period: str
    value: float
    high: float | None
    modifier: str
    says: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Publisher:
    """The institution that publishes a series."""

    type: str
    concept: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """What documents say for a period."""

    point: SeriesPoint
    same: tuple[Given, ...]
    near: tuple[Given, ...]
    another: tuple[Given, ...]

    @property
    def sources(self) -> list[tuple[Given, int]]:
        """Each source that gives the value, by its first document, and how many of its documents do."""
        first = {one.source: one for one in reversed(self.same)}
        return [(one, sum(other.source == one.source for other in self.same)) for one in list(first.values())[::-1]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Apart:
    """What documents say of the series that is not compared with its values."""

    multiples: tuple[Given, ...]
    undated: tuple[Given, ...]
    rest: tuple[Given, ...]

    @property
    def any(self) -> bool:
        return bool(self.multiples or self.undated or self.rest)


async def find_series(edition: OpenEdition, names: Sequence[str]) -> list[Series]:
    """Series by the names that figures have for them, each with its drawings."""
    return make_series(await edition.rows(SeriesPoint, NAMED, {"names": json.dumps(list(names))}))


def make_series(points: Iterable[SeriesPoint]) -> list[Series]:
    """Points in the order of their periods, as series."""
    by_key: dict[str, list[SeriesPoint]] = {}
    for point in points:
        by_key.setdefault(point.key, []).append(point)
    return [
        Series(
            key=key, name=some[0].name, title=some[0].title, unit=some[0].unit, counted=some[0].counted,
            points=tuple(some), drawing=draw_series(some), narrow=draw_series(some, width=340, height=220, most=6),
        )
        for key, some in by_key.items()
    ]  # fmt: skip


def sort_given(series: Series, given: Iterable[Given]) -> tuple[list[Period], Apart]:
    """Statements by period, the newest first, and those that are not compared."""
    once = find_once(given)
    periods = [
        Period(
            point=point,
            same=_one_each(one for one in once if one.period == point.period and one.says == "same"),
            near=_one_each(one for one in once if one.period == point.period and one.says == "near"),
            another=tuple(one for one in once if one.period == point.period and one.says in ("another", "also")),
        )
        for point in reversed(series.points)
    ]
    apart = [one for one in once if not one.says]
    multiples = tuple(one for one in apart if one.modifier == "multiple" or one.unit == "times")
    undated = tuple(one for one in apart if one not in multiples and one.period is None)
    rest = tuple(one for one in apart if one not in multiples and one not in undated)
    return periods, Apart(multiples=multiples, undated=undated, rest=rest)


def find_once(given: Iterable[Given]) -> list[Given]:
    """What a document says several times, once: with a sentence that is not its title, where there is one."""
    found: dict[object, Given] = {}
    for one in given:
        which = (one.document, one.period, one.value, one.high, one.modifier, one.says)
        before = found.get(which)
        if before is None or (before.sentence in ("", before.title) and one.sentence not in ("", one.title)):
            found[which] = one
    return list(found.values())


def _one_each(given: Iterable[Given]) -> tuple[Given, ...]:
    """The first statement of each document."""
    return tuple({one.document: one for one in reversed(list(given))}.values())[::-1]


async def show_list(edition: OpenEdition, request: Request) -> Context:
    asked = {"most": SIZE + 1, "skip": request.skipped(SIZE)}
    keys = [row["key"] for row in await edition.execute(LISTED, asked)]
    found = await find_sparklines(edition, keys[:SIZE])
    saying = await edition.rows(Saying, SAYING, {"ids": json.dumps(keys[:SIZE]), "most": NAMES})
    return {
        "found": [
            {
                "series": one,
                "agreeing": list({
                    said.source_name: said
                    for said in saying
                    if said.series == one.key and said.period == one.last.period and said.says == "same"
                }.values()),
                "others": [said for said in saying if said.series == one.key and said.says == "another"],
            }
            for one in found
        ],
        "page": request.number,
        "more": len(keys) > SIZE and not request.last,
    }  # fmt: skip


async def _find_one(edition: OpenEdition, request: Request) -> Series:
    found = make_series(await edition.rows(SeriesPoint, ONE, {"key": request.parts["key"]}))
    if not found:
        raise PageMissing("There is no such series in this edition.")
    return found[0]


async def show(edition: OpenEdition, request: Request) -> Context:
    series = await _find_one(edition, request)
    asked = {"key": series.key, "name": series.name, "most": SHOWN}
    given = await edition.rows(Given, GIVEN, asked)
    periods, apart = sort_given(series, given)
    return {
        "series": series,
        "periods": periods,
        "apart": apart,
        "others": [one for period in periods for one in period.another if one.says == "another"],
        "publisher": await edition.first(Publisher, PUBLISHER, {"key": series.key}),
        "documents": len({one.document for one in given}),
        "cut": len(given) == SHOWN,
    }


def samples(edition: sqlite3.Connection) -> Iterator[Sample]:
    for (key,) in edition.execute(SAMPLES):
        yield Sample(f"/series/{key}")
    yield Sample("/series/0", 404)


async def find_given(edition: OpenEdition, request: Request) -> Table:
    """Every figure of the series, with what most documents say."""
    series = await _find_one(edition, request)
    given = await edition.rows(Given, GIVEN, {"key": series.key, "name": series.name, "most": EVERY})
    rows = [(*make_row(one, request.site), one.says) for one in given]
    points = [
        {"period": one.period, "value": one.value, "agree": one.agree, "differ": one.differ, "others": one.differing,
         "jump": one.jump}
        for one in series.points
    ]  # fmt: skip
    facts = {
        "key": series.key, "name": series.name, "title": series.title, "unit": series.unit, "counted": series.counted,
        "points": points,
    }  # fmt: skip
    return Table(
        name="figures", file=f"series-{series.key}", fields=FIELDS, rows=listed_rows(rows), count=len(rows), facts=facts
    )


async def find_points(edition: OpenEdition, request: Request) -> Table:
    """Every value of every series."""
    rows = [
        tuple(json.loads(one.others) if field.name == "others" else getattr(one, field.name) for field in POINT_FIELDS)
        for one in await edition.rows(SeriesPoint, POINTS)
    ]
    return Table(name="series", file="series", fields=POINT_FIELDS, rows=listed_rows(rows), count=len(rows))


PAGES = (
    Page(
        route="/series",
        template="series_list.html",
        show=show_list,
        links=(
            Link("Series", place=420, under="Data", about="Figures of one thing over time, and who says otherwise."),
        ),
        formats=(json_of(find_points, POINT_FIELDS), csv_of(find_points, POINT_FIELDS)),
        about="Every value of every series: figures of one thing over time.",
        schema="CollectionPage",
    ),
    Page(
        route="/series/(?P<key>[0-9a-f]+)",
        template="series.html",
        show=show,
        samples=samples,
        within="/series",
        formats=(
            json_of(find_given, FIELDS, "Its figures; points: what most documents say for each period."),
            csv_of(find_given, FIELDS, "Its figures."),
        ),
        about="A series: figures of one thing over time, from every document that gives one.",
        example="""SELECT '/series/' || "key" FROM series LIMIT 1""",
    ),
)
