"""Recipe: which diseases are wide classes, out of MONDO's tree (CC BY 4.0) into `nlp/roles/broad.tsv`.

    python -m training.broad_diseases [--nlp ../shared/nlp]

A class is wide if it has at least `LEAST` narrower ones and its name says a class (disorder, disease, neoplasm, cancer
…), not a disease that people have by that name (lymphoma, epilepsy). Only those that our lexicon knows are written.
"""

from __future__ import annotations

import argparse
import csv
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from training.lexicon_rows import read_jsonl

ROOT = Path(__file__).parents[1]
OUT = ROOT / "nlp" / "roles" / "broad.tsv"
LEXICON = ROOT / "nlp" / "lexicons" / "disease.tsv"
LEAST = 150  # narrower classes
CLASS = re.compile(r"(?:disorder|disease|neoplasm|cancer|tumou?r|carcinoma|syndrome|deficiency|disability|defect)s?\b")


def find_broad(ontologies: Path) -> Iterator[tuple[str, str, int]]:
    """(concept, name, how many narrower classes) of each wide class."""
    children: dict[str, set[str]] = {}
    names: dict[str, str] = {}
    for term in read_jsonl(ontologies / "mondo_terms.jsonl.gz"):
        names[term["id"]] = term["name"]
        for parent in term["parents"]:
            children.setdefault(parent, set()).add(term["id"])

    @cache
    def below(concept: str) -> frozenset[str]:
        own = children.get(concept, set())
        return frozenset(own).union(*map(below, own))

    with LEXICON.open(encoding="utf-8", newline="") as file:
        known = {row["concept"] for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)}
    for concept, name in sorted(names.items()):
        if concept in known and CLASS.search(name) and (narrower := len(below(concept))) >= LEAST:
            yield concept, name, narrower


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--nlp", type=Path, default=ROOT.parent / "shared" / "nlp")
    rows = list(find_broad(parser.parse_args().nlp / "ontologies"))
    with OUT.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter="\t", lineterminator="\n")
        writer.writerow(["concept", "name", "narrower"])
        writer.writerows(rows)
    print(f"{len(rows)} wide classes")


if __name__ == "__main__":
    main()
