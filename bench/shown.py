"""Whether what the cards show is right: every badge, chip, country and warning, compared with what two readers judged.

    python -m bench.shown [--inputs DIR] [--night DIR] [--keep DIR] [--like DIR] [--demo] [--unjudged FILE] [--json]

Makes the recorded real night (`bench/recording.py`) and publishes it, or takes one that `bench/night.py --keep` left
(`--night`), reads the cards of its edition (`bench/shown_cards.py`), and asks `docs/judged/real-night.jsonl`
(`bench/judged.py`) of each statement whether it is right.

| measure | what is counted |
|---|---|
| `shown_right` (set `real_night.KIND`) | statements of the kind that both readers hold to be right, of those judged; |
| | `badge`: all that are badges of the cards |
| `shown_right_or_arguable` | the same, with those that a reader finds arguable or on which the two differ |
| `shown_coverage` | texts that show something right of the kind, of those of which both readers hold something true |
| `unjudged` | statements that no verdict covers; `--unjudged FILE` writes them down |
| `cards_without_untruth` (set `real_night`) | cards on which nothing is false (see UNTRUE) |
| `cards_with_stage` | cards that show a stage |
| `stage_exact` | cards that show only right stages, and one at least where the text has one |
| `text_changed`, `unknown` | cards whose text is not what was judged; cards that nobody judged |

Each is printed for all cards, for `dev27` (those that may be looked at while rules are made) and for the `rest`.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.gold import write_jsonl
from bench.judged import FOLDER, Judged, load_judged
from bench.measure import ROOT, Board, Measure
from bench.night import run_night
from bench.recording import make_recording
from bench.shown_cards import ShownCard, Statement, read_cards, read_sources

SET = "real_night"
UNTRUE = frozenset(
    {"stage", "species", "headline", "outlook", "outcome", "caution", "status", "marketing", "country", "chip", "paper",
     "trial"}
)  # fmt: skip
CHARACTERS = 6000  # of a text, for readers
Row = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """A card with what the readers say of each of its statements."""

    card: ShownCard
    judged: Judged
    words: tuple[tuple[Statement, str], ...]

    def shown(self, kind: str) -> set[str]:
        return {one.value for one, _ in self.words if one.kind == kind}

    def right(self, kind: str) -> bool:
        """Whether something right of this kind is shown."""
        return any(word == "right" and one.kind == kind for one, word in self.words)

    @property
    def exact(self) -> bool:
        """Only right stages, and one at least where both readers name one that they agree on."""
        words = {word for one, word in self.words if one.kind == "stage"}
        return words <= {"right"} and bool(words) >= bool(self.judged.agreed("stage"))

    @property
    def untrue(self) -> bool:
        return any(word == "false" and one.kind in UNTRUE for one, word in self.words)


def judge(cards: Iterable[ShownCard], judged: Sequence[Judged]) -> tuple[list[Verdict], list[ShownCard]]:
    """Cards with their verdicts (found by identifier, else by address), and cards that nobody judged."""
    by_id = {one.id: one for one in judged}
    by_address = {one.address: one for one in judged}
    verdicts, unknown = [], []
    for card in cards:
        truth = by_id.get(card.id) or by_address.get(card.address)
        if truth is None:
            unknown.append(card)
            continue
        words = tuple((one, truth.judge(one)) for one in card.statements)
        verdicts.append(Verdict(card=card, judged=truth, words=words))
    return verdicts, unknown


def measure(name: str, verdicts: Sequence[Verdict]) -> Iterator[Measure]:
    """The figures of one group of cards."""
    words: dict[str, list[str]] = defaultdict(list)
    for verdict in verdicts:
        for one, word in verdict.words:
            words[one.kind].append(word)
            if one.type == "badge":
                words["badge"].append(word)
    kinds = sorted(set(words) | {"badge", "stage", "species", "chip", "country", "outlook", "outcome", "caution"})
    for kind in kinds:
        told = [word for word in words[kind] if word != "unjudged"]
        right = told.count("right")
        yield _share(f"{name}.{kind}", "shown_right", right, len(told))
        yield _share(f"{name}.{kind}", "shown_right_or_arguable", right + told.count("arguable"), len(told))
        if kind != "badge":
            yield _share(f"{name}.{kind}", "shown_coverage", *count_found(kind, verdicts))
        if missing := len(words[kind]) - len(told):
            yield Measure(set=f"{name}.{kind}", measure="unjudged", value=missing, anchor=None, n=len(words[kind]))
    many = len(verdicts)
    exact = sum(verdict.exact for verdict in verdicts)
    yield _share(name, "cards_without_untruth", sum(not verdict.untrue for verdict in verdicts), many)
    yield _share(name, "cards_with_stage", sum(bool(verdict.shown("stage")) for verdict in verdicts), many)
    yield _share(name, "stage_exact", exact, many)
    changed = sum(verdict.card.digest != verdict.judged.sha256 for verdict in verdicts)
    yield Measure(set=name, measure="text_changed", value=changed, anchor=None, n=many)


def count_found(kind: str, verdicts: Sequence[Verdict]) -> tuple[int, int]:
    """Texts that show something right of a kind, of those that have something: readers list all that would be right."""
    asked = [verdict for verdict in verdicts if verdict.judged.agreed(kind)]
    return sum(verdict.right(kind) for verdict in asked), len(asked)


def _share(name: str, measure: str, part: int, whole: int) -> Measure:
    return Measure(set=name, measure=measure, value=part / whole if whole else None, anchor=None, n=whole)


def describe(card: ShownCard) -> Row:
    """A card for a reader: what it shows, without the text."""
    return {
        "id": card.id, "address": card.address, "sha256": card.digest, "url": card.url, "title": card.title,
        "shown": [
            {"key": f"{one.kind}:{one.value}", "kind": one.kind, "value": one.value}
            | ({"name": one.name, "type": one.type} if one.kind == "chip" else {})
            for one in card.statements
        ],
    }  # fmt: skip


def write_for_readers(cards: Sequence[ShownCard], folder: Path) -> None:
    """`texts/NN.txt` (facts of the document, title, empty line, text) and `shown.jsonl`."""
    (folder / "texts").mkdir(parents=True, exist_ok=True)
    for number, card in enumerate(cards):
        head = f"{card.id} | {card.url} | {card.source} | {card.source_kind} | {card.lang} | {card.day}"
        text = f"{head}\n{card.title}\n\n{card.text[:CHARACTERS]}\n"
        (folder / "texts" / f"{number:02}.txt").write_text(text, "utf-8")
    write_jsonl(folder / "shown.jsonl", (describe(card) for card in cards))


def unjudged(verdicts: Iterable[Verdict], unknown: Iterable[ShownCard]) -> Iterator[Row]:
    """What a reader has still to judge: one row a document."""
    for verdict in verdicts:
        missing = {f"{one.kind}:{one.value}" for one, word in verdict.words if word == "unjudged"}
        row = describe(verdict.card)
        if missing:
            yield {**row, "shown": [one for one in row["shown"] if one["key"] in missing]}
    yield from (describe(card) for card in unknown)


def make_night(board: Board, folder: Path) -> bool:
    """Carry out a night and leave its data and edition in `folder`; False where there is nothing to make it of."""
    if board.options.demo:
        command = [sys.executable, "pipeline.py", "demo", "--once", "--data", str(folder)]
        done = subprocess.run(command, cwd=ROOT, stdout=subprocess.DEVNULL, check=False)
        if done.returncode not in (0, 1):
            raise SystemExit(f"the demo ended with {done.returncode}")
        return True
    only = read_sources(board.options.like) if board.options.like else ()
    if not make_recording(board.inputs, folder, only).publishers:
        board.say(f"no sets in {board.inputs}")
        return False
    run_night(folder)
    return True


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--night", type=Path, help="a night that was kept, instead of a new one")
    parser.add_argument("--keep", type=Path, help="make the night here and leave it")
    parser.add_argument(
        "--like",
        type=Path,
        help="a kept night: only the sources that its edition has documents of, in a tenth of the time",
    )
    parser.add_argument("--demo", action="store_true", help="the bundled newsroom instead of the real night")
    parser.add_argument("--judged", type=Path, help="default: docs/judged/real-night.jsonl or demo.jsonl")
    parser.add_argument("--unjudged", type=Path, metavar="FILE", help="write what no verdict covers")
    parser.add_argument("--write", type=Path, metavar="DIR", help="write texts and cards for readers")
    board = Board.start("what cards show", argv, parser)
    options = board.options
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.night or options.keep or Path(temporary)
        if options.night is None and not make_night(board, folder):
            return 2
        cards = read_cards(folder)
    name = "demo" if options.demo else SET
    truth = options.judged or FOLDER / f"{name.replace('_', '-')}.jsonl"
    board.found = 1
    if options.write:
        write_for_readers(cards, options.write)
    verdicts, unknown = judge(cards, load_judged(truth))
    board.show(Measure(set=name, measure="unknown", value=len(unknown), anchor=None, n=len(cards)))
    groups = {name: verdicts}
    for part in () if options.demo else ("dev27", "rest"):
        groups[f"{name}.{part}"] = [verdict for verdict in verdicts if verdict.judged.part == part]
    for group, some in groups.items():
        for row in measure(group, some):
            board.show(row)
    if options.unjudged:
        write_jsonl(options.unjudged, unjudged(verdicts, unknown))
    return board.finish()


if __name__ == "__main__":
    sys.exit(main())
