"""What people corrected, in the edition: names that documents are about, and the table behind the page Corrections.

Labels, links, notices and columns need nothing here: they are read as corrected (`corrected.py`). Of names,
`name_corrected` makes known what people added, before the names are counted, and `correct_entities` then adds and
takes away the rows that say what a document is about.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence

from core.corrections import find_facet
from core.records import Concept
from core.store import Store
from core.text import one_line
from publish.edition.corrected import Corrected
from publish.edition.entities import COUNTED


def name_corrected(edition: sqlite3.Connection, numbers: Mapping[str, int], people: Corrected) -> None:
    """Count the concepts that people added among those that documents name. Places below 0 are no mentions."""
    said = [
        (numbers[record], concept)
        for record, _, ruling in people.of_kind("type")
        if record in numbers
        for concept in ruling.said
    ]
    for place, (number, concept) in enumerate(said, 1):
        edition.execute("INSERT INTO temp.named VALUES (?, ?, ?)", (number, -place, concept))


def correct_entities(edition: sqlite3.Connection, numbers: Mapping[str, int], people: Corrected) -> None:
    """What documents are about, as people say. What they are not about they may still name."""
    for record, type_, ruling in people.of_kind("type"):
        if record not in numbers:
            continue
        of_type = edition.execute(
            "SELECT e.concept, e.id FROM entity_document x JOIN entity e ON e.id = x.entity"
            " WHERE x.document = ? AND e.type = ?",
            (numbers[record], type_),
        ).fetchall()
        gone = {concept: ruling.exact for concept, _ in of_type} if ruling.exact else ruling.removed
        for concept, one in gone.items():
            edition.execute(
                "UPDATE entity_document SET about = 0, checked = ? WHERE document = ?"
                " AND entity = (SELECT id FROM entity WHERE concept = ?)",
                (one.day, numbers[record], concept),
            )
        for concept, one in ruling.said.items():
            edition.execute(
                "INSERT INTO entity_document SELECT e.id, d.day, d.id, 0, 1, 1.0, NULL, :day"
                " FROM entity e JOIN document d ON d.id = :document WHERE e.concept = :concept"
                " ON CONFLICT DO UPDATE SET about = 1, checked = excluded.checked",
                {"document": numbers[record], "concept": concept, "day": one.day},
            )
        _count_again(edition, [*gone, *ruling.said])


def _count_again(edition: sqlite3.Connection, concepts: Sequence[str]) -> None:
    """The documents of some things, which have changed."""
    edition.execute(
        "UPDATE entity SET documents ="
        f" (SELECT count(*) FROM entity_document x WHERE x.entity = entity.id AND {COUNTED})"
        " WHERE concept IN (SELECT value FROM json_each(?))",
        (json.dumps(concepts),),
    )


def fill_corrections(edition: sqlite3.Connection, work: Store, numbers: Mapping[str, int], people: Corrected) -> None:
    """Every line, in words."""
    for number, (one, state) in enumerate(people.lines, 1):
        edition.execute(
            "INSERT INTO correction VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (number, numbers.get(one.record), one.record, one_line(one.title), one.field, one.action,
             put_in_words(work, one.field, one.values), put_in_words(work, one.field, one.before),
             one_line(one.why), one.day, state),
        )  # fmt: skip


def put_in_words(work: Store, field: str, values: Iterable[str]) -> str:
    """The values of a field as readers see them."""
    facet = find_facet(field)
    if facet and facet.kind == "type":
        named = {
            one.id: one.name for one in work.load(Concept, "id IN (SELECT value FROM json_each(?))", (_list(values),))
        }
        return "; ".join(one_line(named.get(value, value)) for value in values)
    return "; ".join(facet.words(value) if facet else value for value in values)


def _list(values: Iterable[str]) -> str:
    return json.dumps(list(values))
