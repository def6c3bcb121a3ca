"""Signed addresses: what a link in a letter proves, and what it cannot be used for.

A token is its parts and a signature (itsdangerous), such as `12-1.…`. Each purpose signs with a salt of its own, so a
token of one purpose is worth nothing for another. The purposes, with their parts:

* `confirm`  a request to subscribe, and when the token was made: valid for 48 hours;
* `manage`   a subscriber and the generation of their addresses: the page on which they change everything;
* `feed`     a subscription and the generation: its Atom feed;
* `letter`   a subscriber, the number of a letter and the generation: the letter's own page;
* `stop`     a subscriber and a rhythm: ends these letters. It never expires, and no new generation ends it;
* `unsubscribe`  a subscription: what letters had before there was `stop`. Read, no longer made.

`generation` is `subscriber.links`. Whoever reads a token compares it with the row: a person who renews their addresses
ends those before. No token holds an address or a search.

The key is the secret `letters.key` of the config. If that variable is not set, a key is made once and stored in the
file `letters.key` in the folder of letters.db, readable by its owner only. Several keys separated by spaces rotate: the
last one signs, all are valid.
"""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import Literal, get_args

from itsdangerous import BadSignature, Signer, URLSafeSerializer

from core import clock
from core.config import Config
from core.errors import ConfigError
from publish.letters.records import Every, Subscriber

Purpose = Literal["confirm", "manage", "feed", "letter", "stop", "unsubscribe"]
Part = int | str
CONFIRM_SECONDS = 48 * 3600
MOST = 200  # characters of a token

_SHAPES: dict[Purpose, tuple[type[Part], ...]] = {
    "confirm": (str, int), "manage": (int, int), "feed": (int, int), "letter": (int, int, int), "stop": (int, str),
    "unsubscribe": (int,),
}  # fmt: skip
_SHORT: dict[str, Part] = {"d": "daily", "w": "weekly", "o": "at once"}  # rhythms, for the sake of short addresses
_LONG = {name: letter for letter, name in _SHORT.items()}


def make_token(keys: tuple[str, ...], purpose: Purpose, *parts: Part) -> str:
    """The signed last part of an address; of `confirm`, it holds the time at which it was made.

    Raises ValueError for parts that are not those of the purpose.
    """
    if purpose == "confirm":
        parts = (*parts, _moment())
    if tuple(map(type, parts)) != _SHAPES[purpose] or purpose == "unsubscribe":
        raise ValueError(f"a token to {purpose} is not made of {parts!r}")
    text = "-".join(str(_LONG.get(str(part), part)) for part in parts)
    return _signer(keys, purpose).sign(text).decode("ascii")


def read_token(
    keys: tuple[str, ...], purpose: Purpose, token: str, max_age: int | None = None
) -> tuple[Part, ...] | None:
    """The parts of a token, or None if we did not sign it for this purpose, or longer than `max_age` seconds ago.

    `max_age` is for purposes whose tokens hold their time; that time is not returned.
    """
    if len(token) > MOST or not token.isascii():
        return None
    try:
        if purpose == "unsubscribe":
            number = _before(keys).loads(token)
            return (number,) if isinstance(number, int) else None
        written = _signer(keys, purpose).unsign(token).decode("ascii").split("-")
    except BadSignature:
        return None
    parts = tuple(shape(_SHORT.get(text, text)) for shape, text in zip(_SHAPES[purpose], written, strict=True))
    if purpose != "confirm":
        return parts
    age = _moment() - int(parts[-1])
    return parts[:-1] if max_age is None or age <= max_age else None


def _moment() -> int:
    return int(clock.now().timestamp())


def _signer(keys: tuple[str, ...], purpose: Purpose) -> Signer:
    return Signer(list(keys), salt=f"stemwire.letters.{purpose}/2")


def _before(keys: tuple[str, ...]) -> URLSafeSerializer:
    """Signs the links in letters that were sent before a letter was a person's."""
    return URLSafeSerializer(list(keys), salt="stemwire.letters.unsubscribe")


# --- addresses --------------------------------------------------------------------------------------------------------


def confirm_address(config: Config, keys: tuple[str, ...], request: str) -> str:
    """Where a request to subscribe is confirmed."""
    return f"{_desk(config)}/confirm/{make_token(keys, 'confirm', request)}"


def manage_address(config: Config, keys: tuple[str, ...], subscriber: Subscriber) -> str:
    """The page on which a person changes, pauses, adds and ends what they follow."""
    return f"{_desk(config)}/m/{make_token(keys, 'manage', subscriber.id, subscriber.links)}"


def stop_address(config: Config, keys: tuple[str, ...], subscriber: int, every: Every) -> str:
    """Ends a person's letters of one rhythm; one click by POST (RFC 8058)."""
    return f"{_desk(config)}/stop/{make_token(keys, 'stop', subscriber, every)}"


def feed_address(config: Config, keys: tuple[str, ...], subscriber: Subscriber, subscription: int) -> str:
    """The Atom feed of one of a person's subscriptions."""
    return f"{_desk(config)}/feed/{make_token(keys, 'feed', subscription, subscriber.links)}.atom"


def letter_address(config: Config, keys: tuple[str, ...], subscriber: Subscriber, number: int) -> str:
    """The own page of a person's letter of this number."""
    return f"{_desk(config)}/l/{make_token(keys, 'letter', subscriber.id, number, subscriber.links)}"


def read_stop(keys: tuple[str, ...], token: str) -> tuple[int, Every] | None:
    """The subscriber and the rhythm that a token ends, or None."""
    parts = read_token(keys, "stop", token)
    if parts is None:
        return None
    every = next((name for name in get_args(Every) if name == parts[1]), None)
    return (int(parts[0]), every) if every else None


def _desk(config: Config) -> str:
    return config.letters.desk.rstrip("/")


# --- keys -------------------------------------------------------------------------------------------------------------


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
