"""How hits are put in order, folded and relaxed; and that searches that found nothing are counted for the operator."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from core.config import Config
from publish.pages import unanswered
from publish.search.query import parse_query
from publish.search.rank import Match, fold, order_best
from publish.search.reading import Reading, words_close
from publish.search.relax import find_partly, weigh
from tests.publish.reader import Reader


def match(
    number: int,
    rank: float = -1.0,
    story: int | None = None,
    *,
    day: str = "2026-11-22",
    role: str = "",
    outlets: int = 0,
    tags: str = "",
) -> Match:
    return Match(id=number, rank=rank, day=day, story=story, role=role, outlets=outlets, tags=tags)


def test_the_best_match_comes_first_and_a_title_before_it() -> None:
    found = [match(1, -2.0), match(2, -8.0), match(3, -2.0, outlets=16), match(4, -2.0, day="2020-01-01")]
    assert [one.id for one in order_best(found, about={}, share={})] == [2, 3, 1, 4]
    assert [one.id for one in order_best(found, about={1: 1.0}, share={})][:2] == [2, 1]
    assert [one.id for one in order_best(found, about={}, share={}, close={1})][:2] == [2, 1]
    assert order_best(found, about={}, share={}, exact={4})[0].id == 4
    assert order_best(found, about={}, share={1: 0.5})[-1].id == 1  # who has less of the search comes last


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("Delta Biologics", '"delta" "biologics"'),
        ("what is cord blood banking", '"cord" "blood" "banking"'),
        ("nerve", ""),
        ("IL-6", ""),  # one word as it was typed, searched as a phrase already
        ('"cord blood" banking', ""),
        ("one two three four five six seven eight nine ten", ""),
    ],
)
def test_the_words_of_a_search_are_looked_for_near_one_another(typed: str, words: str) -> None:
    query = parse_query(typed)
    close = words_close(Reading(written=query, asked=query, query=query))
    assert close == (f"{{title body}} : NEAR({words}, {2 * len(words.split())})" if words else "")
    with closing(sqlite3.connect(":memory:")) as db:
        db.execute("CREATE VIRTUAL TABLE search USING fts5(title, body, tags, tokenize='porter')")
        db.execute("INSERT INTO search VALUES ('Delta Biologics', 'cord blood banking', '')")
        db.execute("INSERT INTO search VALUES ('', ?, '')", ["delta cord " + "cells " * 40 + "biologics blood banking"])
        if close:
            assert db.execute("SELECT rowid FROM search WHERE search MATCH ?", [close]).fetchall() == [(1,)]


def test_a_story_comes_once_and_a_copy_does_not_stand_for_it() -> None:
    hits = fold([match(1, story=7, role="copy"), match(2), match(3, story=7), match(4, story=8, role="copy")])
    assert [(hit.best.id, [one.id for one in hit.others]) for hit in hits] == [(3, [1]), (2, []), (4, [])]
    assert [hit.best.id for hit in fold([match(1, story=7), match(3, story=7)], apart=True)] == [1, 3]


def test_the_second_group_needs_what_tells_the_search() -> None:
    weights = weigh([40, 2], 100)
    assert weights[1] > weights[0]
    some = find_partly([{1, 2}, {2, 3}], [set(), {4}], weights, without={2})
    assert [(one.id, one.missing) for one in some] == [(3, (0,))]  # the common word alone is not enough, nor a like one
    nowhere = weigh([40, 0], 100)
    assert find_partly([{1, 2}, set()], [set(), set()], nowhere, without=set()) == []


def test_searches_that_found_nothing_are_counted_without_what_is_private(reader: Reader, config: Config) -> None:
    path = unanswered.path_of(reader.config)
    before = dict(unanswered.read(path))
    for asked in ("qzxvwk+plinth", "qzxvwk+plinth", "qzxvwk+me@example.org", "qzxvwk+010-5555-0123", "stem"):
        assert reader.get(f"/search?q={asked}&fold=no").status_code == 200
    reader.run(wait_for_threads())
    counted = {words: n - before.get(words, 0) for words, n in unanswered.read(path)}
    assert counted["qzxvwk plinth"] >= 1  # an answer out of the cache is not counted twice
    assert set(counted) - set(before) == {"qzxvwk plinth"}


async def wait_for_threads() -> None:
    import asyncio

    await asyncio.get_running_loop().shutdown_default_executor()


def test_the_file_of_searches_is_bounded_and_no_disk_fails_an_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unanswered, "LARGEST", 100)
    path = tmp_path / "searches.tsv"
    for number in range(40):
        unanswered.add(path, f"2026-11-30\tword{number}\n")
    assert sum(one.stat().st_size for one in tmp_path.iterdir()) <= 200
    assert ("word39", 1) in unanswered.read(path)
    unanswered.add(tmp_path / "no" / "folder" / "searches.tsv", "2026-11-30\tword\n")  # said in the log only
