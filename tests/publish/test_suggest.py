"""Names that begin as a reader types."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from urllib.parse import quote

import pytest

from publish.pages.suggest import LOOKED, Named, choose
from tests.publish.reader import Newsroom, Reader


def ask(reader: Reader, typed: str) -> list[dict[str, object]]:
    answer = reader.get(f"/names.json?q={quote(typed)}")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json; charset=utf-8")
    found: list[dict[str, object]] = json.loads(answer.text)["names"]
    return found


@pytest.mark.parametrize("typed", ["type 1 dia", "Type 1 Diabetes", "TYPE 1"])
def test_a_name_is_found_by_its_beginning(reader: Reader, typed: str) -> None:
    found = ask(reader, typed)
    assert found[0]["name"] == "type 1 diabetes mellitus" and found[0]["address"] == "/entity/disease/MONDO:0005147"
    assert str(found[0]["what"]).startswith("Disease, ")
    assert reader.get(str(found[0]["address"])).status_code == 200


@pytest.mark.parametrize("typed", ["", "a", "zzzzzz", "%", "x" * 500, "\0", "'; --"])
def test_what_is_no_beginning_of_a_name_finds_none(reader: Reader, typed: str) -> None:
    assert ask(reader, typed) == []


def test_every_thing_is_offered_by_its_name(reader: Reader, newsroom: Newsroom) -> None:
    with closing(sqlite3.connect(newsroom[1])) as edition:
        rows = edition.execute("SELECT name, concept FROM entity WHERE length(name) < 60 LIMIT 40").fetchall()
    for name, concept in rows:
        assert quote(concept, safe=":") in {str(one["address"]).rpartition("/")[2] for one in ask(reader, name)}, name


def test_a_thing_is_listed_once_and_by_the_name_that_was_typed() -> None:
    def named(name: str, shown: str, concept: str, documents: int) -> Named:
        return Named(name=name, shown=shown, type="cell_type", concept=concept, label="vesicle", documents=documents)

    found = choose(
        [named("evs", "EVs", "GO:1", 3), named("ev", "EV", "GO:1", 3), named("evx", "evx", "CL:2", 90)], "ev"
    )
    assert [(one.concept, one.title) for one in found] == [("GO:1", "vesicle (EV)"), ("CL:2", "vesicle (evx)")]


def test_the_look_up_stops_early(reader: Reader, newsroom: Newsroom) -> None:
    """It reads a range of the table's own order, and never more than LOOKED names of it."""
    from publish.pages.suggest import BEGIN

    with closing(sqlite3.connect(newsroom[1])) as edition:
        plan = edition.execute(f"EXPLAIN QUERY PLAN {BEGIN}", {"first": "st", "after": "su"}).fetchall()
    assert plan[0][3].startswith("SEARCH a USING PRIMARY KEY (name>? AND name<?)"), plan
    assert BEGIN.endswith(f"LIMIT {LOOKED}")
