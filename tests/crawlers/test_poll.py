"""Two polls compared: nothing is announced twice, and silence is not absence."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from crawlers.lists.poll import Item, Poll, compare


def items(*names: str, hash_: str = "1", listed: bool = True) -> list[Item]:
    return [Item(native=name, hash=hash_, listed=listed) for name in names]


def numbered(first: int, last: int) -> list[Item]:
    return items(*(f"n{i}" for i in range(first, last)))


def test_first_poll_is_all_new() -> None:
    got = compare([], items("a", "b"))
    assert got == Poll(new=("a", "b"), changed=(), same=(), gone=(), renamed={}, suspicious=None)


def test_new_changed_same_gone() -> None:
    got = compare(items("a", "b", "c"), [*items("a"), *items("b", hash_="2"), *items("d")])
    assert (got.new, got.changed, got.same, got.gone) == (("d",), ("b",), ("a",), ("c",))


def test_the_same_poll_again_changes_nothing() -> None:
    got = compare(numbered(0, 30), numbered(0, 30))
    assert (got.new, got.changed, got.gone, len(got.same)) == ((), (), (), 30)


def test_an_empty_poll_makes_nothing_gone_and_says_why() -> None:
    got = compare(numbered(0, 30), [])
    assert (got.new, got.changed, got.same, got.gone) == ((), (), (), ())
    assert got.suspicious == "empty, where 30 were listed before"
    assert compare([], []).suspicious is None


def test_a_poll_that_broke_off_makes_nothing_gone() -> None:
    got = compare(numbered(0, 40), numbered(0, 5))
    assert (got.gone, got.suspicious) == ((), "shrank from 40 to 5")


def test_a_window_that_moved_on_is_believed() -> None:
    got = compare(numbered(0, 20), numbered(20, 40))
    assert (len(got.gone), len(got.new), got.suspicious) == (20, 20, None)
    got = compare(numbered(0, 40), numbered(100, 105))
    assert (len(got.gone), got.suspicious) == (40, None)


def test_what_was_unlisted_before_is_not_gone_again_and_not_new_when_it_returns() -> None:
    known = [*items("a"), *items("old", listed=False)]
    assert compare(known, items("a")).gone == ()
    assert compare(known, items("a", "old")).new == ()


def test_a_new_guid_for_a_known_doi_or_link_is_not_new() -> None:
    known = [
        Item(native="g1", hash="1", doi="10.1000/a", key="x.example/a"),
        Item(native="g2", hash="1", key="x.example/b"),
    ]
    polled = [
        Item(native="h1", hash="1", doi="10.1000/a", key="x.example/moved"),
        Item(native="h2", hash="2", key="x.example/b"),
    ]
    got = compare(known, polled)
    assert (got.new, got.same, got.changed, got.gone) == ((), ("g1",), ("g2",), ())
    assert got.renamed == {"g1": "h1", "g2": "h2"}


def test_items_that_share_a_link_but_are_both_listed_stay_two() -> None:
    """A liveblog's entries have one address and guids of their own."""
    known = [Item(native="g1", hash="1", key="x.example/live")]
    polled = [*known, Item(native="g2", hash="1", key="x.example/live")]
    got = compare(known, polled)
    assert (got.new, got.same) == (("g2",), ("g1",))


def moved(first: str, second: str, *, days: str = "2026-11-1") -> tuple[list[Item], list[Item]]:
    """A feed of five stories before and after all guids and links have changed."""
    return tuple(
        [
            Item(native=f"{name}/{n}", hash=name, key=f"{name}/{n}", title=f"Story {n} of the bank", day=f"{days}{n}")
            for n in range(5)
        ]
        for name in (first, second)
    )  # type: ignore[return-value]


def test_a_feed_that_moved_announces_nothing() -> None:
    before, after = moved("old.example", "new.example/press")
    got = compare(before, after)
    assert (got.new, len(got.changed), got.gone) == ((), 5, ())
    assert got.renamed["old.example/0"] == "new.example/press/0"


def test_a_new_window_with_titles_of_its_own_is_new() -> None:
    before, after = moved("x.example", "x.example/p")
    later = [Item(native=item.native, hash="1", title=item.title, day="2026-12-01") for item in after]
    assert len(compare(before, later).new) == 5, "the same titles on other days are other stories: a weekly digest"
    digest = [Item(native=item.native, hash="1", title="Digest of the week", day=item.day) for item in after]
    assert len(compare(before, digest).new) == 5
    assert len(compare(before, [*before[1:4], after[0]]).new) == 1, "one new story among old ones is new"


def test_two_stories_with_the_link_of_one_that_went_are_two() -> None:
    known = [Item(native="g1", hash="1", key="x.example/live", title="Cells live on")]
    polled = [
        Item(native=n, hash="1", key="x.example/live", title=t) for n, t in (("a", "Cells live on"), ("b", "Why"))
    ]
    assert compare(known, polled).new == ("b",)


names = st.lists(st.sampled_from([f"n{i}" for i in range(30)]), unique=True)


@given(names, names, st.sampled_from(["1", "2"]))
def test_every_item_has_one_meaning(before: list[str], now: list[str], hash_: str) -> None:
    got = compare(items(*before), items(*now, hash_=hash_))
    assert sorted(got.new + got.changed + got.same) == sorted(now)
    assert set(got.new).isdisjoint(before)
    assert set(got.gone) == (set() if got.suspicious else set(before) - set(now))
