"""Whether warnings are true: each compared with what readers judged, in halves.

    python -m bench.warned [--inputs DIR] [--night DIR] [--json]

| set | measure | what is counted |
|---|---|---|
| `gold2` | `headline_precision`, `headline_recall` | "headline leaves out animals", as two readers say of 68 texts |
| `gold2` | `label_precision` | the same of the label alone, without the rule of the warning |
| `real_night` | `headline_precision`, `headline_recall` | the same of an edition's warnings (`--night`) |
| 30 | `gap_precision`, `gap_recall` | "says more than its paper", of conclusions of a release and its abstract |
| 30 | `gap_false` | the share of pairs without a gap that get the warning (the others: `headline_false`) |
| 30 | `label_precision` | the same of the comparison of strengths alone (label `claim_gap`) |

Halves: of gold 2 by publisher (bench/gold2.py), of the real night `dev27` and `rest` (bench/judged.py), of set 30 by
the sha256 of the release's number. No text of a held half was looked at, but
the headlines of the whole real night were known when the words of effect were written. A value of `-` says that
there was no warning to judge. There is no judged text for "no independent voice" and "rests on a preprint": these rest
on names in records, and tests/relations/test_warnings.py has their cases.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sqlite3
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.gold import FETCHED, read_jsonl
from bench.gold2 import GOLD2, half_of, publisher_of
from bench.judged import FOLDER, load_judged
from bench.labelled import open_text
from bench.measure import ROOT, Board, Measure
from bench.shown_cards import short
from core.config import load_config
from crawlers.pages import read_file
from nlp.classify.claims import LADDER, find_strength
from nlp.text import load_reader
from relations.claim_gaps import find_gap
from relations.warning_rules import SubjectRow, find_matches, find_warnings

HEADLINE = "headline leaves out animals"
SHOWN = "SELECT d.ident, d.url FROM warning w JOIN document d ON d.id = w.document WHERE w.kind = ?"
DOCUMENTS = "SELECT ident, url FROM document WHERE kind IN ('news', 'release', 'explainer')"


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A text: what is true of it, whether there is a warning, and whether there is the label that it rests on."""

    group: str
    true: bool
    warned: bool
    labelled: bool = False


def show(board: Board, name: str, kind: str, cases: Sequence[Case]) -> None:
    """Precision and recall of all cases and of each group."""
    groups: dict[str, list[Case]] = defaultdict(list)
    for case in cases:
        for group in (name, f"{name}.{case.group}"):
            groups[group].append(case)
    for group in sorted(groups):
        some = groups[group]
        right = sum(one.true and one.warned for one in some)
        for measure, part, whole in (
            (f"{kind}_precision", right, sum(one.warned for one in some)),
            (f"{kind}_recall", right, sum(one.true for one in some)),
            (f"{kind}_false", sum(one.warned and not one.true for one in some), sum(not one.true for one in some)),
            ("label_precision", sum(one.true and one.labelled for one in some), sum(one.labelled for one in some)),
        ):
            if measure == "label_precision" and not whole:
                continue
            value = part / whole if whole else None
            board.show(Measure(set=group, measure=measure, value=value, anchor=None, n=whole))


def read_gold2(inputs: Path) -> Iterator[Case]:
    """The texts of gold 2, read as `pipeline.py read` reads them."""
    read = load_reader(load_config(ROOT / "config.toml"))
    for row in read_jsonl(GOLD2 / "dev.jsonl"):
        doc = row["doc"]
        title, text, lang = read_file((GOLD2 / "texts" / f"{doc}.txt").read_bytes(), FETCHED)
        found = read(doc=doc, title=title, text=text, lang=lang)
        labelled = bool(found.labels.get("only_in_animals"))
        subject = make_row(title or text.partition("\n")[0], text, labelled=labelled)
        yield Case(
            group=half_of(publisher_of(doc, inputs)), true=bool(row["labels"].get("only_in_animals")),
            warned=any(one.kind == HEADLINE for one in find_warnings(subject)), labelled=labelled,
        )  # fmt: skip


def make_row(title: str, text: str, *, labelled: bool) -> SubjectRow:
    """A row of the stage for a text of its own: no papers, no quotations."""
    label = {"facet": "headline", "value": "only in animals", "score": 1.0, "sentence": "", "component": ""}
    row: Any = {
        "kind": "news", "title": title, "text": text, "labels": [label] if labelled else [], "papers": [],
        "statuses": [], "species": [], "speeches": [], "people": [], "authors": [], "abstracts": {},
    }  # fmt: skip
    made: SubjectRow = row
    return made


def read_night(folder: Path) -> Iterator[Case]:
    """The documents of a night's edition that two readers judged; true is what both hold to be right."""
    with closing(sqlite3.connect(f"file:{folder / 'editions' / 'current.db'}?mode=ro", uri=True)) as edition:
        warned = {short(ident) for ident, _ in edition.execute(SHOWN, (HEADLINE,))}
        held = {short(ident): short(url) for ident, url in edition.execute(DOCUMENTS)}
    judged = load_judged(FOLDER / "real-night.jsonl")
    by_address = {one.address: one for one in judged}
    by_id = {one.id: one for one in judged}
    for ident, address in sorted(held.items()):
        one = by_id.get(ident) or by_address.get(address)
        said = [reader["headline"] for reader in one.readers if "headline" in reader] if one else []
        if one and len(said) == len(one.readers):
            yield Case(group=one.part, true=all(said), warned=ident in warned)


def read_pairs(folder: Path) -> Iterator[Case]:
    """The conclusions of releases and of their abstracts (set 30); true is that the release's is stronger."""
    for line in open_text(folder / "insciout.jsonl"):
        row = json.loads(line)
        release, abstract = row["press_release_conclusion"], row["abstract_conclusion"]
        number = int(hashlib.sha256(str(row["original_file_id"]).encode()).hexdigest(), 16)
        yield Case(
            group="tune" if number % 2 else "held",
            true=row["press_release_strength"] > row["abstract_strength"],
            warned=find_gap(release, "", abstract, find_matches) is not None,
            labelled=LADDER.index(find_strength(release)) > LADDER.index(find_strength(abstract)),
        )


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--night", type=Path, help="a night that was kept (bench/night.py --keep), with its edition")
    board = Board.start("whether warnings are true", argv, parser)
    if folder := board.find("30"):
        show(board, folder.name, "gap", list(read_pairs(folder)))
    if board.options.night:
        board.found += 1
        show(board, "real_night", "headline", list(read_night(board.options.night)))
    if (GOLD2 / "dev.jsonl").is_file():
        board.found += 1
        show(board, "gold2", "headline", list(read_gold2(board.inputs)))
    else:
        board.say(f"gold 2: not in {GOLD2}")
    return board.finish()


if __name__ == "__main__":
    sys.exit(main())
