"""DOI, PMID, PMCID, trial numbers, ROR and ORCID in the text: what `core.ids` finds, as concepts of their own."""

from __future__ import annotations

from typing import Any

from core.facets import facets
from core.ids import find_ids
from core.records import Concept
from nlp.entities.notes import Component, Found, Tools, notes_of

STEP, ALWAYS = 15, False
VERSION = "identifiers/1"


def make(tools: Tools) -> Component:
    (identifier,) = tools.of_component("identifiers")
    registers = facets().registers

    def identifiers(doc: Any) -> Any:
        notes = notes_of(doc)
        for hit in find_ids(notes.text):
            register = registers.get(hit.scheme)
            concept = Concept(
                id=f"{hit.scheme}:{hit.value}",
                type=identifier.label,
                name=hit.value,
                country=None,
                url=register.address(hit.value) if register else None,
                origin="the document",
            )
            notes.found.append(
                Found(
                    start=hit.start,
                    end=hit.end,
                    type=identifier.label,
                    names=(),
                    component=VERSION,
                    why=f"written as a {hit.scheme.upper()}",
                    concept=concept,
                )
            )
        return doc

    return identifiers
