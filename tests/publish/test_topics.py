"""Counts, searches and cards go by what documents are about; what they only name stays on their pages."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing

from core.config import Config
from core.records import Mention, Topic
from core.store import Store
from publish.pages.cards import LEAST, NAMES
from publish.search.fts import to_sql
from publish.search.query import parse_query
from publish.stage import publish
from tests.present import present


def test_only_what_a_document_is_about_is_counted_found_and_shown(config: Config, work: Store, at_night: None) -> None:
    named = {m.document: m.concept for m in work.load(Mention) if m.type == "DISEASE" and m.concept}
    concept = max(set(named.values()), key=list(named.values()).count)
    documents = sorted({m.document for m in work.load(Mention) if m.concept == concept})
    assert len(documents) > 1
    with work.writing():
        work.save(
            *(
                Topic(document=one, concept=concept, about=int(one == documents[0]), weight=6.0, role="risk", why="")
                for one in documents
            )
        )
    edition = present(publish(config, work).edition)
    with closing(sqlite3.connect(config.editions / f"{edition.name}.db")) as db:
        number, counted, all_named = db.execute(
            "SELECT id, documents, named FROM entity WHERE concept = ?", (concept,)
        ).fetchone()
        numbers = dict(db.execute("SELECT ident, id FROM document"))
        shown = [one for one in documents if one in numbers]
        assert (counted, all_named) == (1, len(shown))
        assert db.execute("SELECT documents FROM facet WHERE value = ?", (concept,)).fetchone() == (1,)
        assert db.execute("SELECT sum(documents) FROM entity_month WHERE entity = ?", (number,)).fetchone() == (1,)
        roles = db.execute("SELECT DISTINCT role FROM entity_document WHERE entity = ?", (number,)).fetchall()
        assert roles == [("risk",)]
        name = db.execute("SELECT name FROM entity WHERE id = ?", (number,)).fetchone()[0]
        for asked in (f"disease:{concept}", f'disease:"{name}"'):
            sql, params = to_sql(parse_query(asked))
            assert [row[0] for row in db.execute(sql, params)] == [numbers[documents[0]]]
        chips = db.execute(NAMES, {"ids": json.dumps(list(numbers.values())), "least": LEAST}).fetchall()
        assert [(row[0], row[2]) for row in chips] == [(numbers[documents[0]], concept)]
