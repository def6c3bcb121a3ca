"""Nights and the order of arrival, in an edition made of a work.db."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from dataclasses import replace

import feedparser
import pytest

from core.config import Config
from core.records import Document, Fact, Run, TrialStatus
from core.store import Store
from publish.edition.build import key_of
from publish.edition.editions import current_path
from publish.edition.nights import Nights, fill_nights
from publish.stage import publish
from tests.publish.made import Made
from tests.publish.reader import Reader

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
                        " WHERE e.night > d.night AND d.changed < e.first_seen")  # fmt: skip
    assert replaced == noticed == told == [(0,)]
    [(documents, nights)] = read(config, "SELECT count(*), (SELECT sum(documents) FROM night) FROM document")
    assert documents == nights


@pytest.mark.parametrize(
    ("cause", "changed", "moved"),
    [
        ("nothing", "2026-11-22T04:51:00Z", "2026-11-22"),
        ("version", "2026-11-25T05:00:00Z", "2026-11-22"),
        ("banner", "2026-11-25T05:00:00Z", "2026-11-25"),
        ("trial_status", "2026-11-25T05:00:00Z", "2026-11-25"),
        ("story", "2026-11-25T05:00:00Z", "2026-11-22"),
        ("correction", "2026-11-25T00:00:00Z", "2026-11-22"),
    ],
)
def test_what_changes_a_document_and_what_brings_it_up_again(cause: str, changed: str, moved: str) -> None:
    made, at, night = Made(), "2026-11-25T05:00:00Z", "2026-11-25"
    one, other = made.document("news"), made.document("news", first_seen=at, night=night, changed=at, moved=night)
    if cause == "version":
        made.add("version", document=one, replaced=at)
    elif cause == "banner":
        made.add("banner", document=one, about="doi:10.5555/x", status="retracted", noticed=at, night=night)
    elif cause == "trial_status":  # the first status that there was is no change
        made.add("trial_status", document=one, trial="nct:0", status="recruiting", noticed="2026-11-22T05:00:00Z",
                 night="2026-11-22", own=1)  # fmt: skip
        made.add("trial_status", document=one, trial="nct:1", status="terminated", noticed=at, night=night, own=1)
    elif cause == "story":
        made.story((one, "origin"), (other, "coverage"))
    elif cause == "correction":
        made.add("correction", number=1, document=one, day=night)
    fill_nights(made.edition)
    [row] = made.edition.execute("SELECT changed, moved, night FROM document WHERE id = ?", (one,)).fetchall()
    assert tuple(row) == (changed, moved, "2026-11-22")
    nights = [tuple(row) for row in made.edition.execute("SELECT day, documents, works, trials FROM night ORDER BY 1")]
    assert nights == [
        ("2026-11-22", 1, 0, 0), ("2026-11-25", 1, int(cause == "banner"), int(cause == "trial_status")),
    ]  # fmt: skip


SECOND = "2026-11-23T04:40:00Z"


def test_a_retraction_brings_what_rests_on_it_up_again(
    config: Config, work: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two nights: in the second an old paper is found to be retracted, a trial ends, and one document comes in."""
    monkeypatch.setenv("STEMWIRE_NOW", "2026-11-22T05:00:00Z")
    publish(config, work)
    old, trial, told = sorted(
        work.load(Document, "state = 'current' AND first_seen < '2026-11-01'"), key=lambda one: one.first_seen
    )[:3]
    monkeypatch.setenv("STEMWIRE_NOW", "2026-11-23T05:00:00Z")
    noticed = "2026-11-23T05:00:00Z"
    fresh = replace(
        told,
        id="https://new.example/1",
        url="https://new.example/1",
        entry="n:1",
        first_seen=noticed,
        published="2025-01-02",
    )
    with work.writing():
        work.save(
            Run(id="second", command="nightly", started=SECOND),
            Fact(document=old.id, kind="status", about="doi:10.5555/x", value="retracted", day="2026-11-01",
                 text="It was retracted", first_seen=noticed),
            TrialStatus(document=told.id, trial=trial.id, status="terminated", day="2026-11-20", reason="no money",
                        text="This trial was terminated", first_seen=told.first_seen),
            TrialStatus(document=trial.id, trial=trial.id, status="terminated", day="2026-11-20", reason="no money",
                        text="This trial was terminated", first_seen="2026-11-23T05:00:01Z"),
            fresh,
        )  # fmt: skip
    publish(config, work)
    reader = Reader(config)
    try:
        entries = feedparser.parse(reader.get("/search.atom").content).entries
        first = {one.id.rpartition("/")[2]: one for one in entries[:3]}
        assert set(first) == {key_of(one.id) for one in (fresh, old, trial)}
        assert first[key_of(fresh.id)] is entries[0]  # within the night by arrival
        assert first[key_of(old.id)].updated == noticed
        assert first[key_of(old.id)].published[:10] == old.published
        assert first[key_of(trial.id)].updated == "2026-11-23T05:00:01Z"
        page = reader.get("/night/2026-11-23").text
        assert "It was retracted" in page
        assert "This trial was terminated" in page
        assert page.count('<h3 id="kind-') == 1
        assert "1 document of 1 source, " in page
        home = reader.get("/").text
        assert 'href="/night/2026-11-23#known">1 retraction<' in home
        assert '<h2 id="trials">Trials that moved</h2>' in home
        nights = feedparser.parse(reader.get("/nights.atom").content).entries
        assert nights[0].title == "23 November 2026: 1 document"
        assert [row[0] for row in read(config, "SELECT day FROM document WHERE tonight = 1")] == ["2025-01-02"]
    finally:
        reader.close()


def test_pages_and_feeds_of_an_edition_that_knows_no_nights(config: Config, work: Store, at_night: None) -> None:
    publish(config, work)
    path = current_path(config)
    assert path is not None
    with closing(sqlite3.connect(path)) as edition:
        lacking = ("night", "arrived", "changed", "moved")
        indexes = edition.execute("SELECT name, sql FROM sqlite_master WHERE type = 'index' AND tbl_name = 'document'")
        for index, sql in indexes.fetchall():
            if any(re.search(rf"[(, ]{name}\b", sql or "") for name in lacking):
                edition.execute(f"DROP INDEX {index}")
        for name in lacking:
            edition.execute(f"ALTER TABLE document DROP COLUMN {name}")
        edition.execute("DROP TABLE night")
        edition.commit()
    reader = Reader(config)
    try:
        for address in ("/", "/nights", "/search.atom", "/search.atom?q=cells", "/feeds", "/nights.jsonfeed"):
            assert reader.get(address).status_code == 200, address
        assert reader.get("/night/2026-11-22").status_code == 404
        newest = feedparser.parse(reader.get("/search.atom").content).entries[0]
        assert newest.updated >= "2026-11"
    finally:
        reader.close()
