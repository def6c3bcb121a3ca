"""What bench/search.py counts, and that it takes a newsroom's settings without its paths."""

from __future__ import annotations

from pathlib import Path

from bench.search import QUERIES, Asked, Got, measure_all, name_of, read_queries, without_table


def test_settings_are_taken_without_their_paths() -> None:
    assert without_table('a = 1\n[paths]\ndata = "x"\n\n[site]\nname = "y"\n', "paths") == 'a = 1\n[site]\nname = "y"\n'
    assert without_table("[paths]\nb = 2\n", "paths") == ""


def test_files_of_queries_have_names() -> None:
    assert name_of(QUERIES) == "desk"
    assert name_of(Path("/cases/shop/queries.jsonl")) == "shop"


def test_our_queries_are_at_least_forty_and_say_what_should_come() -> None:
    asked = list(read_queries(QUERIES))
    assert len(asked) >= 40 and len({one.q for one in asked}) == len(asked)
    assert all(one.must == frozenset().union(*one.stories) and one.first <= one.must for one in asked)
    assert sum(not one.must for one in asked) >= 5


def test_what_is_counted() -> None:
    def ask(q: str, *stories: str, first: str = "") -> Asked:
        told = tuple(frozenset(story) for story in stories)
        return Asked(q=q, must=frozenset("".join(stories)), stories=told, first=frozenset(first))

    def got(*hits: str, whole: int) -> Got:
        return Got(hits=tuple(frozenset(hit) for hit in hits), whole=whole)

    asked = [ask("half", "ab", "c", first="a"), ask("lost", "d", first="d"), ask("none"), ask("wrong")]
    answers = [got("xb", "y", whole=1), got(whole=0), got("z", whole=0), got("z", whole=1)]
    said: list[str] = []
    found = {one.measure: (one.value, one.n) for one in measure_all("test", asked, answers, said.append)}
    assert found == {
        "recall_at_10": (0.25, 2), "nothing_found": (0.5, 2), "right_first": (0.0, 2), "precision_at_10": (1.0, 1),
        "rightly_nothing": (0.5, 2),
    }  # fmt: skip
    assert "nothing_found 1.00: lost" in said and "rightly_nothing 0.00: wrong" in said
