"""DOI, PMID, PMCID, trial numbers, ROR and ORCID in the text. `core.ids` finds them; each is its own concept."""

from __future__ import annotations

from collections.abc import Mapping

from core.facets import Register, facets
from core.ids import find_ids
from core.records import Concept
from nlp.entities.annotations import Annotations, EntitySpan
from nlp.entities.component import Component, Tools
from nlp.entities.typefiles import EntityType

STEP, ALWAYS = 15, False
VERSION = "identifiers/1"


def make(tools: Tools) -> Component:
    (identifier,) = tools.of_component("identifiers")
    return Identifiers(identifier, facets().registers)


class Identifiers(Component):
    """Adds every identifier, with a concept that carries its address."""

    def __init__(self, entity_type: EntityType, registers: Mapping[str, Register]) -> None:
        self._type = entity_type
        self._registers = registers

    def annotate(self, annotations: Annotations) -> None:
        for hit in find_ids(annotations.text):
            annotations.found.append(
                EntitySpan(
                    start=hit.start,
                    end=hit.end,
                    type=self._type.label,
                    names=(),
                    component=VERSION,
                    why=f"written as a {hit.scheme.upper()}",
                    concept=self.make_concept(hit.scheme, hit.value),
                )
            )

    def make_concept(self, scheme: str, value: str) -> Concept:
        """The concept of an identifier, with its address where a register has its scheme."""
        register = self._registers.get(scheme)
        return Concept(
            id=f"{scheme}:{value}",
            type=self._type.label,
            name=value,
            country=None,
            url=register.address(value) if register else None,
            origin="the document",
        )
