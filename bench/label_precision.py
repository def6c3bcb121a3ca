"""What the site says of how often its labels are right: measured, and written for the page About.

    python -m bench.label_precision --night DIR [--gold2 DIR] [--write] [--json]

`--night` is the folder of a night that `bench/night.py --keep` left. `--write` puts the counts into
`publish/pages/precision.toml`, the one file that the page reads; nobody edits it by hand.

| set | what is counted |
|---|---|
| `real_night` | statements that the pages show (`bench/shown.py`), as two readers judged them (`docs/judged`) |
| `real_night.rest` | the same of the texts that nobody looked at while rules were made |
| `gold2.held` | labels that are shown of the half of gold 2 (`bench/gold2.py`) that is set aside |
| `30.held` | whether a release says more than its paper, as others annotated it (`bench/warned.py`), the same half |
| `edits.planted`, `edits.real` | silent edits that we planted, kinds of real edits (`bench/edits.py`) |

Warnings have the name that they have in the table `warning`; they are counted as the labels are.

Of each: `right`, `arguable` (a reader holds it to be arguable, or the two differ) and `judged`; and `found` of `due`:
texts that show something right of the kind, of those of which both readers hold something true.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench import edits, shown, thresholds, warned
from bench.gold2 import GOLD2, LABELS
from bench.judged import FOLDER, load_judged
from bench.measure import ROOT, Board, Measure, find_set
from bench.shown_cards import KINDS, read_cards
from core import clock
from core.facets import facets

FILE = ROOT / "publish" / "pages" / "precision.toml"
MORE = {"chip": "chip", "paper": "paper", "trial": "trial"}  # kinds of statements that are no labels
HEAD = """# How often labels are right. Written by `python -m bench.label_precision --night DIR --write`: not by hand.
# set: real_night (recorded pages of real publishers, judged by two readers), real_night.rest (of these, texts that
# nobody looked at while rules were made), gold2.held (a second set of texts, the half that is set aside), 30.held
# (pairs of a release and its paper, set aside), edits.planted and edits.real (edits of pages).
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """The counts of one label in one set."""

    facet: str
    set: str
    judged: int
    right: int
    arguable: int = 0
    due: int = 0
    found: int = 0


def count_shown(name: str, verdicts: Sequence[shown.Verdict]) -> Iterator[Counted]:
    """Of what cards and pages show; kinds of which nothing was judged are left out."""
    for facet, kind in (*KINDS.items(), *MORE.items()):
        words = [word for verdict in verdicts for one, word in verdict.words if one.kind == kind and word != "unjudged"]
        found, due = shown.count_found(kind, verdicts)
        if words:
            yield Counted(
                facet=facet, set=name, judged=len(words), right=words.count("right"),
                arguable=words.count("arguable"), due=due, found=found,
            )  # fmt: skip


def count_gold2(measures: Sequence[Measure]) -> Iterator[Counted]:
    """Of the half of gold 2 that is set aside."""
    facet_of = {
        LABELS[facet.as_json.key]: facet.name for facet in facets().of_kind("label") if facet.as_json.key in LABELS
    }
    for one in measures:
        kind = one.measure.removesuffix("_precision")
        if one.set == "gold2.held" and kind in facet_of and kind != one.measure and one.value is not None:
            yield Counted(facet=facet_of[kind], set=one.set, judged=one.n, right=round(one.value * one.n))


def count_cases(facet: str, name: str, cases: Iterable[warned.Case], *, labels: bool = False) -> Iterator[Counted]:
    """Of warnings, or of the labels that they rest on."""
    some = [(one.true, one.labelled if labels else one.warned) for one in cases]
    right = sum(true and shown for true, shown in some)
    judged, due = sum(shown for _, shown in some), sum(true for true, _ in some)
    if judged:
        yield Counted(facet=facet, set=name, judged=judged, right=right, due=due, found=right)


def count_warnings(night: Path, gold2: Path, inputs: Path) -> Iterator[Counted]:
    """The warnings of a night and of gold 2, and what releases say more than their papers."""
    # not of `rest` alone: the headlines of the whole night were known when the words of effect were written
    yield from count_cases(warned.HEADLINE, "real_night", warned.read_night(night))
    if (gold2 / "dev.jsonl").is_file():
        held = (one for one in warned.read_gold2(inputs) if one.group == "held")
        yield from count_cases(warned.HEADLINE, "gold2.held", held)
    if folder := find_set(inputs, "30"):
        pairs = [one for one in warned.read_pairs(folder) if one.group == "held"]
        yield from count_cases("says more than its paper", "30.held", pairs)
        yield from count_cases("claim_gap", "30.held", pairs, labels=True)


def count_edits(inputs: Path) -> Iterator[Counted]:
    """Whether edits are rightly held to be silent, and to be of their kind."""
    cases = list(edits.load_planted("held"))
    right = sum(edits.is_silent(case) == (not case.kinds & {"cosmetic", "correction note"}) for case in cases)
    yield Counted(facet="silent edits", set="edits.planted", judged=len(cases), right=right)
    if folder := find_set(inputs, "12"):
        real = list(edits.load_judged(folder))
        right = sum(edits.find_kinds(case) == case.kinds for case in real)
        yield Counted(facet="silent edits", set="edits.real", judged=len(real), right=right)


def write(counted: Sequence[Counted], path: Path, day: str, verdicts: Sequence[shown.Verdict]) -> None:
    """The file of the page."""
    rows = [
        f'[[measure]]\nfacet = "{one.facet}"\nset = "{one.set}"\njudged = {one.judged}\nright = {one.right}\n'
        f"arguable = {one.arguable}\ndue = {one.due}\nfound = {one.found}\n"
        for one in counted
    ]
    languages = sorted({verdict.card.lang or "" for verdict in verdicts})
    facts = f'day = "{day}"\ntexts = {len(verdicts)}\nlanguages = {json.dumps(languages)}\n\n'
    path.write_text(f"{HEAD}{facts}" + "\n".join(rows), "utf-8")


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--night", type=Path, required=True, help="a night that was left (bench/night.py --keep)")
    parser.add_argument("--gold2", type=Path, default=GOLD2, help="folder of gold 2 (default: %(default)s)")
    parser.add_argument("--write", action="store_true", help=f"write {FILE.relative_to(ROOT)}")
    board = Board.start("how often labels are right", argv, parser)
    verdicts, _ = shown.judge(read_cards(board.options.night), load_judged(FOLDER / "real-night.jsonl"))
    board.found = len(verdicts)
    rest = [verdict for verdict in verdicts if verdict.judged.part == "rest"]
    counted = [*count_shown("real_night", verdicts), *count_shown("real_night.rest", rest)]
    if (board.options.gold2 / "dev.jsonl").is_file():
        counted += count_gold2(list(thresholds.measure(board.options.gold2, board.inputs)))
    else:
        board.say(f"no gold 2 in {board.options.gold2}")
    counted += count_warnings(board.options.night, board.options.gold2, board.inputs)
    counted += count_edits(board.inputs)
    for one in counted:
        for name, part, whole in (("right", one.right, one.judged), ("found", one.found, one.due)):
            if whole:
                row = Measure(set=f"{one.set}.{one.facet}", measure=name, value=part / whole, anchor=None, n=whole)
                board.show(row)
    if board.options.write and board.found:
        write(counted, FILE, f"{clock.now():%Y-%m-%d}", verdicts)
    return board.finish()


if __name__ == "__main__":
    sys.exit(main())
