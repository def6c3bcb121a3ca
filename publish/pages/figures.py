"""Figures: every series with its latest value, and every quantitative statement of the edition, the newest first."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass

from publish.pages.formats import Row, Table, csv_of, json_of, listed_rows
from publish.pages.page import Context, Field, Link, Page, Request
from publish.pages.rows import DocumentLine, OpenEdition
from publish.pages.sparklines import SeriesPoint, make_sparklines
from publish.pages.template_filters import document_url

SHOWN = 50  # statements on a page
CHUNK = 500

STATEMENTS = """
SELECT f.*, d.* FROM figure f JOIN card d ON d.id = f.document
WHERE (f.document, f.number) < (:document, :number) ORDER BY f.document DESC, f.number DESC LIMIT :most OFFSET :skip"""
POINTS = "SELECT * FROM series ORDER BY name, period"
NEWEST = {"document": 2**62, "number": 0}

FIELDS = (
    Field("value", "the number, or the lower end of a range"),
    Field("high", "upper end of a range"),
    Field("unit", "unit of the value; empty for a bare count"),
    Field("subject", "what is counted or measured"),
    Field("period", "year, month or day that it is about"),
    Field("place", "ISO 3166-1 alpha-2"),
    Field("modifier", "exact, approximate, at least, at most or multiple"),
    Field("series", "what it is a point of"),
    Field("sentence", "the sentence that gives it (shortened where its text may not be shown)"),
    Field("document", "page of the document here"),
    Field("title", "title of the document"),
    Field("day", "day of the document"),
    Field("source", "name of its source"),
)
SERIES_FIELDS = (
    Field("key", "stable name, the end of its address here"),
    Field("name", "what is counted, where"),
    Field("unit", "unit of the values"),
    Field("period", "year, month or day"),
    Field("value", "what most documents say"),
    Field("documents", "how many give one"),
    Field("others", "other values that were given for the same period"),
    Field("jump", "over the mean of the periods before, where it is 1.5 times or more"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement(DocumentLine):
    """A quantitative statement and its document."""

    document: int
    number: int
    value: float
    high: float | None
    unit: str
    subject: str
    period: str | None
    place: str | None
    modifier: str
    series: str | None
    sentence: str


async def show(edition: OpenEdition, request: Request) -> Context:
    asked = {**NEWEST, "most": SHOWN + 1, "skip": request.skipped(SHOWN)}
    found = await edition.rows(Statement, STATEMENTS, asked)
    return {
        "found": found[:SHOWN],
        "more": len(found) > SHOWN and not request.last,
        "page": request.number,
        "series": make_sparklines(await edition.rows(SeriesPoint, POINTS)),
    }


async def find_statements(edition: OpenEdition, request: Request) -> Table:
    """Every statement."""
    return Table(name="figures", file="figures", fields=FIELDS, rows=_read(edition, request.site))


async def _read(edition: OpenEdition, site: str) -> AsyncIterator[Row]:
    after = NEWEST
    while found := await edition.rows(Statement, STATEMENTS, {**after, "most": CHUNK, "skip": 0}):
        for one in found:
            yield (
                one.value, one.high, one.unit, one.subject, one.period, one.place, one.modifier, one.series,
                one.sentence, f"{site}{document_url(one)}", one.title, one.day, one.source_name,
            )  # fmt: skip
        after = {"document": found[-1].document, "number": found[-1].number}


async def find_points(edition: OpenEdition, request: Request) -> Table:
    """Every value of every series."""
    points = await edition.rows(SeriesPoint, POINTS)
    rows = [
        (one.key, one.name, one.unit, one.period, one.value, one.documents, json.loads(one.others), one.jump)
        for one in points
    ]
    return Table(name="series", file="series", fields=SERIES_FIELDS, rows=listed_rows(rows), count=len(rows))


PAGES = (
    Page(
        route="/figures",
        template="figures.html",
        show=show,
        links=(Link("Figures", 410, under="Data", about="Every number that a document gives, with its sentence."),),
        formats=(json_of(find_statements, FIELDS), csv_of(find_statements, FIELDS)),
        about="Every quantitative statement of the edition, with its sentence; the newest document first.",
        schema="CollectionPage",
    ),
    Page(
        route="/series",
        template="figures.html",
        show=show,
        links=(Link("Series", 420, under="Data", about="Figures of one thing over time."),),
        formats=(json_of(find_points, SERIES_FIELDS), csv_of(find_points, SERIES_FIELDS)),
        about="Every value of every series: figures of one thing over time.",
        schema="CollectionPage",
    ),
)
