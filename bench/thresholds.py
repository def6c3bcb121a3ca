"""What the thresholds of labels cost: precision and coverage with them, next to all that was found.

    python -m bench.thresholds [--inputs DIR] [--gold2 DIR] [--json]

Every text of gold 2 (`bench/gold2.py`) is read once and counted twice: as it is shown (set `gold2.HALF`), and as it
would be with every threshold at 0 (set `gold2.HALF.all`), where the labels under `below_threshold` count, too. Of each
kind of label: `KIND_precision` (of what is shown), `KIND_coverage` (texts that show one), and the thresholds as
`KIND_threshold`. The thresholds are declared in `nlp/classify/*.toml`; they are chosen on the half `tune`.
"""

from __future__ import annotations

import argparse
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.gold import FETCHED, read_jsonl
from bench.gold2 import GOLD2, LABELS, get_values, half_of, publisher_of, share
from bench.measure import ROOT, Board, Measure
from core.config import load_config
from core.facets import facets
from core.reading import Read
from crawlers.pages import read_file
from nlp.text import load_reader

Counts = dict[str, list[int]]  # kind -> right, shown, texts with one, texts


def lift_thresholds(found: Read) -> Read:
    """The reading as it would be with every threshold at 0."""
    labels = dict(found.labels)
    form_of = {facet.as_json.key: facet.as_json for facet in facets().of_kind("label")}
    for key, some in found.below_threshold.items():
        values = [one["value"] for one in some]
        match form_of[key].form:
            case "values":
                labels[key] = [*labels[key], *values]
            case "any":
                labels[key] = True
            case "has":
                labels[key] = labels[key] or form_of[key].value in values
            case "first":
                labels[key] = labels[key] or values[0]
    return replace(found, labels=labels)


def measure(folder: Path, inputs: Path) -> Iterator[Measure]:
    """The figures of each half, with and without thresholds."""
    read = load_reader(load_config(ROOT / "config.toml"))
    counts: defaultdict[str, Counts] = defaultdict(lambda: {name: [0, 0, 0, 0] for name in LABELS.values()})
    for row in read_jsonl(folder / "dev.jsonl"):
        doc = row["doc"]
        title, text, lang = read_file((folder / "texts" / f"{doc}.txt").read_bytes(), FETCHED)
        found = read(doc=doc, title=title, text=text, lang=lang)
        half = half_of(publisher_of(doc, inputs))
        for name, one in ((f"gold2.{half}", found), (f"gold2.{half}.all", lift_thresholds(found))):
            for key, label in LABELS.items():
                if row["labels"].get(key) is None:
                    continue
                want, got = get_values(row["labels"][key]), get_values(one.labels.get(key))
                tally = counts[name][label]
                counts[name][label] = [
                    tally[0] + len(want & got), tally[1] + len(got), tally[2] + bool(got), tally[3] + 1,
                ]  # fmt: skip
    for name, kinds in sorted(counts.items()):
        for label, (right, shown, covered, texts) in kinds.items():
            yield Measure(set=name, measure=f"{label}_precision", value=share(right, shown), anchor=None, n=shown)
            yield Measure(set=name, measure=f"{label}_coverage", value=covered / texts, anchor=None, n=texts)
    for facet in facets().of_kind("label"):
        if kind := LABELS.get(facet.as_json.key):
            yield Measure(set="facets", measure=f"{kind}_threshold", value=facet.threshold, anchor=None, n=1)


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--gold2", type=Path, default=GOLD2, help="folder of gold 2 (default: %(default)s)")
    board = Board.start("thresholds of labels", argv, parser)
    if (board.options.gold2 / "dev.jsonl").is_file():
        board.found += 1
        for row in measure(board.options.gold2, board.inputs):
            board.show(row)
    return board.finish()


if __name__ == "__main__":
    raise SystemExit(main())
