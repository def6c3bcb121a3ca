"""Who asked to be told of what: subscriptions, and the links that end them.

Everything here lives in `letters.db`, a file of its own, readable by its owner only, that the site's process never
opens. What is kept of a person: one address and one search. Ending a subscription deletes its row, its letters and
what was noted as delivered; only the number stays used up, so that an old link can never end a stranger's letters.

* The channel of a subscription says what an address is (publish.letters.channels); a mail address by default.
* A subscription begins with what arrives after it: it remembers the number of the newest document that the site held
  when it began (publish.letters.ledger). One that begins before the first edition gets all of it as new.
* Unsubscribe links are signed (itsdangerous), with a salt of their own, and never expire. The key is the secret
  `letters.key` of the config. Where that variable is not set, a key is made once and kept in the file `letters.key`
  beside letters.db, for its owner only. Several keys parted by spaces rotate: the last signs, all are believed.
"""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from itsdangerous import BadSignature, URLSafeSerializer

from core import clock
from core.config import Config
from core.errors import ConfigError, UsageError
from core.store import Store, as_record
from publish.letters.channels import find_channel
from publish.letters.current_edition import open_shelf
from publish.letters.ledger import Every, Subscription, newest_item, note_arrivals
from publish.search.query import parse_query

MAX_QUERY = 500


def subscribe(
    config: Config, letters: Store, address: str, query: str, every: Every, channel: str = "mail"
) -> Subscription:
    """Send `address` what is new for `query` from now on. Raises UsageError on what cannot be used or is there."""
    address, query = find_channel(channel).check_address(address), check_query(query)
    keep_private(letters)
    with open_shelf(config) as shelf, letters.writing():
        if shelf is not None:
            note_arrivals(letters, shelf.documents())
        return add_subscription(letters, address, query, every, channel)


def keep_private(letters: Store) -> None:
    """letters.db and the two files SQLite keeps beside it can be read by their owner only."""
    for suffix in ("", "-wal", "-shm"):
        file = Path(f"{letters.path}{suffix}")
        if file.exists():
            file.chmod(0o600)


def check_query(text: str) -> str:
    """The search as it is kept. Raises UsageError where the site could not read it, or where it says nothing."""
    query = " ".join(text.split())
    if len(query) > MAX_QUERY or parse_query(query).empty:
        raise UsageError(f"a search of 1 to {MAX_QUERY} characters is needed", hint="such as 'organoid kind:paper'")
    return query


def add_subscription(letters: Store, address: str, query: str, every: Every, channel: str = "mail") -> Subscription:
    """Write down a checked subscription. Raises UsageError if it is there. Inside `writing()`.

    One that was paused after bounces is taken up again.
    """
    mine = "SELECT * FROM subscription WHERE channel = ? AND lower(address) = lower(?) AND query = ?"
    known = letters.one(mine, (channel, address, query))
    if known and known["state"] == "active":
        raise UsageError(f"{address} already gets a {known['every']} letter for {query!r}", hint="unsubscribe it first")
    if known:
        letters.execute(
            "UPDATE subscription SET state = 'active', bounces = 0, every = ? WHERE id = ?", (every, known["id"])
        )
    else:
        newest = newest_item(letters)
        letters.execute(
            "INSERT INTO subscription (channel, address, query, every, created, since, mark, bounces, state)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, 0, 'active')",
            (channel, address, query, every, clock.stamp(), newest, newest),
        )
    row = letters.one(mine, (channel, address, query))
    assert row is not None
    return as_record(Subscription, row)


def unsubscribe(config: Config, letters: Store, address_or_token: str) -> int:
    """End what a signed link or an address names; an address ends all its subscriptions. Returns how many ended."""
    address = address_or_token.strip()
    rows = letters.rows("SELECT id FROM subscription WHERE lower(address) = lower(?)", (address,))
    if rows:
        return sum(end_subscription(letters, row["id"]) for row in rows)
    return end_subscription(letters, find_subscription(signing_keys(config), address))


def end_subscription(letters: Store, number: int | None) -> int:
    """Delete a subscription and all that was kept for it. The work done is the same for one that does not exist."""
    with letters.writing():
        letters.execute("DELETE FROM delivery WHERE subscription = ?", (number or 0,))
        letters.execute("DELETE FROM letter WHERE subscription = ?", (number or 0,))
        return letters.execute("DELETE FROM subscription WHERE id = ?", (number or 0,))


def load_subscriptions(letters: Store, *, state: str = "active") -> list[Subscription]:
    rows = letters.rows("SELECT * FROM subscription WHERE state = ? ORDER BY id", (state,))
    return [as_record(Subscription, row) for row in rows]


# --- links that end a subscription ------------------------------------------------------------------------------------


def signing_keys(config: Config, *, keep: bool = True) -> tuple[str, ...]:
    """Keys that links are signed with; the last signs. `keep=False` writes no key file (a dry run).

    Raises ConfigError when the key file is there but readable by others or empty.
    """
    kept = config.data("letters.key")
    filed = _read_key(kept)
    told = tuple(os.environ.get(config.letters.key.env, "").split())
    if told:
        return (*filed, *told)
    if not filed:
        fresh = secrets.token_urlsafe(32)
        if not keep:
            return (fresh,)
        kept.parent.mkdir(parents=True, exist_ok=True)
        try:
            handle = os.open(kept, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        except FileExistsError:  # another process was first: its key is the key
            return _read_key(kept)
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
    """The signed end of an unsubscribe link. It says the number only, and never expires."""
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
