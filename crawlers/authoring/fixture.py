"""The files that `pipeline.py fixture` writes: the case as it was recorded, and the draft of its twin.

The recorded case goes to `tests/recorded/SOURCE/`, which git ignores; the draft, where the input is a page, to
`tests/pages_of_sources/SOURCE/`. `tests/crawlers/test_wrong_values.py` runs all of both.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from crawlers.authoring.cases import RECORDED, TWINS, Case, is_right, run_case, save_case
from crawlers.authoring.twin import make_twin

SHOULD = {"is": "be", "holds": "hold", "lacks": "lack"}


def save_fixture(case: Case, tests: Path) -> Iterator[str]:
    """Save both under the folder `tests`. Gives what a person should know, line by line."""
    suffix = Path(case.input).suffix
    path = save_case(replace(case, input=f"{case.name}{suffix}"), tests / RECORDED / case.source)
    yield f"{path}: {case.field} is {case.was[:120]!r}, and should {SHOULD[case.check]} {case.right[:120]!r}"
    if case.call != "page":
        yield "its input is a list: write the twin by hand"
        return
    twin = make_twin(case)
    now = run_case(twin)
    path = save_case(replace(twin, was=now), tests / TWINS / case.source)
    yield f"{path}: a draft of its twin: read it, shorten it, write it in your own words before you commit it"
    if is_right(twin, now):
        yield "the draft does not show the fault: its field is right. Change it until it fails, too"
