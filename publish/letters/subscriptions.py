"""Subscriptions, and the links that end them.

All of this is stored in `letters.db`, a separate file that only its owner can read and that the site's process never
opens. It stores one address and one search per subscription. Ending a subscription deletes its row, its letters and the
record of what was delivered. Its number is never used again, so an old link cannot end another person's subscription.

* The channel of a subscription defines what an address is (publish.letters.channels); by default a mail address.
* A subscription covers what arrives after it began: it stores the number of the newest document that the site had then
  (publish.letters.arrivals). For one that begins before the first edition, that whole edition is new.
* Unsubscribe links are signed (itsdangerous) with their own salt and never expire. The key is the secret `letters.key`
  of the config. If that variable is not set, a key is made once and stored in the file `letters.key` in the same folder
  as letters.db, readable by its owner only. Several keys separated by spaces rotate: the last one signs, all are valid.
"""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import TypedDict

from itsdangerous import BadSignature, URLSafeSerializer

from core import clock
from core.config import Config
from core.errors import ConfigError, UsageError
from core.store import Store, as_record
from publish.letters.arrivals import Every, Subscription, newest_item, note_arrivals
from publish.letters.channels import find_channel
from publish.letters.current_edition import open_current
from publish.search.query import parse_query

MAX_QUERY = 500


class IdRow(TypedDict):
    """The number of a subscription."""

    id: int


def subscribe(
    config: Config, letters: Store, address: str, query: str, every: Every, channel: str = "mail"
) -> Subscription:
    """Subscribe `address` to `query`. Raises UsageError if one of them is invalid or the subscription exists."""
    address, query = find_channel(channel).check_address(address), check_query(query)
    keep_private(letters)
    with open_current(config) as edition, letters.writing():
        if edition is not None:
            note_arrivals(letters, edition.documents(), edition.former())
        return add_subscription(letters, address, query, every, channel)


def keep_private(letters: Store) -> None:
    """Make letters.db and the two other files of SQLite readable by their owner only."""
    for suffix in ("", "-wal", "-shm"):
        file = Path(f"{letters.path}{suffix}")
        if file.exists():
            file.chmod(0o600)


def check_query(text: str) -> str:
    """The search as it is stored. Raises UsageError if it is invalid or empty."""
    query = " ".join(text.split())
    parsed = parse_query(query)
    if len(query) > MAX_QUERY or parsed.empty or parsed.wordless or parsed.long:
        raise UsageError(f"a search of 1 to {MAX_QUERY} characters is needed", hint="such as 'organoid kind:paper'")
    return query


def add_subscription(letters: Store, address: str, query: str, every: Every, channel: str = "mail") -> Subscription:
    """Store a checked subscription. Raises UsageError if it exists. Inside `writing()`.

    One that was paused after refused letters becomes active again.
    """
    known = _find_known(letters, channel, address, query)
    if known and known.state == "active":
        raise UsageError(f"{address} already gets a {known.every} letter for {query!r}", hint="unsubscribe it first")
    if known:
        letters.execute(
            "UPDATE subscription SET state = 'active', bounces = 0, every = ? WHERE id = ?", (every, known.id)
        )
    else:
        newest = newest_item(letters)
        letters.execute(
            "INSERT INTO subscription (channel, address, query, every, created, since, mark, bounces, state)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, 0, 'active')",
            (channel, address, query, every, clock.stamp(), newest, newest),
        )
    stored = _find_known(letters, channel, address, query)
    assert stored is not None
    return stored


def _find_known(letters: Store, channel: str, address: str, query: str) -> Subscription | None:
    row = letters.one(
        "SELECT * FROM subscription WHERE channel = ? AND lower(address) = lower(?) AND query = ?",
        (channel, address, query),
    )
    return as_record(Subscription, row) if row else None


def unsubscribe(config: Config, letters: Store, address_or_token: str) -> int:
    """End the subscription that a token names, or all of an address. Returns how many ended."""
    address = address_or_token.strip()
    rows = letters.select(IdRow, "SELECT id FROM subscription WHERE lower(address) = lower(?)", (address,))
    if rows:
        return sum(end_subscription(letters, row["id"]) for row in rows)
    return end_subscription(letters, find_subscription(signing_keys(config), address))


def end_subscription(letters: Store, number: int | None) -> int:
    """Delete a subscription and all its data. The work is the same for one that does not exist."""
    with letters.writing():
        letters.execute("DELETE FROM delivery WHERE subscription = ?", (number or 0,))
        letters.execute("DELETE FROM letter WHERE subscription = ?", (number or 0,))
        return letters.execute("DELETE FROM subscription WHERE id = ?", (number or 0,))


def load_subscriptions(letters: Store, *, state: str = "active") -> list[Subscription]:
    """All subscriptions in a state, in the order of their numbers."""
    rows = letters.rows("SELECT * FROM subscription WHERE state = ? ORDER BY id", (state,))
    return [as_record(Subscription, row) for row in rows]


# --- links that end a subscription ------------------------------------------------------------------------------------


def signing_keys(config: Config, *, keep: bool = True) -> tuple[str, ...]:
    """The keys that links are signed with; the last one signs. `keep=False` writes no key file (a dry run).

    Raises ConfigError if the key file is readable by others or empty.
    """
    path = config.data("letters.key")
    filed = _read_key(path)
    given = tuple(os.environ.get(config.letters.key.env, "").split())
    if given:
        return (*filed, *given)
    if not filed:
        fresh = secrets.token_urlsafe(32)
        if not keep:
            return (fresh,)
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        except FileExistsError:  # another process wrote its key first: use that one
            return _read_key(path)
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(fresh + "\n")
            file.flush()
            os.fsync(file.fileno())
        return (fresh,)
    return filed


def _read_key(path: Path) -> tuple[str, ...]:
    try:
        if path.stat().st_mode & 0o077:
            raise ConfigError("others can read this key", where=str(path), hint=f"chmod 600 {path}")
        keys = tuple(path.read_text("ascii").split())
    except FileNotFoundError:
        return ()
    except UnicodeDecodeError as error:
        raise ConfigError("not a key", where=str(path)) from error
    if not keys:
        raise ConfigError("an empty key file", where=str(path), hint="delete it: a new key will be made")
    return keys


def unsubscribe_token(keys: tuple[str, ...], subscription: int) -> str:
    """The signed last part of an unsubscribe link. It contains only the number and never expires."""
    return str(_signer(keys).dumps(subscription))


def find_subscription(keys: tuple[str, ...], token: str) -> int | None:
    """The subscription that a token names, or None if we did not sign it."""
    try:
        number = _signer(keys).loads(token)
    except BadSignature:
        return None
    return number if isinstance(number, int) else None


def _signer(keys: tuple[str, ...]) -> URLSafeSerializer:
    return URLSafeSerializer(list(keys), salt="stemwire.letters.unsubscribe")
