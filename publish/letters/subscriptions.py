"""What people follow, and how it begins, changes and ends.

A subscription belongs to a person (publish.letters.people) and is one of three kinds:
* `search`: what is new for a query;
* `story`: new texts of one story. The texts that it has when the subscription begins count as sent;
* `own`: works and trials of the person's own, by their identifiers: what becomes of them, and what is written of them.

It covers what arrives after it began: it stores the number of the newest document that the site had then
(publish.letters.arrivals), and of the newest night. For one that begins before the first edition, that whole edition is
new. A changed search begins anew. Its number is never used again.

Ending a subscription deletes its row and its list. What it brought still counts as sent, but is no longer followed. A
letter that waits is dropped, so that what else it held comes with the next. When the last subscription of a person
ends, the person is deleted.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import TypedDict

from core import clock
from core.config import Config
from core.errors import UsageError
from core.store import Store, as_record
from publish.letters.arrivals import newest_item, note_arrivals
from publish.letters.channels import find_channel
from publish.letters.current_edition import CurrentEdition, open_current
from publish.letters.facts import note_facts
from publish.letters.given_up import give_up
from publish.letters.people import add_subscriber, delete_subscriber, empty_log, erase, find_subscriber, keep_private
from publish.letters.records import Every, Subscriber, Subscription
from publish.letters.tokens import read_stop, read_token, signing_keys
from publish.letters.wanted import Wanted, check_wanted, with_stages

__all__ = [
    "Wanted", "add_subscription", "change_subscription", "check_wanted", "effective_query", "end_rhythm",
    "end_subscription", "find_subscription", "follow", "get_subscription", "load_owned", "load_subscriptions", "pause",
    "resume", "subscribe", "unsubscribe", "wanted_of",
]  # fmt: skip


class OwnedRow(TypedDict):
    """An identifier of a list."""

    subscription: int
    identifier: str


class IdRow(TypedDict):
    """The number of a subscription, or of a person."""

    id: int


class LetterRow(TypedDict):
    """A letter that waits."""

    id: str


def subscribe(
    config: Config, letters: Store, channel: str, address: str, wanted: Wanted
) -> tuple[Subscriber, Subscription]:
    """Let an address follow something, at once. For whoever may decide it: a person who confirmed, or the operator.

    One whose letters were refused gets those of what they follow again. Raises UsageError if the address or what is
    wanted is invalid, or it is followed already.
    """
    address, wanted = find_channel(channel).check_address(address), check_wanted(config, wanted)
    keep_private(letters)
    with open_current(config) as edition, letters.writing():
        before = find_subscriber(letters, channel, address)
        person = add_subscriber(letters, channel, address)
        if before is not None and before.state == "refused" and wanted.kind != "own":
            known = find_subscription(letters, person.id, wanted)
            if known is not None and known.state == "active":
                return person, known
        return person, follow(letters, person.id, wanted, edition)


def follow(letters: Store, subscriber: int, wanted: Wanted, edition: CurrentEdition | None) -> Subscription:
    """`add_subscription` after what the edition has and says was noted. Inside `writing()`. Raises UsageError.

    So what arrived or changed before is neither new nor a change for it.
    """
    held: Sequence[str] = ()
    if edition is not None:
        note_arrivals(letters, edition.documents(), edition.former())
        note_facts(letters, edition, _newest_night(letters))
        held = edition.members_of(wanted.query) if wanted.kind == "story" else ()
    return add_subscription(letters, subscriber, wanted, held)


def add_subscription(letters: Store, subscriber: int, wanted: Wanted, held: Sequence[str] = ()) -> Subscription:
    """Store a checked subscription. `held`: keys of documents that count as sent. Inside `writing()`.

    Raises UsageError if the person follows it already. One that was paused goes on, as it is wanted now.
    """
    known = None if wanted.kind == "own" else find_subscription(letters, subscriber, wanted)
    if known is not None and known.state == "active":
        raise UsageError(f"this address already gets {known.every} letters for {wanted.query!r}")
    if known is not None:
        resume(letters, known.id)
        return change_subscription(letters, known.id, wanted)
    newest, night = newest_item(letters), _newest_night(letters)
    letters.execute(
        "INSERT INTO subscription (subscriber, kind, query, name, every, weekday, stages, most, created, since, began,"
        " mark, state, reading) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'active', '')",
        (
            subscriber, wanted.kind, _next_list(letters, subscriber) if wanted.kind == "own" else wanted.query,
            wanted.name, wanted.every, wanted.weekday, json.dumps(wanted.stages, ensure_ascii=False), wanted.most,
            clock.stamp(), newest, night, newest,
        ),
    )  # fmt: skip
    stored = int(letters.value("SELECT last_insert_rowid() AS id"))
    _save_owned(letters, stored, wanted.identifiers)
    for document in held:
        letters.execute(
            "INSERT OR IGNORE INTO delivery (subscriber, item, document, subscription, fact, letter)"
            " SELECT ?, item, document, ?, 'before', '' FROM arrival WHERE document = ?",
            (subscriber, stored, document),
        )
    return _stored(letters, stored)


def change_subscription(letters: Store, subscription: int, wanted: Wanted) -> Subscription:
    """Change a subscription to what is wanted now; its kind stays. Inside `writing()`.

    A new search begins anew, and so does one that was for changes only: what came before is not news. Raises UsageError
    if it has gone, or the person follows that already.
    """
    before = _stored(letters, subscription)
    query = before.query if before.kind != "search" else wanted.query
    if query != before.query:
        other = find_subscription(letters, before.subscriber, replace(wanted, kind=before.kind, query=query))
        if other is not None:
            raise UsageError(f"this address already gets {other.every} letters for {query!r}")
        letters.execute(
            "UPDATE subscription SET query = ?, began = ?, reading = '' WHERE id = ?",
            (query, _newest_night(letters), subscription),
        )
    if query != before.query or (before.every == "at once" and wanted.every != "at once"):
        letters.execute(
            "UPDATE subscription SET since = ?1, mark = ?1 WHERE id = ?2", (newest_item(letters), subscription)
        )
    letters.execute(
        "UPDATE subscription SET name = ?, every = ?, weekday = ?, stages = ?, most = ? WHERE id = ?",
        (
            wanted.name, wanted.every, wanted.weekday, json.dumps(wanted.stages, ensure_ascii=False), wanted.most,
            subscription,
        ),
    )  # fmt: skip
    if before.kind == "own":
        letters.execute("DELETE FROM owned WHERE subscription = ?", (subscription,))
        _save_owned(letters, subscription, wanted.identifiers)
    return _stored(letters, subscription)


def pause(letters: Store, subscription: int) -> None:
    """Pause a subscription. What arrives meanwhile comes with the letter after the pause. Inside `writing()`."""
    letters.execute("UPDATE subscription SET state = 'paused' WHERE id = ?", (subscription,))


def resume(letters: Store, subscription: int) -> None:
    """End the pause of a subscription. Inside `writing()`."""
    letters.execute("UPDATE subscription SET state = 'active' WHERE id = ?", (subscription,))


def end_subscription(letters: Store, subscription: int | None) -> int:
    """End a subscription; with the last one, the person goes. Returns 1, or 0 if there is none of this number.

    The work is the same for one that does not exist.
    """
    return _end(letters, "SELECT id FROM subscription WHERE id = ?", (subscription or 0,))


def unsubscribe(config: Config, letters: Store, address_or_token: str) -> int:
    """End all subscriptions of an address, or what the token of a link ends. Returns how many ended."""
    text = address_or_token.strip()
    people = letters.select(IdRow, "SELECT id FROM subscriber WHERE lower(address) = lower(?)", (text,))
    if people:
        return sum(delete_subscriber(letters, row["id"]) for row in people)
    keys = signing_keys(config)
    if stopped := read_stop(keys, text):
        return end_rhythm(letters, *stopped)
    before = read_token(keys, "unsubscribe", text)
    return end_subscription(letters, int(before[0]) if before else None)


def end_rhythm(letters: Store, subscriber: int, every: Every) -> int:
    """End all of a person's subscriptions of one rhythm; with the last one, the person goes. Returns how many."""
    return _end(letters, "SELECT id FROM subscription WHERE subscriber = ? AND every = ?", (subscriber, every))


def find_subscription(letters: Store, subscriber: int, wanted: Wanted) -> Subscription | None:
    """The subscription of a person that follows the same, in any state."""
    row = letters.one(
        "SELECT * FROM subscription WHERE subscriber = ? AND kind = ? AND query = ?",
        (subscriber, wanted.kind, wanted.query),
    )
    return as_record(Subscription, row) if row else None


def get_subscription(letters: Store, subscription: int) -> Subscription | None:
    """The subscription of a number; None if it has ended."""
    row = letters.one("SELECT * FROM subscription WHERE id = ?", (subscription,))
    return as_record(Subscription, row) if row else None


def load_subscriptions(letters: Store, subscriber: int | None = None) -> list[Subscription]:
    """All subscriptions (of one person), in any state, in the order of their numbers."""
    rows = letters.rows("SELECT * FROM subscription WHERE ?1 IS NULL OR subscriber = ?1 ORDER BY id", (subscriber,))
    return [as_record(Subscription, row) for row in rows]


def load_owned(letters: Store, subscription: int | None = None) -> dict[int, tuple[str, ...]]:
    """subscription -> the identifiers of its list, such as `doi:10.1038/…`; of one subscription, or of all."""
    lists: dict[int, list[str]] = {}
    for row in letters.select(
        OwnedRow,
        "SELECT subscription, identifier FROM owned WHERE ?1 IS NULL OR subscription = ?1 ORDER BY 1, 2",
        (subscription,),
    ):
        lists.setdefault(row["subscription"], []).append(row["identifier"])
    return {number: tuple(identifiers) for number, identifiers in lists.items()}


def wanted_of(letters: Store, subscription: Subscription) -> Wanted:
    """A subscription as it would be wanted: what a form shows before it is changed."""
    return Wanted(
        kind=subscription.kind, query=subscription.query, name=subscription.name, every=subscription.every,
        weekday=subscription.weekday, stages=subscription.stages, most=subscription.most,
        identifiers=load_owned(letters, subscription.id).get(subscription.id, ()),
    )  # fmt: skip


def effective_query(subscription: Subscription) -> str:
    """The search of a subscription with its stage filter. Raises ValueError if it follows something else."""
    if subscription.kind != "search":
        raise ValueError(f"a subscription to a {subscription.kind} has no search")
    return with_stages(subscription.query, subscription.stages)


def _end(letters: Store, sql: str, params: tuple[int | str, ...]) -> int:
    with letters.writing():
        ended = [row["id"] for row in letters.select(IdRow, sql, params)]
        numbers = {"ended": json.dumps(ended)}
        those = "IN (SELECT value FROM json_each(:ended))"
        people = letters.select(IdRow, f"SELECT DISTINCT subscriber AS id FROM subscription WHERE id {those}", numbers)
        _drop_waiting(letters, those, numbers)
        letters.execute(f"DELETE FROM owned WHERE subscription {those}", numbers)
        letters.execute(f"UPDATE delivery SET fact = 'counted' WHERE subscription {those}", numbers)
        letters.execute(f"DELETE FROM subscription WHERE id {those}", numbers)
        for person in people:
            if letters.one("SELECT 1 FROM subscription WHERE subscriber = ?", (person["id"],)) is None:
                erase(letters, person["id"])
    empty_log(letters)
    return len(ended)


def _drop_waiting(letters: Store, those: str, numbers: dict[str, str]) -> None:
    """Drop the letters that wait and tell of ended subscriptions: what else they hold comes with the next letter."""
    waiting = letters.select(
        LetterRow,
        "SELECT id FROM letter WHERE state = 'pending' AND (subscriber, every) IN"
        f" (SELECT subscriber, every FROM subscription WHERE id {those})",
        numbers,
    )
    for letter in waiting:
        give_up(letters, letter["id"], "dropped", "what it was about has ended")


def _stored(letters: Store, subscription: int) -> Subscription:
    found = get_subscription(letters, subscription)
    if found is None:
        raise UsageError(f"no subscription {subscription}")
    return found


def _newest_night(letters: Store) -> int:
    return int(letters.value("SELECT coalesce(max(number), 0) AS newest FROM night"))


def _next_list(letters: Store, subscriber: int) -> str:
    """The number of a person's next list."""
    sql = "SELECT coalesce(max(CAST(query AS INTEGER)), 0) + 1 AS next FROM subscription"
    return str(letters.value(f"{sql} WHERE subscriber = ? AND kind = 'own'", (subscriber,)))


def _save_owned(letters: Store, subscription: int, identifiers: Sequence[str]) -> None:
    for identifier in identifiers:
        letters.execute("INSERT INTO owned (subscription, identifier) VALUES (?, ?)", (subscription, identifier))
