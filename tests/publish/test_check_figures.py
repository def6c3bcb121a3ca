"""How a check compares figures of a text with a series: as the series itself does, with rounding, limits and units."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest

from core.records import Json
from publish.check.looking import _Look

HERE = {"period": "2024", "value": 133.0, "others": [153.0], "unit": "", "documents": 3}


def judge(**given: object) -> str:
    """The verdict on one figure; empty where there is nothing to compare it with."""
    figure: Json = {
        "series": "Bank: lines", "period": "2024", "value": 133.0, "high": None, "unit": "", "modifier": "exact",
    }  # fmt: skip
    records = SimpleNamespace(find_series=lambda name, period: {"here": HERE if period == "2024" else None})
    look = _Look(cast(Any, None), cast(Any, records), {})
    [found] = look._compare_figures([figure | given])
    return str(found["verdict"])


@pytest.mark.parametrize(
    ("given", "verdict"),
    [
        ({}, "agrees"),
        ({"value": 140.0}, "differs"),
        ({"value": 153.0}, "agrees with some"),
        ({"value": 130.0, "modifier": "approximate"}, "fits"),
        ({"value": 90.0, "modifier": "approximate"}, "differs"),
        ({"value": 100.0, "modifier": "at least"}, "fits"),
        ({"value": 150.0, "modifier": "at least"}, "differs"),
        ({"value": 120.0, "high": 140.0}, "fits"),
        ({"value": 40.0, "unit": "%"}, ""),
        ({"value": 1.8, "modifier": "multiple"}, ""),
        ({"period": "2023"}, "no value"),
    ],
)
def test_a_rounded_number_or_a_limit_is_no_other_number(given: Json, verdict: str) -> None:
    assert judge(**given) == verdict
