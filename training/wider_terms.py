"""Recipe: which cell types and tissues are wider than another, out of CL (CC BY 4.0) and UBERON (CC BY 3.0).

    pip download --no-deps -d DIR cellxgene-ontology-guide==1.11.1
    python -m training.wider_terms DIR/cellxgene_ontology_guide-1.11.1-py3-none-any.whl

`nlp/names/wider.tsv` has for each term of our lexicons the nearest wider terms that people name. A step is "is a" or
"is part of": the retina is under the eye. In order, a term is no wider term for anybody, and what is above it is taken
in its place, when

1. our lexicons do not have it;
2. more than a QUARTER of its ontology is under it: cell, organ, anatomical system;
3. its type does not read it as a name at all (`stop` in nlp/entities/<type>.toml): tissue, head, vessel;
4. its name says a class of curators, not a thing (CLASS): subdivision of skeleton, electrically active cell.
"""

from __future__ import annotations

import argparse
import csv
import io
import json
import re
import zipfile
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

import zstandard

from nlp.entities.typefiles import EntityType, load_types

ROOT = Path(__file__).parents[1]
WIDER = ROOT / "nlp" / "names" / "wider.tsv"
FILES = {  # type -> its ontology in the package
    "cell_type": "CL-ontology-v2026-03-26.json.zst",
    "anatomy": "UBERON-ontology-v2026-04-01.json.zst",
}
QUARTER = 0.25
CLASS = re.compile(
    r"anatomical|subdivision|regional part|structure|element|conduit|collection|group\b|cluster|entity|derived\b"
    r"|segment|subunit|component|system part|organ part|multi|zone of|wall\b|region of|compound|disconnected"
    r"|non-connected|body axis|electrically|stuff|sensu|nucleate|motile|accumulating|secreting|contractile cell"
    r"|^secretory cell|lineage restricted"
)


def load_parents(package: zipfile.ZipFile, file: str) -> tuple[dict[str, str], dict[str, list[str]], Counter[str]]:
    """Names, nearest wider terms, and how many are under each term. Raises KeyError when the package lacks the file."""
    body = package.read(f"cellxgene_ontology_guide/data/{file}")
    text = zstandard.ZstdDecompressor().stream_reader(io.BytesIO(body)).read()
    terms = {ident: term for ident, term in json.loads(text).items() if not term["deprecated"]}
    names = {ident: term["label"] for ident, term in terms.items()}
    parents = {
        ident: sorted(one for one, steps in term["ancestors"].items() if steps == 1) for ident, term in terms.items()
    }
    return names, parents, Counter(above for term in terms.values() for above in term["ancestors"])


def find_wider(
    names: Mapping[str, str], parents: Mapping[str, list[str]], below: Counter[str], known: set[str], stop: set[str]
) -> Iterator[tuple[str, str]]:
    """(term, its nearest wider terms that people name, with commas between)."""

    def is_named(term: str) -> bool:
        name = names.get(term, "")
        return term in known and below[term] <= QUARTER * len(names) and name not in stop and not CLASS.search(name)

    @cache
    def above(term: str) -> frozenset[str]:
        found: set[str] = set()
        for parent in parents.get(term, ()):
            found |= {parent} if is_named(parent) else above(parent)
        return frozenset(found)

    for term in sorted(known & set(parents)):
        if wider := above(term):
            yield term, ",".join(sorted(wider))


def read_known(one: EntityType) -> set[str]:
    """The concepts of a type's lexicons."""
    known: set[str] = set()
    for name in one.lexicons:
        with (ROOT / "nlp" / "lexicons" / name).open(encoding="utf-8", newline="") as file:
            known |= {row["concept"] for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)}
    return known


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("package", type=Path, help="the wheel of cellxgene-ontology-guide")
    types = {one.name: one for one in load_types(ROOT / "nlp" / "entities")}
    rows: list[tuple[str, str]] = []
    with zipfile.ZipFile(parser.parse_args().package) as package:
        for name, file in FILES.items():
            names, parents, below = load_parents(package, file)
            rows += find_wider(names, parents, below, read_known(types[name]), set(types[name].stop))
    with WIDER.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, delimiter="\t", lineterminator="\n")
        writer.writerow(["concept", "wider"])
        writer.writerows(sorted(rows))
    print(f"{WIDER.name}: {len(rows)} rows")


if __name__ == "__main__":
    main()
