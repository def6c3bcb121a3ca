"""The people who get letters: one row for each address of each channel, and everything that hangs on it.

All of this is stored in `letters.db`, a file that only its owner can read and that the site's process never opens. A
person's number is never used again, so an old link cannot reach another person. A person may pause all letters; one
whose letters were refused three times in a row gets none until they subscribe again. Whoever deletes themselves leaves
nothing: the rows go from every table, their bytes are overwritten, and the log of the database is emptied.
"""

from __future__ import annotations

import json
import secrets
from pathlib import Path
from typing import Literal

from core import clock
from core.records import Json
from core.store import Store, as_record, as_row
from publish.letters.records import Subscriber, Subscription
from publish.letters.tokens import read_token

State = Literal["active", "paused", "refused"]
SIGNED = ("webhook",)  # channels whose messages are signed with a secret of the person's own
_LINKED = ("subscription", "letter", "delivery", "notice")  # tables with a column `subscriber`


def find_subscriber(letters: Store, channel: str, address: str) -> Subscriber | None:
    """The person of an address, whatever the case of its letters."""
    row = letters.one("SELECT * FROM subscriber WHERE channel = ? AND lower(address) = lower(?)", (channel, address))
    return as_record(Subscriber, row) if row else None


def get_subscriber(letters: Store, subscriber: int) -> Subscriber | None:
    """The person of a number; None if they have gone."""
    row = letters.one("SELECT * FROM subscriber WHERE id = ?", (subscriber,))
    return as_record(Subscriber, row) if row else None


def find_by_manage(letters: Store, keys: tuple[str, ...], token: str) -> Subscriber | None:
    """The person whose page a token opens; None if we did not sign it, they renewed their addresses, or have gone."""
    parts = read_token(keys, "manage", token)
    person = get_subscriber(letters, int(parts[0]) if parts else 0)
    return person if parts and person and person.links == parts[1] else None


def load_subscribers(letters: Store, state: State | None = "active") -> list[Subscriber]:
    """All people in a state (None: in any), in the order of their numbers."""
    rows = letters.rows("SELECT * FROM subscriber WHERE ?1 IS NULL OR state = ?1 ORDER BY id", (state,))
    return [as_record(Subscriber, row) for row in rows]


def add_subscriber(letters: Store, channel: str, address: str) -> Subscriber:
    """The person of a checked address, added if nobody has it. Inside `writing()`.

    One whose letters were refused is active again; one who paused stays so.
    """
    known = find_subscriber(letters, channel, address)
    if known is None:
        secret = secrets.token_hex(32) if channel in SIGNED else ""
        letters.execute(
            "INSERT INTO subscriber (channel, address, created, state, bounces, links, secret)"
            " VALUES (?, ?, ?, 'active', 0, 1, ?)",
            (channel, address, clock.stamp(), secret),
        )
    elif known.state == "refused":
        set_state(letters, known.id, "active")
    found = find_subscriber(letters, channel, address)
    assert found is not None
    return found


def set_state(letters: Store, subscriber: int, state: State) -> None:
    """Pause all letters of a person, or let them go on. Inside `writing()`. To go on forgets the refusals."""
    letters.execute(
        "UPDATE subscriber SET state = ?1, bounces = CASE ?1 WHEN 'active' THEN 0 ELSE bounces END WHERE id = ?2",
        (state, subscriber),
    )


def renew_links(letters: Store, subscriber: int) -> None:
    """End a person's secret addresses: the page, the feeds and the letters get new ones. Inside `writing()`."""
    letters.execute("UPDATE subscriber SET links = links + 1 WHERE id = ?", (subscriber,))


def delete_subscriber(letters: Store, subscriber: int) -> int:
    """Delete a person and all that is known of them, at once. Returns how many subscriptions ended.

    The work is the same for a number that nobody has.
    """
    with letters.writing():
        ended = erase(letters, subscriber)
    empty_log(letters)
    return ended


def erase(letters: Store, subscriber: int) -> int:
    """Delete every row of a person. Inside `writing()`; call `empty_log` after it. Returns how many subscriptions."""
    number = {"id": subscriber}
    letters.execute(
        "DELETE FROM request WHERE EXISTS (SELECT 1 FROM subscriber s WHERE s.id = :id"
        " AND s.channel = request.channel AND lower(s.address) = lower(request.address))",
        number,
    )
    letters.execute(
        "DELETE FROM owned WHERE subscription IN (SELECT id FROM subscription WHERE subscriber = :id)", number
    )
    gone = {table: letters.execute(f"DELETE FROM {table} WHERE subscriber = :id", number) for table in _LINKED}
    letters.execute("DELETE FROM subscriber WHERE id = :id", number)
    return gone["subscription"]


def empty_log(letters: Store) -> None:
    """Move SQLite's log into the database and empty it, so that no deleted text is left in either.

    While another process reads, the log stays; SQLite empties it when the last one closes the file.
    """
    waited = letters.value("PRAGMA busy_timeout")
    letters.connection.execute("PRAGMA busy_timeout = 0")
    try:
        letters.rows("PRAGMA wal_checkpoint(TRUNCATE)")
    finally:
        letters.connection.execute(f"PRAGMA busy_timeout = {waited}")


def keep_private(letters: Store) -> None:
    """Make letters.db and the two other files of SQLite readable by their owner only."""
    for suffix in ("", "-wal", "-shm"):
        file = Path(f"{letters.path}{suffix}")
        if file.exists():
            file.chmod(0o600)


def export_subscriber(letters: Store, subscriber: int) -> Json:
    """All that is known of a person, as JSON can hold it; {} if they have gone."""
    person = get_subscriber(letters, subscriber)
    if person is None:
        return {}
    asked = (subscriber,)
    subscriptions = [
        as_record(Subscription, row)
        for row in letters.rows("SELECT * FROM subscription WHERE subscriber = ? ORDER BY id", asked)
    ]
    owned = letters.rows(
        "SELECT o.subscription, o.identifier FROM owned o JOIN subscription s ON s.id = o.subscription"
        " WHERE s.subscriber = ? ORDER BY 1, 2",
        asked,
    )
    return {
        "subscriber": as_row(person),
        "subscriptions": [
            {
                **as_row(one),
                "stages": [*one.stages],
                "identifiers": [row["identifier"] for row in owned if row["subscription"] == one.id],
            }
            for one in subscriptions
        ],
        "letters": [
            {**row, "content": json.loads(row["content"] or "null")}
            for row in letters.rows(
                "SELECT l.number, n.day, l.every, l.state, l.reply, l.content FROM letter l"
                " LEFT JOIN night n ON n.number = l.night WHERE l.subscriber = ? ORDER BY l.number",
                asked,
            )
        ],
        "documents": letters.rows(
            "SELECT d.document, d.subscription, d.fact, l.number AS letter FROM delivery d"
            " LEFT JOIN letter l ON l.id = d.letter WHERE d.subscriber = ? ORDER BY d.item",
            asked,
        ),
        "changes": letters.rows(
            "SELECT n.subject, n.number, l.number AS letter FROM notice n LEFT JOIN letter l ON l.id = n.letter"
            " WHERE n.subscriber = ? ORDER BY 1, 2",
            asked,
        ),
        "requests": letters.rows(
            "SELECT wanted, made FROM request WHERE channel = ? AND lower(address) = lower(?) ORDER BY made",
            (person.channel, person.address),
        ),
    }
