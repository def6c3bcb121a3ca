"""Do we find quantities in texts of the sciences, and what they are quantities of?

    python bench/quantities.py [--inputs DIR] [--json] [--one-part]

| set | what is annotated | measures |
|---|---|---|
| 37 | MeasEval (SemEval-2021 task 8): quantities, each with what is measured | `span_f1`, `subject_f1` and variants |

Quantities of a text and those that we find are paired one to one by how many characters they share, the most first.
Both measures count by overlap, as the task does: `span_f1` a pair, `subject_f1` a pair whose subject shares
characters with its measured entity or its measured property. In addition, stricter measures: `span_words_f1` (a
pair counts as much as the F1 of its words), `span_exact_f1` and `subject_exact_f1` (the same offsets),
`subject_half_f1` (an F1 of the words of at least 0.5). Every annotated quantity counts in recall, also one whose
subject is in another sentence or is not annotated; every quantity that we find counts in precision.

The anchor is what the rules alone give in the same run (`nlp/quantities/expressions.py` and `subject_rules.py`, which
are made for news). The shipped weights were fitted to the whole of set 37 as it was (`corpus` in their card). On that
set, therefore, the chains are fitted again to three quarters of the papers and tested on the fourth, for each quarter
in turn (two minutes of computing; `--one-part` takes one quarter). A paper is what comes before the last "-" of a name,
its quarter the hash of that, so that no paper is on both sides. On any other set everything is test, with the shipped
weights.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from zlib import crc32

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.measure import Board, Measure, find_set, fingerprint_files
from nlp.classify.page import sentences
from nlp.quantities import find_quantities
from nlp.quantities.chain import MODELS, Chain, load_chain
from nlp.quantities.span_model import find_spans
from nlp.quantities.subject_model import find_subject
from nlp.quantities.subject_rules import find_subject as find_by_rules
from training.quantities import Measured, Paragraph, fit_both, get_sentence, load_paragraphs

PARTS, PART = 4, 1
HALF = 0.5

Span = tuple[int, int]
Finding = tuple[Span, Span | None]  # a quantity and its subject


@dataclass(slots=True, kw_only=True)
class Tally:
    """What was counted, over all texts."""

    gold: int = 0
    found: int = 0
    right: dict[str, float] = field(default_factory=lambda: defaultdict(float))

    def add(self, paragraph: Paragraph, found: Sequence[Finding]) -> None:
        self.gold += len(paragraph.measured)
        self.found += len(found)
        for one, (span, subject) in pair(paragraph.measured, found):
            self.right["span_f1"] += 1
            self.right["span_words_f1"] += alike(paragraph.text, one.span, span)
            self.right["span_exact_f1"] += one.span == span
            if subject is None or not one.subjects:
                continue
            self.right["subject_f1"] += any(shared(s, subject) > 0 for s in one.subjects)
            self.right["subject_half_f1"] += max(alike(paragraph.text, s, subject) for s in one.subjects) >= HALF
            self.right["subject_exact_f1"] += subject in one.subjects

    def f1(self, measure: str) -> float:
        total = self.gold + self.found
        return round(2 * self.right[measure] / total, 4) if total else 0.0


MEASURES = ("span_f1", "span_words_f1", "span_exact_f1", "subject_f1", "subject_half_f1", "subject_exact_f1")


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="quantities and what they are of, compared with rules alone")
    parser.add_argument(
        "--one-part", action="store_true", help="test on one quarter of the papers, not on each in turn"
    )
    board = Board.start("", argv, parser)
    if folder := board.find("37"):
        for measure in measure_set(folder, (PART,) if board.options.one_part else range(PARTS)):
            board.show(measure)
    return board.finish()


def rows(inputs: Path, parts: Sequence[int] = range(PARTS)) -> Iterator[Measure]:
    """All figures of the sets under `inputs`; `parts` are the quarters to test on, of a set that was fitted to."""
    if folder := find_set(inputs, "37"):
        yield from measure_set(folder, parts)


def measure_set(folder: Path, parts: Sequence[int]) -> Iterator[Measure]:
    paragraphs = load_paragraphs(folder)
    ours, rules = Tally(), Tally()
    for test, chains in splits(folder, paragraphs, parts):
        for paragraph in test:
            ours.add(paragraph, find_all(paragraph.text, chains))
            rules.add(paragraph, list(find_all_by_rules(paragraph.text)))
    for measure in MEASURES:
        yield Measure(set=folder.name, measure=measure, value=ours.f1(measure), anchor=rules.f1(measure), n=ours.gold)


def splits(
    folder: Path, paragraphs: Sequence[Paragraph], parts: Sequence[int]
) -> Iterator[tuple[list[Paragraph], tuple[Chain, Chain]]]:
    """(texts to test on, chains that have not seen them)."""
    card = json.loads((MODELS / "card.json").read_text("utf-8"))
    if fingerprint_files((path for path in folder.rglob("*") if path.is_file()), folder) != card["corpus"]:
        yield list(paragraphs), (load_chain("spans"), load_chain("subjects"))
        return
    for part in parts:
        test = [one for one in paragraphs if part_of(one) == part]
        yield test, fit_both([one for one in paragraphs if part_of(one) != part])


def part_of(paragraph: Paragraph) -> int:
    return crc32(paragraph.family.encode()) % PARTS


def find_all(text: str, chains: tuple[Chain, Chain]) -> list[Finding]:
    spans, places = list(find_spans(text, chains[0])), list(sentences(text))
    found: list[Finding] = []
    for span in spans:
        subject = find_subject(text, get_sentence(places, span), span, spans, chains[1])
        found.append((span, subject[:2] if subject else None))
    return found


def find_all_by_rules(text: str) -> Iterator[Finding]:
    """Quantities with the noun that they count; the subject is where its words are nearest to the quantity."""
    for start, end in sentences(text):
        words = text[start:end]
        for q in find_quantities(words, "en"):
            subject = find_by_rules(words, q, "en")
            places = list(_places(words, subject)) if subject else []
            near = min(places, key=lambda at: abs(at - q.start), default=None)
            yield (
                (start + q.start, start + q.end),
                None if near is None else (start + near, start + near + len(subject)),
            )


def _places(words: str, subject: str) -> Iterator[int]:
    at = words.find(subject)
    while at >= 0:
        yield at
        at = words.find(subject, at + 1)


def pair(gold: Sequence[Measured], found: Sequence[Finding]) -> list[tuple[Measured, Finding]]:
    """One to one, those that share most characters first."""
    together = sorted(
        ((shared(one.span, span), i, j) for i, one in enumerate(gold) for j, (span, _) in enumerate(found)),
        key=lambda item: (-item[0], item[1], item[2]),
    )
    left: set[int] = set()
    right: set[int] = set()
    pairs = []
    for size, i, j in together:
        if size > 0 and i not in left and j not in right:
            left.add(i)
            right.add(j)
            pairs.append((gold[i], found[j]))
    return pairs


def shared(one: Span, other: Span) -> int:
    """Characters in common; zero or less if there are no common ones."""
    return min(one[1], other[1]) - max(one[0], other[0])


def alike(text: str, one: Span, other: Span) -> float:
    """F1 of the words of two spans."""
    left, right = (Counter(text[start:end].lower().split()) for start, end in (one, other))
    both = sum((left & right).values())
    return 2 * both / (sum(left.values()) + sum(right.values())) if both else 0.0


if __name__ == "__main__":
    sys.exit(main())
