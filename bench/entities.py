"""How well names are found, and how fast: exact spans and types against annotated corpora.

    python -m bench.entities [--nlp DIR] [--split dev|test] [--style corpus|product] [--only NAME] [--json]

Reads `DIR/corpora/NAME.SPLIT.jsonl.gz` (one JSON a line: id, text, ents [[start, end, LABEL, …]], types). `set` is
the stem of the file that was read. For `dev`, only documents are read that the shipped model was not trained on
(`training/ner/corpora.py`): by the checksum of the id one in three of a `dev` or `val` file, one in ten of the
`train` or `all` file of a corpus without one. `test` files are read whole.

The corpora contradict each other on what a mention is, and the tagger can be read in the dialect of each
(`styles` in the config). `--style corpus`, the default, reads each corpus in its own; `--style product` reads all in
the dialects that the entity types' TOMLs name, as a night does. Institutions, journals, people and places are read so
in both: the corpora's ORG is something else, and measured by the part of it that is ours.

What counts, by measure:
- disease_f1, cell_type_f1, cell_line_f1, species_f1, journal_f1: spans of that label, in corpora that annotate it.
  AnatEM calls cells CELL; its bare "cell" and "cells" are left out, as they say nothing.
- institution_f1: spans of ORG with an institution's word in them (University, Institute, Hospital …), against our
  INSTITUTION spans with such a word: the corpora's ORG is mostly parties, bands and football clubs.
- words_per_cpu_second: whitespace words of everything read, per second of process time; the anchor is a spaCy
  pipeline of tok2vec, tagger, parser and ner in spaCy's own settings (with untrained weights: none is shipped), over
  some of the same texts in the same run.
"""

from __future__ import annotations

import argparse
import re
import sys
import time
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.measure import ROOT, Board, Measure
from nlp.entities import Reader, load
from nlp.entities.reader import HERE
from nlp.entities.typefiles import load_types
from training.ner.corpora import CORPORA, is_held, read_lines

MEASURES = {
    "DISEASE": "disease_f1",
    "CELL_TYPE": "cell_type_f1",
    "CELL_LINE": "cell_line_f1",
    "SPECIES": "species_f1",
    "JOURNAL": "journal_f1",
    "INSTITUTION": "institution_f1",
}
KEYWORD = re.compile(
    r"\b(?:Universit|Institut|Hospital|College|Cent(?:er|re)\b|Bank\b|Academy|School|Laborator|Foundation|Clinic\b)"
)
GENERIC = frozenset({"cell", "cells", "cellular"})
OURS = frozenset({"INSTITUTION", "JOURNAL", "PERSON", "PLACE"})  # read as a night does: no corpus has them as we do
LIKE = {"celllink": "anatem", "uner_pud": "uner_ewt", "craft": "craft_cl"}  # corpora with no part trained on
SAMPLE = 400  # texts that the stock pipeline reads


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Picked:
    """A file to read: the corpus' name, the part, and whether documents must be held out to count."""

    path: Path
    name: str
    part: str
    filtered: bool
    has_dev: bool


def pick_files(folder: Path, split: str) -> list[Picked]:
    """The file of each corpus of this split, or the one that a held-out share is taken from."""
    names: dict[str, dict[str, Path]] = {}
    for path in sorted(folder.glob("*.jsonl.gz")):
        name, _, part = path.name.removesuffix(".jsonl.gz").rpartition(".")
        names.setdefault(name, {})[part] = path
    picked = []
    for name, parts in names.items():
        if split == "test":
            if "test" in parts:
                picked.append(Picked(path=parts["test"], name=name, part="test", filtered=False, has_dev=True))
            continue
        trained = "train" in parts or "all" in parts
        for part in ("dev", "val", "train", "all", "part"):
            if part in parts:
                has_dev = part in {"dev", "val"} and trained
                picked.append(Picked(path=parts[part], name=name, part=part, filtered=True, has_dev=has_dev))
                break
    return picked


def read_corpus(picked: Picked) -> Iterator[dict[str, Any]]:
    for document in read_lines(picked.path):
        part = picked.part if picked.has_dev else "train"
        if not picked.filtered or is_held(picked.name, part, str(document["id"]), has_dev=picked.has_dev):
            yield document


def gold_spans(document: Mapping[str, Any], label: str) -> set[tuple[int, int]] | None:
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


def styles_of(name: str) -> dict[str, str]:
    """Entity type -> dialect, for the types that this corpus has a dialect of."""
    corpus = next((one for one in CORPORA if one.name == name), None)
    if corpus is None:
        like = next((model for prefix, model in LIKE.items() if name.startswith(prefix)), None)
        corpus = next((one for one in CORPORA if one.name == like), None)
    if corpus is None:
        return {}
    return {
        one.name: corpus.style
        for one in load_types(HERE)
        if "tagger" in one.options and one.options["tagger"]["head"] in corpus.heads and one.label not in OURS
    }


class Readers:
    """One reader per set of dialects."""

    def __init__(self) -> None:
        self._loaded: dict[tuple[tuple[str, str], ...], Reader] = {}

    def get(self, styles: Mapping[str, str]) -> Reader:
        key = tuple(sorted(styles.items()))
        if key not in self._loaded:
            self._loaded.clear()  # a vocabulary each: not all at once
            self._loaded[key] = load({"styles": dict(styles)} if styles else {})
        return self._loaded[key]


def measure_corpus(reader: Reader, picked: Picked, *, shown: int) -> tuple[dict[str, Count], int, float]:
    counts = {label: Count() for label in MEASURES}
    words, seconds = 0, 0.0
    misses: dict[str, int] = {}
    for document in read_corpus(picked):
        golds = {label: gold_spans(document, label) for label in MEASURES}
        if all(gold is None for gold in golds.values()):
            continue
        text = document["text"]
        began = time.process_time()
        reading = reader.read(document=str(document["id"]), title="", text=text, lang="en", country=None)
        seconds += time.process_time() - began
        words += len(text.split())
        for label, gold in golds.items():
            if gold is None:
                continue
            ours = {(m.start, m.end) for m in reading.mentions if m.type == label}
            if label == "INSTITUTION":
                ours = {(s, e) for s, e in ours if KEYWORD.search(text[s:e])}
            if document["types"] == ["ALL"]:
                ours = {(s, e) for s, e in ours if text[s:e].lower() not in GENERIC}
            count = counts[label]
            count.right += len(ours & gold)
            count.found += len(ours)
            count.gold += len(gold)
            for sign, spans in (("+", ours - gold), ("-", gold - ours)):
                for start, end in spans if shown else ():
                    miss = f"{label} {sign} {text[start:end]}"
                    misses[miss] = misses.get(miss, 0) + 1
    for miss, times in sorted(misses.items(), key=lambda item: (-item[1], item[0]))[:shown]:
        print(f"{times:6} {miss}", file=sys.stderr)
    return counts, words, seconds


def stock_speed(texts: Sequence[str]) -> float:
    """Words per CPU-second of spaCy's own tok2vec, tagger, parser and ner, untrained, in their default settings."""
    import spacy
    from spacy.training import Example

    nlp = spacy.blank("en")
    for name in ("tok2vec", "tagger", "parser", "ner"):
        nlp.add_pipe(name)
    doc = nlp.make_doc("Stem cells grew in Sampleton .")
    gold = {"tags": ["A", "B", "C", "D", "E", "F"], "heads": [1, 2, 2, 2, 3, 2], "entities": [(19, 28, "X")],
            "deps": ["compound", "nsubj", "ROOT", "prep", "pobj", "punct"]}  # fmt: skip
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        nlp.initialize(lambda: [Example.from_dict(doc, gold)])
    began = time.process_time()
    for text in texts:
        nlp(text)
    return sum(len(text.split()) for text in texts) / (time.process_time() - began)


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--nlp", type=Path, default=ROOT.parent / "shared" / "nlp")
    parser.add_argument("--split", default="dev", choices=["dev", "test"])
    parser.add_argument("--style", default="corpus", choices=["corpus", "product"])
    parser.add_argument("--only", help="corpora whose name begins so")
    parser.add_argument("--misses", type=int, default=0, help="show so many of the commonest errors on stderr")
    parser.add_argument("--json", action="store_true", help="one object a line")
    options = parser.parse_args(argv)
    board = Board(inputs=options.nlp, as_json=options.json, options=options)
    readers = Readers()
    words, seconds = 0, 0.0
    texts: list[str] = []
    for picked in pick_files(options.nlp / "corpora", options.split):
        stem = picked.path.name.removesuffix(".jsonl.gz")
        if options.only and not stem.startswith(options.only):
            continue
        reader = readers.get(styles_of(picked.name) if options.style == "corpus" else {})
        counts, more, longer = measure_corpus(reader, picked, shown=options.misses)
        words, seconds = words + more, seconds + longer
        if len(texts) < SAMPLE:
            texts += [str(one["text"]) for _, one in zip(range(40), read_corpus(picked), strict=False)]
        for label, count in counts.items():
            if count.gold:
                board.found += 1
                board.show(Measure(set=stem, measure=MEASURES[label], value=count.f1, anchor=None, n=count.gold))
                if options.misses:
                    precision, recall = count.right / max(1, count.found), count.right / count.gold
                    board.say(f"   precision {precision:.3f} recall {recall:.3f}")
    if seconds:
        anchor = stock_speed(texts[:SAMPLE])
        board.show(Measure(set="all", measure="words_per_cpu_second", value=words / seconds, anchor=anchor, n=words))
    return board.finish()


if __name__ == "__main__":
    sys.exit(main())
