"""Recipe: which diseases are wide classes, and which are wider than another, out of MONDO's tree (CC BY 4.0).

    python -m training.wider_diseases [--nlp ../shared/nlp]

`nlp/roles/wider.tsv` has for each disease of our lexicon the nearest wider ones that our lexicon has too.
`nlp/roles/broad.tsv` has the wide classes: with at least `LEAST` narrower ones, and with a name that says a class
(disorder, disease, neoplasm, cancer …), not a disease that people have by that name (lymphoma, epilepsy). Only those
that our lexicon knows are written.
"""

from __future__ import annotations

import argparse
import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from training.lexicon_rows import read_jsonl

ROOT = Path(__file__).parents[1]
BROAD = ROOT / "nlp" / "roles" / "broad.tsv"
WIDER = ROOT / "nlp" / "roles" / "wider.tsv"
LEXICON = ROOT / "nlp" / "lexicons" / "disease.tsv"
LEAST = 150  # narrower classes
CLASS = re.compile(r"(?:disorder|disease|neoplasm|cancer|tumou?r|carcinoma|syndrome|deficiency|disability|defect)s?\b")


@dataclass(frozen=True, slots=True, kw_only=True)
class Tree:
    """MONDO, with the concepts that our lexicon has."""

    names: dict[str, str]
    parents: dict[str, list[str]]
    known: frozenset[str]


def load_tree(ontologies: Path) -> Tree:
    """From `mondo_terms.jsonl.gz` and our lexicon. Raises OSError."""
    terms = list(read_jsonl(ontologies / "mondo_terms.jsonl.gz"))
    with LEXICON.open(encoding="utf-8", newline="") as file:
        known = {row["concept"] for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)}
    return Tree(
        names={term["id"]: term["name"] for term in terms},
        parents={term["id"]: term["parents"] for term in terms},
        known=frozenset(known),
    )


def find_broad(tree: Tree) -> Iterator[tuple[str, str, int]]:
    """(concept, name, how many narrower classes) of each wide class."""
    children: dict[str, set[str]] = {}
    for concept, parents in tree.parents.items():
        for parent in parents:
            children.setdefault(parent, set()).add(concept)

    @cache
    def below(concept: str) -> frozenset[str]:
        own = children.get(concept, set())
        return frozenset(own).union(*map(below, own))

    for concept, name in sorted(tree.names.items()):
        if concept in tree.known and CLASS.search(name) and (narrower := len(below(concept))) >= LEAST:
            yield concept, name, narrower


def find_wider(tree: Tree) -> Iterator[tuple[str, str]]:
    """(concept, its nearest wider ones that the lexicon has, with commas between)."""

    @cache
    def above(concept: str) -> frozenset[str]:
        found: set[str] = set()
        for parent in tree.parents.get(concept, ()):
            found |= {parent} if parent in tree.known else above(parent)
        return frozenset(found)

    for concept in sorted(tree.known & set(tree.parents)):
        if wider := above(concept):
            yield concept, ",".join(sorted(wider))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--nlp", type=Path, default=ROOT.parent / "shared" / "nlp")
    tree = load_tree(parser.parse_args().nlp / "ontologies")
    for path, head, rows in (
        (BROAD, ["concept", "name", "narrower"], list(find_broad(tree))),
        (WIDER, ["concept", "wider"], list(find_wider(tree))),
    ):
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, delimiter="\t", lineterminator="\n")
            writer.writerow(head)
            writer.writerows(rows)
        print(f"{path.name}: {len(rows)} rows")


if __name__ == "__main__":
    main()
