"""How right the steps of stories are (publish/edition/steps.py), on abstracts whose kind of study other people named.

    python -m bench.story_steps [--inputs DIR] [--errors]

Set 34 holds 2,111 abstracts without records, so that only the words decide: the hardest case. A step that is lit is
right where the named kind bears it out: cells for an in-vitro study, animals for an animal study, a controlled trial
for a randomised one, first people for a study of treatment in people. Any step on a review is wrong. What remains
("Remaining") says nothing, and a protocol names the design of a trial without results: both are counted apart. Half of
the journals were read while the rules were written (`tuned`), half were not (`held out`); `--errors` lists those of the
tuned half only.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import zlib
from collections import Counter
from pathlib import Path

from bench.measure import INPUTS, find_set
from nlp.classify.evidence import find_labels
from nlp.classify.page import Page
from publish.edition.controlled import find_controls
from publish.edition.own_work import reports_own_work
from publish.edition.steps import ANIMALS, CELLS, CONTROLLED, PEOPLE, STEPS, SURE, Said, Step, find_step

RIGHT = {  # how a kind begins -> the steps that it bears out
    "In-vitro": {CELLS}, "Animal": {ANIMALS}, "Human-RCT": {CONTROLLED}, "Human-non-RCT": {PEOPLE},
    "Human-case": {PEOPLE},
}  # fmt: skip
APART = ("Remaining", "Clinical-study-protocol")


def read_step(title: str, text: str) -> Step:
    """The step of a story whose only document is this abstract."""
    page = Page(
        id="x", kind="paper", source_kind="journal", source_scope="all", country=None, lang="en", title=title,
        text=text,
    )  # fmt: skip
    sure = sorted(
        (one for one in find_labels(page) if one.facet == "evidence" and one.score >= SURE and one.value != "none"),
        key=lambda one: -one.score,
    )
    if not sure or not reports_own_work(title, text):
        return find_step([])
    return find_step([
        Said(
            document=1, values=tuple(one.value for one in sure), sentence=sure[0].sentence,
            controlled=find_controls("paper", {}, title, text),
        )
    ])  # fmt: skip


def bears_out(kind: str, step: int) -> bool:
    """Whether a kind of study bears a step out."""
    return any(kind.startswith(begins) and step in steps for begins, steps in RIGHT.items())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--inputs", type=Path, default=INPUTS)
    parser.add_argument("--errors", action="store_true")
    options = parser.parse_args()
    folder = find_set(options.inputs, "34")
    if folder is None:
        print(f"no set 34 in {options.inputs}: nothing measured")
        return
    counts: dict[str, Counter[tuple[int, str]]] = {"tuned": Counter(), "held out": Counter()}
    totals: Counter[tuple[str, str]] = Counter()
    with gzip.open(folder / "study_type.csv.gz", "rt", encoding="utf-8") as stream:
        for row in csv.DictReader(stream):
            half = "tuned" if zlib.crc32(row["journal_name"].encode()) % 2 else "held out"
            kind, step = row["accepted_label"], read_step(row["title"], row["abstract"]).number
            totals[half, kind.split("-")[0]] += 1
            if step is None:
                continue
            said = "apart" if kind in APART else "right" if bears_out(kind, step) else "wrong"
            counts[half][step, said] += 1
            if options.errors and half == "tuned" and said == "wrong":
                print(f"{STEPS[step - 1]} | {kind} | {row['title'][:150]}")
    for half, found in counts.items():
        for step, name in enumerate(STEPS, 1):
            right, wrong, apart = (found[step, said] for said in ("right", "wrong", "apart"))
            if right + wrong + apart:
                share = f"{right / (right + wrong):.2f}" if right + wrong else "-"
                print(f"{half:9} {name:17} precision {share} ({right} of {right + wrong}), apart {apart}")
        right = sum(n for (_, said), n in found.items() if said == "right")
        wrong = sum(n for (_, said), n in found.items() if said == "wrong")
        print(f"{half:9} {'all':17} precision {right / (right + wrong):.3f} ({right} of {right + wrong})")


if __name__ == "__main__":
    main()
