"""Make one person's letter from what a night has for them, and store it in the outbox with all that it delivers.

A letter, what it delivers, the changes that it tells and the turns of its subscriptions are one transaction. Before it
is stored, the person and the subscriptions are looked at again: somebody who paused or ended one meanwhile gets no
letter of it now; what else there was comes with the next run.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypedDict

from core import clock
from core.config import Config
from core.records import Run
from core.store import Store
from core.text import fingerprint
from publish.letters.arrivals import newest_item
from publish.letters.channels import find_channel, settings_of
from publish.letters.compose import Choice, Found, Section
from publish.letters.current_edition import CurrentEdition
from publish.letters.facts import newest_fact
from publish.letters.gathering import Gathered, Hold, find_holds
from publish.letters.in_words import address_of, name_of, words_of
from publish.letters.letter import Elsewhere, Letter, Line, Part, Update
from publish.letters.lines import FoundStory, Known, make_lines, pick_before
from publish.letters.matching import Matcher
from publish.letters.preview import preview, say_tips
from publish.letters.records import Every, Night, Subscriber, Subscription
from publish.letters.rendering import to_json
from publish.letters.subscriptions import effective_query, get_subscription
from publish.letters.tokens import letter_address, manage_address, stop_address

BEFORE = 5  # stories of the first letter that were there already
AT_MOST = 40  # stories more that are looked at, where the letter has many
TEXTS = 5  # other texts of one story that a letter names

_SHOWN = """
SELECT a.document FROM arrival a JOIN arrival t ON t.item = a.item
    JOIN delivery d ON d.document = t.document AND d.subscriber = :person
WHERE a.document IN (SELECT value FROM json_each(:keys)) AND d.fact IN ('new', 'before', 'elsewhere')"""


class ShownRow(TypedDict):
    """A document that the person was shown."""

    document: str


class EarlierRow(TypedDict):
    """A document that was sent before, by which subscription and letter."""

    document: str
    subscription: int
    letter: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What all letters of a run are made with."""

    config: Config
    letters: Store
    edition: CurrentEdition
    matcher: Matcher
    known: Known
    owned: Mapping[int, tuple[str, ...]]
    keys: tuple[str, ...]
    night: Night
    run: Run


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What a letter is made of."""

    person: Subscriber
    every: Every
    due: Sequence[Subscription]
    choice: Choice
    about: tuple[Update, ...]
    changed: tuple[Update, ...]


def is_new(subscription: Subscription) -> bool:
    """Whether no letter has set it up yet."""
    return not subscription.welcomed


def make_letter(desk: Desk, draft: Draft, gathered: Gathered, number: int) -> Letter:
    """The content of a person's letter of this number."""
    config, person = desk.config, draft.person
    told_of = {found.story for section in draft.choice.sections for found in (*section.shown, *section.counted)}
    told_of |= {found.story for found in draft.choice.elsewhere}
    parts = tuple(part for section in draft.choice.sections if (part := _make_part(desk, section, gathered, told_of)))
    holds = gathered.holds.get(person.id, {})
    earlier = _find_earlier(desk.letters, person.id, draft, holds)
    about = tuple(_say_because(desk, update, earlier) for update in draft.about)
    told = {part.name for part in parts} | {update.because for update in (*about, *draft.changed)}
    names = [name_of(desk.edition, one, desk.owned.get(one.id, ())) for one in draft.due if one.every != "at once"]
    return Letter(
        site=config.site.name,
        home=config.site.url,
        day=desk.night.day,
        every=draft.every,
        first=number == 1,
        about=about,
        parts=parts,
        changed=draft.changed,
        elsewhere=tuple(_make_elsewhere(desk, found, holds[found.story]) for found in draft.choice.elsewhere),
        nothing_on=tuple(name for name in names if name not in told),
        manage=manage_address(config, desk.keys, person),
        stop=stop_address(config, desk.keys, person.id, draft.every),
        page=letter_address(config, desk.keys, person, number),
        replies_to=tuple(dict.fromkeys(row["letter"] for row in earlier if row["letter"])),
    )


def store_letter(desk: Desk, draft: Draft, letter: Letter, gathered: Gathered, number: int) -> bool:
    """Put the letter into the outbox. Returns False, and stores nothing, if it is no longer wanted as it is."""
    letters, person = desk.letters, draft.person
    ident = fingerprint("letter", str(person.id), person.created, str(number))
    wire = find_channel(person.channel).render(
        letter, ident=ident, to=person.address, settings=settings_of(desk.config, person.channel), moment=clock.now()
    )
    with letters.writing():
        if not _is_wanted(letters, draft):
            return False
        letters.execute(
            "INSERT INTO letter (id, subscriber, number, every, night, facts, state, tries, message, content, run)"
            " VALUES (?, ?, ?, ?, ?, ?, 'pending', 0, ?, ?, ?)",
            (
                ident, person.id, number, draft.every, desk.night.number, newest_fact(letters), wire,
                to_json(letter), desk.run.id,
            ),
        )  # fmt: skip
        for subscription, fact, key in _deliveries(letter, draft.choice):
            letters.execute(
                "INSERT OR IGNORE INTO delivery (subscriber, item, document, subscription, fact, letter)"
                " SELECT ?, item, document, ?, ?, ? FROM arrival WHERE document = ?",
                (person.id, subscription, fact, ident, key),
            )
        for update in (*letter.about, *letter.changed):
            for subject, place in update.changes:
                letters.execute(
                    "INSERT OR IGNORE INTO notice (subscriber, subject, number, letter) VALUES (?, ?, ?, ?)",
                    (person.id, subject, place, ident),
                )
        mark_turns(letters, draft.due, gathered, desk.night, named={part.subscription for part in letter.parts})
        for one in filter(is_new, draft.due):
            letters.execute("UPDATE subscription SET welcomed = ? WHERE id = ?", (ident, one.id))
    return True


def mark_turns(
    letters: Store, due: Sequence[Subscription], gathered: Gathered, night: Night, *, named: frozenset[int] | set[int]
) -> None:
    """Note that subscriptions had their turn. Inside `writing()`.

    `named`: subscriptions of which the letter says something. How a search is read is kept once a letter said what it
    covers now, or where that is nothing new.
    """
    numbers = json.dumps([one.id for one in due])
    letters.execute(
        "UPDATE subscription SET night = ?, day = ?, mark = ? WHERE id IN (SELECT value FROM json_each(?))",
        (night.number, night.day, newest_item(letters), numbers),
    )
    for one in due:
        reading = gathered.matches.reading.get(one.id, one.reading)
        if reading != one.reading and (one.id in named or one.id not in gathered.matches.covers):
            letters.execute("UPDATE subscription SET reading = ? WHERE id = ?", (reading, one.id))
        for key, item in gathered.wider.get(one.id, ()):
            letters.execute(
                "INSERT OR IGNORE INTO delivery (subscriber, item, document, subscription, fact, letter)"
                " VALUES (?, ?, ?, ?, 'wider', '')",
                (one.subscriber, item, key, one.id),
            )


def next_number(letters: Store, subscriber: int) -> int:
    """The number of a person's next letter."""
    sql = "SELECT coalesce(max(number), 0) + 1 AS next FROM letter WHERE subscriber = ?"
    return int(letters.value(sql, (subscriber,)))


def _make_part(desk: Desk, section: Section, gathered: Gathered, told_of: set[str]) -> Part | None:
    """What a subscription has in this letter; None if nothing. `told_of`: stories of the letter; it adds its own."""
    one = section.subscription
    covers = gathered.matches.covers.get(one.id, "")
    if not (section.shown or is_new(one) or covers):
        return None
    owned = desk.owned.get(one.id, ())
    before: list[Line] = []
    there, hint = 0, ""
    if is_new(one) and one.kind == "search":
        query = effective_query(one)
        fresh = {hit.key for found in (*section.shown, *section.counted) for hit in found.hits}
        best = _pick_before(desk, one, query, told_of)
        before = make_lines(desk.known, best)
        told_of |= {found.story for found in best}
        there = max(desk.edition.count(query) - len(fresh), len(before))
        if not (section.shown or before):
            hint = say_tips(preview(desk.edition, one.query, one.stages))
    return Part(
        subscription=one.id,
        name=name_of(desk.edition, one, owned),
        query=words_of(desk.edition, one, owned),
        address=address_of(desk.edition, one),
        lines=tuple(make_lines(desk.known, [_found_story(desk, one, found) for found in section.shown])),
        more=len(section.counted),
        before=tuple(before),
        found_before=there,
        covers=covers,
        first=is_new(one),
        hint=hint,
    )


def _pick_before(desk: Desk, one: Subscription, query: str, told_of: set[str]) -> list[FoundStory]:
    """The best of what was there already, without what the letter has anyway or the person was shown before."""
    best = pick_before(desk.edition, query, BEFORE + min(len(told_of), AT_MOST))
    keys = json.dumps([key for found in best for key in found.matched])
    rows = desk.letters.select(ShownRow, _SHOWN, {"person": one.subscriber, "keys": keys})
    shown = {row["document"] for row in rows}
    held = find_holds(desk.letters, desk.edition, [one.subscriber], {found.story for found in best})
    known = told_of.union(held.get(one.subscriber, {}))
    return [found for found in best if found.story not in known and not shown.intersection(found.matched)][:BEFORE]


def _found_story(desk: Desk, one: Subscription, found: Found) -> FoundStory:
    return FoundStory(
        story=found.story,
        matched=tuple(hit.key for hit in found.hits),
        reading=desk.matcher.read_of(effective_query(one)) if one.kind == "search" else None,
        owned=frozenset(desk.owned.get(one.id, ())) if one.kind == "own" else frozenset(),
    )


def _make_elsewhere(desk: Desk, found: Found, hold: Hold) -> Elsewhere:
    texts = [f"{hit.source}: “{hit.title}”" for hit in found.hits]
    rest = len(texts) - TEXTS
    return Elsewhere(
        title=hold.title,
        page=f"{desk.edition.site}/d/{hold.key}",
        day=hold.day,
        texts=(*texts[:TEXTS], *([f"and {rest} more"] if rest > 0 else [])),
        documents=tuple(hit.key for hit in found.hits),
    )


def _find_earlier(letters: Store, person: int, draft: Draft, holds: Mapping[str, Hold]) -> list[EarlierRow]:
    """What was sent before of what this letter tells more of, oldest first."""
    keys = [held.key for update in draft.about for held in update.held]
    keys += [holds[found.story].key for found in draft.choice.elsewhere]
    return letters.select(
        EarlierRow,
        "SELECT a.document, d.subscription, d.letter FROM arrival a JOIN arrival t ON t.item = a.item"
        " JOIN delivery d ON d.document = t.document AND d.subscriber = ? LEFT JOIN letter l ON l.id = d.letter"
        " WHERE a.document IN (SELECT value FROM json_each(?)) ORDER BY coalesce(l.number, 0), a.document",
        (person, json.dumps(keys)),
    )


def _say_because(desk: Desk, update: Update, earlier: Sequence[EarlierRow]) -> Update:
    """The update with the name of the search that brought the first of what it is about."""
    held = {one.key for one in update.held}
    by = next((row["subscription"] for row in earlier if row["document"] in held), 0)
    one = get_subscription(desk.letters, by)
    return replace(update, because=name_of(desk.edition, one, desk.owned.get(by, ()))) if one else update


def _deliveries(letter: Letter, choice: Choice) -> Iterator[tuple[int, str, str]]:
    """(subscription, fact, document) of all that a letter brings."""
    for section in choice.sections:
        number = section.subscription.id
        for fact, stories in (("new", section.shown), ("counted", section.counted)):
            for found in stories:
                for hit in found.hits:
                    yield number, fact, hit.key
    owner = choice.sections[0].subscription.id if choice.sections else 0
    for found in choice.elsewhere:
        for hit in found.hits:
            yield owner, "elsewhere", hit.key
    for part in letter.parts:
        for line in part.before:
            for key in line.documents:
                yield part.subscription, "before", key


def _is_wanted(letters: Store, draft: Draft) -> bool:
    """Whether the person and all the subscriptions are still there, and active."""
    person = letters.one("SELECT 1 FROM subscriber WHERE id = ? AND state = 'active'", (draft.person.id,))
    there = letters.rows(
        "SELECT id FROM subscription WHERE state = 'active' AND every = ? AND id IN (SELECT value FROM json_each(?))",
        (draft.every, json.dumps([one.id for one in draft.due])),
    )
    return person is not None and len(there) == len(draft.due)
