"""The values of facets that documents have, as tags: for the index, and in one row a document for counting."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

from core.facets import Facet, Kind, facets
from publish.edition.entities import COUNTED
from publish.search.fts import tag_of

TONIGHT = "tonight"  # the value of the filter `night` for the latest one


def find_filters(*kinds: Kind) -> Iterator[tuple[str, Facet]]:
    """(filter, facet) of the facets of some kinds that have a filter."""
    for facet in facets().of_kind(*kinds):
        if facet.filter:
            yield facet.filter, facet


def find_values(edition: sqlite3.Connection) -> dict[int, list[str]]:
    """The tags of the values of facets that each document has."""
    tags: dict[int, list[str]] = {}
    columns = list(find_filters("column"))
    asked = ", ".join(f'"{facet.name}"' for _, facet in columns)
    for number, tonight, *values in edition.execute(f"SELECT id, tonight, {asked} FROM document"):
        named = zip((name for name, _ in columns), values, strict=True)
        tags[number] = [tag_of(name, value) for name, value in named if value]
        tags[number] += [tag_of("night", TONIGHT)] * tonight
    for name, facet in find_filters("label", "status"):
        for number, value in edition.execute("SELECT document, value FROM labelled WHERE facet = ?", (facet.name,)):
            tags[number].append(tag_of(name, value))
    filter_of = {facet.name: name for name, facet in find_filters("type")}
    for number, type_, concept in edition.execute(
        "SELECT x.document, e.type, e.concept FROM entity_document x JOIN entity e ON e.id = x.entity"
        f" WHERE x.{COUNTED}"
    ):
        if type_ in filter_of:
            tags[number].append(tag_of(filter_of[type_], concept))
    return tags


def fill_document_facets(edition: sqlite3.Connection) -> None:
    """Fill the table `document_facets`."""
    edition.executemany(
        "INSERT INTO document_facets VALUES (?, ?)",
        [(number, " ".join(dict.fromkeys(tags))) for number, tags in find_values(edition).items()],
    )
