"""MONDO compared with MeSH and OMIM: which concept an identifier of theirs means, and how fine MeSH is.

MeSH has one class where MONDO has several ("Breast Neoplasms" for breast neoplasm, breast cancer, breast carcinoma). A
concept that has no MeSH class of its own is *rolled* up to the nearest broader ones that have: that is what an
annotator with MeSH alone had to choose.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

from nlp.normalize.name_keys import tokens
from training.lexicon_rows import read_jsonl

# exact matches of MONDO to MeSH that are wrong: annotators mean something else by the class
MISTAKEN = frozenset({"D012640"})  # Seizures: "visual epilepsy"


@dataclass(slots=True, kw_only=True)
class Mondo:
    """Concepts by identifier, and the tree."""

    by_identifier: dict[str, str]
    parents: dict[str, list[str]]
    mesh: frozenset[str]  # concepts that have a MeSH class
    names: dict[str, frozenset[tuple[str, ...]]]
    _rolled: dict[str, frozenset[str]] = field(default_factory=dict)

    def concepts(self, identifiers: str) -> tuple[str, ...]:
        """ "D001943|OMIM:114480" -> the concepts that MONDO gives these as exact matches, sorted."""
        parts = (one.strip().removeprefix("MESH:") for one in re.split(r"[|+;,]", identifiers))
        return tuple(sorted({self.by_identifier[one] for one in parts if one in self.by_identifier}))

    def rolled(self, concept: str) -> frozenset[str]:
        """The concept itself if MeSH has it, else the nearest broader ones that MeSH has."""
        if concept not in self._rolled:
            if concept in self.mesh or not self.parents.get(concept):
                self._rolled[concept] = frozenset([concept] if concept in self.mesh else [])
            else:
                self._rolled[concept] = frozenset().union(*map(self.rolled, self.parents[concept]))
        return self._rolled[concept]

    def is_called(self, concept: str, surface: str) -> bool:
        """True when MONDO itself gives the concept this name."""
        return tokens(surface) in self.names.get(concept, frozenset())


def load_mondo(ontologies: Path) -> Mondo:
    """From `mondo_terms.jsonl.gz`. Raises OSError."""
    by_identifier: dict[str, str] = {}
    parents: dict[str, list[str]] = {}
    mesh: set[str] = set()
    names: dict[str, frozenset[tuple[str, ...]]] = {}
    for term in read_jsonl(ontologies / "mondo_terms.jsonl.gz"):
        parents[term["id"]] = term["parents"]
        names[term["id"]] = frozenset(tokens(name) for name in (term["name"], *term["syn"]))
        for xref in term["xref"]:
            scheme, _, value = xref.partition(":")
            if value in MISTAKEN:
                continue
            if scheme.lower() == "mesh":
                by_identifier[value] = term["id"]
                mesh.add(term["id"])
            elif scheme.lower() == "omim":
                by_identifier[f"OMIM:{value}"] = term["id"]
    return Mondo(by_identifier=by_identifier, parents=parents, mesh=frozenset(mesh), names=names)
