"""Who should get what, by the plainest means: every search is asked of every text, for every person, every night.

Nothing of the product is used. The rules are those that a reader would state: a story is new once; what becomes of a
text that one was sent, or that one asks for, comes once; a letter that did not arrive says nothing.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Literal, TypeVar

from bench.faulty_relay import Offer
from bench.invented import Event, Text, World
from bench.mails import Entry, read_mail

Every = Literal["daily", "weekly", "at once"]
K = TypeVar("K")
RHYTHMS: tuple[Every, ...] = ("daily", "weekly", "at once")
NAMED = 5  # texts of a story that a letter names
TOKEN = re.compile(r"\bd\d{4}\b|NCT0999\d{4}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A search, as a rule over words."""

    form: str  # one, both, either, without, kind
    words: tuple[str, str]
    kind: str
    every: Every
    weekday: int | None

    @property
    def query(self) -> str:
        """As a person types it."""
        one, two = self.words
        return {
            "one": one, "both": f"{one} {two}", "either": f"{one} OR {two}", "without": f"{one} -{two}",
            "kind": f"{one} kind:{self.kind}",
        }[self.form]  # fmt: skip

    def finds(self, text: Text) -> bool:
        """Whether a text answers it."""
        one, two = (word in text.words for word in self.words)
        return {"one": one, "both": one and two, "either": one or two, "without": one and not two,
                "kind": one and text.kind == self.kind}[self.form]  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody who asks."""

    address: str
    joins: int
    asked: tuple[Asked, ...]


@dataclass(slots=True, kw_only=True, eq=False)
class Letter:
    """What a letter should say."""

    night: int
    fresh: dict[str, set[str]]  # story -> tokens
    elsewhere: dict[str, set[str]]
    events: set[Event]
    before: set[str]  # tokens of what was there, of which it may show some
    offered: int = -1  # night of the last try


@dataclass(slots=True, kw_only=True)
class State:
    """What the oracle knows of a person."""

    person: Person
    since: set[str]  # what was there when they began
    began: int
    turns: dict[int, tuple[int, str]] = field(default_factory=dict)  # search -> number and day of its last turn
    welcomed: dict[int, Letter] = field(default_factory=dict)
    sent: dict[str, Letter] = field(default_factory=dict)  # token -> by which letter
    shown: dict[str, Letter] = field(default_factory=dict)
    known: dict[Event, Letter] = field(default_factory=dict)
    waiting: dict[Every, Letter] = field(default_factory=dict)  # rhythm -> letter
    read: set[str] = field(default_factory=set)  # stories, other texts and changes that arrived
    refusals: int = 0
    refused: int = -1  # night in which a letter that had waited was refused: there is no other one in that night


def _without(kept: dict[K, Letter], letter: Letter) -> dict[K, Letter]:
    return {key: by for key, by in kept.items() if by is not letter}


class Oracle:
    """Compares what arrived with what should."""

    def __init__(self, people: Sequence[Person]) -> None:
        self.people = people
        self.states: dict[str, State] = {}
        self.there: dict[str, int] = {}  # token -> number of the night in which it was first there
        self.number, self.day, self.too_early = 0, "", False
        self.numbers: list[int] = []  # of each run
        self.counts: Counter[str] = Counter()
        self.faults: list[str] = []

    def join(self, night: int) -> None:
        """Let those begin who do so before this night."""
        for person in self.people:
            if person.joins == night:
                self.states[person.address] = State(person=person, since={*self.there}, began=self.number)

    def check(self, world: World, night: int, offers: Sequence[Offer]) -> None:
        """Compare a night."""
        day = world.days[night]
        self.too_early = day == self.day  # minutes after the run before: what that put off has to wait longer
        if not self.too_early:
            self.number, self.day = self.number + 1, day
        self.numbers.append(self.number)
        texts = {text.token: text for text in world.present()}
        for token in texts:
            self.there.setdefault(token, self.number)
        again = {one for state in self.states.values() for one in state.waiting.values() if not self.too_early}
        left = [*offers]
        while left and self._take(world, night, left[0], again):  # what waited goes first
            left.pop(0)
        for state in self.states.values():
            if state.refusals < 3 and state.refused < night:
                for every in RHYTHMS:
                    self._compose(world, night, texts, state, every)
        for offer in left:
            if not self._take(world, night, offer, None):
                self._fault("extra", offer.to, night, "a letter that nobody is due")
        resting = [offer.fate for offer in offers[-3:]] == ["lost"] * 3
        for state in self.states.values():
            for every, letter in [*state.waiting.items()]:
                if letter.offered < 0 and not resting:
                    del state.waiting[every]
                    for story in letter.fresh:
                        self._fault("misses", state.person.address, night, f"{story}: its letter never came")
                    for event in letter.events:
                        self._fault("missed_updates", state.person.address, night, f"{event}: its letter never came")

    # --- what should be ---------------------------------------------------------------------------------------------

    def _compose(self, world: World, night: int, texts: dict[str, Text], state: State, every: Every) -> None:
        due = [
            (place, asked)
            for place, asked in enumerate(state.person.asked)
            if asked.every == every and self._is_due(state, place, asked)
        ]
        if not due or every in state.waiting:
            return
        fresh: dict[str, set[str]] = {}
        elsewhere: dict[str, set[str]] = {}
        held = {world.texts[token].story for token in state.shown} - {""}
        for _, asked in due if every != "at once" else ():
            for text in texts.values():
                if asked.finds(text) and text.token not in state.since and text.token not in state.sent:
                    where = elsewhere if text.story in held else fresh
                    where.setdefault(text.story or text.token, set()).add(text.token)
        new = {token for tokens in fresh.values() for token in tokens}
        events = {event for event in world.events if self._concerns(world, texts, state, event, due, new)}
        first = [place for place, _ in due if place not in state.welcomed]
        for place, _ in due:
            state.turns[place] = (self.number, self.day)
        if not (fresh or events or first):
            return
        before = {t.token for t in texts.values() for p, asked in due if p in first and asked.finds(t)}
        if every != "at once":  # the others have what came since as news
            before &= state.since
        letter = Letter(night=night, fresh=fresh, elsewhere=elsewhere, events=events, before=before)
        state.waiting[every] = letter
        for tokens in (*fresh.values(), *elsewhere.values()):
            state.sent |= dict.fromkeys(tokens, letter)
            state.shown |= dict.fromkeys(tokens, letter)
        state.known |= dict.fromkeys(events, letter)
        state.welcomed |= dict.fromkeys(first, letter)

    def _is_due(self, state: State, place: int, asked: Asked) -> bool:
        if place not in state.turns or asked.every == "at once":
            return True
        number, day = state.turns[place]
        if asked.every == "daily" or number == self.number:
            return number != self.number
        apart = abs(date.fromisoformat(self.day).toordinal() - date.fromisoformat(day).toordinal())
        on_its_day = date.fromisoformat(self.day).weekday() == asked.weekday and apart > 0
        return self.number - number >= 7 or apart >= 7 or on_its_day

    def _concerns(
        self, world: World, texts: dict[str, Text], state: State, event: Event, due: Iterable[tuple[int, Asked]],
        new: set[str],
    ) -> bool:  # fmt: skip
        """Whether a person should hear of an event now."""
        if event in state.known:
            return False
        tokens = world.concerned(event)
        had = tokens & state.shown.keys()
        if had:
            return any(state.shown[token].night < event.night for token in had)
        number = self.numbers[event.night]
        return not tokens & new and any(
            asked.finds(texts[token]) and state.began < number and self.there[token] < number
            for token in tokens
            for _, asked in due
        )

    # --- what was -----------------------------------------------------------------------------------------------------

    def _take(self, world: World, night: int, offer: Offer, among: set[Letter] | None) -> bool:
        """Compare one offer with the letter that it should be. False if there is none."""
        state = self.states[offer.to]
        waiting = [
            (every, letter)
            for every, letter in state.waiting.items()
            if letter.offered < night - self.too_early and (among is None or letter in among)
        ]
        if not waiting:
            return False
        every, letter = min(waiting, key=lambda pair: (pair[1].night, RHYTHMS.index(pair[0])))
        letter.offered = night
        if offer.fate == "deferred":
            return True
        del state.waiting[every]
        if offer.fate == "refused":
            state.refusals += 1
            state.refused = night if among is not None else state.refused
            state.sent = _without(state.sent, letter)
            state.shown = _without(state.shown, letter)
            state.known = _without(state.known, letter)
            state.welcomed = _without(state.welcomed, letter)
            return True
        if offer.fate == "sent":
            state.refusals = 0
        self.counts["letters"] += 1
        self._compare(world, night, state, letter, read_mail(offer.wire).entries)
        return True

    def _compare(self, world: World, night: int, state: State, letter: Letter, entries: Sequence[Entry]) -> None:
        who = state.person.address
        stories: list[str] = []
        events: list[str] = []
        others: list[str] = []
        for entry in entries:
            named = [one.replace("NCT0999", "d") for one in TOKEN.findall(entry.text)]
            if entry.is_update:
                events.append(named[0])
            elif entry.section == "The same story elsewhere":
                others += named[1:]
            else:
                text = world.texts[named[0]]
                story = text.story or text.token
                stories.append(story)
                if story not in letter.fresh:
                    self._show_before(world, state, letter, story)
                    if text.token not in letter.before:
                        self._fault("extra", who, night, f"{story} in a letter of night {letter.night}")
        self.counts["entries"] += len(stories) + len(events) + len(others)
        for name in (*stories, *(f"event {one}" for one in events), *(f"text {one}" for one in others)):
            if name in state.read:
                self._fault("repeats", who, night, name)
            state.read.add(name)
        for story in letter.fresh.keys() - set(stories):
            if letter.fresh[story] <= set(others) and self._was_shown(world, state, letter, story):
                letter.elsewhere[story] = letter.fresh[story]  # another first letter of that night shows it as before
            else:
                self._fault("misses", who, night, story)
        self._compare_events(night, state, letter, set(events))
        self._compare_others(night, who, letter, set(others))

    def _compare_events(self, night: int, state: State, letter: Letter, events: set[str]) -> None:
        who = state.person.address
        wanted = {event.token for event in letter.events}
        for token in wanted - events:
            self._fault("missed_updates", who, night, token)
        if not any(one.before for one in state.waiting.values()):  # of what may be in those nothing is known yet
            for token in events - wanted:
                self._fault("extra", who, night, f"event {token}")

    def _compare_others(self, night: int, who: str, letter: Letter, others: set[str]) -> None:
        for token in others - {token for tokens in letter.elsewhere.values() for token in tokens}:
            self._fault("extra", who, night, f"text {token}")
        for tokens in letter.elsewhere.values():
            if len(tokens) <= NAMED:
                for token in tokens - others:
                    self._fault("misses", who, night, f"text {token}")

    def _was_shown(self, world: World, state: State, letter: Letter, story: str) -> bool:
        return any(world.texts[token].story == story and by is not letter for token, by in state.shown.items())

    def _show_before(self, world: World, state: State, letter: Letter, story: str) -> None:
        """A line of what was there already shows what the search finds of that story."""
        for token in letter.before:
            if (world.texts[token].story or token) == story:
                state.shown.setdefault(token, letter)
                state.sent.setdefault(token, letter)

    def _fault(self, kind: str, who: str, night: int, what: str) -> None:
        self.counts[kind] += 1
        self.faults.append(f"night {night}: {kind}: {who}: {what}")
