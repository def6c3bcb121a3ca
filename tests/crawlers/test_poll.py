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
        Item(native="g1", hash="1", doi="10.1000/a", url="https://x.example/a"),
        Item(native="g2", hash="1", url="https://x.example/b"),
    ]
    polled = [
        Item(native="h1", hash="1", doi="10.1000/a", url="https://x.example/moved"),
        Item(native="h2", hash="2", url="https://x.example/b"),
    ]
    got = compare(known, polled)
    assert (got.new, got.same, got.changed, got.gone) == ((), ("g1",), ("g2",), ())
    assert got.renamed == {"g1": "h1", "g2": "h2"}


def test_items_that_share_a_link_but_are_both_listed_stay_two() -> None:
    """A liveblog's entries have one address and guids of their own."""
    known = [Item(native="g1", hash="1", url="https://x.example/live")]
    polled = [*known, Item(native="g2", hash="1", url="https://x.example/live")]
    got = compare(known, polled)
    assert (got.new, got.same) == (("g2",), ("g1",))


names = st.lists(st.sampled_from([f"n{i}" for i in range(30)]), unique=True)


@given(names, names, st.sampled_from(["1", "2"]))
def test_every_item_has_one_meaning(before: list[str], now: list[str], hash_: str) -> None:
    got = compare(items(*before), items(*now, hash_=hash_))
    assert sorted(got.new + got.changed + got.same) == sorted(now)
    assert set(got.new).isdisjoint(before)
    assert set(got.gone) == (set() if got.suspicious else set(before) - set(now))
