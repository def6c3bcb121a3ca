"""Nights and the order of arrival, in an edition made of a work.db."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest

from core.config import Config
from core.records import Document, Run
from core.store import Store
from publish.edition.editions import current_path
from publish.edition.nights import Nights
from publish.stage import publish

STARTED = ("2026-11-20T23:50:00Z", "2026-11-22T04:40:00Z")


@pytest.mark.parametrize(
    ("moment", "night"),
    [
        ("2026-11-20T23:50:00Z", "2026-11-20"),
        ("2026-11-21T00:20:00Z", "2026-11-20"),  # the same run, after midnight
        ("2026-11-22T04:39:59Z", "2026-11-22"),  # no run began in the day before
        ("2026-11-22T05:10:00Z", "2026-11-22"),
        ("2026-09-01T05:10:00Z", "2026-09-01"),
    ],
)
def test_a_night_is_the_day_on_which_its_run_began(moment: str, night: str) -> None:
    assert Nights(STARTED).find(moment) == night


def read(config: Config, sql: str) -> list[tuple[object, ...]]:
    path = current_path(config)
    assert path is not None
    with closing(sqlite3.connect(path)) as edition:
        return edition.execute(sql).fetchall()


@pytest.mark.usefixtures("at_night")
def test_a_late_find_stands_in_the_night_in_which_it_came_in(config: Config, work: Store) -> None:
    with work.writing():
        work.save(*(Run(id=started, command="collect", started=started) for started in STARTED))
    late = min(work.load(Document, "state = 'current' AND published IS NOT NULL"), key=lambda one: str(one.published))
    with work.writing():
        work.execute("UPDATE document SET first_seen = '2026-11-22T05:30:00Z' WHERE id = ?", (late.id,))
    publish(config, work)
    sql = "SELECT day, night, tonight, changed FROM document ORDER BY arrived DESC LIMIT 1"
    [(day, night, tonight, changed)] = read(config, sql)
    assert day == late.published
    assert (night, tonight) == ("2026-11-22", 1)
    assert str(changed) >= "2026-11-22T05:30:00Z"
    assert read(config, "SELECT count(*) FROM search WHERE search MATCH 'tags: night_tonight_'") == read(
        config, "SELECT documents FROM night WHERE day = '2026-11-22'"
    )
    assert read(config, "SELECT late FROM night WHERE day = '2026-11-22'")[0][0]


@pytest.mark.usefixtures("at_night")
def test_every_document_changed_when_it_came_in_or_later(config: Config, work: Store) -> None:
    publish(config, work)
    assert read(config, "SELECT count(*) FROM document WHERE changed < first_seen OR moved < night") == [(0,)]
    replaced = read(config, "SELECT count(*) FROM version v JOIN document d ON d.id = v.document WHERE d.changed <"
                            " v.replaced")  # fmt: skip
    noticed = read(config, "SELECT count(*) FROM banner b JOIN document d ON d.id = b.document WHERE d.changed <"
                           " b.noticed OR d.moved < b.night")  # fmt: skip
    told = read(config, "SELECT count(*) FROM member m JOIN member o ON o.story = m.story JOIN document d"
                        " ON d.id = m.document JOIN document e ON e.id = o.document"
                        " WHERE d.changed < e.first_seen")  # fmt: skip
    assert replaced == noticed == told == [(0,)]
    [(documents, nights)] = read(config, "SELECT count(*), (SELECT sum(documents) FROM night) FROM document")
    assert documents == nights
