"""What is wider than a concept: type 1 diabetes is diabetes, the retina is a part of the eye, Seoul is in Korea.

The nearest wider concepts come, together, from

1. `nlp/roles/wider.tsv`: diseases, out of MONDO (CC BY 4.0; recipe training/wider_diseases.py);
2. `wider.tsv`: cell types and tissues, out of CL (CC BY 4.0) and UBERON (CC BY 3.0), "is a" and "is part of" alike
   (recipe training/wider_terms.py);
3. `wider_by_hand.tsv`: concepts that are in none of these trees, each with the reason;
4. the country of a place or an institution.

A disease that holds more than a QUARTER of all diseases (disease, hereditary disease) says nothing and is left out, as
the recipe of `wider.tsv` does for cells and tissues: cell, organ. What people ask for stays, however wide: cancer,
brain, neuron.
"""

from __future__ import annotations

import csv
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from core.errors import ConfigError

HERE = Path(__file__).resolve().parent
TREES = (HERE.parent / "roles" / "wider.tsv", HERE / "wider.tsv", HERE / "wider_by_hand.tsv")
QUARTER = 0.25
DISEASE = "MONDO:"
COUNTRY = "ISO3166:"


@dataclass(frozen=True, slots=True)
class Hierarchy:
    """The nearest wider concepts of each concept, and those that are only classes."""

    nearest: Mapping[str, tuple[str, ...]]
    classes: frozenset[str]

    def find_wider(self, concept: str, country: str | None = None) -> dict[str, int]:
        """Every wider concept, with the least number of steps to it."""
        found: dict[str, int] = {}
        waiting = [concept]
        steps = 0
        while waiting:
            steps += 1
            above = {one for low in waiting for one in self.nearest.get(low, ())}
            waiting = sorted(above - found.keys() - {concept})
            found |= dict.fromkeys(waiting, steps)
        if country and concept != COUNTRY + country:
            found[COUNTRY + country] = 1
        return {one: steps for one, steps in found.items() if one not in self.classes}


@cache
def load_hierarchy() -> Hierarchy:
    """From the files of this module. Raises ConfigError."""
    nearest: defaultdict[str, list[str]] = defaultdict(list)
    for path in TREES:
        for concept, wider in _read(path):
            nearest[concept] += wider
    whole = Hierarchy(nearest={concept: tuple(wider) for concept, wider in nearest.items()}, classes=frozenset())
    diseases = [concept for concept in nearest if concept.startswith(DISEASE)]
    below = Counter(wider for concept in diseases for wider in whole.find_wider(concept))
    classes = frozenset(wider for wider, number in below.items() if number > QUARTER * len(diseases))
    return Hierarchy(nearest=whole.nearest, classes=classes)


def _read(path: Path) -> Iterator[tuple[str, list[str]]]:
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
            if not row["concept"] or not row["wider"]:
                raise ConfigError("a row lacks its concept or its wider concept", where=path.name)
            yield row["concept"], row["wider"].split(",")
