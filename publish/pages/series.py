"""Series: figures of one thing over time, from every document that gives one, with a drawing."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from publish.pages.bar_charts import Drawing, draw_series
from publish.pages.formats import Table, csv_of, json_of, listed_rows
from publish.pages.page import Context, Field, Page, PageMissing, Request, Sample
from publish.pages.rows import DocumentLine, OpenEdition
from publish.pages.sparklines import SeriesPoint
from publish.pages.template_filters import document_url

POINTS = """
SELECT * FROM series WHERE name IN (SELECT value FROM json_each(:names)) ORDER BY name, period"""
NAMED = 'SELECT * FROM series WHERE "key" = :key LIMIT 1'
# what a document says twice is given once
GIVEN = """
SELECT f.*, min(f.number), d.* FROM figure f JOIN card d ON d.id = f.document
WHERE f.series = :name GROUP BY f.document, f.period, f.value, f.modifier
ORDER BY f.period IS NULL, f.period, f.modifier = 'multiple', d.day, d.id LIMIT :most"""
SHOWN, EVERY = 200, -1
FIELDS = (
    Field("period", "year, month or day that it is about; empty where the document does not say"),
    Field("value", "the number, or the lower end of a range"),
    Field("high", "upper end of a range"),
    Field("unit", "unit of the value"),
    Field("modifier", "exact, approximate, at least, at most or multiple"),
    Field("sentence", "the sentence that gives it (shortened where its text may not be shown)"),
    Field("document", "page of the document here"),
    Field("title", "title of the document"),
    Field("day", "day of the document"),
    Field("source", "name of its source"),
)
SAMPLES = 'SELECT DISTINCT "key" FROM series ORDER BY 1 LIMIT 10'


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    key: str
    name: str
    title: str
    unit: str
    points: tuple[SeriesPoint, ...]
    drawing: Drawing


@dataclass(frozen=True, slots=True, kw_only=True)
class Given(DocumentLine):
    """A figure of the series as one document gives it."""

    value: float
    high: float | None
    unit: str
    period: str | None
    modifier: str
    sentence: str


async def find_series(edition: OpenEdition, names: Sequence[str]) -> list[Series]:
    """Series by their names, each with its drawing."""
    points = await edition.rows(SeriesPoint, POINTS, {"names": json.dumps(names)})
    by_name: dict[str, list[SeriesPoint]] = {}
    for point in points:
        by_name.setdefault(point.name, []).append(point)
    return [
        Series(
            key=some[0].key,
            name=name,
            title=some[0].title,
            unit=some[0].unit,
            points=tuple(some),
            drawing=draw_series(some),
        )
        for name, some in by_name.items()
    ]


async def show(edition: OpenEdition, request: Request) -> Context:
    point = await edition.first(SeriesPoint, NAMED, {"key": request.parts["key"]})
    if point is None:
        raise PageMissing("There is no such series in this edition.")
    [series] = await find_series(edition, [point.name])
    return {"series": series, "given": await edition.rows(Given, GIVEN, {"name": point.name, "most": SHOWN})}


def samples(edition: sqlite3.Connection) -> Iterator[Sample]:
    for (key,) in edition.execute(SAMPLES):
        yield Sample(f"/series/{key}")
    yield Sample("/series/0", 404)


async def find_given(edition: OpenEdition, request: Request) -> Table:
    """Every figure of the series, with what most documents say."""
    point = await edition.first(SeriesPoint, NAMED, {"key": request.parts["key"]})
    if point is None:
        raise PageMissing("There is no such series in this edition.")
    [series] = await find_series(edition, [point.name])
    given = await edition.rows(Given, GIVEN, {"name": point.name, "most": EVERY})
    rows = [
        (one.period, one.value, one.high, one.unit, one.modifier, one.sentence, f"{request.site}{document_url(one)}",
         one.title, one.day, one.source_name)
        for one in given
    ]  # fmt: skip
    points = [
        {"period": one.period, "value": one.value, "others": one.differing, "jump": one.jump} for one in series.points
    ]
    facts = {"key": series.key, "name": series.name, "unit": series.unit, "points": points}
    return Table(
        name="figures", file=f"series-{series.key}", fields=FIELDS, rows=listed_rows(rows), count=len(rows), facts=facts
    )


PAGES = (
    Page(
        route="/series/(?P<key>[0-9a-f]+)",
        template="series.html",
        show=show,
        samples=samples,
        formats=(
            json_of(find_given, FIELDS, "Its figures; points: what most documents say for each period."),
            csv_of(find_given, FIELDS, "Its figures."),
        ),
        about="A series: figures of one thing over time, from every document that gives one.",
        example="""SELECT '/series/' || "key" FROM series LIMIT 1""",
    ),
)
