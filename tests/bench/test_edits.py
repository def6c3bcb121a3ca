"""The planted edits and tellings are read as they should be, on both halves."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.edits import JUDGED, find_kinds, is_silent, load_judged, load_newsroom, load_planted
from bench.measure import INPUTS, find_set
from bench.tellings import main

RIGHT = 0.9


@pytest.mark.parametrize("half", ["tune", "held"])
def test_planted_edits_are_classed(half: str) -> None:
    cases = list(load_planted(half))
    assert len(cases) >= 50
    assert {kind for case in cases for kind in case.kinds} == {
        "number", "stage", "name", "correction note", "wording", "cosmetic",
    }  # fmt: skip
    assert sum(find_kinds(case) == case.kinds for case in cases) >= RIGHT * len(cases)
    silent = [is_silent(case) == (not case.kinds & {"cosmetic", "correction note"}) for case in cases]
    assert sum(silent) >= RIGHT * len(cases)


def test_edits_of_our_newsroom_are_classed() -> None:
    assert all(find_kinds(case) == case.kinds for case in load_newsroom())


def test_real_headlines_are_classed() -> None:
    folder = find_set(INPUTS, "12")
    if folder is None:
        pytest.skip(f"set 12 is not in {INPUTS}")
    cases = list(load_judged(folder))
    assert sum(find_kinds(case) == case.kinds for case in cases) >= RIGHT * len(cases)


def test_the_judged_file_holds_no_words_of_the_texts() -> None:
    for line in JUDGED.read_text("utf-8").splitlines()[1:]:
        digest, publisher, part, kinds = line.split("\t")
        assert len(digest) == 12, line
        assert publisher == "biorxiv", line
        assert part in ("title", "authors"), line
        assert kinds in ("cosmetic", "name", "wording"), line


def test_planted_tellings_are_right(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["--inputs", str(tmp_path)])
    values = {tuple(line.split()[:2]): float(line.split()[2]) for line in capsys.readouterr().out.splitlines()[1:]}
    assert len(values) == 8
    assert all(value >= RIGHT for value in values.values()), values
