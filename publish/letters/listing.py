"""The list of subscriptions for the operator: by number, without addresses unless they are asked for."""

from __future__ import annotations

from core.records import Json
from core.store import Store
from publish.letters.people import load_subscribers
from publish.letters.records import Subscriber, Subscription
from publish.letters.subscriptions import load_owned, load_subscriptions


def list_subscriptions(letters: Store, *, addresses: bool = False) -> list[Json]:
    """A dict for each subscription, in the order of their numbers."""
    people = {person.id: person for person in load_subscribers(letters, None)}
    owned = load_owned(letters)
    rows: list[Json] = []
    for one in load_subscriptions(letters):
        person = people[one.subscriber]
        row: Json = {
            "subscription": one.id, "subscriber": person.id, "channel": person.channel, "state": _state(person, one),
            "every": one.every, "weekday": one.weekday, "kind": one.kind, "query": one.query, "name": one.name,
            "stages": [*one.stages], "identifiers": len(owned.get(one.id, ())), "created": one.created,
            "last_turn": one.day,
        }  # fmt: skip
        if addresses:
            row["address"] = person.address
        rows.append(row)
    return rows


def show_subscriptions(rows: list[Json]) -> str:
    """The list as a table in plain text."""
    if not rows:
        return "no subscriptions"
    head = ["number", "person", "channel", "state", "every", "last turn", "follows"]
    table = [head + (["address"] if "address" in rows[0] else [])]
    for row in rows:
        cells = [
            str(row["subscription"]), str(row["subscriber"]), row["channel"], row["state"], row["every"],
            row["last_turn"] or "none yet", _follows(row),
        ]  # fmt: skip
        table.append(cells + ([row["address"]] if "address" in row else []))
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    return "\n".join("  ".join(map(str.ljust, line, widths)).rstrip() for line in table)


def _state(person: Subscriber, subscription: Subscription) -> str:
    """The state of the person counts for all they follow."""
    return person.state if person.state != "active" else subscription.state


def _follows(row: Json) -> str:
    what = {"own": f"{row['identifiers']} works and trials", "story": f"story {row['query']}"}
    shown = what.get(row["kind"], str(row["query"]))
    return f"{row['name']}: {shown}" if row["name"] else shown
