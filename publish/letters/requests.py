"""Requests to subscribe, which count only when the owner of the address confirms them (double opt-in).

A request is stored with what is wanted, and a signed link to confirm it goes to the address. Until then nobody is
subscribed. In order, `request_subscription`
1. checks the address and what is wanted, as for anybody;
2. deletes requests older than two days and attempts older than one;
3. refuses a network that made MOST_OF_NETWORK requests within a day (IPv4: its /24, IPv6: its /56);
4. stores the request, unless a confirmation went to the address within a day: then nothing is stored and none is sent.

It never looks up whether the address is subscribed, so answer and work are the same for known and unknown addresses;
whoever asks gets the same page in every case of 4. Addresses and networks of attempts are kept for a day and only as
hashes, salted with our signing key.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import json
import secrets
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import TypedDict

from core import clock
from core.config import Config
from core.errors import UsageError
from core.records import Json
from core.store import Store
from publish.letters.channels import find_channel
from publish.letters.current_edition import open_current
from publish.letters.people import add_subscriber, keep_private, set_state
from publish.letters.records import Subscriber, Subscription
from publish.letters.subscriptions import find_subscription, follow
from publish.letters.tokens import CONFIRM_SECONDS, confirm_address, read_token, signing_keys
from publish.letters.wanted import Wanted, check_wanted

MOST_OF_NETWORK = 50
DAY = timedelta(days=1)


class TooMany(UsageError):
    """A network that asks too often. It says nothing of any address."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What to do about a request: send a letter with `link` to confirm it, or (not `send`) nothing.

    `ident` names that letter. Both are filled in either way.
    """

    send: bool
    link: str
    ident: str


class RequestRow(TypedDict):
    """A request that waits."""

    channel: str
    address: str
    wanted: str


def request_subscription(
    config: Config, letters: Store, channel: str, address: str, wanted: Wanted, network: str
) -> Outcome:
    """Note that somebody at `network` (an IP address) wants letters to go to `address`.

    Raises UsageError if the address or what is wanted is invalid, TooMany if the network asked too often.
    """
    address, wanted = find_channel(channel).check_address(address), check_wanted(config, wanted)
    keys = signing_keys(config)
    keep_private(letters)
    ident = secrets.token_hex(8)
    place, person = _hashed(keys, "network", network_of(network)), _hashed(keys, channel, address.casefold())
    with letters.writing():
        forget_old(letters)
        if _count(letters, "request", place) >= MOST_OF_NETWORK:
            raise TooMany("too many requests from your network today", hint="try again tomorrow")
        _note(letters, "request", place)
        send = _count(letters, "confirmation", person) == 0
        if send:
            _note(letters, "confirmation", person)
            letters.execute(
                "INSERT INTO request (id, channel, address, wanted, made) VALUES (?, ?, ?, ?, ?)",
                (ident, channel, address, json.dumps(asdict(wanted), ensure_ascii=False), clock.stamp()),
            )
    return Outcome(send=send, link=confirm_address(config, keys, ident), ident=ident)


def confirm(config: Config, letters: Store, token: str) -> tuple[Subscriber, Subscription] | None:
    """Subscribe who holds the link of a confirmation; None if it is not ours, too old or was used.

    A person who had paused all letters, or whose letters were refused, gets them again. What is followed already stays
    as it is.
    """
    parts = read_token(signing_keys(config), "confirm", token, CONFIRM_SECONDS)
    with open_current(config) as edition, letters.writing():
        request = letters.first(
            RequestRow, "SELECT channel, address, wanted FROM request WHERE id = ?", (parts[0] if parts else "",)
        )
        if parts is None or request is None:
            return None
        letters.execute("DELETE FROM request WHERE id = ?", (parts[0],))
        person = add_subscriber(letters, request["channel"], request["address"])
        if person.state != "active":
            set_state(letters, person.id, "active")
            person = add_subscriber(letters, request["channel"], request["address"])
        wanted = _read_wanted(request["wanted"])
        known = find_subscription(letters, person.id, wanted)
        if known is not None and known.state == "active":
            return person, known
        return person, follow(letters, person.id, wanted, edition)


def find_request(config: Config, letters: Store, token: str) -> Wanted | None:
    """What a confirmation is about, for the page that asks for it; None as for `confirm`. Changes nothing."""
    parts = read_token(signing_keys(config), "confirm", token, CONFIRM_SECONDS)
    row = letters.first(
        RequestRow, "SELECT channel, address, wanted FROM request WHERE id = ?", (parts[0] if parts else "",)
    )
    return _read_wanted(row["wanted"]) if row else None


def forget_old(letters: Store) -> None:
    """Delete requests older than two days and attempts older than one. Inside `writing()`.

    A time more than a day ahead was written before the clock stepped back: it goes, too.
    """
    now = clock.now()
    ahead = clock.stamp(now + DAY)
    oldest = clock.stamp(now - timedelta(seconds=CONFIRM_SECONDS))
    letters.execute("DELETE FROM request WHERE made < ? OR made > ?", (oldest, ahead))
    letters.execute("DELETE FROM attempt WHERE made < ? OR made > ?", (clock.stamp(now - DAY), ahead))


def network_of(address: str) -> str:
    """The network of an IP address, of which one person or one institution may have many.

    >>> network_of("192.0.2.77"), network_of("2001:db8:12:3456::1"), network_of("::ffff:192.0.2.9")
    ('192.0.2.0/24', '2001:db8:12:3400::/56', '192.0.2.0/24')
    """
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address  # a socket of this machine has no address
    if isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped:
        found = found.ipv4_mapped
    return str(ipaddress.ip_network((found, 24 if found.version == 4 else 56), strict=False))


def _read_wanted(text: str) -> Wanted:
    given: Json = json.loads(text)
    return Wanted(**(given | {name: tuple(given[name]) for name in ("stages", "identifiers")}))


def _hashed(keys: tuple[str, ...], *parts: str) -> str:
    return hmac.new(keys[-1].encode(), "\n".join(parts).encode(), hashlib.sha256).hexdigest()


def _count(letters: Store, what: str, who: str) -> int:
    return int(letters.value("SELECT count(*) AS n FROM attempt WHERE what = ? AND who = ?", (what, who)))


def _note(letters: Store, what: str, who: str) -> None:
    """Note an attempt. Several within a second differ by their number."""
    made = f"{clock.stamp()} {_count(letters, what, who):04d}"
    letters.execute("INSERT INTO attempt (what, who, made) VALUES (?, ?, ?)", (what, who, made))
