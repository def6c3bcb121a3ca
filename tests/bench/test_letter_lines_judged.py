"""The score of the verdicts of two readers on lines of letters."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.letter_lines_judged import number_lines, score


def write(folder: Path, reader: str, verdicts: str) -> None:
    rows = [f"01\t{place}\tA title\t{verdict}\t" for place, verdict in enumerate(verdicts, 1)]
    (folder / f"verdicts-{reader}.tsv").write_text("letter\tline\ttitle\tkeep\twhy\n" + "\n".join(rows) + "\n", "utf-8")


def test_shares_agreement_and_kappa(tmp_path: Path) -> None:
    write(tmp_path, "A", "yyyn")
    write(tmp_path, "B", "yynn")
    figures = {one.measure: one.value for one in score(tmp_path)}
    assert figures == {"would_keep": 0.625, "kept_by_both": 0.5, "agreement": 0.75, "kappa": pytest.approx(0.5)}


def test_a_line_without_a_verdict_is_named(tmp_path: Path) -> None:
    write(tmp_path, "A", "yy")
    (tmp_path / "verdicts-B.tsv").write_text(
        "letter\tline\ttitle\tkeep\twhy\n01\t1\tA title\ty\t\n01\t2\tB\t\t\n", "utf-8"
    )
    with pytest.raises(SystemExit, match="letter 01, line 2 has no y or n"):
        list(score(tmp_path))


def test_two_files_of_other_lines_are_not_compared(tmp_path: Path) -> None:
    write(tmp_path, "A", "yy")
    write(tmp_path, "B", "yyy")
    with pytest.raises(SystemExit, match="different rows"):
        list(score(tmp_path))


def test_stories_are_numbered_and_nothing_else_is() -> None:
    assert number_lines("New\n\n* One *two*\n  text\n* Three\n") == "New\n\n[1] One *two*\n  text\n[2] Three\n"
