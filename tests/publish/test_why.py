"""Why documents were found: nothing is said that the edition does not hold for the document."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing

import pytest

from publish.search.asking import ask_now
from publish.search.query import parse_query
from publish.search.reading import read, where_of
from publish.search.why import Reasons, explain
from tests.publish.reader import Newsroom

NAMED = re.compile("“(?P<surface>.+)” in it \\((?P<name>.+)\\)")


@pytest.fixture
def edition(newsroom: Newsroom) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(newsroom[1])) as db:
        db.row_factory = sqlite3.Row
        yield db


def reasons(edition: sqlite3.Connection, written: str) -> tuple[set[int], Reasons]:
    """The documents that a search finds, and why."""

    def execute(sql: str, params: object) -> list[sqlite3.Row]:
        return edition.execute(sql, params).fetchall()  # type: ignore[arg-type]

    reading = ask_now(read(parse_query(written)), execute)
    where, params = where_of(reading)
    found = {row[0] for row in edition.execute(f"SELECT rowid FROM search WHERE {' AND '.join(where)}", params)}
    every = {row[0] for row in edition.execute("SELECT id FROM document")}
    return found, ask_now(explain(reading, every), execute)


@pytest.mark.parametrize("written", ["stem cells", "iPS cells", "mice", "세포", "Parkinson disease"])
def test_each_hit_of_words_has_a_reason_and_each_reason_is_so(edition: sqlite3.Connection, written: str) -> None:
    found, why = reasons(edition, written)
    assert found, "the newsroom has nothing for this search"
    assert found <= set(why)
    for document, said in why.items():
        for reason in said:
            if named := NAMED.fullmatch(reason):
                surfaces = "SELECT 1 FROM mention WHERE document = ? AND surface = ?"
                assert edition.execute(surfaces, (document, named["surface"])).fetchone(), (document, reason)


def test_a_document_that_lacks_a_word_is_not_said_to_have_it(edition: sqlite3.Connection) -> None:
    found, why = reasons(edition, '"stem cells"')
    _, every = edition.execute("SELECT min(id), count(*) FROM document").fetchone()
    assert 0 < len(found) < every
    assert set(why) == found


def test_a_word_alone_of_a_name_is_no_reason_where_the_document_has_the_name(edition: sqlite3.Connection) -> None:
    found, why = reasons(edition, "mesenchymal stem cells")
    assert found
    for document in found:
        assert not [reason for reason in why[document] if reason.startswith("“cells”")]
