"""STAGE concept -> every name by which it goes, and the concepts that are wider than it.

Concepts are those that documents mention, and those that are wider than one of them. In order, for each:

1. its own name, as `concept` has it, and the names that the lexicons have (`lexicon_names.py`);
2. the names of the concepts that are often used for it (`used_for.tsv`): most texts say exosome for any vesicle. Such a
   name means the wider of the two, which includes the other;
3. what is wider than it (`hierarchy.py`), also of things without identifier that `wider_by_hand.tsv` has.

The names come from the lexicons that the program ships, so a new lexicon is a new version of the stage.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cache, partial
from pathlib import Path
from typing import TypedDict

from core.config import Config
from core.records import Concept, ConceptName, Wider
from core.stage import Address, Done, Result, Skipped, Stage, Step, Writes
from core.store import Store
from core.text import fingerprint
from core.versions import version_of
from nlp.names.hierarchy import load_hierarchy
from nlp.names.lexicon_names import Name, Names, fingerprint_names, load_names

OWN = "stemwire:"  # before the keys of things without identifier
USED_FOR = Path(__file__).with_name("used_for.tsv")


class ConceptRow(TypedDict):
    """A concept, as `concept` describes it; name, type and origin are empty for one that is only wider than others."""

    key: str
    type: str
    name: str
    origin: str
    wider: dict[str, int]


def stage(config: Config) -> Stage:
    return Stage(
        name="names",
        version=f"{version_of('names')}:{fingerprint_names()[:12]}",
        gather=gather,
        step=Address(module=__name__, function="build_step"),
        writes=(Writes(record=ConceptName, owner="concept"), Writes(record=Wider, owner="concept")),
    )


def gather(store: Store) -> Iterator[tuple[str, str, Mapping[str, object]]]:
    """Every concept and every wider one, with what the step needs of it."""
    load_names()  # compiled once, here: every worker then finds it kept
    hierarchy = load_hierarchy()
    described = {concept.id: concept for concept in store.load(Concept)}
    above = {one.id: hierarchy.find_wider(one.id, one.country) for one in described.values()}
    own = {ident: hierarchy.find_wider(ident) for ident in hierarchy.nearest if ident.startswith(OWN)}
    above = {**own, **above}
    for ident in sorted({wider for found in above.values() for wider in found} - above.keys()):
        above[ident] = hierarchy.find_wider(ident)
    for ident, wider in above.items():
        one = described.get(ident)
        said = (one.type, one.name, one.origin) if one else ("", "", "")
        state = fingerprint(ident, *said, *(f"{other} {steps}" for other, steps in sorted(wider.items())))
        yield ident, state, {"type": said[0], "name": said[1], "origin": said[2], "wider": wider}


def build_step() -> Step:
    """The step with the names of the lexicons. Raises ConfigError."""
    return partial(name_concept, names=load_names())


def name_concept(row: ConceptRow, *, names: Names) -> Result:
    """The names of one concept, each once, and what is wider than it."""
    concept = row["key"]
    type_ = row["type"] or names.types.get(concept, "")
    wider = tuple(Wider(concept=concept, wider=other, steps=steps) for other, steps in row["wider"].items())
    if not type_:
        return Done(records=wider) if wider else Skipped(reason="no lexicon has it")
    found = {one.name: one for one in names.of(concept)}
    if row["name"] and row["name"] not in found:
        found[row["name"]] = Name(name=row["name"], lang="en", how="label", senses=1, origin=row["origin"])
    used = load_used_for()
    if any(concept in others for others in used.values()):
        found = {name: replace(one, senses=max(one.senses, 2)) for name, one in found.items()}
    records = [_as_record(concept, type_, one, one.how) for one in found.values()]
    for other in used.get(concept, ()):
        records += [_as_record(concept, type_, one, "used") for one in names.of(other) if one.name not in found]
    return Done(records=(*records, *wider))


def _as_record(concept: str, type_: str, one: Name, how: str) -> ConceptName:
    return ConceptName(
        concept=concept, type=type_, name=one.name, lang=one.lang, how=how, senses=one.senses, origin=one.origin
    )


@cache
def load_used_for() -> Mapping[str, tuple[str, ...]]:
    """Concept -> the concepts whose names are often used for it."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    with USED_FOR.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
            found[row["used_for"]].append(row["concept"])
    return {concept: tuple(others) for concept, others in found.items()}
