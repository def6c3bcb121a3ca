"""Who hears of which change: those who were sent a document of it, and those whose searches find one.

`gather_updates` reads, once a run and for all people, the changes of the last nights, the documents that they are
about, who was sent one of these, and who knows which change already. `make_updates` then decides for one person:

1. **About** what the person was sent: a document that a letter showed (new, as already there, or as another text of a
   story) is held. A change of it that was noted after that letter was written comes once. What a document arrives
   with (a paper that is retracted already) is part of its own line and no change.
2. **Changed**: of documents that the person does not hold, those that a due search or followed story finds, or that a
   due list names by its number; the change is later than the subscription, and than the arrival of the document.
3. What is about one thing is one update, however many subjects tell it and however many documents it is in.

A change is about these documents: of a work its own record and all that cite it; of a trial its record and what is
about no other trial (of its phase and number of people only the record); of an edit the text; of a preprint its record
and what rests on it. A change may be about none that is here: a list hears of it all the same.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from typing import Protocol, TypedDict

from core.store import Store
from publish.letters.facts import Change, find_changes
from publish.letters.held import DAY, HELD
from publish.letters.letter import Held, Update
from publish.letters.records import Subscription
from publish.letters.statements import FIRST_KEY, Reading
from publish.letters.update_words import describe, find_title

LOOK_BACK = 60  # nights in which a change can still go to somebody
ORDER = ("retraction", "concern", "correction", "number", "trial", "published", "text", "other")

_OF_WORKS = """
SELECT about AS name, document, own FROM banner WHERE about IN (SELECT value FROM json_each(:names))
UNION SELECT ident, document, 0 FROM link
WHERE relation IN ('paper', 'published') AND ident IN (SELECT value FROM json_each(:names))
UNION SELECT ident, id, 1 FROM document WHERE ident IN (SELECT value FROM json_each(:names))"""
_OF_TRIALS = """
SELECT trial AS name, document, own FROM trial_status
WHERE trial IN (SELECT value FROM json_each(:names)) AND (own = 1 OR alone = 1)
UNION SELECT ident, id, 1 FROM document WHERE ident IN (SELECT value FROM json_each(:names))"""
_OF_TEXTS = """
SELECT "key" AS name, id AS document, 1 AS own FROM document WHERE "key" IN (SELECT value FROM json_each(:names))
UNION SELECT f."key", d.id, 1 FROM former_key f JOIN document d ON d."key" = f.document
WHERE f."key" IN (SELECT value FROM json_each(:names))"""
_RESTING = f"""
SELECT {FIRST_KEY} AS name, l.document, 0 AS own FROM link l JOIN document d ON d.id = l.other
WHERE l.relation = 'paper' AND {FIRST_KEY} IN (SELECT value FROM json_each(:names))"""
_LINES = 'SELECT id, "key", title, night FROM document WHERE id IN (SELECT value FROM json_each(:names))'
_ARRIVALS = """
SELECT a.document, min(t.night) AS night FROM arrival a JOIN arrival t ON t.item = a.item
WHERE a.document IN (SELECT value FROM json_each(?)) GROUP BY a.document"""
_HELD = f"""
SELECT a.document, d.subscriber, l.facts, s.began, {DAY} AS day {HELD}
    AND a.document IN (SELECT value FROM json_each(?))"""
_TOLD = "SELECT subscriber, subject, number FROM notice WHERE subject IN (SELECT value FROM json_each(?))"
_OWNED = "SELECT subscription, identifier FROM owned WHERE identifier IN (SELECT value FROM json_each(?))"


class Edition(Reading, Protocol):
    """An edition, and where it is published."""

    site: str


class NamedRow(TypedDict):
    """A document of a work, trial or text. `own`: it is its record."""

    name: str
    document: int
    own: int


class LineRow(TypedDict):
    """A document as an update names it."""

    id: int
    key: str
    title: str
    night: str


class ArrivalRow(TypedDict):
    """When a document arrived, under its first key."""

    document: str
    night: int


class NightRow(TypedDict):
    """A night and its day."""

    number: int
    day: str


class HeldRow(TypedDict):
    """A document that a person was sent. `facts`: what was known then; empty: it was there when a follow began."""

    document: str
    subscriber: int
    facts: int | None
    began: int | None
    day: str


class ToldRow(TypedDict):
    """A change that a person knows already."""

    subscriber: int
    subject: str
    number: int


class OwnedRow(TypedDict):
    """An identifier of a list."""

    subscription: int
    identifier: str


@dataclass(frozen=True, slots=True)
class Document:
    """A document that a change is about. `own`: the record of the work or trial, or the text itself."""

    key: str
    title: str
    own: bool
    night: str  # in which it came in: the day, YYYY-MM-DD


@dataclass(frozen=True, slots=True)
class Hold:
    """That a person was sent a document: on which day, and what was known then."""

    day: str
    facts: int | None
    began: int

    def is_before(self, change: Change) -> bool:
        """Whether the change was noted after the document was sent."""
        return change.item > self.facts if self.facts is not None else change.night > self.began


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What changed, what it is about, and who knows. The same for all people of a run."""

    site: str
    changes: Sequence[Change]
    documents_of: Mapping[int, Mapping[str, Document]]  # of the change at this place, by their keys
    at: Mapping[str, Sequence[int]]  # key of a document -> places of its changes
    arrived: Mapping[str, int]  # key of a document -> its night
    days: Mapping[int, str]  # night -> its day
    holds: Mapping[int, Mapping[str, Hold]]  # subscriber -> key of a document
    known: frozenset[tuple[int, str, int]] = frozenset()  # (subscriber, subject, number)
    owned: Mapping[int, Sequence[int]] = field(default_factory=dict)  # list -> places of its changes
    same: Mapping[int, Sequence[int]] = field(default_factory=dict)  # place -> those that say the same of one work

    @property
    def documents(self) -> frozenset[str]:
        """The keys of all documents in which something changed."""
        return frozenset(self.at)

    @property
    def holders(self) -> frozenset[int]:
        """Who was sent something that changed, and does not know it yet."""
        return frozenset(person for person in self.holds if find_about(self, person))


def gather_updates(letters: Store, edition: Edition, night: int) -> Told:
    """What changed in the last nights, after the facts of tonight were noted."""
    changes = find_changes(letters, night - LOOK_BACK)
    documents_of = find_documents(edition, changes)
    at: dict[str, list[int]] = defaultdict(list)
    for place, documents in documents_of.items():
        for key in documents:
            at[key].append(place)
    keys = json.dumps([*at])
    holds: dict[int, dict[str, Hold]] = defaultdict(dict)
    for row in letters.select(HeldRow, _HELD, (keys,)):
        holds[row["subscriber"]][row["document"]] = Hold(row["day"], row["facts"], row["began"] or 0)
    subjects = json.dumps([*{change.subject for change in changes}])
    named: dict[str, list[int]] = defaultdict(list)
    for place, change in enumerate(changes):
        for name in change.identifiers:
            named[name].append(place)
    owned: dict[int, list[int]] = defaultdict(list)
    for one in letters.select(OwnedRow, _OWNED, (json.dumps([*named]),)):
        owned[one["subscription"]] += named[one["identifier"]]
    return Told(
        site=edition.site, changes=changes, documents_of=documents_of, at=at, holds=holds,
        arrived={row["document"]: row["night"] for row in letters.select(ArrivalRow, _ARRIVALS, (keys,))},
        days={row["number"]: row["day"] for row in letters.select(NightRow, "SELECT number, day FROM night")},
        known=frozenset(
            (row["subscriber"], row["subject"], row["number"]) for row in letters.select(ToldRow, _TOLD, (subjects,))
        ),
        owned={subscription: sorted({*places}) for subscription, places in owned.items()},
        same=_find_same(changes),
    )  # fmt: skip


def make_updates(
    told: Told,
    subscriber: int,
    due: Sequence[Subscription],
    matches: Mapping[int, Collection[str]],
    shown: Collection[str] = (),
) -> tuple[tuple[Update, ...], tuple[Update, ...]]:
    """(about, changed) of a person's letter for the subscriptions that are `due`.

    `matches`: of each due search and story, the keys among the documents that changed that it finds. `shown`: keys of
    documents that this letter shows for the first time: their lines say how they are.
    """
    about = find_about(told, subscriber)
    groups: dict[str, list[int]] = defaultdict(list)
    for place in about:
        groups[_group_of(told.changes[place])].append(place)
    seen = {*told.holds.get(subscriber, ()), *shown}
    changed: dict[str, dict[int, str]] = {}  # group -> places, each with the search that finds it
    for subscription in due:
        for place in _find_changed(told, subscriber, seen, subscription, matches.get(subscription.id, ())):
            group = _group_of(told.changes[place])
            if group not in groups:
                changed.setdefault(group, {}).setdefault(place, subscription.name or subscription.query)
    return (
        _sort(_make_update(told, places, told.holds[subscriber]) for places in groups.values()),
        _sort(_make_update(told, [*places], {}, next(iter(places.values()))) for places in changed.values()),
    )


def find_about(told: Told, subscriber: int) -> list[int]:
    """Places of the changes, noted later, of what a person was sent, that the person does not know yet."""
    places = {
        place
        for key, hold in told.holds.get(subscriber, {}).items()
        for place in told.at[key]
        if hold.is_before(told.changes[place]) and not _is_known(told, subscriber, place)
    }
    return sorted(places)


def _find_changed(
    told: Told, subscriber: int, seen: Set[str], subscription: Subscription, found: Collection[str]
) -> list[int]:
    """Places of the changes that a subscription finds in documents that the person has not seen."""
    places = {place for key in found for place in told.at.get(key, ()) if _was_there(told, key, place)}
    if subscription.kind == "own":
        places.update(told.owned.get(subscription.id, ()))
    return sorted(
        place
        for place in places
        if told.changes[place].night > subscription.began
        and not any(
            seen & told.documents_of.get(same, {}).keys() or _is_known(told, subscriber, same)
            for same in (place, *told.same.get(place, ()))
        )
    )


def _was_there(told: Told, key: str, place: int) -> bool:
    """Whether a document was there before a change. One that was noted outside of a run counts for the next night."""
    night, arrived = told.changes[place].night, told.arrived.get(key, 0)
    return night > arrived or (night == arrived and told.documents_of[place][key].night != told.days.get(night))


def _is_known(told: Told, subscriber: int, place: int) -> bool:
    change = told.changes[place]
    return (subscriber, change.subject, change.number) in told.known


def _group_of(change: Change) -> str:
    """What comes together: all of a work (one notice, where the work is not here), of a trial, of a text."""
    if change.kind in ("work", "rests"):
        notice = change.told["url"] if not change.told["record"] else ""
        return f"work:{notice or change.thing}"
    if change.kind in ("edit", "published"):
        return change.subject
    return f"trial:{change.thing}"


def _find_same(changes: Sequence[Change]) -> dict[int, list[int]]:
    """Of each change of a work, those that say the same of it: of another identifier, or of a text that cites it."""
    groups: dict[tuple[str, str], list[int]] = defaultdict(list)
    for place, change in enumerate(changes):
        if change.kind in ("work", "rests"):
            groups[_group_of(change), change.value].append(place)
    return {place: places for places in groups.values() for place in places}


def _make_update(told: Told, places: Sequence[int], holds: Mapping[str, Hold], because: str = "") -> Update:
    """One update of changes about one thing. `holds`: what the person was sent; empty in `changed`."""
    changes = [told.changes[place] for place in sorted(places)]
    documents = {key: one for place in sorted(places) for key, one in told.documents_of.get(place, {}).items()}
    held = {key: one for key, one in documents.items() if key in holds}
    own = next((one for one in documents.values() if one.own), None)
    behind = 0 if not held or any(one.own for one in held.values()) else len(held)
    words = describe(changes, behind=behind)
    before = find_title(changes)
    shown = own or next(iter((held or documents).values()), None)
    lead = next((one for one in reversed(changes) if one.kind in ("work", "trial")), changes[-1])
    return Update(
        kind=words.kind, headline=words.headline, detail=words.detail, url=words.url,
        page=_page(told.site, shown.key) if shown else "", because=because,
        held=tuple(
            Held(title=before or one.title, page=_page(told.site, key), day=holds[key].day, key=key)
            for key, one in sorted(held.items(), key=lambda pair: (holds[pair[0]].day, pair[0]))
        ),
        subject=lead.subject, number=lead.number, documents=tuple(documents),
        also=tuple((one.subject, one.number) for one in changes if one is not lead),
    )  # fmt: skip


def _page(site: str, key: str) -> str:
    return f"{site.rstrip('/')}/d/{key}"


def _sort(updates: Iterable[Update]) -> tuple[Update, ...]:
    """What is grave first, and the same order each time."""
    return tuple(sorted(updates, key=lambda one: (ORDER.index(one.kind), one.subject)))


# --- documents --------------------------------------------------------------------------------------------------------


def find_documents(edition: Reading, changes: Sequence[Change]) -> dict[int, dict[str, Document]]:
    """The documents that each change is about, by the place of the change and their keys; none where none is here."""
    names = [*map(_names_of, changes)]
    asked: dict[str, set[str]] = defaultdict(set)
    for change, some in zip(changes, names, strict=True):
        asked[_table_of(change)].update(some)
    found: dict[tuple[str, str], list[NamedRow]] = defaultdict(list)
    for table, sqls in _QUERIES.items():
        for sql in sqls if asked[table] else ():
            for row in edition.select(NamedRow, sql, {"names": json.dumps(sorted(asked[table]))}):
                found[table, row["name"]].append(row)
    numbers = sorted({row["document"] for rows in found.values() for row in rows})
    lines = {row["id"]: row for row in edition.select(LineRow, _LINES, {"names": json.dumps(numbers)})}
    documents: dict[int, dict[str, Document]] = {}
    for place, (change, some) in enumerate(zip(changes, names, strict=True)):
        rows = [row for name in some for row in found[_table_of(change), name]]
        for row in sorted(rows, key=lambda row: (-row["own"], row["document"])):
            if row["own"] or change.kind not in ("phase", "enrolment"):
                line = lines[row["document"]]
                one = Document(line["key"], line["title"], bool(row["own"]) and change.kind != "rests", line["night"])
                documents.setdefault(place, {}).setdefault(one.key, one)
    return documents


def _table_of(change: Change) -> str:
    """Under which queries the documents of a change are found."""
    if change.kind in ("edit", "rests"):
        return "text"
    return change.kind if change.kind in ("work", "published") else "trial"


def _names_of(change: Change) -> tuple[str, ...]:
    """By what the documents of a change are found."""
    if change.kind == "rests":
        return (change.name.partition(":")[0],)
    if change.kind in ("edit", "published"):
        return (change.name,)
    return tuple(dict.fromkeys((change.thing, *change.identifiers)))


_QUERIES = {
    "work": (_OF_WORKS,), "trial": (_OF_TRIALS,), "text": (_OF_TEXTS,), "published": (_OF_TEXTS, _RESTING),
}  # fmt: skip
