"""Every wrong value that somebody made a case of (`pipeline.py fixture`) is right.

Cases on recorded pages lie in `tests/recorded`, which git ignores: they run where they were made. Their twins in
`tests/pages_of_sources` are our own pages in the same markup, and are committed.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from crawlers.authoring.cases import RECORDED, TWINS, find_cases, is_right, load_case, run_case

TESTS = Path(__file__).resolve().parent.parent
NONE = pytest.mark.skip(reason="no case on a recorded page is held: `pipeline.py fixture` makes one")
HELD = [pytest.param(path, id=f"{path.parent.name}-{path.stem}") for path in find_cases(TESTS / RECORDED)]


def check(path: Path) -> None:
    case = load_case(path)
    value = run_case(case)
    assert is_right(case, value), f"{case.field}, which should be right ({case.check}): {case.right!r}; now: {value!r}"


@pytest.mark.parametrize("path", find_cases(TESTS / TWINS), ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_a_page_of_ours_is_read_right(path: Path) -> None:
    check(path)


@pytest.mark.parametrize("path", HELD or [pytest.param(None, marks=NONE, id="none")])
def test_a_recorded_page_is_read_right(path: Path) -> None:
    check(path)
