"""The stage contract, on a real database with a real stage."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from core import store as store_module
from core.errors import StageError, StoreError
from core.records import Appearance, Concept, Json, Page, Source
from core.stage import Done, Failed, Flag, Job, Result, Skipped, Stage, Writes, run_stage
from core.store import Store, as_row, new_run, open_store, open_view

WORK = """SELECT entry AS "key", url || state AS input, entry, url, state, 'src' AS source FROM page"""


def page(name: str, url: str = "https://a.example/1", state: str = "held") -> Page:
    return Page(
        entry=name, url=url, capture=None, fetched=None, first_visit="2026-01-01T00:00:00Z",
        last_visit="2026-01-01T00:00:00Z", state=state, gone_nights=0,
    )  # fmt: skip


def step(row: Json) -> Result:
    if row["state"] == "failed":
        raise ValueError("unreadable")
    if row["state"] == "gone":
        return Skipped(reason="out of scope")
    flags = (Flag(kind="odd", subject=row["entry"], text="look here", source="src"),) if "odd" in row["url"] else ()
    return Done(
        records=(Appearance(entry=row["entry"], document="doc:" + row["url"], source="src", url=row["url"]),),
        flags=flags,
    )


STAGE = Stage(name="t", version="1", work=WORK, step=step, writes=(Writes(record=Appearance, owner="entry"),))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path / "work.db", "work") as opened:
        yield opened


def put(store: Store, *records: object) -> None:
    with store.writing():
        store.save(*records)


def test_a_row_is_worked_once_and_again_when_it_or_the_stage_changes(store: Store) -> None:
    put(store, page("a"), page("b"))
    run = new_run(store, "test")
    assert run_stage(STAGE, store, run).done == 2
    again = run_stage(STAGE, store, new_run(store, "test"))
    assert (again.seen, again.done) == (0, 0)
    put(store, page("a", url="https://a.example/2"))
    assert run_stage(STAGE, store, new_run(store, "test")).seen == 1
    assert store.value("SELECT document FROM appearance WHERE entry = 'a'") == "doc:https://a.example/2"
    assert run_stage(replace(STAGE, version="2"), store, new_run(store, "test")).seen == 2


def test_one_bad_row_fails_alone_keeps_its_last_good_output_and_stops_after_three_tries(store: Store) -> None:
    put(store, page("a"), page("b"))
    run_stage(STAGE, store, new_run(store, "test"))
    put(store, page("a", state="failed"))
    for tries in (1, 2, 3):
        report = run_stage(STAGE, store, new_run(store, "test"))
        assert (report.seen, report.failed) == (1, 1)
        (row,) = store.rows("SELECT * FROM outcome WHERE \"key\" = 'a'")
        assert row["tries"] == tries and "unreadable" in row["reason"]
    assert run_stage(STAGE, store, new_run(store, "test")).seen == 0
    assert store.value("SELECT count(*) FROM appearance") == 2
    (issue,) = store.rows("SELECT * FROM issue")
    assert issue["kind"] == "t_failed" and issue["resolved"] is None
    put(store, page("a", url="https://a.example/mended"))
    run_stage(STAGE, store, new_run(store, "test"))
    assert store.value("SELECT resolved FROM issue") is not None


def test_a_failed_row_is_not_tried_twice_in_one_run(store: Store) -> None:
    put(store, page("a", state="failed"))
    run = new_run(store, "test")
    assert run_stage(STAGE, store, run).seen == 1
    assert run_stage(STAGE, store, run).seen == 0


def test_a_skip_withdraws_and_says_why_and_a_vanished_input_takes_its_output_along(store: Store) -> None:
    put(store, page("a"), page("b"))
    run_stage(STAGE, store, new_run(store, "test"))
    put(store, page("a", state="gone"))
    run_stage(STAGE, store, new_run(store, "test"))
    assert store.rows("SELECT entry FROM appearance") == [{"entry": "b"}]
    assert store.value("SELECT reason FROM outcome WHERE \"key\" = 'a'") == "out of scope"
    with store.writing():
        store.execute("DELETE FROM page WHERE entry = 'b'")
    run_stage(STAGE, store, new_run(store, "test"))
    assert store.rows("SELECT * FROM appearance") == []
    assert store.value("SELECT count(*) FROM outcome") == 1


def test_a_flag_becomes_one_issue_however_often_it_is_raised(store: Store) -> None:
    put(store, page("a", url="https://odd.example/"))
    run_stage(STAGE, store, new_run(store, "test"))
    run_stage(replace(STAGE, version="2"), store, new_run(store, "test"))
    issues = store.rows("SELECT * FROM issue")
    assert len(issues) == 1 and issues[0]["first_seen"] < issues[0]["last_seen"]


def test_a_natural_id_that_another_input_owns_is_not_taken_over(store: Store) -> None:
    owned = Stage(
        name="own", version="1", work=WORK,
        step=lambda row: Done(records=(Appearance(entry="a", document=row["entry"], source="s", url=None),))
        if row["entry"] == "a" else Done(records=(Appearance(entry="b", document="b", source="s", url=None),)),
        writes=(Writes(record=Appearance, owner="document"),),
    )  # fmt: skip
    put(store, page("a"), page("b"))
    run_stage(owned, store, new_run(store, "test"))
    taker = replace(
        owned, name="taker",
        step=lambda row: Done(records=(Appearance(entry="a", document="b", source="s", url=None),))
        if row["entry"] == "b" else Done(),
        writes=(Writes(record=Appearance, owner="document"),),
    )  # fmt: skip
    with store.writing():
        store.execute("DELETE FROM page WHERE entry = 'a'")
    run_stage(taker, store, new_run(store, "test"))
    assert store.value("SELECT document FROM appearance WHERE entry = 'a'") == "a"
    assert "already held from a" in store.value("SELECT reason FROM outcome WHERE stage = 'taker' AND \"key\" = 'b'")


def test_a_table_that_is_not_declared_cannot_be_written(store: Store) -> None:
    concept = Concept(id="MONDO:1", type="DISEASE", name="x", country=None, url=None, origin="o")
    stray = replace(STAGE, step=lambda row: Done(records=(concept,)))
    put(store, page("a"))
    with pytest.raises(StageError, match="Concept"):
        run_stage(stray, store, new_run(store, "test"))
    assert store.rows("SELECT * FROM concept") == [] and store.rows("SELECT * FROM outcome") == []


def test_a_step_that_gives_an_output_of_another_input_stops_the_stage(store: Store) -> None:
    alien = replace(
        STAGE, step=lambda row: Done(records=(Appearance(entry="other", document="d", source="s", url=None),))
    )
    put(store, page("a"))
    with pytest.raises(StageError, match="other"):
        run_stage(alien, store, new_run(store, "test"))


def test_failed_values_from_an_executor_count_like_raised_ones(store: Store) -> None:
    put(store, page("a"))

    def kill(job: Job, batches: Iterable[Sequence[Json]]) -> Iterator[list[Result]]:
        for rows in batches:
            yield [Failed(reason="killed") for _ in rows]

    assert run_stage(STAGE, store, new_run(store, "test"), kill).failed == 1


def test_a_batch_is_all_or_nothing(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    put(store, page("a"), page("b"))
    saved: list[object] = []
    original = store_module.Store.save

    def dying(self: Store, *records: object) -> None:
        saved.extend(records)
        if len(saved) > 3:
            raise sqlite3.OperationalError("database or disk is full")
        original(self, *records)

    run = new_run(store, "test")
    monkeypatch.setattr(store_module.Store, "save", dying)
    with pytest.raises(StoreError, match="disk is full"):
        run_stage(STAGE, store, run)
    monkeypatch.undo()
    assert store.rows("SELECT * FROM appearance") == [] and store.rows("SELECT * FROM outcome") == []
    assert run_stage(STAGE, store, run).done == 2


def test_records_come_back_as_they_went_in(store: Store) -> None:
    source = Source(
        id="x",
        name="X",
        kind="news",
        country=None,
        lang="en",
        about="about it",
        licence="full",
        home=None,
        scope="mixed",
        rules="r",
    )
    put(store, source)
    assert store.load(Source) == [source]


def by_address(store: Store) -> list[tuple[str, str, Json]]:
    """Pages of one address are one piece of work."""
    found: dict[str, list[str]] = {}
    for row in store.rows("SELECT entry, url FROM page ORDER BY entry"):
        found.setdefault(row["url"], []).append(row["entry"])
    return [(url, ",".join(entries), {"entries": entries}) for url, entries in found.items()]


def as_concept(row: Json) -> Result:
    name = "+".join(row["entries"])
    return Done(records=(Concept(id=row["key"], type="t", name=name, country=None, url=row["key"], origin="o"),))


def test_a_set_wise_stage_redoes_the_sets_that_changed(store: Store) -> None:
    writes = (Writes(record=Concept, owner="url"),)
    stage = Stage(name="s", version="1", step=as_concept, writes=writes, gather=by_address)
    put(store, page("a"), page("b"), page("c", url="https://a.example/2"))
    assert run_stage(stage, store, new_run(store, "test")).done == 2
    assert run_stage(stage, store, new_run(store, "test")).seen == 0
    put(store, page("d", url="https://a.example/2"))
    assert run_stage(stage, store, new_run(store, "test")).seen == 1
    assert store.value("SELECT name FROM concept WHERE id = 'https://a.example/2'") == "c+d"
    put(store, page("c"), page("d"))
    assert run_stage(stage, store, new_run(store, "test")).seen == 1
    assert [row["name"] for row in store.rows("SELECT name FROM concept")] == ["a+b+c+d"]  # the empty set is withdrawn


def test_a_set_given_twice_stops_the_stage(store: Store) -> None:
    stage = Stage(name="s", version="1", step=as_concept, writes=(), gather=lambda _: [("k", "1", {}), ("k", "2", {})])
    with pytest.raises(StoreError):
        run_stage(stage, store, new_run(store, "test"))


def test_a_step_gets_what_complete_adds_and_a_row_that_it_raises_on_fails_alone(store: Store) -> None:
    put(store, page("a"), page("b", state="failed"), page("c"))
    asked: list[str] = []

    def complete(reader: Store, row: dict[str, str]) -> dict[str, object]:
        asked.append(row["entry"])
        if row["entry"] == "b":
            raise ValueError("no such text")
        return {"pages": reader.value("SELECT count(*) FROM page")}

    def count(row: dict[str, object]) -> Done:
        return Done(note=f"{row['entry']} of {row['pages']}")

    stage = replace(STAGE, complete=complete, step=count)
    assert run_stage(stage, store, new_run(store, "test")).failed == 1
    outcomes = store.rows('SELECT "key" AS entry, state, reason FROM outcome ORDER BY 1')
    assert [tuple(row.values())[:2] for row in outcomes] == [("a", "done"), ("b", "failed"), ("c", "done")]
    assert [row["reason"] for row in outcomes[::2]] == ["a of 3", "c of 3"]
    assert "no such text" in outcomes[1]["reason"]
    assert asked == ["a", "b", "c"]
    run_stage(stage, store, new_run(store, "test"))
    assert asked[3:] == ["b"], "only rows that are due are completed"


def test_a_view_shows_the_declared_tables_and_changes_nothing(store: Store) -> None:
    put(store, page("a"))
    with open_view(store.path, ["page"]) as view:
        assert view.value("SELECT count(*) FROM page, json_each('[1, 2]')") == 2
        with pytest.raises(StoreError, match=r"outcome|prohibited"):
            view.rows("SELECT * FROM outcome")
        with pytest.raises(StoreError, match="readonly"):
            view.rows("DELETE FROM page")


def test_a_report_says_why_rows_were_due(store: Store) -> None:
    def why(stage: Stage) -> tuple[int, ...]:
        report = run_stage(stage, store, new_run(store, "test"))
        kept = store.one("SELECT * FROM report WHERE run = ?", (report.run,))
        assert kept == as_row(report)
        return report.seen, report.due_new, report.due_changed, report.due_version, report.due_retry

    put(store, page("a"), page("b"), page("c", state="failed"))
    assert why(STAGE) == (3, 3, 0, 0, 0)
    put(store, page("a", url="https://a.example/2"), page("d"))
    assert why(STAGE) == (3, 1, 1, 0, 1)
    assert why(replace(STAGE, version="2")) == (4, 0, 0, 4, 0)
