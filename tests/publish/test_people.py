"""People: what an address may be, what a link proves, what is kept of a person, and that nothing is left of one."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from itsdangerous import Signer, URLSafeSerializer

from core.config import Config
from core.errors import ConfigError, UsageError
from core.store import Store
from publish.letters.channels.mail import check_address
from publish.letters.people import (
    add_subscriber,
    delete_subscriber,
    export_subscriber,
    find_by_manage,
    find_subscriber,
    get_subscriber,
    load_subscribers,
    renew_links,
    set_state,
)
from publish.letters.subscriptions import Wanted, add_subscription, subscribe
from publish.letters.tokens import (
    CONFIRM_SECONDS,
    feed_address,
    letter_address,
    make_token,
    manage_address,
    read_stop,
    read_token,
    signing_keys,
    stop_address,
)
from tests.publish.rig import add_row, letters_of, make_config

READER = "reader-7f3a@example.org"


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Config:
    monkeypatch.delenv("STEMWIRE_LETTERS_KEY", raising=False)
    return make_config(tmp_path)


def old_token(keys: tuple[str, ...], subscription: int) -> str:
    """The last part of a link in a letter of the version before."""
    return str(URLSafeSerializer(list(keys), salt="stemwire.letters.unsubscribe").dumps(subscription))


def add_letter(letters: Store, subscriber: int, subscription: int) -> None:
    """A letter that waits, with a document and a change."""
    ident = f"letter of {subscriber}"
    person = get_subscriber(letters, subscriber)
    assert person is not None
    add_row(
        letters, "letter", id=ident, subscriber=subscriber, number=1, every="weekly", night=1, state="pending",
        message=f"To: {person.address}".encode(), content='{"day": "2026-11-20"}', run="r",
    )  # fmt: skip
    add_row(
        letters, "delivery", subscriber=subscriber, item=1, document="d", subscription=subscription, fact="new",
        letter=ident,
    )  # fmt: skip
    add_row(letters, "notice", subscriber=subscriber, subject="work:doi:10.5555/x", number=2, letter=ident)


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


# --- people -----------------------------------------------------------------------------------------------------------


def test_an_address_is_one_person_whatever_its_case(config: Config) -> None:
    with letters_of(config) as letters, letters.writing():
        first = add_subscriber(letters, "mail", READER)
        assert add_subscriber(letters, "mail", READER.upper()) == first
        other = add_subscriber(letters, "webhook", READER)
        assert (first.id, other.id) == (1, 2)
        assert find_subscriber(letters, "mail", READER.title()) == first
        assert find_subscriber(letters, "page", READER) is None
    assert first.secret == "" and len(other.secret) == 64


def test_who_was_refused_goes_on_and_who_paused_does_not(config: Config) -> None:
    with letters_of(config) as letters, letters.writing():
        person = add_subscriber(letters, "mail", READER)
        letters.execute("UPDATE subscriber SET state = 'refused', bounces = 3")
        again = add_subscriber(letters, "mail", READER)
        assert (again.id, again.state, again.bounces) == (person.id, "active", 0)
        set_state(letters, person.id, "paused")
        assert add_subscriber(letters, "mail", READER).state == "paused"
        assert load_subscribers(letters) == []
        assert [one.id for one in load_subscribers(letters, "paused")] == [person.id]


def test_renewed_addresses_end_those_before_and_stop_links_go_on(config: Config) -> None:
    keys = signing_keys(config)
    with letters_of(config) as letters:
        person, _ = subscribe(config, letters, "mail", READER, Wanted(query="organoid"))
        before = manage_address(config, keys, person).rpartition("/")[2]
        stop = stop_address(config, keys, person.id, "at once").rpartition("/")[2]
        assert find_by_manage(letters, keys, before) == person
        with letters.writing():
            renew_links(letters, person.id)
        renewed = get_subscriber(letters, person.id)
        assert renewed is not None
        assert find_by_manage(letters, keys, before) is None
        assert find_by_manage(letters, keys, manage_address(config, keys, renewed).rpartition("/")[2]) == renewed
        assert read_stop(keys, stop) == (person.id, "at once")
        delete_subscriber(letters, person.id)
        assert find_by_manage(letters, keys, manage_address(config, keys, renewed).rpartition("/")[2]) is None


def test_nothing_of_who_leaves_is_left_in_any_table_or_byte(config: Config) -> None:
    query, name, other = "organoid-5be1", "name-of-mine-90cd", "other-44aa@example.org"
    with letters_of(config) as letters, letters_of(config) as watching:
        leaves, what = subscribe(config, letters, "mail", READER, Wanted(query=query, name=name))
        stays, also = subscribe(config, letters, "mail", other, Wanted(query=query[:8]))
        with letters.writing():
            own = add_subscription(letters, leaves.id, Wanted(kind="own", identifiers=("doi:10.5555/own-31d0",)))
            for person, one in ((leaves, what), (stays, also)):
                add_letter(letters, person.id, one.id)
                letters.execute(
                    "INSERT INTO request VALUES (?, 'mail', ?, '{}', '2026-11-20T00:00:00Z')",
                    (f"r{person.id}", person.address.upper()),
                )
        secrets = [READER, READER.upper(), query, name, "own-31d0"]
        assert all(secret in bytes_of(config) for secret in secrets)
        tables = [row["name"] for row in letters.rows("SELECT name FROM sqlite_master WHERE type = 'table'")]
        assert watching.value("SELECT count(*) FROM subscriber") == 2
        assert delete_subscriber(letters, leaves.id) == 2
        assert not [secret for secret in secrets if secret in bytes_of(config)]
        assert other in bytes_of(config)
        for table in tables:
            columns = {row["name"] for row in letters.rows(f"PRAGMA table_info({table})")}
            for column, gone in (("subscriber", [leaves.id]), ("subscription", [what.id, own.id])):
                if column in columns:
                    left = [row[column] for row in letters.rows(f"SELECT {column} FROM {table}")]
                    assert not set(left) & set(gone), (table, column)
        assert delete_subscriber(letters, leaves.id) == 0
        assert add_one(letters) > stays.id, "a number is not given again"


def bytes_of(config: Config) -> str:
    """The bytes of letters.db and of its log."""
    files = sorted(config.data("letters.db").parent.glob("letters.db*"))
    return "".join(file.read_bytes().decode("latin-1") for file in files)


def add_one(letters: Store) -> int:
    with letters.writing():
        return add_subscriber(letters, "mail", "later@example.org").id


def test_a_person_gets_all_that_is_known_of_them_and_nothing_of_others(config: Config) -> None:
    with letters_of(config) as letters:
        person, what = subscribe(config, letters, "mail", READER, Wanted(query="organoid", stages=("animal",)))
        other, theirs = subscribe(config, letters, "mail", "other@example.org", Wanted(query="mouse-tale"))
        with letters.writing():
            add_subscription(letters, person.id, Wanted(kind="own", identifiers=("nct:NCT01234567",)))
            add_letter(letters, person.id, what.id)
            add_letter(letters, other.id, theirs.id)
        told = export_subscriber(letters, person.id)
        assert export_subscriber(letters, 99) == {}
    assert "other@" not in json.dumps(told) and "mouse-tale" not in json.dumps(told)
    assert told["subscriber"]["address"] == READER
    assert [(one["query"], one["stages"], one["identifiers"]) for one in told["subscriptions"]] == [
        ("organoid", ["animal"], []), ("1", [], ["nct:NCT01234567"]),
    ]  # fmt: skip
    assert [(one["number"], one["content"]) for one in told["letters"]] == [(1, {"day": "2026-11-20"})]
    assert [one["document"] for one in told["documents"]] == ["d"]
    assert [one["subject"] for one in told["changes"]] == ["work:doi:10.5555/x"]


def test_letters_can_be_read_by_their_owner_only(config: Config) -> None:
    with letters_of(config) as letters:
        subscribe(config, letters, "mail", READER, Wanted(query="organoid"))
        for suffix in ("", "-wal", "-shm"):
            path = config.data(f"letters.db{suffix}")
            assert stat.S_IMODE(path.stat().st_mode) == 0o600, path


# --- tokens -----------------------------------------------------------------------------------------------------------


def test_a_token_gives_back_what_it_was_made_of(config: Config) -> None:
    keys = signing_keys(config)
    assert read_token(keys, "manage", make_token(keys, "manage", 12, 3)) == (12, 3)
    assert read_token(keys, "feed", make_token(keys, "feed", 12, 3)) == (12, 3)
    assert read_token(keys, "letter", make_token(keys, "letter", 12, 30, 3)) == (12, 30, 3)
    assert read_token(keys, "confirm", make_token(keys, "confirm", "0f3a")) == ("0f3a",)
    for every in ("daily", "weekly", "at once"):
        assert read_stop(keys, make_token(keys, "stop", 12, every)) == (12, every)
    assert read_token(keys, "unsubscribe", old_token(keys, 12)) == (12,)


def test_a_token_is_good_for_one_purpose_only(config: Config) -> None:
    keys = signing_keys(config)
    made = {"manage": (1, 1), "feed": (1, 1), "letter": (1, 1, 1), "stop": (1, "daily"), "confirm": ("a",)}
    tokens = {purpose: make_token(keys, purpose, *parts) for purpose, parts in made.items()}  # type: ignore[arg-type]
    tokens["unsubscribe"] = old_token(keys, 1)
    for purpose in tokens:
        for other, token in tokens.items():
            assert (read_token(keys, purpose, token) is not None) == (purpose == other), (purpose, other)  # type: ignore[arg-type]
    assert read_token(("another",), "manage", tokens["manage"]) is None


@given(st.text(max_size=80) | st.binary(max_size=60).map(lambda raw: raw.decode("latin-1")))
def test_a_forged_token_is_nothing(text: str) -> None:
    keys = ("a key",)
    for purpose in ("confirm", "manage", "feed", "letter", "stop", "unsubscribe"):
        assert read_token(keys, purpose, text) is None
    assert read_stop(keys, text) is None


def test_a_confirmation_ends_after_two_days(config: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    keys = signing_keys(config)
    monkeypatch.setenv("STEMWIRE_NOW", "2026-11-20T12:00:00Z")
    token = make_token(keys, "confirm", "0f3a")
    monkeypatch.setenv("STEMWIRE_NOW", "2026-11-22T11:00:00Z")
    assert read_token(keys, "confirm", token, CONFIRM_SECONDS) == ("0f3a",)
    monkeypatch.setenv("STEMWIRE_NOW", "2026-11-22T12:01:00Z")
    assert read_token(keys, "confirm", token, CONFIRM_SECONDS) is None


def test_a_token_of_other_parts_is_not_made(config: Config) -> None:
    keys = signing_keys(config)
    for purpose, parts in (("manage", (1,)), ("stop", (1, 2)), ("letter", (1, 1)), ("unsubscribe", (1,))):
        with pytest.raises(ValueError, match="is not made of"):
            make_token(keys, purpose, *parts)  # type: ignore[arg-type]
    signed = Signer(list(keys), salt="stemwire.letters.stop/2").sign("12-x").decode()
    assert read_stop(keys, signed) is None


def test_addresses_of_ten_thousand_people_fit_a_line_of_text(config: Config) -> None:
    keys = signing_keys(config)
    with letters_of(config) as letters, letters.writing():
        letters.execute(
            "INSERT INTO subscriber VALUES (10000, 'mail', ?, '2026-11-20', 'active', 0, 12, '')", (READER,)
        )
        person = get_subscriber(letters, 10000)
    assert person is not None
    made = [
        manage_address(config, keys, person), stop_address(config, keys, person.id, "at once"),
        letter_address(config, keys, person, 365),
    ]  # fmt: skip
    assert max(map(len, made)) <= 78, made
    assert feed_address(config, keys, person, 30000).endswith(".atom")


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
    filed = make_token(signing_keys(config), "stop", 1, "daily")
    monkeypatch.setenv("STEMWIRE_LETTERS_KEY", "first-key")
    older = make_token(signing_keys(config), "stop", 2, "daily")
    monkeypatch.setenv("STEMWIRE_LETTERS_KEY", "first-key second-key")
    keys = signing_keys(config)
    newest = make_token(keys, "stop", 3, "daily")
    assert [read_stop(keys, token) for token in (filed, older, newest)] == [(n, "daily") for n in (1, 2, 3)]
    assert read_stop(("second-key",), newest) == (3, "daily")
