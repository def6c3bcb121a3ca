"""What is due, and what the hits of one person become: the pure part of a letter."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publish.letters.arrivals import make_likeness
from publish.letters.compose import Choice, Hit, choose, is_due
from publish.letters.records import Every, Kind, Night, Subscription

SUBSCRIPTION = Subscription(
    id=1, subscriber=1, kind="search", query="organoid", name="", every="daily", weekday=None, stages=(), most=40,
    created="2026-11-20T00:00:00Z", since=0, began=0, mark=0, night=None, day=None, state="active", reading="",
)  # fmt: skip


def night(number: int, day: str) -> Night:
    return Night(number=number, day=day, run="r")


def hit(key: str, item: int, story: str = "", published: str = "2026-11-20") -> Hit:
    return Hit(key=key, item=item, story=story or key, published=published)


def shown(choice: Choice) -> list[list[str]]:
    return [[found.story for found in section.shown] for section in choice.sections]


@pytest.mark.parametrize(
    ("every", "weekday", "last", "now", "due"),
    [
        ("daily", None, (1, "2026-11-20"), (1, "2026-11-20"), False),
        ("daily", None, (1, "2026-11-20"), (2, "2026-11-21"), True),
        ("daily", None, (1, "2026-11-20"), (2, "2026-11-18"), True),  # the clock stepped back
        ("at once", None, (1, "2026-11-20"), (1, "2026-11-20"), True),
        ("weekly", None, (1, "2026-11-20"), (2, "2026-11-21"), False),
        ("weekly", None, (1, "2026-11-20"), (7, "2026-11-26"), False),
        ("weekly", None, (1, "2026-11-20"), (8, "2026-11-27"), True),
        ("weekly", None, (1, "2026-11-20"), (2, "2026-11-27"), True),  # six nights were left out
        ("weekly", None, (1, "2026-11-20"), (8, "2026-11-21"), True),  # seven nights by a clock that stepped back
        ("weekly", None, (1, "2027-11-20"), (2, "2026-11-21"), True),  # a year was a mistake of the clock's
        ("weekly", 0, (1, "2026-11-20"), (4, "2026-11-23"), True),  # its Monday
        ("weekly", 0, (1, "2026-11-23"), (1, "2026-11-23"), False),  # a second run of that Monday
        ("weekly", 0, (1, "2026-11-23"), (3, "2026-11-23"), False),  # the clock stepped back to that Monday
        ("weekly", 0, (1, "2026-11-23"), (7, "2026-11-29"), False),  # Sunday
        ("weekly", 0, (1, "2026-11-23"), (7, "2026-12-01"), True),  # no run on Monday: Tuesday
        ("weekly", 0, (1, "2026-12-01"), (7, "2026-12-07"), True),  # and Monday again
    ],
)
def test_a_turn_is_counted_not_computed(
    every: Every, weekday: int | None, last: tuple[int, str], now: tuple[int, str], due: bool
) -> None:
    subscription = replace(SUBSCRIPTION, every=every, weekday=weekday, night=last[0], day=last[1])
    assert is_due(subscription, night(*now)) is due


@pytest.mark.parametrize("every", ["daily", "weekly", "at once"])
def test_a_subscription_without_a_turn_has_one(every: Every) -> None:
    assert is_due(replace(SUBSCRIPTION, every=every, weekday=3), night(1, "2026-11-20"))


def test_newest_first_and_the_rest_is_counted() -> None:
    days = {"a": "2026-11-01", "b": "2026-11-03", "c": "2026-11-02", "d": ""}
    hits = [hit(key, item, published=day) for item, (key, day) in enumerate(days.items(), 1)]
    choice = choose([replace(SUBSCRIPTION, most=2)], {1: hits}, (), 40)
    assert shown(choice) == [["b", "c"]]
    assert [found.story for found in choice.sections[0].counted] == ["a", "d"]
    assert shown(choose([SUBSCRIPTION], {1: hits}, (), 1)) == [["b"]]


def test_one_thing_under_two_ids_is_told_once() -> None:
    [section] = choose([SUBSCRIPTION], {1: [hit("a", 7), hit("b", 7)]}, (), 40).sections
    assert sum(len(found.hits) for found in section.shown) == 1


def test_a_story_is_one_line_under_the_first_search_that_finds_it() -> None:
    second = replace(SUBSCRIPTION, id=2)
    hits = {1: [hit("a", 1, "s"), hit("b", 2, "s")], 2: [hit("a", 1, "s"), hit("c", 3, "s"), hit("d", 4)]}
    choice = choose([SUBSCRIPTION, second], hits, (), 40)
    assert shown(choice) == [["s"], ["d"]]
    assert {one.key for one in choice.sections[0].shown[0].hits} == {"a", "b", "c"}


@pytest.mark.parametrize(("kind", "wakes"), [("search", False), ("own", False), ("story", True)])
def test_another_text_of_a_story_that_was_sent_waits_unless_the_story_is_followed(kind: Kind, wakes: bool) -> None:
    choice = choose([replace(SUBSCRIPTION, kind=kind)], {1: [hit("a", 1, "s")]}, {"s"}, 40)
    assert [found.story for found in choice.elsewhere] == ["s"]
    assert choice.empty is not wakes


def test_who_is_told_at_once_of_changes_has_nothing_new() -> None:
    assert choose([replace(SUBSCRIPTION, every="at once")], {1: [hit("a", 1)]}, (), 40).empty


HITS = st.lists(
    st.builds(
        Hit, key=st.text("ab", min_size=1, max_size=3), item=st.integers(1, 9), story=st.sampled_from("stuvw"),
        published=st.sampled_from(["", "2026-11-01", "2026-11-02"]),
    ),
    max_size=12,
)  # fmt: skip


@given(st.dictionaries(st.integers(1, 3), HITS), st.sets(st.sampled_from("stuvw")), st.integers(1, 4))
def test_every_hit_is_told_once_and_every_story_is_one_line(
    hits: dict[int, list[Hit]], held: set[str], most: int
) -> None:
    due = [replace(SUBSCRIPTION, id=number, most=most) for number in (1, 2, 3)]
    choice = choose(due, hits, held, 40)
    lines = [found for section in choice.sections for found in (*section.shown, *section.counted)]
    items = Counter(one.item for found in (*lines, *choice.elsewhere) for one in found.hits)
    assert set(items) == {one.item for some in hits.values() for one in some}
    assert not items or max(items.values()) == 1
    assert len({found.story for found in lines}) == len(lines)
    assert not held & {found.story for found in lines}
    assert {found.story for found in choice.elsewhere} <= held
    assert all(len(section.shown) <= most for section in choice.sections)
    assert all(len(section.shown) == most for section in choice.sections if section.counted)


def test_likeness_joins_only_what_is_surely_one() -> None:
    long = "Organoids grow blood vessels of their own"
    assert make_likeness("daily", long, "2026-11-20") == make_likeness("daily", f" {long.upper()}! ", "2026-11-20")
    assert make_likeness("daily", long, "2026-11-20") != make_likeness("weekly", long, "2026-11-20")
    assert make_likeness("daily", long, "2026-11-20") != make_likeness("daily", long, "2026-11-21")
    assert make_likeness("daily", long, None) is None
    assert make_likeness("daily", "News", "2026-11-20") is None
