"""Recipe: which body system a disease belongs to, out of MONDO's tree (CC BY 4.0) into `nlp/classify/systems.tsv`.

    python -m training.labels_systems [--nlp ../shared/nlp]

A disease takes the systems of its ancestors below `disease by body system or component`. One is chosen, as trials are
counted by one: what `CHOSEN` says of the disease or its nearest ancestor that it names; then eye; a tumour is
cancer, unless it is one of the blood; then the system whose branch is fewest steps away, in the order of `ORDER`
where two are as near. Only diseases that our lexicon knows or that MeSH has are written, with the MeSH descriptor
where there is one.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
OUT = ROOT / "nlp" / "classify" / "systems.tsv"
BRANCHES = {
    "MONDO:0024458": "eye", "MONDO:0002022": "eye", "MONDO:0005071": "nervous", "MONDO:0002025": "nervous",
    "MONDO:0004995": "cardiovascular", "MONDO:0005570": "blood", "MONDO:0005151": "endocrine",
    "MONDO:0005066": "endocrine", "MONDO:0005087": "respiratory", "MONDO:0004335": "liver/digestive",
    "MONDO:0006858": "liver/digestive", "MONDO:0002051": "skin", "MONDO:0002118": "urogenital",
    "MONDO:0005039": "urogenital", "MONDO:0700003": "urogenital", "MONDO:0002081": "musculoskeletal",
    "MONDO:0003900": "musculoskeletal", "MONDO:0005046": "immune", "MONDO:0002409": "other",
    "MONDO:0024623": "other", "MONDO:0002657": "other",
}  # fmt: skip
ORDER = ("eye", "respiratory", "liver/digestive", "urogenital", "cardiovascular", "nervous", "endocrine", "blood",
         "skin", "musculoskeletal", "immune", "other")  # fmt: skip
TUMOUR = "MONDO:0045024"
CHOSEN = {  # where people count otherwise than the tree, or the tree is silent
    "MONDO:0005301": "immune",  # multiple sclerosis
    "MONDO:0007915": "immune",  # systemic lupus erythematosus
    "MONDO:0013730": "immune",  # graft versus host disease
    "MONDO:0008383": "musculoskeletal",  # rheumatoid arthritis
    "MONDO:0005147": "endocrine",  # type 1 diabetes
    "MONDO:0005148": "endocrine",  # type 2 diabetes
    "MONDO:0005015": "endocrine",  # diabetes mellitus
    "MONDO:0005011": "liver/digestive",  # Crohn disease
    "MONDO:0005265": "liver/digestive",  # inflammatory bowel disease
    "MONDO:0005098": "nervous",  # stroke
    "MONDO:0043797": "nervous",  # spinal cord injury
    "MONDO:0020121": "musculoskeletal",  # muscular dystrophy
    "MONDO:0043519": "skin",  # burn
    "MONDO:0100096": "respiratory",  # COVID-19
    "MONDO:0006502": "respiratory",  # acute respiratory distress syndrome
    "MONDO:0011122": "endocrine",  # obesity
    "MONDO:0005083": "skin",  # psoriasis
    "MONDO:0005076": "musculoskeletal",  # periodontitis
    "MONDO:0021094": "immune",  # immunodeficiency
    "MONDO:0008608": "other",  # Down syndrome
}


def parse_tree(lines: list[str]) -> dict[str, dict[str, Any]]:
    """Terms by id."""
    return {term["id"]: term for term in map(json.loads, lines)}


def find_system(ident: str, tree: Mapping[str, Mapping[str, Any]]) -> str | None:
    """The system of a disease, None outside of all branches."""
    steps, level, seen = {}, [ident], {ident}
    depth = 0
    while level:
        for one in level:
            steps[one] = depth
        level = [p for one in level for p in tree[one]["parents"] if p in tree and p not in seen]
        seen.update(level)
        depth += 1
    for one in sorted(steps, key=steps.__getitem__):
        if one in CHOSEN:
            return CHOSEN[one]
    near: dict[str, int] = {}
    for branch, system in BRANCHES.items():
        if branch in steps:
            near[system] = min(near.get(system, 99), steps[branch])
    if TUMOUR in steps:
        return "blood" if "blood" in near else "cancer"
    if not near:
        return None
    if "eye" in near:
        return "eye"
    return min(near, key=lambda system: (near[system], ORDER.index(system)))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--nlp", type=Path, default=ROOT.parent / "shared" / "nlp")
    options = parser.parse_args()
    with gzip.open(options.nlp / "ontologies" / "mondo_terms.jsonl.gz", "rt", encoding="utf-8") as file:
        tree = parse_tree(list(file))
    with (ROOT / "nlp" / "lexicons" / "disease.tsv").open(encoding="utf-8", newline="") as file:
        known = {row["concept"] for row in csv.DictReader(file, delimiter="\t")}
    rows = []
    for ident, term in tree.items():
        mesh = [ref.removeprefix("mesh:") for ref in term.get("xref", []) if ref.startswith("mesh:D")]
        system = find_system(ident, tree) if ident in known or mesh else None
        if system:
            rows.append((ident, ",".join(mesh), system))
    with OUT.open("w", encoding="utf-8", newline="") as file:
        file.write("concept\tmesh\tsystem\n")
        file.writelines("\t".join(row) + "\n" for row in sorted(rows))
    print(f"{len(rows)} diseases -> {OUT}")


if __name__ == "__main__":
    main()
