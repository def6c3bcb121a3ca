"""Fills the tables of an edition about things that documents name: entities, and which document is about which.

`fill_entities` runs after the documents. A thing is counted where a document is about it (`topic` of work.db); of types
of which that is not asked (journals, places …) wherever a document names it.
"""

from __future__ import annotations

import json
import sqlite3

from core.records import Concept, Topic
from core.store import Store
from core.text import one_line
from publish.edition.own_things import add_authors, describe_own, name_own
from publish.edition.rights import http

CHUNK = 500
COUNTED = "about IS NOT 0"  # of entity_document: the document is about it, or that is not asked of its type


def _fill_topics(edition: sqlite3.Connection, work: Store, numbers: dict[str, int]) -> None:
    """What documents are about."""
    edition.execute("CREATE TEMP TABLE topic (document INTEGER, concept TEXT, about INTEGER, weight REAL, role TEXT)")
    edition.execute("CREATE UNIQUE INDEX temp.topic_key ON topic (document, concept)")
    for topic in work.load(Topic):
        if topic.document in numbers:
            edition.execute(
                "INSERT INTO temp.topic VALUES (?, ?, ?, ?, ?)",
                (numbers[topic.document], topic.concept, topic.about, topic.weight, topic.role),
            )


def fill_entities(edition: sqlite3.Connection, work: Store, numbers: dict[str, int]) -> None:
    """Things that documents of the edition name, numbered by how many are about them.

    `temp.named` has the concept of each mention; `name_own` adds those of things without a public identifier. `numbers`
    of the documents by id.
    """
    _fill_topics(edition, work, numbers)
    name_own(edition, work, numbers)
    counted = edition.execute(
        "SELECT n.concept, count(DISTINCT CASE WHEN coalesce(t.about, 1) THEN n.document END) AS documents,"
        " count(DISTINCT n.document) AS named, min(day), max(day) FROM temp.named n"
        " JOIN document d ON d.id = n.document"
        " LEFT JOIN temp.topic t ON t.document = n.document AND t.concept = n.concept"
        " GROUP BY 1 ORDER BY documents DESC, named DESC, 1"
    ).fetchall()
    described = {
        concept: Concept(id=concept, type=type_, name=name, country=None, url=url, origin=origin)
        for concept, type_, name, url, origin in describe_own(edition)
    }
    names = [row[0] for row in counted]
    for some in (names[i : i + CHUNK] for i in range(0, len(names), CHUNK)):
        found = work.load(Concept, "id IN (SELECT value FROM json_each(?))", (json.dumps(some),))
        described |= {concept.id: concept for concept in found}
    for number, (ident, documents, named, first, last) in enumerate(counted, 1):
        if (concept := described.get(ident)) is None:
            continue
        edition.execute(
            "INSERT INTO entity VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (number, ident, concept.type.lower(), one_line(concept.name), concept.country, http(concept.url),
             concept.origin, documents, named, first, last),
        )  # fmt: skip
    for sql in (
        "UPDATE mention SET entity = e.id FROM temp.named n JOIN entity e ON e.concept = n.concept"
        " WHERE n.document = mention.document AND n.number = mention.number",
        "UPDATE mention SET why = why || '; its concept ' || n.concept || ' is not described' FROM temp.named n"
        " WHERE n.document = mention.document AND n.number = mention.number AND mention.entity IS NULL",
        "INSERT INTO entity_document"
        " SELECT m.entity, d.day, m.document, count(*), t.about, coalesce(t.weight, count(*) * 0.1), t.role, NULL"
        " FROM mention m JOIN document d ON d.id = m.document JOIN entity e ON e.id = m.entity"
        " LEFT JOIN temp.topic t ON t.document = m.document AND t.concept = e.concept GROUP BY 1, 2, 3",
    ):
        edition.execute(sql)
    add_authors(edition)
