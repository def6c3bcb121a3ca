"""Fields of the records of literature and registries (`document.extra`), which differ in form between sources."""

from __future__ import annotations

from collections.abc import Sequence

from core.records import Json


def get_list(extra: Json, name: str) -> list[str]:
    """A field that is a list, or a text with semicolons; empty where it is missing."""
    value = extra.get(name)
    if isinstance(value, str):
        return [part.strip() for part in value.split(";") if part.strip()]
    return [str(part) for part in value] if isinstance(value, Sequence) else []


def get_headings(extra: Json) -> list[str]:
    """MeSH headings of a record, in lower case; its categories where it has no headings."""
    listed = extra.get("mesh")
    if isinstance(listed, list):
        return [str(one.get("name") if isinstance(one, dict) else one).lower() for one in listed]
    return [value.lower() for value in get_list(extra, "categories")]
