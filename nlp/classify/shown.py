"""Labels as one object for machines."""

from __future__ import annotations

from collections.abc import Iterable

from core.records import Json, Label


def as_labels(labels: Iterable[Label]) -> Json:
    """source_kind (str), evidence_stage, species, countries_of_work, therapy (lists, surest first), and booleans."""
    by_facet: dict[str, list[Label]] = {}
    for label in labels:
        by_facet.setdefault(label.facet, []).append(label)

    def values(facet: str) -> list[str]:
        return [label.value for label in sorted(by_facet.get(facet, ()), key=lambda label: -label.score)]

    return {
        "source_kind": next(iter(values("source_kind")), None),
        "evidence_stage": values("evidence"),
        "species": values("species"),
        "relevant_to_stem_cells": "in" in values("scope"),
        "countries_of_work": values("country"),
        "therapy": values("therapy"),
        "only_in_animals": "only in animals" in values("headline"),
        "translated": bool(values("translated")),
        "marketing": bool(values("marketing")),
    }
