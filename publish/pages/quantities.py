"""Quantitative statements as pages and downloads show them: one row, whichever page asks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from publish.pages.page import Field
from publish.pages.rows import DocumentLine
from publish.pages.template_filters import document_url

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement(DocumentLine):
    """A quantitative statement and its document: a row of `figure` and of `card`."""

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


def make_row(one: Statement, site: str) -> Sequence[object]:
    """A statement as a row with the columns FIELDS."""
    return (
        one.value, one.high, one.unit, one.subject, one.period, one.place, one.modifier, one.series, one.sentence,
        f"{site}{document_url(one)}", one.title, one.day, one.source_name,
    )  # fmt: skip
