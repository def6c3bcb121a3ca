"""Stages and warnings of the 27 judged cards, read as plain texts.

    python -m bench.cards [FOLDER] [--misses] [--json]

FOLDER holds `cards.jsonl` and `texts/` (default: next to the inputs; never part of this project). A text is read as
`pipeline.py read --json` reads it; only what is shown counts. `stage_precision`, `stage_recall`, `stage_exact` and
`stage_coverage` are those of the folder's own `score.py`: over the cards on which both readers say the same.

Warnings: what the two readers missed on the cards was coded once, each reader's words apart, into four kinds
(`docs/judged/warnings.jsonl`: ids and kinds). `warnings_shown`: of those that both ask for, how many `outcome` or
`caution` show; `warnings_false`: how many are shown that neither asks for and that `docs/judged/real-night.jsonl` does
not hold to be true.
"""

from __future__ import annotations

import argparse
import sys
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.gold import FETCHED, read_jsonl
from bench.judged import FOLDER, load_judged
from bench.measure import INPUTS, ROOT, Board, Measure
from bench.shown_cards import Statement, short
from core.config import load_config
from core.reading import Read
from crawlers.pages import read_file
from nlp.text import load_reader

CARDS = INPUTS.parent / "cases" / "cards"
WARNINGS = FOLDER / "warnings.jsonl"
SET = "cards"
WARNING_OF = {
    "no benefit": "did not work", "harm": "harmed", "no comparison group": "no comparison group",
    "not approved": "not approved",
}  # fmt: skip


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, nargs="?", default=CARDS, help="default: %(default)s")
    parser.add_argument("--misses", action="store_true", help="say what is wrong, on stderr")
    board = Board.start("judged cards", argv, parser)
    folder: Path = board.options.folder
    if not (folder / "cards.jsonl").is_file():
        board.say(f"no cards.jsonl in {folder}")
        return 2
    board.found = 1
    rows = read_jsonl(folder / "cards.jsonl")
    read = load_reader(load_config(ROOT / "config.toml"))
    found: dict[str, Read] = {}
    for row in rows:
        title, text, lang = read_file((folder / "texts" / f"{row['id']}.txt").read_bytes(), FETCHED)
        found[row["id"]] = read(doc=row["id"], title=title, text=text, lang=lang)
    say: Callable[[str], None] = board.say if board.options.misses else lambda line: None
    measure_stages(board, rows, found, say)
    measure_warnings(board, rows, found, say)
    return board.finish()


def measure_stages(
    board: Board, rows: Sequence[Mapping[str, Any]], found: Mapping[str, Read], say: Callable[[str], None]
) -> None:
    right = false = missed = same = covered = 0
    asked = [row for row in rows if row["evidence"]]
    for row in asked:
        want, got = set(row["evidence"]) - {"none"}, stages_of(found[row["id"]])
        right, false, missed = right + len(want & got), false + len(got - want), missed + len(want - got)
        same += want == got
        covered += bool(got)
        if want != got:
            say(f"{row['id']} {sorted(got)} for {sorted(want)}")
    for measure, part, whole in (
        ("stage_precision", right, right + false), ("stage_recall", right, right + missed),
        ("stage_exact", same, len(asked)), ("stage_coverage", covered, len(asked)),
    ):  # fmt: skip
        board.show(Measure(set=SET, measure=measure, value=part / whole if whole else None, anchor=None, n=whole))


def stages_of(read: Read) -> set[str]:
    said = read.labels.get("evidence_stage") or []
    return {str(one) for one in said} - {"none"} if isinstance(said, list) else set()


def warnings_of(read: Read) -> list[Statement]:
    """What is shown of outcome and caution."""
    shown = []
    for facet in ("outcome", "caution"):
        said = read.labels.get(facet) or []
        shown += [Statement(kind=facet, value=str(one)) for one in said] if isinstance(said, list) else []
    return shown


def measure_warnings(
    board: Board, rows: Sequence[Mapping[str, Any]], found: Mapping[str, Read], say: Callable[[str], None]
) -> None:
    coded = {row["card"]: [set(row["reader1"]), set(row["reader2"])] for row in read_jsonl(WARNINGS)}
    judged = {key: one for one in load_judged(FOLDER / "real-night.jsonl") for key in (one.id, one.address)}
    asked: dict[str, list[bool]] = defaultdict(list)
    false = shown = 0
    for row in rows:
        one, other = coded[row["id"]]
        truth = judged.get(short(row["doc"]))
        statements = [statement for statement in warnings_of(found[row["id"]]) if statement.value in WARNING_OF]
        kinds = {WARNING_OF[statement.value] for statement in statements}
        for kind in sorted(one & other):
            asked[kind].append(kind in kinds)
            if kind not in kinds:
                say(f"{row['id']} - {kind}")
        shown += len(statements)
        for statement in statements:
            wanted = WARNING_OF[statement.value] in one | other
            if not wanted and (truth is None or truth.judge(statement) != "right"):
                false += 1
                say(f"{row['id']} + {statement.value}")
    for kind in sorted(asked):
        told = asked[kind]
        board.show(
            Measure(
                set=f"{SET}.{kind}", measure="warnings_shown", value=sum(told) / len(told), anchor=None, n=len(told)
            )
        )
    every = [told for some in asked.values() for told in some]
    board.show(Measure(set=SET, measure="warnings_shown", value=sum(every) / len(every), anchor=None, n=len(every)))
    board.show(Measure(set=SET, measure="warnings_false", value=float(false), anchor=None, n=shown))


if __name__ == "__main__":
    sys.exit(main())
