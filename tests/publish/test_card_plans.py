"""The statement of the numbers on cards reads neither all numbers nor all series, whatever the planner knows."""

from __future__ import annotations

from publish.pages.story_cards import NUMBERS
from tests.publish.made import Made


def test_the_numbers_of_cards_are_found_by_indexes() -> None:
    plan = [row["detail"] for row in Made().edition.execute(f"EXPLAIN QUERY PLAN {NUMBERS}", {"ids": "[1]"})]
    assert not [line for line in plan if line.startswith("SCAN") and not line.startswith("SCAN j ")], plan
