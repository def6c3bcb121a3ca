"""Subscriptions: what an address may be, what a link proves, and what is kept of a person."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from itsdangerous import URLSafeSerializer

from core.config import Config
from core.errors import ConfigError, UsageError
from publish.letters.arrivals import count_night, make_likeness, note_arrivals
from publish.letters.channels.mail import check_address
from publish.letters.subscriptions import (
    find_subscription,
    signing_keys,
    subscribe,
    unsubscribe,
    unsubscribe_token,
)
from tests.publish.rig import Doc, letters_of, make_config, make_edition, rows

TITLE = "Organoids grow blood vessels of their own"


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Config:
    monkeypatch.delenv("STEMWIRE_LETTERS_KEY", raising=False)
    return make_config(tmp_path)


@pytest.mark.parametrize(
    "address",
    ["reader@example.org", "first.last+stem@sub.example.org", "o'brien@example.org", "reader@localhost", "a@b.c"],
)
def test_good_addresses(address: str) -> None:
    assert check_address(address) == address


def test_a_domain_is_kept_in_lower_case() -> None:
    assert check_address(" Reader@Example.ORG ") == "Reader@example.org"


@pytest.mark.parametrize(
    "address",
    [
        "", "reader", "@example.org", "reader@", "a@x.org, b@y.org", "a@x.org;b@y.org", "a@x.org b@y.org", "a@b@c.org",
        "reader@example.org\nBcc: x@y.org", "reader@example.org\r", "reader\x00@example.org", "reader@exa\x00mple.org",
        "Reader <reader@example.org>", '"quoted local"@example.org', "reader@[127.0.0.1]", "줄기@example.org",
        "reader@exämple.org", "=?utf-8?q?x?=@example.org", "a..b@example.org", ".a@example.org", "a@exa..mple.org",
        "a@-example.org", "a@example.org.", "(comment)a@example.org", "x" * 65 + "@example.org",
        "reader@" + "x" * 250 + ".org", "\ud800@example.org", "\treader@example.org",
    ],
)  # fmt: skip
def test_bad_addresses(address: str) -> None:
    with pytest.raises(UsageError):
        check_address(address)


@given(st.text(max_size=60))
@settings(max_examples=300)
def test_whatever_passes_is_one_address_in_a_header(text: str) -> None:
    try:
        address = check_address(text + "@example.org")
    except UsageError:
        return
    assert address.count("@") == 1
    assert address.isascii()
    assert not set(address) & set(' ,;:<>()[]"\\\r\n\x00')
    assert "=?" not in address


def test_subscribing_again_says_so_and_changes_nothing(config: Config) -> None:
    with letters_of(config) as letters:
        first = subscribe(config, letters, "reader@example.org", "organoid", "weekly")
        with pytest.raises(UsageError, match="already gets a weekly letter"):
            subscribe(config, letters, "READER@example.org", " organoid ", "daily")
        assert letters.value("SELECT count(*) FROM subscription") == 1
        other = subscribe(config, letters, "reader@example.org", "mouse", "daily")
    assert (first.id, other.id) == (1, 2)


@pytest.mark.parametrize("query", ["", "   ", "!!", "contry:KR", "country:Narnia", "x " * 300])
def test_a_query_that_the_site_cannot_answer_is_refused(config: Config, query: str) -> None:
    with letters_of(config) as letters:
        with pytest.raises(UsageError):
            subscribe(config, letters, "reader@example.org", query, "weekly")
        assert letters.value("SELECT count(*) FROM subscription") == 0


def test_a_paused_subscription_is_taken_up_again(config: Config) -> None:
    with letters_of(config) as letters:
        kept = subscribe(config, letters, "reader@example.org", "organoid", "weekly")
        with letters.writing():
            letters.execute("UPDATE subscription SET state = 'paused', bounces = 3")
        again = subscribe(config, letters, "reader@example.org", "organoid", "daily")
    assert (again.id, again.state, again.bounces, again.every) == (kept.id, "active", 0, "daily")


def test_it_begins_with_what_arrives_after_it(config: Config) -> None:
    make_edition(config, [Doc(key="a"), Doc(key="b", title=TITLE)])
    with letters_of(config) as letters:
        assert subscribe(config, letters, "reader@example.org", "organoid", "weekly").since == 2


def test_everything_of_a_person_goes(config: Config) -> None:
    make_edition(config, [Doc(key="a")])
    with letters_of(config) as letters:
        for query in ("organoid", "mouse"):
            subscribe(config, letters, "reader@example.org", query, "weekly")
        subscribe(config, letters, "other@example.org", "mouse", "weekly")
        assert unsubscribe(config, letters, "Reader@Example.org") == 2
        assert unsubscribe(config, letters, "reader@example.org") == 0
    assert [row["address"] for row in rows(config, "SELECT address FROM subscription")] == ["other@example.org"]


def test_a_token_ends_one_subscription_and_its_number_is_not_given_again(config: Config) -> None:
    with letters_of(config) as letters:
        first = subscribe(config, letters, "reader@example.org", "organoid", "weekly")
        token = unsubscribe_token(signing_keys(config), first.id)
        assert unsubscribe(config, letters, token) == 1
        assert unsubscribe(config, letters, token) == 0
        second = subscribe(config, letters, "stranger@example.org", "organoid", "weekly")
        assert second.id > first.id
        assert unsubscribe(config, letters, token) == 0


def test_nothing_of_who_left_is_kept(config: Config) -> None:
    """Letters hold the address and the search; whoever leaves takes them along, and nobody else's."""
    with letters_of(config) as letters:
        leaves = subscribe(config, letters, "reader@example.org", "organoid", "weekly")
        stays = subscribe(config, letters, "other@example.org", "organoid", "weekly")
        with letters.writing():
            for number in (leaves.id, stays.id):
                letters.execute(
                    "INSERT INTO letter (id, subscription, number, state, tries, message, run)"
                    " VALUES (?, ?, 1, 'pending', 0, ?, 'r')",
                    (f"letter {number}", number, b"To: somebody"),
                )
                letters.execute("INSERT INTO delivery VALUES (?, 1, 'd', 'new', ?)", (number, f"letter {number}"))
        assert unsubscribe(config, letters, unsubscribe_token(signing_keys(config), leaves.id)) == 1
        of_subscriptions = letters.rows(
            "SELECT m.name FROM sqlite_master m JOIN pragma_table_info(m.name) c"
            " WHERE m.type = 'table' AND c.name = 'subscription' ORDER BY 1"
        )
        assert [row["name"] for row in of_subscriptions] == ["delivery", "letter"]
        for row in of_subscriptions:
            kept = letters.rows(f"SELECT subscription FROM {row['name']}")
            assert [one["subscription"] for one in kept] == [stays.id], row["name"]


@pytest.mark.parametrize("token", ["", "1", "MQ.x", "MQ." + "x" * 27, "\x00", "ü", "." * 50, "MQ"])
def test_a_forged_token_ends_nothing(config: Config, token: str) -> None:
    with letters_of(config) as letters:
        subscribe(config, letters, "reader@example.org", "organoid", "weekly")
        assert unsubscribe(config, letters, token) == 0


def test_a_token_of_another_purpose_is_not_believed(config: Config) -> None:
    keys = signing_keys(config)
    assert find_subscription(keys, URLSafeSerializer(list(keys), salt="stemwire.letters.confirm").dumps(1)) is None
    assert find_subscription(keys, URLSafeSerializer(["other"], salt="stemwire.letters.unsubscribe").dumps(1)) is None


def test_the_key_is_made_once_for_its_owner_only(config: Config) -> None:
    assert len(signing_keys(config, keep=False)) == 1
    assert not config.data("letters.key").exists()
    first = signing_keys(config)
    assert signing_keys(config) == first
    assert stat.S_IMODE(config.data("letters.key").stat().st_mode) == 0o600


def test_a_key_that_others_can_read_is_refused(config: Config) -> None:
    signing_keys(config)
    config.data("letters.key").chmod(0o644)
    with pytest.raises(ConfigError, match="chmod 600"):
        signing_keys(config)


def test_keys_rotate_and_old_links_go_on(config: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    filed = unsubscribe_token(signing_keys(config), 1)
    monkeypatch.setenv("STEMWIRE_LETTERS_KEY", "first-key")
    older = unsubscribe_token(signing_keys(config), 2)
    monkeypatch.setenv("STEMWIRE_LETTERS_KEY", "first-key second-key")
    keys = signing_keys(config)
    assert [find_subscription(keys, token) for token in (filed, older, unsubscribe_token(keys, 3))] == [1, 2, 3]
    assert find_subscription(("second-key",), unsubscribe_token(keys, 3)) == 3


def test_letters_can_be_read_by_their_owner_only(config: Config) -> None:
    with letters_of(config) as letters:
        subscribe(config, letters, "reader@example.org", "organoid", "weekly")
        for suffix in ("", "-wal", "-shm"):
            path = config.data(f"letters.db{suffix}")
            assert stat.S_IMODE(path.stat().st_mode) == 0o600, path


def test_arrivals_are_numbered_once_and_in_order(config: Config) -> None:
    with letters_of(config) as letters, letters.writing():
        assert note_arrivals(letters, [("a", None), ("b", None), ("a", None)]) == 2
        assert note_arrivals(letters, [("c", None), ("b", None)]) == 1
        assert letters.rows("SELECT document, item FROM arrival ORDER BY item") == [
            {"document": "a", "item": 1}, {"document": "b", "item": 2}, {"document": "c", "item": 3},
        ]  # fmt: skip


def test_a_document_that_changed_its_id_keeps_its_number(config: Config) -> None:
    same = make_likeness("daily", TITLE, "2026-11-20")
    with letters_of(config) as letters, letters.writing():
        note_arrivals(letters, [("https://daily.example/1", same)])
        note_arrivals(letters, [("https://daily.example/2", same), ("x", None)])
        found = {row["document"]: row["item"] for row in letters.rows("SELECT * FROM arrival")}
    assert found == {"https://daily.example/1": 1, "https://daily.example/2": 1, "x": 2}


def test_a_night_is_another_day_not_a_later_one(config: Config) -> None:
    with letters_of(config) as letters, letters.writing():
        days = ["2026-11-20", "2026-11-20", "2026-11-21", "2026-11-19", "2026-11-20"]
        assert [count_night(letters, day, "r").number for day in days] == [1, 1, 2, 3, 4]
