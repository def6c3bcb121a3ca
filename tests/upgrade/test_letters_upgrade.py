"""letters.db of before a letter was a person's: migrated, nobody gets anything twice, and old links go on.

The file is the one of `store-235f18d.tar.xz`, with more people written into it as the code before the migration did.
"""

from __future__ import annotations

import sqlite3
import tarfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from itsdangerous import URLSafeSerializer

from core.config import Config
from core.migrations import SCHEMAS
from core.store import Store, open_store
from publish.letters.people import load_subscribers
from publish.letters.subscriptions import add_subscription, load_subscriptions, unsubscribe
from publish.letters.tokens import signing_keys
from publish.letters.wanted import Wanted
from tests.publish.rig import make_config

ARCHIVE = Path(__file__).with_name("store-235f18d.tar.xz")
BEFORE = 2  # the version of the newest migration before
READER = "reader-7f3a@reader.example"  # several searches


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Config:
    """The folder as the code before left it."""
    monkeypatch.delenv("STEMWIRE_LETTERS_KEY", raising=False)
    with tarfile.open(ARCHIVE) as tar:
        for name in ("letters.db", "letters.key"):
            tar.extract(f"data/{name}", tmp_path, filter="data")
    with closing(sqlite3.connect(tmp_path / "data" / "letters.db")) as old:
        for path in sorted((SCHEMAS / "migrations" / "letters").glob("*.sql"))[:BEFORE]:
            old.executescript(path.read_text("utf-8"))
        old.execute(f"PRAGMA user_version = {BEFORE}")
        subscriptions = (  # address, query, every, night, bounces, state, channel
            (READER, "stem cells", "daily", 1, 0, "active", "mail"),
            (READER.upper(), "stem", "weekly", None, 3, "paused", "mail"),
            (READER, "organoid", "daily", 1, 0, "active", "webhook"),
            ("gone@reader.example", "retina", "daily", 1, 3, "paused", "mail"),
            ("ended@reader.example", "retina", "daily", 1, 0, "active", "mail"),
        )
        for address, query, every, night, bounces, state, channel in subscriptions:
            old.execute(
                "INSERT INTO subscription (address, query, every, created, since, mark, night, day, bounces, state,"
                " channel) VALUES (?, ?, ?, '2026-11-20T04:00:03Z', 40, 46, ?, '2026-11-20', ?, ?, ?)",
                (address, query, every, night, bounces, state, channel),
            )
        old.execute("DELETE FROM subscription WHERE address = 'ended@reader.example'")
        for subscription, number, state in ((4, 1, "sent"), (4, 2, "pending"), (5, 1, "sent"), (6, 1, "uncertain")):
            old.execute(
                "INSERT INTO letter VALUES (?, ?, ?, ?, 1, NULL, '250 ok', ?, 'a later run')",
                (f"letter{subscription}x{number}", subscription, number, state, b"A" if state == "pending" else b""),
            )
        brought = ((4, 41, "new", 1), (4, 42, "counted", 1), (4, 43, "new", 2), (5, 41, "before", 1), (5, 42, "new", 1))
        for subscription, item, fact, number in brought:
            letter = f"letter{subscription}x{number}"
            old.execute("INSERT INTO delivery VALUES (?, ?, ?, ?, ?)", (subscription, item, f"d{item}", fact, letter))
        old.commit()
    return make_config(tmp_path)


@pytest.fixture
def letters(config: Config) -> Iterator[Store]:
    with open_store(config.data("letters.db"), "letters") as store:
        yield store


def test_an_address_becomes_one_person_of_its_channel(letters: Store) -> None:
    people = [
        (p.id, p.channel, p.address.lower(), p.state, p.bounces, p.links) for p in load_subscribers(letters, None)
    ]
    assert people == [
        (1, "mail", "news@reader.example", "active", 0, 1),
        (2, "mail", "waits@reader.example", "active", 0, 1),
        (3, "mail", "papers@reader.example", "active", 0, 1),
        (4, "mail", READER, "active", 0, 1),
        (5, "webhook", READER, "active", 0, 1),
        (6, "mail", "gone@reader.example", "refused", 3, 1),
    ]


def test_subscriptions_keep_their_numbers_and_where_they_were(letters: Store) -> None:
    kept = [
        (s.id, s.subscriber, s.query, s.every, s.since, s.mark, s.began, s.night) for s in load_subscriptions(letters)
    ]
    assert kept == [
        (1, 1, "kind:news", "daily", 0, 46, 1, 1), (2, 2, "retina", "daily", 0, 46, 1, 1),
        (3, 3, "kind:paper", "weekly", 0, 46, 1, 1), (4, 4, "stem cells", "daily", 40, 46, 1, 1),
        (5, 4, "stem", "weekly", 40, 46, 1, None), (6, 5, "organoid", "daily", 40, 46, 1, 1),
        (7, 6, "retina", "daily", 40, 46, 1, 1),
    ]  # fmt: skip
    with letters.writing():
        added = add_subscription(letters, 1, Wanted(query="knee"))
    assert added.id == 9, "8 has ended and is not used again"


def test_what_was_shown_once_counts_as_sent_to_the_person(letters: Store) -> None:
    brought = letters.rows("SELECT subscriber, item, fact, letter FROM delivery WHERE subscriber > 3 ORDER BY 1, 2")
    assert [tuple(row.values()) for row in brought] == [
        (4, 41, "new", "letter4x1"), (4, 42, "new", "letter5x1"), (4, 43, "new", "letter4x2"),
    ]  # fmt: skip
    assert letters.value("SELECT count(*) FROM delivery WHERE subscriber <= 3") == 31
    lost = "SELECT count(*) FROM delivery d LEFT JOIN letter l ON l.id = d.letter WHERE l.id IS NULL"
    assert letters.value(lost) == 0


def test_letters_are_numbered_by_person_and_waiting_ones_wait(letters: Store) -> None:
    rows = letters.rows("SELECT id, subscriber, number, every, night, state, message FROM letter WHERE subscriber > 3")
    assert sorted(tuple(row.values()) for row in rows) == [
        ("letter4x1", 4, 1, "daily", 1, "sent", b""), ("letter4x2", 4, 3, "daily", 1, "pending", b"A"),
        ("letter5x1", 4, 2, "weekly", 1, "sent", b""), ("letter6x1", 5, 1, "daily", 1, "uncertain", b""),
    ]  # fmt: skip
    (waits,) = letters.rows("SELECT state, length(message) AS n FROM letter WHERE subscriber = 2")
    assert waits == {"state": "pending", "n": 9166}


def test_links_in_old_letters_end_one_subscription_each(config: Config, letters: Store) -> None:
    signer = URLSafeSerializer(list(signing_keys(config)), salt="stemwire.letters.unsubscribe")
    for subscription in (5, 8, 4, 4):
        there = subscription in [one.id for one in load_subscriptions(letters)]
        assert unsubscribe(config, letters, str(signer.dumps(subscription))) == int(there)
    assert [one.id for one in load_subscriptions(letters)] == [1, 2, 3, 6, 7]
    assert [one.id for one in load_subscribers(letters, None)] == [1, 2, 3, 5, 6]
    kept = config.data("letters.db").read_bytes()
    assert kept.lower().count(READER.encode()) == 2, "in the row of the webhook's person and in its index"
