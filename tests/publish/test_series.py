"""Series of an edition: values, who agrees, titles; and sparklines."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing

import pytest

from core.config import Config
from core.store import Store
from publish.edition.series import Given, compare, find_unit, find_values, make_title
from publish.pages import series as pages
from publish.pages.series_charts import draw_series, find_step, place_periods
from publish.pages.sparklines import HEIGHT, SHOWN, SeriesPoint, draw_strokes, make_sparklines
from publish.stage import publish
from tests.present import present


def given(value: float, document: int, modifier: str = "exact", high: float | None = None, **more: object) -> Given:
    parts = {"period": "2024", "unit": "", "number": 0, "own": 0} | more
    return Given(value=value, document=document, modifier=modifier, high=high, **parts)  # type: ignore[arg-type]


def test_the_value_of_a_period_is_that_of_most_documents() -> None:
    twice = [given(153, 1), given(153, 1, number=1), given(133, 2), given(133, 3)]
    assert find_values(twice) == {"2024": 133}  # a document counts once
    assert find_values([given(133, 1), given(134, 2, own=1)]) == {"2024": 134}
    assert find_values([given(133, 1), given(134, 2)]) == {"2024": 133}
    assert find_values([given(100, 1, "approximate"), given(100, 2, high=120)]) == {}


@pytest.mark.parametrize(
    ("figure", "says"),
    [
        (given(133, 1), "same"),
        (given(153, 1), "another"),
        (given(130, 1, "approximate"), "near"),
        (given(100, 1, "approximate"), "another"),
        (given(100, 1, "at least"), "near"),
        (given(140, 1, "at least"), "another"),
        (given(140, 1, "at most"), "near"),
        (given(120, 1, "at most"), "another"),
        (given(120, 1, high=140), "near"),
        (given(66, 1, high=81), "another"),
    ],
)
def test_a_figure_is_compared_with_the_value_of_its_period(figure: Given, says: str) -> None:
    assert [one.says for one in compare(133, [figure])] == [says]


def test_a_document_that_gives_the_same_and_another_does_not_differ() -> None:
    assert [one.says for one in compare(133, [given(133, 1), given(9, 1, number=1), given(9, 2)])] == [
        "same",
        "also",
        "another",
    ]


def test_a_counting_word_is_no_unit_of_its_own() -> None:
    assert find_unit([given(66, 1, unit="cases"), given(66, 2), given(6, 3, unit="%")]) == ""


def test_titles_are_for_readers() -> None:
    assert make_title("Hanguk Cell Bank: stem cell distributions", ["2023", "2024"]) == (
        "Stem cell distributions of the Hanguk Cell Bank, by year"
    )
    assert make_title("WiCell: lines", ["2024-01", "2024-02"]) == "Lines of WiCell, by month"
    assert make_title("The Cell Bank: lines", ["2024", "2024-02"]) == "Lines of The Cell Bank"


def test_series_of_an_edition_say_who_differs(config: Config, work: Store, at_night: None) -> None:
    path = config.editions / f"{present(publish(config, work).edition).name}.db"
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as edition:
        rows = edition.execute("SELECT period, value, agree, differ, others, counted FROM series ORDER BY 1").fetchall()
        says = edition.execute("SELECT period, says FROM series_source ORDER BY 1, 2").fetchall()
    assert [(row[0], row[1], row[2], row[3], json.loads(row[4])) for row in rows] == [
        ("2022", 66, 1, 0, []),
        ("2023", 68, 1, 0, []),
        ("2024", 134, 1, 1, [133]),
    ]
    assert {row[5] for row in rows} == {"stem cell distributions"}
    assert says == [("2022", "same"), ("2023", "same"), ("2024", "another"), ("2024", "same")]


def test_a_sparkline_stands_on_zero_and_leaves_missing_years_empty() -> None:
    assert place_periods(["2019", "2020", "2023"]) == [0, 1, 4]
    assert place_periods(["2019-01", "2019-05"]) == [0, 1]
    first, last = draw_strokes([("2020", 50.0), ("2024", 100.0)])
    assert last.h == HEIGHT and first.h == HEIGHT / 2 and last.x == 4 * first.w / 0.7 + first.x
    assert len(draw_strokes([(str(year), 1.0) for year in range(1990, 2025)])) == SHOWN
    assert draw_strokes([("2024", 0.0)])[0].h == 1.0
    assert make_sparklines([]) == [] and draw_strokes([]) == ()


def point(period: str, value: float, others: str = "[]", differ: int = 0) -> SeriesPoint:
    return SeriesPoint(
        key="k", name="Bank: lines", title="Lines", unit="", counted="lines", period=period, value=value, others=others,
        documents=1, agree=1, differ=differ, jump=None,
    )  # fmt: skip


def said(document: int, value: float, says: str, period: str | None = "2024", **more: object) -> pages.Given:
    parts: dict[str, object] = {
        "id": document, "title": "T", "kind": "news", "day": "2025-01-01", "slug": "t", "key": "t", "lang": "en",
        "source": f"s{document}", "country": None, "source_name": "S", "document": document, "number": 0,
        "value": value,
        "high": None, "unit": "", "subject": "lines", "period": period, "place": None, "modifier": "exact",
        "series": "Bank: lines", "sentence": "It was so.", "says": says, "role": "", "why": "",
    }  # fmt: skip
    return pages.Given(**{**parts, **more})  # type: ignore[arg-type]


def test_multiples_and_figures_without_a_year_are_not_listed_as_if_they_differed() -> None:
    [series] = pages.make_series([point("2023", 68), point("2024", 133, "[153.0]", 1)])
    given = [
        said(1, 133, "same"),
        said(2, 153, "another"),
        said(3, 1.8, "", modifier="multiple", unit="times"),
        said(4, 66, "", period=None),
        said(5, 12, "", unit="%"),
        said(1, 133, "same", number=3, sentence="T"),
        said(6, 130, "near", modifier="approximate"),
    ]
    periods, apart = pages.sort_given(series, given)
    assert [period.point.period for period in periods] == ["2024", "2023"]
    assert [one.document for one in periods[0].same] == [1]
    assert [one.document for one in periods[0].another] == [2]
    assert [one.document for one in periods[0].near] == [6]
    assert [[one.document for one in some] for some in (apart.multiples, apart.undated, apart.rest)] == [[3], [4], [5]]


def test_a_statement_that_is_said_twice_is_shown_with_its_sentence() -> None:
    title, sentence = said(1, 133, "same", sentence="T"), said(1, 133, "same", number=1)
    assert pages.find_once([title, sentence]) == [sentence] == pages.find_once([sentence, title])


def test_a_chart_has_an_axis_marks_for_other_values_and_gaps() -> None:
    chart = draw_series([point("2020", 68), point("2024", 133, "[153.0]", 1)])
    assert [tick.value for tick in chart.ticks] == [0, 50, 100, 150, 200]
    [mark] = chart.bars[-1].marks
    assert mark.value == 153 and mark.y < chart.bars[-1].y
    assert [bar.inside for bar in chart.bars] == [False, True]
    assert chart.bars[1].cx - chart.bars[0].cx > 4 * chart.bars[0].w
    assert draw_series([point(str(year), 1) for year in range(1990, 2024)], most=6).earlier == 28
    assert [find_step(top) for top in (0, 0.4, 3, 133, 90_000)] == [1, 0.1, 1, 50, 20_000]
