"""What a night has for the people whose turn it is, read for all of them at once: a join, not a query for each.

1. Candidates are documents that arrived after a subscription began and since its last turn, and those of the last
   LOOK_BACK nights: a document may begin to match later, when its entities are found. Numbers of arrivals decide
   this, so that neither a clock that jumps nor a failed night loses or repeats anything.
2. Of these, the ones that the subscription finds (`matching`), and that the person was not sent in any letter, are its
   hits. What only a wider reading of its search finds, and was there before, is no hit: it counts as sent.
3. A hit belongs to the first of its stories. `holds` says of which stories the person was shown a text before.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypedDict

from core.store import Store
from publish.letters.compose import Hit
from publish.letters.current_edition import CurrentEdition
from publish.letters.held import DAY, HELD
from publish.letters.matching import Asked, Matcher, Matches
from publish.letters.records import Night, Subscription
from publish.letters.subscriptions import effective_query, load_owned

LOOK_BACK = 30  # nights in which a document is searched again

_DOCUMENTS = """
SELECT d."key" AS document, coalesce((SELECT t."key" FROM member m JOIN story t ON t.id = m.story
    WHERE m.document = d.id ORDER BY m.story LIMIT 1), d."key") AS story, coalesce(d.published, '') AS published,
    d.title, s.name AS source
FROM document d JOIN source s ON s.id = d.source WHERE d."key" IN (SELECT value FROM json_each(?))"""
_MEMBERS = """
SELECT t."key" AS story, d."key" AS document, d.title FROM story t JOIN member m ON m.story = t.id
    JOIN document d ON d.id = m.document
WHERE t."key" IN (SELECT value FROM json_each(?)) ORDER BY t.id, d.id"""
_HELD = f"""
SELECT a.document, d.subscriber, d.letter, {DAY} AS day {HELD}
    AND a.document IN (SELECT value FROM json_each(:documents))
    AND d.subscriber IN (SELECT value FROM json_each(:people))
ORDER BY day, d.item"""
_SENT = """
SELECT d.subscriber, d.item FROM json_each(:people) p JOIN delivery d ON d.subscriber = p.value AND d.item >= :oldest"""

_SHOWN = """
SELECT s.id AS subscription, d.document FROM json_each(?) f JOIN subscription s ON s.id = f.value
    JOIN delivery d ON d.subscriber = s.subscriber AND d.subscription = s.id"""


class ArrivalRow(TypedDict):
    """A document that may be new for somebody."""

    document: str
    item: int
    night: int


class DocumentRow(TypedDict):
    """What the edition says of a document."""

    document: str
    story: str
    published: str
    title: str
    source: str


class MemberRow(TypedDict):
    """A document of a story."""

    story: str
    document: str
    title: str


class HeldRow(TypedDict):
    """A document that a person was shown."""

    document: str
    subscriber: int
    letter: str
    day: str


class SentRow(TypedDict):
    """An arrival that a person was sent, in whatever way."""

    subscriber: int
    item: int


class KeyRow(TypedDict):
    """A document that a person was shown, under the story that they follow."""

    subscription: int
    document: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """The first text of a story that a person was shown."""

    key: str
    title: str
    day: str  # YYYY-MM-DD
    letter: str  # letter.id; empty where it was there when the person began to follow the story


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered:
    """What a night has for the subscriptions whose turn it is."""

    hits: Mapping[int, Sequence[Hit]]  # by subscription
    wider: Mapping[int, Sequence[tuple[str, int]]]  # by subscription: (document, item) that count as sent
    changed: Mapping[int, frozenset[str]]  # by subscription: what it finds among the documents that changed
    holds: Mapping[int, Mapping[str, Hold]]  # by subscriber and story
    matches: Matches


def gather(
    letters: Store,
    edition: CurrentEdition,
    matcher: Matcher,
    due: Sequence[Subscription],
    night: Night,
    documents: frozenset[str],
) -> Gathered:
    """What there is for the subscriptions that are due. `documents`: those that changed."""
    arrivals = _find_arrivals(letters, due, night)
    matches = matcher.match(_asked(letters, due), documents | arrivals.keys())
    sent = _find_sent(letters, due, arrivals)
    first = night.number - LOOK_BACK
    fresh: dict[int, list[str]] = {}
    wider: dict[int, list[tuple[str, int]]] = {}
    changed: dict[int, frozenset[str]] = {}
    for one in due:
        found = matches.found.get(one.id, ())
        changed[one.id] = documents.intersection(found)
        late = matches.wider.get(one.id, frozenset())
        for key in found:
            arrival = arrivals.get(key)
            if arrival is None or arrival["item"] <= one.since or (one.subscriber, arrival["item"]) in sent:
                continue
            if arrival["item"] > one.mark or (arrival["night"] > first and key not in late):
                fresh.setdefault(one.id, []).append(key)
            elif key in late:
                wider.setdefault(one.id, []).append((key, arrival["item"]))
    details = _find_details(edition, {key for keys in fresh.values() for key in keys})
    hits = {
        number: [_hit(details[key], arrivals[key]["item"]) for key in keys if key in details]
        for number, keys in fresh.items()
    }
    people = {one.id: one.subscriber for one in due}
    return Gathered(hits=hits, wider=wider, changed=changed, matches=matches,
                    holds=find_holds(letters, edition, {people[number]: () for number in hits},
                                      {hit.story for some in hits.values() for hit in some}))  # fmt: skip


def _hit(row: DocumentRow, item: int) -> Hit:
    return Hit(
        key=row["document"], item=item, story=row["story"], published=row["published"], title=row["title"],
        source=row["source"],
    )  # fmt: skip


def _asked(letters: Store, due: Sequence[Subscription]) -> dict[int, Asked]:
    owned = load_owned(letters)
    shown: dict[int, list[str]] = {}
    stories = json.dumps([one.id for one in due if one.kind == "story"])
    for row in letters.select(KeyRow, _SHOWN, (stories,)):
        shown.setdefault(row["subscription"], []).append(row["document"])
    return {
        one.id: Asked(
            kind=one.kind,
            query=effective_query(one) if one.kind == "search" else one.query,
            reading=one.reading,
            owned=owned.get(one.id, ()),
            held=tuple(shown.get(one.id, ())),
        )
        for one in due
    }


def _find_arrivals(letters: Store, due: Sequence[Subscription], night: Night) -> dict[str, ArrivalRow]:
    """The documents that may be new for one of the subscriptions, by their keys."""
    sql = "SELECT document, item, night FROM arrival WHERE item > :since AND (item > :mark OR night > :night)"
    reach = {
        "since": min(one.since for one in due), "mark": min(one.mark for one in due),
        "night": night.number - LOOK_BACK,
    }  # fmt: skip
    return {row["document"]: row for row in letters.select(ArrivalRow, sql, reach)}


def _find_sent(letters: Store, due: Sequence[Subscription], arrivals: Mapping[str, ArrivalRow]) -> set[tuple[int, int]]:
    """(person, item) of what was sent among these arrivals."""
    if not arrivals:
        return set()
    oldest = min(row["item"] for row in arrivals.values())
    people = json.dumps(sorted({one.subscriber for one in due}))
    rows = letters.select(SentRow, _SENT, {"people": people, "oldest": oldest})
    return {(row["subscriber"], row["item"]) for row in rows}


def _find_details(edition: CurrentEdition, keys: Iterable[str]) -> dict[str, DocumentRow]:
    rows = edition.select(DocumentRow, _DOCUMENTS, (json.dumps(sorted(keys)),))
    return {row["document"]: row for row in rows}


def find_holds(
    letters: Store, edition: CurrentEdition, people: Iterable[int], stories: Iterable[str]
) -> dict[int, dict[str, Hold]]:
    """Of which of these stories each person was shown a text, and the first of these texts."""
    members = {row["document"]: row for row in edition.select(MemberRow, _MEMBERS, (json.dumps(sorted(stories)),))}
    asked = {"documents": json.dumps([*members]), "people": json.dumps([*people])}
    holds: dict[int, dict[str, Hold]] = {}
    for row in letters.select(HeldRow, _HELD, asked):
        member = members[row["document"]]
        hold = Hold(key=row["document"], title=member["title"], day=row["day"], letter=row["letter"])
        holds.setdefault(row["subscriber"], {}).setdefault(member["story"], hold)
    return holds
