"""Series of an edition: values, who agrees, titles; and sparklines."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing

import pytest

from core.config import Config
from core.store import Store
from publish.edition.series import Given, compare, find_unit, find_values, make_title
from publish.pages.sparklines import HEIGHT, SHOWN, draw_strokes, make_sparklines, place_periods
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
