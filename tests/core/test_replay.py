"""`replay`: what a step gives now against what is stored, and nothing written."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from core.errors import UsageError
from core.records import Document, Entry, Json, Label, Member
from core.replay import Difference, compare_result, find_key, run_step, show_replay
from core.stage import Done, Result, Skipped, Stage, Writes, in_process, run_stage
from core.store import Store, new_run, open_store, open_to_read

KEYS = ("a:1", "a:2")


def make_entry(key: str) -> Entry:
    return Entry(
        id=key, source="a", native=key, url=None, title="Cells", summary="", published=None, published_raw=None,
        authors=(), identifiers={}, extra={}, hash="h", capture="c", first_seen="2026-11-22T04:51:00Z",
    )  # fmt: skip


def make_document(ident: str) -> Document:
    return Document(
        id=ident, entry=ident, source="a", kind="news", url="https://a.example/1", title="Cells", text="", summary="",
        authors=(), lang=None, published=None, published_from=None, dates=(), identifiers={}, links=(), extra={},
        licence="full", translated=None, state="current", capture="c", first_seen="2026-11-22T04:51:00Z", hash="h",
    )  # fmt: skip


def make_label(row: Json, facet: str, value: str, score: float = 1.0) -> Label:
    return Label(
        document=row["key"], facet=facet, value=value, score=score, sentence="", start=None, end=None, component="t"
    )


def give_labels(row: Json) -> Result:
    return Done(records=(make_label(row, "scope", "in"), make_label(row, "evidence", "animal")))


def stage_with(step: Callable[[Json], Result]) -> Stage:
    return Stage(
        name="shout", version="1", step=step, work='SELECT id AS "key", hash AS input FROM entry',
        writes=(Writes(record=Label, owner="document"),),
    )  # fmt: skip


def raise_error(row: Json) -> Result:
    raise ValueError("no such word")


@pytest.fixture
def work(tmp_path: Path) -> Iterator[Store]:
    """Two entries, worked by `give_labels`; opened to read."""
    with open_store(tmp_path / "raw.db", "raw"):
        pass
    with open_store(tmp_path / "work.db", "work") as store:
        with store.writing():
            store.save(*(make_entry(key) for key in KEYS))
        run_stage(stage_with(give_labels), store, new_run(store, "test"))
    with open_to_read(tmp_path / "work.db", "work", attach={"raw": tmp_path / "raw.db"}) as store:
        yield store


def differences(work: Store, step: Callable[[Json], Result], key: str = "a:1") -> list[Difference]:
    stage = stage_with(step)
    return compare_result(stage, work, key, run_step(stage, work, key, in_process))


def test_the_same_code_gives_no_difference(work: Store) -> None:
    assert differences(work, give_labels) == []


def test_rows_and_fields_that_differ_are_named(work: Store) -> None:
    def changed(row: Json) -> Result:
        return Done(records=(make_label(row, "scope", "in", 0.5), make_label(row, "species", "mouse")))

    found = {(one.change, one.key["facet"]): one for one in differences(work, changed)}
    assert found.keys() == {("changed", "scope"), ("added", "species"), ("removed", "evidence")}
    assert found["changed", "scope"].fields == {"score": (1.0, 0.5)}
    assert found["added", "species"].fields["component"] == (None, "t")
    assert found["removed", "evidence"].fields["component"] == ("t", None)


def test_another_end_is_a_difference(work: Store) -> None:
    end, *rows = differences(work, lambda row: Skipped(reason="too short"))
    assert end.fields == {"state": ("done", "skipped"), "reason": (None, "too short")}
    assert [one.change for one in rows] == ["removed", "removed"]
    (failed,) = differences(work, raise_error)
    assert failed.fields["state"] == ("done", "failed") and "no such word" in failed.fields["reason"][1]


def test_a_record_that_another_input_owns_is_no_difference(work: Store) -> None:
    def steal(row: Json) -> Result:
        return Done(records=(make_entry("a:2"),))

    stage = Stage(
        name="steal", version="1", step=steal, work='SELECT id AS "key", hash AS input FROM entry',
        writes=(Writes(record=Entry, owner="native"),),
    )  # fmt: skip
    found = compare_result(stage, work, "a:1", run_step(stage, work, "a:1", in_process))
    assert [(one.table, one.change) for one in found if one.table == "entry" and one.change == "added"] == []


def test_a_log_has_no_rows_too_many(work: Store) -> None:
    log = replace(stage_with(lambda row: Done()), writes=(Writes(record=Label, owner=None),))
    assert compare_result(log, work, "a:1", Done()) == []


def test_it_prints_and_says_how_it_ended(work: Store, capsys: pytest.CaptureFixture[str]) -> None:
    screen = Console(width=200)
    assert show_replay(stage_with(give_labels), work, "a:1", in_process, screen, True) == 0
    assert capsys.readouterr().out == ""
    changed = stage_with(lambda row: Done(records=(make_label(row, "scope", "out"),)))
    assert show_replay(changed, work, "a:1", in_process, screen, True) == 1
    said = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert {(row["table"], row["change"], row["key"]["value"]) for row in said} == {
        ("label", "added", "out"), ("label", "removed", "in"), ("label", "removed", "animal"),
    }  # fmt: skip
    show_replay(stage_with(lambda row: Done(records=(make_label(row, "scope", "in", 0.5),))), work, "a:1", in_process,
                screen, False)  # fmt: skip
    text = capsys.readouterr().out
    assert "- 1.0" in text and "+ 0.5" in text and "2 differences" in text


def test_an_unknown_record_is_an_error(work: Store) -> None:
    with pytest.raises(UsageError, match="no document"):
        find_key(stage_with(give_labels), work, "a:3")
    none = replace(stage_with(give_labels), work='SELECT id AS "key", hash AS input FROM entry WHERE 0')
    with pytest.raises(UsageError, match="no rows"):
        find_key(none, work, "a:1")


def test_a_document_names_the_story_that_it_is_in(work: Store, tmp_path: Path) -> None:
    stories = Stage(
        name="stories", version="1", step=give_labels, writes=(Writes(record=Member, owner="story"),),
        work="SELECT 'story:1' AS \"key\", '' AS input",
    )  # fmt: skip
    with pytest.raises(UsageError, match="no rows"):
        find_key(stories, work, "a:1")
    with open_store(tmp_path / "work.db", "work") as store, store.writing():
        store.save(
            Member(story="story:1", document="a:1", role="origin", score=1.0, kept=None, added="", dropped="", why=""),
            make_document("a:1"),
        )  # fmt: skip
    assert find_key(stories, work, "a:1") == "story:1"


def test_nothing_can_be_written(work: Store) -> None:
    with pytest.raises(Exception, match="readonly"), work.writing():
        work.execute("DELETE FROM entry")
