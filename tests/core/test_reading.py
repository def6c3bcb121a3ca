"""What `read` prints of figures: numbers as people write them."""

from __future__ import annotations

import pytest
from rich.console import Console

from core.reading import Read, show_reading


@pytest.mark.parametrize(
    ("value", "high", "said"),
    [(1234567.0, None, "1,234,567 · cases"), (45.0, 75.0, "45 to 75 · cases"), (6.1, None, "6.1 · cases")],
)
def test_a_figure_is_a_number_that_can_be_read(value: float, high: float | None, said: str) -> None:
    figure = {"value": value, "high": high, "unit": "cases", "subject": "", "period": None, "modifier": "exact"}
    screen = Console(record=True, width=120)
    show_reading(
        Read(doc="a", title="", text="", lang=None, note=None, mentions=(), concepts=(), labels={}, figures=(figure,)),
        screen,
        False,
    )
    assert said in screen.export_text()
