"""The tour: its questions can be asked, and docs/tour.md is made of them."""

from __future__ import annotations

from typing import Any

import pytest

from bench.tour import QUESTIONS, describe_tour, read_questions, to_question
from core.config import ROOT

GOOD: dict[str, Any] = {"question": "Who?", "steps": [{"click": "Data"}], "answer": ["they"]}


def test_there_are_twelve_questions_each_with_its_way_and_answer() -> None:
    questions = read_questions(QUESTIONS)
    assert len(questions) == 12 and [int(one.name[:2]) for one in questions] == list(range(1, 13))
    for one in questions:
        assert one.question.endswith("?") and one.why and one.see and one.answer, one.name
        assert not [what for kind, what in one.steps if kind == "css" and "http" in what], "an address is not a click"


def test_the_page_of_the_tour_is_made_of_the_questions() -> None:
    questions = read_questions(QUESTIONS)
    assert (ROOT / "docs" / "tour.md").read_text("utf-8") == describe_tour(questions)
    for number in range(1, len(questions) + 1):
        picture = ROOT / "docs" / "tour" / f"{number:02}.png"
        assert picture.read_bytes().startswith(b"\x89PNG") and picture.stat().st_size < 250_000


@pytest.mark.parametrize(
    ("changed", "line"),
    [({"steps": [{"go": "/data"}]}, "a step is one of"), ({"steps": [{"click": "a", "css": "b"}]}, "a step is one of"),
     ({"answer": []}, "what would be the answer")],
)  # fmt: skip
def test_a_question_that_cannot_be_asked_says_why(changed: dict[str, Any], line: str) -> None:
    with pytest.raises(ValueError, match=line):
        to_question("x", GOOD | changed)
    assert to_question("x", GOOD).steps == (("click", "Data"),)
