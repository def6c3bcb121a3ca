"""The step of a story is lit on a document only where the document itself says that it is of this step."""

from __future__ import annotations

import json

import pytest

from publish.edition.steps import VALUES
from publish.pages.document_life import STEP
from tests.publish.made import Made


@pytest.mark.parametrize(
    ("own", "lit"),
    [("phase 2", True), ("clinical trial", True), ("animal", False), ("observational", False), ("none", False)],
)
def test_a_document_of_another_stage_has_no_step(own: str, lit: bool) -> None:
    made = Made()
    paper, other = made.document("paper"), made.document("news")
    story = made.story((paper, "origin"), (other, "coverage"))
    made.add("story_summary", story=story, step=3, step_value="phase 2")
    made.label(other, "evidence", own)
    found = made.edition.execute(STEP, {"id": other, "values": json.dumps(VALUES)}).fetchall()
    assert bool(found) == lit
