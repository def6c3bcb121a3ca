"""Labels as one JSON object, as `pipeline.py read --json` prints them."""

from __future__ import annotations

from collections.abc import Iterable

from core.facets import Facet, facets
from core.records import Json, Label


def make_label_json(labels: Iterable[Label]) -> Json:
    """A key for each label facet, as `json` in its TOML says: its values (the surest first), one value or a boolean.

    A label whose score is below the threshold of its facet is left out: `make_unsure_json` has it.
    """
    found = _by_facet(labels)
    return {facet.as_json.key: _make_value(facet, found.get(facet.name, [])) for facet in facets().of_kind("label")}


def make_unsure_json(labels: Iterable[Label]) -> Json:
    """The labels below the threshold of their facet, under the same keys, each with score and sentence."""
    found = _by_facet(labels)
    unsure = {
        facet.as_json.key: [
            {"value": label.value, "score": label.score, "sentence": label.sentence}
            for label in found.get(facet.name, ())
            if not facet.shows(label.value, label.score)
        ]
        for facet in facets().of_kind("label")
    }
    return {key: some for key, some in unsure.items() if some}


def _by_facet(labels: Iterable[Label]) -> dict[str, list[Label]]:
    """The labels of each facet, the surest first."""
    found: dict[str, list[Label]] = {}
    for label in sorted(labels, key=lambda label: -label.score):
        found.setdefault(label.facet, []).append(label)
    return found


def _make_value(facet: Facet, labels: list[Label]) -> list[str] | str | bool | None:
    """The value of a facet's key. `labels` are the facet's, the surest first."""
    form = facet.as_json
    values = [label.value for label in labels if facet.shows(label.value, label.score)]
    match form.form:
        case "first":
            return next(iter(values), None)
        case "any":
            return bool(values)
        case "has":
            return form.value in values
        case "values":
            return values
