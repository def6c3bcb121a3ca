"""What a text leaves out of its source, and which numbers it changed: planted pairs of our own, and real pairs.

    python -m bench.tellings [--inputs DIR] [--json] [--errors] [--flagged FILE]

- `numbers.tune`, `numbers.held` (`planted_numbers.tsv`): a sentence of an outlet and one of its source. Half of them
  changed the number, half speak of two things or round. `precision` and `recall` of changed numbers.
- `caveats.tune`, `caveats.held` (`planted_caveats.tsv`): a caveat, and a text that leaves it out or says it in other
  words. `precision` and `recall` of what is left out, with the right kind.
- set 33: every news story with every release, which are of other matters: whatever is found is wrong.
  `false_numbers`: pairs with a changed number, of a thousand (four minutes; `--no-unlike` leaves it out).
- set 32: summaries of news with the abstract of their paper: `flagged`, and the `precision` of those that are judged in
  `docs/judged/changed_numbers.tsv`, which holds digests and verdicts only.

`--errors` lists what is wrong in the tuning halves. `--flagged FILE` writes what was found in real pairs, for judging.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.measure import ROOT, Board, Measure
from core.records import Figure
from core.text import fingerprint
from nlp.classify.page import make_text_page
from nlp.figures.figures import find_figures
from relations.told_caveats import Side, find_told
from relations.told_numbers import Changed, FigureRow, find_changed

HERE = Path(__file__).parent
JUDGED = ROOT / "docs" / "judged" / "changed_numbers.tsv"
DAY = "2026-11-20"
FILLER = (
    "The building is near the river and has a garden with old trees. Visitors come on Sundays to see the garden and the"
    " river. A bus goes there from the station every hour, and a ferry in summer. The cafe near the gate sells soup and"
    " bread that a baker makes at night. In winter the garden is closed, and the ferry stays at its pier."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """A text with its figures."""

    name: str
    text: str
    figures: list[FigureRow]


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="what a text makes of its source")
    parser.add_argument("--errors", action="store_true", help="list what is wrong in the tuning halves")
    parser.add_argument("--no-unlike", action="store_true", help="leave out set 33 (four minutes)")
    parser.add_argument("--flagged", type=Path, help="write what was found in real pairs into this file")
    board = Board.start("", argv, parser)
    board.found += 1
    for half in ("tune", "held"):
        measure_numbers(board, half)
        measure_caveats(board, half)
    folder = None if board.options.no_unlike else board.find("33")
    if folder:
        measure_unlike(board, folder)
    folder = board.find("32")
    if folder:
        measure_pairs(board, folder)
    return board.finish()


def show_pair(board: Board, name: str, right: int, found: int, wanted: int) -> None:
    """Print precision and recall."""
    board.show(Measure(set=name, measure="precision", value=right / found if found else None, anchor=None, n=found))
    board.show(Measure(set=name, measure="recall", value=right / wanted if wanted else None, anchor=None, n=wanted))


def measure_numbers(board: Board, half: str) -> None:
    right = found = wanted = 0
    for row in load_rows("planted_numbers.tsv", half):
        expected = (float(row["value"]), float(row["was"])) if row["value"] else None
        changed = [
            (one.mine["value"], one.theirs["value"])
            for one in compare(read("a", row["told"]), read("b", row["source"]))
        ]
        right += expected in changed
        found += len(changed)
        wanted += expected is not None
        if board.options.errors and half == "tune" and changed != ([expected] if expected else []):
            board.say(f"  {row['told']} | {row['source']}: {changed}, not {expected}")
    show_pair(board, f"numbers.{half}", right, found, wanted)


def measure_caveats(board: Board, half: str) -> None:
    right = found = wanted = 0
    for row in load_rows("planted_caveats.tsv", half):
        told = find_told(side(f"{row['told']} {FILLER}", "news"), side(row["source"], "release"))
        kinds = [one.kind for one in told if one.what == "leaves out"]
        expected = [row["kind"]] if row["left_out"] == "1" else []
        right += sum(kind in expected for kind in kinds)
        found += len(kinds)
        wanted += len(expected)
        if board.options.errors and half == "tune" and kinds != expected:
            board.say(f"  {row['told']} | {row['source']}: {kinds}, not {expected}")
    show_pair(board, f"caveats.{half}", right, found, wanted)


def measure_unlike(board: Board, folder: Path) -> None:
    """Stories with releases of another matter."""
    texts: dict[str, list[Read]] = {"press release": [], "news story": []}
    for row in json.loads((folder / "ground-truth.json").read_text("utf-8")):
        content = json.loads(gzip.decompress((folder / row["file"]).read_bytes()))
        kind = "press release" if row["kind"] == "press release" else "news story"
        texts[kind].append(read(row["file"], str(content.get("text") or ""), str(content.get("title") or "")))
    pairs = list(product(texts["news story"], texts["press release"]))
    flagged = [(one, other, changed) for one, other in pairs for changed in compare(one, other)]
    value = 1000 * len({(one.name, other.name) for one, other, _ in flagged}) / len(pairs)
    board.show(Measure(set=folder.name, measure="false_numbers", value=value, anchor=None, n=len(pairs)))
    write_flagged(board, folder.name, flagged)


def measure_pairs(board: Board, folder: Path) -> None:
    """News with the abstract of their paper."""
    verdicts = {}
    if JUDGED.is_file():
        with JUDGED.open(encoding="utf-8", newline="") as file:
            verdicts = {row["digest"]: row["verdict"] for row in csv.DictReader(file, delimiter="\t")}
    rows = json.loads((folder / "ground-truth.json").read_text("utf-8"))
    flagged = []
    for row in rows:
        news, paper = read(row["news_url"], row["news_text"]), read(row["doi"], row["abstract"])
        flagged += [(news, paper, changed) for changed in compare(news, paper)]
    board.show(Measure(set=folder.name, measure="flagged", value=float(len(flagged)), anchor=None, n=len(rows)))
    judged = [verdicts[key] for one, other, changed in flagged if (key := digest(one, other, changed)) in verdicts]
    value = judged.count("right") / len(judged) if judged else None
    board.show(Measure(set=folder.name, measure="precision", value=value, anchor=None, n=len(judged)))
    write_flagged(board, folder.name, flagged)


def digest(one: Read, other: Read, changed: Changed) -> str:
    """A changed number, without words of the texts."""
    return fingerprint(one.name, other.name, f"{changed.mine['value']:g}", f"{changed.theirs['value']:g}")[1:13]


def write_flagged(board: Board, name: str, flagged: Sequence[tuple[Read, Read, Changed]]) -> None:
    if board.options.flagged is None:
        return
    with board.options.flagged.open("a", encoding="utf-8") as file:
        for one, other, changed in flagged:
            mine, theirs = changed.mine, changed.theirs
            file.write(
                f"{name} {digest(one, other, changed)} {mine['value']:g} was {theirs['value']:g}: {changed.why}\n"
            )
            file.write(f"    {mine['sentence']}\n    {theirs['sentence']}\n")


def load_rows(name: str, half: str) -> Iterator[dict[str, str]]:
    """The rows of one half of a planted file."""
    with (HERE / name).open(encoding="utf-8", newline="") as file:
        yield from (
            row for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE) if row["half"] == half
        )  # fmt: skip


def compare(one: Read, other: Read) -> list[Changed]:
    return find_changed(one.figures, other.figures, one.text, other.text)


def read(name: str, text: str, title: str = "") -> Read:
    """A text with its figures, without the names of institutions."""
    page = make_text_page(doc=name, title=title, text=text, lang="en")
    return Read(name=name, text=f"{title}\n{text}", figures=[make_row(one) for one in find_figures(page, DAY, {})])


def make_row(one: Figure) -> FigureRow:
    return FigureRow(
        part=one.part, start=one.start, end=one.end, value=one.value, high=one.high, unit=one.unit,
        subject=one.subject, period=one.period, place=one.place, modifier=one.modifier, series=one.series,
        sentence=one.sentence,
    )  # fmt: skip


def side(text: str, kind: str) -> Side:
    """A text of a pair; that of an outlet goes on with sentences about something else, so that it is long enough."""
    return Side(title="", text=text, kind=kind, lang="en")


if __name__ == "__main__":
    raise SystemExit(main())
