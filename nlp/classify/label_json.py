"""Labels as one JSON object, as `pipeline.py read --json` prints them."""

from __future__ import annotations

from collections.abc import Iterable

from core.facets import JsonForm, facets
from core.records import Json, Label


def make_label_json(labels: Iterable[Label]) -> Json:
    """A key for each label facet, as `json` in its TOML says: its values (the surest first), one value or a boolean."""
    found: dict[str, list[Label]] = {}
    for label in labels:
        found.setdefault(label.facet, []).append(label)
    return {
        facet.as_json.key: _make_value(facet.as_json, sorted(found.get(facet.name, ()), key=lambda label: -label.score))
        for facet in facets().of_kind("label")
    }


def _make_value(form: JsonForm, labels: list[Label]) -> list[str] | str | bool | None:
    """The value of a facet's key. `labels` are the facet's, the surest first."""
    values = [label.value for label in labels]
    match form.form:
        case "first":
            return next(iter(values), None)
        case "any":
            return bool(values)
        case "has":
            return form.value in values
        case "values":
            return values
