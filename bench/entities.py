"""How well names are found, and how fast: exact spans and types against annotated corpora.

    python -m bench.entities [--nlp DIR] [--split dev|test] [--only NAME] [--json]

Reads `DIR/corpora/NAME.SPLIT.jsonl.gz` (one JSON a line: id, text, ents [[start, end, LABEL, …]], types). For
`dev`, a `val` file serves as well; a corpus without either gives every tenth document of its `train` or `all`
file. `set` is the stem of the file that was read.

What counts, by measure:
- disease_f1, cell_type_f1, species_f1, journal_f1: spans of that label, in corpora that annotate it. AnatEM calls
  cells CELL; its bare "cell" and "cells" are left out, as they say nothing.
- institution_f1: spans of ORG with an institution's word in them (University, Institute, Hospital …), against our
  INSTITUTION spans with such a word: the corpora's ORG is mostly parties, bands and football clubs.
- words_per_cpu_second: whitespace words of everything read, per second of process time.
"""

from __future__ import annotations

import argparse
import gzip
import json
import re
import sys
import time
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.measure import ROOT, Board, Measure
from nlp.entities import Reader, load

MEASURES = {"DISEASE": "disease_f1", "CELL_TYPE": "cell_type_f1", "SPECIES": "species_f1", "JOURNAL": "journal_f1",
            "INSTITUTION": "institution_f1"}  # fmt: skip
KEYWORD = re.compile(
    r"\b(?:Universit|Institut|Hospital|College|Cent(?:er|re)\b|Bank\b|Academy|School|Laborator|Foundation|Clinic\b)"
)
GENERIC = frozenset({"cell", "cells", "cellular"})


@dataclass(slots=True)
class Count:
    right: int = 0
    found: int = 0
    gold: int = 0

    @property
    def f1(self) -> float | None:
        if not self.gold:
            return None
        return 2 * self.right / (self.found + self.gold) if self.found + self.gold else 0.0


def pick_files(folder: Path, split: str) -> list[tuple[Path, bool]]:
    """(file, whole) of each corpus of this split; not whole: every tenth document is meant."""
    names: dict[str, dict[str, Path]] = {}
    for path in sorted(folder.glob("*.jsonl.gz")):
        name, _, part = path.name.removesuffix(".jsonl.gz").rpartition(".")
        names.setdefault(name, {})[part] = path
    picked = []
    for parts in names.values():
        if split in parts:
            picked.append((parts[split], True))
        elif split == "dev":
            held = parts.get("val")
            rest = parts.get("train") or parts.get("all") or parts.get("part")
            if held:
                picked.append((held, True))
            elif rest:
                picked.append((rest, False))
    return picked


def read_corpus(path: Path, *, whole: bool) -> Iterator[dict[str, Any]]:
    with gzip.open(path, "rt", encoding="utf-8") as file:
        for line in file:
            document = json.loads(line)
            if whole or zlib.crc32(document["id"].encode()) % 10 == 0:
                yield document


def gold_spans(document: dict[str, Any], label: str) -> set[tuple[int, int]] | None:
    """Spans of our label in the corpus' annotation; None when the corpus does not annotate it."""
    types, text = set(document["types"]), document["text"]
    if label == "INSTITUTION":
        if "ORG" not in types:
            return None
        return {(s, e) for s, e, kind, *_ in document["ents"] if kind == "ORG" and KEYWORD.search(text[s:e])}
    theirs = "CELL" if types == {"ALL"} and label == "CELL_TYPE" else label
    if theirs == label and label not in types:
        return None
    spans = {(s, e) for s, e, kind, *_ in document["ents"] if kind == theirs}
    if theirs == "CELL":
        spans = {(s, e) for s, e in spans if text[s:e].lower() not in GENERIC}
    return spans


def measure_corpus(reader: Reader, path: Path, *, whole: bool, shown: int) -> tuple[dict[str, Count], int, float]:
    counts = {label: Count() for label in MEASURES}
    words, seconds = 0, 0.0
    misses: list[str] = []
    for document in read_corpus(path, whole=whole):
        golds = {label: gold_spans(document, label) for label in MEASURES}
        if all(gold is None for gold in golds.values()):
            continue
        began = time.process_time()
        reading = reader.read(document=document["id"], title="", text=document["text"], lang="en", country=None)
        seconds += time.process_time() - began
        words += len(document["text"].split())
        for label, gold in golds.items():
            if gold is None:
                continue
            ours = {(m.start, m.end) for m in reading.mentions if m.type == label}
            if label == "INSTITUTION":
                ours = {(s, e) for s, e in ours if KEYWORD.search(document["text"][s:e])}
            count = counts[label]
            count.right += len(ours & gold)
            count.found += len(ours)
            count.gold += len(gold)
            if shown:
                misses += [f"{label} + {document['text'][s:e]}" for s, e in sorted(ours - gold)]
                misses += [f"{label} - {document['text'][s:e]}" for s, e in sorted(gold - ours)]
    tally: dict[str, int] = {}
    for miss in misses:
        tally[miss] = tally.get(miss, 0) + 1
    for miss, times in sorted(tally.items(), key=lambda item: -item[1])[:shown]:
        print(f"{times:6} {miss}", file=sys.stderr)
    return counts, words, seconds


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--nlp", type=Path, default=ROOT.parent / "shared" / "nlp")
    parser.add_argument("--split", default="dev", choices=["dev", "test"])
    parser.add_argument("--only", help="corpora whose name begins so")
    parser.add_argument("--misses", type=int, default=0, help="show so many of the commonest errors on stderr")
    parser.add_argument("--json", action="store_true", help="one object a line")
    options = parser.parse_args(argv)
    board = Board(inputs=options.nlp, as_json=options.json, options=options)
    reader = load({})
    words, seconds = 0, 0.0
    for path, whole in pick_files(options.nlp / "corpora", options.split):
        stem = path.name.removesuffix(".jsonl.gz")
        if options.only and not stem.startswith(options.only):
            continue
        counts, more, longer = measure_corpus(reader, path, whole=whole, shown=options.misses)
        words, seconds = words + more, seconds + longer
        for label, count in counts.items():
            if count.gold:
                board.found += 1
                board.show(Measure(set=stem, measure=MEASURES[label], value=count.f1, anchor=None, n=count.gold))
                if options.misses:
                    board.say(
                        f"   precision {count.right / max(1, count.found):.3f} recall {count.right / count.gold:.3f}"
                    )
    if seconds:
        board.show(Measure(set="all", measure="words_per_cpu_second", value=words / seconds, anchor=None, n=words))
    return board.finish()


if __name__ == "__main__":
    sys.exit(main())
