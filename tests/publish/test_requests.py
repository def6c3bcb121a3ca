"""Double opt-in: nobody is subscribed before they confirm, nobody is flooded, and nobody learns who is subscribed."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from core.config import Config
from core.errors import UsageError
from core.store import Store
from publish.letters.people import delete_subscriber, set_state
from publish.letters.requests import (
    MOST_OF_NETWORK,
    Outcome,
    TooMany,
    confirm,
    find_request,
    forget_old,
    request_subscription,
)
from publish.letters.subscriptions import Wanted, load_subscriptions, subscribe
from publish.letters.tokens import make_token, signing_keys
from tests.publish.rig import Doc, letters_of, make_config, make_edition

READER, KNOWN = "reader-1c@example.org", "known-9d@example.org"
HERE = "192.0.2.7"
WANTED = Wanted(query="organoid", name="Mine", every="weekly", weekday=2, stages=("animal",), most=7)


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Config:
    monkeypatch.delenv("STEMWIRE_LETTERS_KEY", raising=False)
    monkeypatch.setenv("STEMWIRE_NOW", "2026-11-20T12:00:00Z")
    made = make_config(tmp_path)
    make_edition(made, [Doc(key="a")])
    return made


@pytest.fixture
def letters(config: Config) -> Iterator[Store]:
    with letters_of(config) as store:
        yield store


def ask(config: Config, letters: Store, address: str = READER, network: str = HERE, **more: object) -> Outcome:
    wanted = Wanted(**more) if more else WANTED  # type: ignore[arg-type]
    return request_subscription(config, letters, "mail", address, wanted, network)


def token_of(link: str) -> str:
    return link.rpartition("/")[2]


def count(letters: Store, table: str) -> int:
    return int(letters.value(f"SELECT count(*) AS n FROM {table}"))


def test_nobody_is_subscribed_before_the_click(config: Config, letters: Store) -> None:
    outcome = ask(config, letters)
    assert outcome.send and outcome.link.startswith("https://letters.stemwire.example/confirm/")
    assert count(letters, "subscriber") == count(letters, "subscription") == 0
    assert find_request(config, letters, token_of(outcome.link)) == WANTED
    done = confirm(config, letters, token_of(outcome.link))
    assert done is not None
    person, kept = done
    assert (person.address, person.state) == (READER, "active")
    assert (kept.query, kept.name, kept.weekday, kept.stages, kept.most) == ("organoid", "Mine", 2, ("animal",), 7)
    assert kept.since == 1
    assert confirm(config, letters, token_of(outcome.link)) is None, "a link is good for one click"
    assert find_request(config, letters, token_of(outcome.link)) is None
    assert count(letters, "request") == 0


def test_a_list_is_kept_whole_until_the_click(config: Config, letters: Store) -> None:
    identifiers = tuple(f"pmid:{number}" for number in range(1, 5001))
    done = confirm(config, letters, token_of(ask(config, letters, kind="own", identifiers=identifiers).link))
    assert done is not None and done[1].kind == "own"
    assert count(letters, "owned") == 5000


def test_only_our_links_of_the_last_two_days_confirm(
    config: Config, letters: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = signing_keys(config)
    outcome = ask(config, letters)
    wrong = [outcome.ident, make_token(keys, "confirm", "0" * 16), make_token(("other",), "confirm", outcome.ident)]
    assert [confirm(config, letters, token) for token in ("", *wrong)] == [None] * 4
    monkeypatch.setenv("STEMWIRE_NOW", "2026-11-22T12:00:02Z")
    assert confirm(config, letters, token_of(outcome.link)) is None
    with letters.writing():
        forget_old(letters)
    assert count(letters, "request") == 0


def test_a_confirmation_goes_to_an_address_once_a_day(
    config: Config, letters: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert ask(config, letters).send
    again = ask(config, letters, READER.upper(), "198.51.100.1", query="mouse")
    assert not again.send and again.link and again.ident
    assert count(letters, "request") == 1
    assert confirm(config, letters, token_of(again.link)) is None
    monkeypatch.setenv("STEMWIRE_NOW", "2026-11-21T12:00:05Z")
    assert ask(config, letters, query="mouse").send


def test_a_network_has_a_limit_and_another_has_its_own(
    config: Config, letters: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(MOST_OF_NETWORK):
        assert ask(config, letters, f"reader-{number}@example.org", f"192.0.2.{number}").send
    with pytest.raises(TooMany, match="too many requests from your network"):
        ask(config, letters)
    assert ask(config, letters, READER, "192.0.3.1").send
    monkeypatch.setenv("STEMWIRE_NOW", "2026-11-21T12:00:05Z")
    assert ask(config, letters, "late@example.org").send


def test_a_clock_that_steps_back_locks_nobody_out(
    config: Config, letters: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STEMWIRE_NOW", "2027-05-01T00:00:00Z")
    assert ask(config, letters).send
    monkeypatch.setenv("STEMWIRE_NOW", "2026-11-20T12:00:00Z")
    assert ask(config, letters).send


@contextmanager
def watched(letters: Store) -> Iterator[list[str]]:
    """The statements that a block sends to SQLite, with their values taken out."""
    seen: list[str] = []
    letters.connection.set_trace_callback(lambda sql: seen.append(shape_of(sql)))
    try:
        yield seen
    finally:
        letters.connection.set_trace_callback(None)


def shape_of(sql: str) -> str:
    parts = sql.split("'")
    return "'?'".join(parts[::2])


def test_answer_and_work_are_the_same_for_known_and_unknown_addresses(config: Config, letters: Store) -> None:
    person, _ = subscribe(config, letters, "mail", KNOWN, Wanted(query="organoid"))
    with letters.writing():
        set_state(letters, person.id, "paused")
    work: dict[str, list[str]] = {}
    outcomes = {}
    for address in (KNOWN, READER):
        for turn in ("first", "second"):
            with watched(letters) as seen:
                outcomes[address, turn] = ask(config, letters, address)
            work[f"{address} {turn}"] = seen
    assert any("INSERT INTO request" in sql for sql in work[f"{KNOWN} first"])
    for turn in ("first", "second"):
        assert work[f"{KNOWN} {turn}"] == work[f"{READER} {turn}"]
        known, unknown = outcomes[KNOWN, turn], outcomes[READER, turn]
        assert known.send == unknown.send == (turn == "first")
        assert len(known.link) == len(unknown.link) and len(known.ident) == len(unknown.ident)


def test_whoever_confirms_again_gets_letters_again_and_keeps_what_they_had(config: Config, letters: Store) -> None:
    person, kept = subscribe(config, letters, "mail", KNOWN, Wanted(query="organoid", every="daily"))
    with letters.writing():
        letters.execute("UPDATE subscriber SET state = 'refused', bounces = 3")
    done = confirm(config, letters, token_of(ask(config, letters, KNOWN).link))
    assert done is not None and (done[0].id, done[0].state, done[0].bounces) == (person.id, "active", 0)
    assert done[1] == kept and load_subscriptions(letters) == [kept]


def test_a_link_does_not_bring_back_who_deleted_themselves(config: Config, letters: Store) -> None:
    person, _ = subscribe(config, letters, "mail", KNOWN, Wanted(query="mouse"))
    link = ask(config, letters, KNOWN).link
    delete_subscriber(letters, person.id)
    assert confirm(config, letters, token_of(link)) is None
    assert count(letters, "subscriber") == 0


def test_what_is_invalid_is_not_stored(config: Config, letters: Store) -> None:
    for address, query in (("reader", "organoid"), (READER, "status:bogus")):
        with pytest.raises(UsageError):
            ask(config, letters, address, query=query)
    assert count(letters, "request") == count(letters, "attempt") == 0


def test_attempts_hold_no_address_and_no_network(config: Config, letters: Store) -> None:
    ask(config, letters)
    with sqlite3.connect(config.data("letters.db")) as db:
        kept = str(db.execute("SELECT * FROM attempt").fetchall())
    assert "example.org" not in kept and "192.0.2" not in kept and kept.count("request") == 1
