"""An invented newsroom for measures of letters: documents, stories and what becomes of them, night after night.

Everything follows from a seed. A document has a few invented words (so that no reading by meaning widens a search), a
token such as `d0042` in its title by which it is recognised in a mail, and perhaps a story, a paper that it cites, or a
trial that it is about. `World.nights` says what there is in each night; `save` writes it into work.db, of which the
real publish step builds an edition.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Literal

from core.records import Document, Edit, Fact, Link, Member, Source, Story, TrialStatus, Version, WorkStatus
from core.store import Store

BEGINS = ("vor", "ket", "dal", "mup", "zin", "rab", "fol", "gup")
ENDS = ("lan", "mik", "tod", "bek", "sur", "wog")
WORDS = [begin + end for begin in BEGINS for end in ENDS]
SOURCES = {"daily": "news", "wire": "news", "office": "press_release", "journal": "journal", "registry": "registry"}
KINDS = {"daily": "news", "wire": "news", "office": "release", "journal": "paper", "registry": "trial"}
TABLES = (
    "source", "document", "version", "edit", "fact", "link", "member", "story", "trial_status", "work_status",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A document as it is in one night."""

    token: str
    ident: str
    source: str
    words: frozenset[str]
    day: str  # of publication
    night: int  # in which it came
    story: str = ""
    paper: str = ""  # token of the paper that it cites
    trial: str = ""  # token of the trial that it is about
    edited: int = -1  # night of an edit of a number
    late: bool = False  # a word came later

    @property
    def kind(self) -> str:
        return KINDS[self.source]

    @property
    def title(self) -> str:
        return f"What the {' and the '.join(sorted(self.words))} did in laboratory {self.token}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """What readers must know of. `token`: of the paper, the trial or the text; each has one event at most."""

    kind: Literal["retracted", "trial", "edit"]
    token: str
    night: int


@dataclass(slots=True)
class World:
    """What there is, night after night."""

    seed: int
    days: list[str]
    a_night: int
    texts: dict[str, Text] = field(default_factory=dict)
    away: set[str] = field(default_factory=set)  # tokens that are missing tonight
    events: list[Event] = field(default_factory=list)

    def nights(self) -> Iterator[int]:
        """Go through the nights; `texts`, `away` and `events` are as of the night."""
        chance = random.Random(self.seed)
        stories: list[str] = []
        for night, day in enumerate(self.days):
            for _ in range(self.a_night):
                self._add(chance, stories, night, day)
            self._move(chance, night)
            self._happen(chance, night)
            singles = [t.token for t in self.texts.values() if not t.story and t.kind == "news" and t.night < night]
            touched = {event.token for event in self.events}
            free = [token for token in singles if token not in touched and not self.texts[token].paper]
            self.away = set(chance.sample(free, min(2, len(free))))
            yield night

    def present(self) -> list[Text]:
        """What the edition of tonight has."""
        return [text for text in self.texts.values() if text.token not in self.away]

    def concerned(self, event: Event) -> set[str]:
        """Tokens of the documents that an event is about, as of tonight."""
        about = {"retracted": "paper", "trial": "trial", "edit": "token"}[event.kind]
        return {t.token for t in self.present() if t.token == event.token or getattr(t, about) == event.token}

    def _add(self, chance: random.Random, stories: list[str], night: int, day: str) -> None:
        token = f"d{len(self.texts):04}"
        source = chance.choices([*SOURCES], [6, 4, 3, 3, 1])[0]
        story = ""
        if source not in ("journal", "registry"):
            if stories and chance.random() < 0.3:
                story = chance.choice(stories[-12:])
            elif chance.random() < 0.5:
                story = f"story-{token}"
                stories.append(story)
        papers = [t.token for t in self.texts.values() if t.kind == "paper"]
        trials = [t.token for t in self.texts.values() if t.kind == "trial"]
        news = KINDS[source] in ("news", "release")
        paper = chance.choice(papers[-8:]) if news and papers and chance.random() < 0.3 else ""
        trial = chance.choice(trials[-4:]) if news and not paper and trials and chance.random() < 0.2 else ""
        self.texts[token] = Text(
            token=token, ident=ident_of(token, source), source=source, day=day, night=night, story=story, paper=paper,
            trial=trial, words=frozenset(chance.sample(WORDS, chance.randint(2, 4))),
        )  # fmt: skip

    def _move(self, chance: random.Random, night: int) -> None:
        """Some texts get another address; some get a word more, so that searches find them later."""
        still = [t for t in self.texts.values() if t.kind == "news" and t.night < night and t.edited < 0]
        touched = {event.token for event in self.events}
        free = [t for t in still if t.token not in touched and not t.late and not t.ident.endswith("-moved")]
        for text in chance.sample(free, min(2, len(free) // 3)):
            self.texts[text.token] = replace(text, ident=f"{text.ident}-moved")
        young = [t for t in self.texts.values() if night - 9 <= t.night < night and not t.ident.endswith("-moved")]
        for text in chance.sample(young, min(2, len(young))):
            self.texts[text.token] = replace(text, words=text.words | {chance.choice(WORDS)}, late=True)

    def _happen(self, chance: random.Random, night: int) -> None:
        touched = {event.token for event in self.events}
        old = [t for t in self.texts.values() if t.night < night and t.token not in touched]
        choices: list[tuple[Literal["retracted", "trial", "edit"], list[Text]]] = [
            ("retracted", [t for t in old if t.kind == "paper"]),
            ("trial", [t for t in old if t.kind == "trial"]),
            ("edit", [t for t in old if t.kind in ("news", "release") and not t.ident.endswith("-moved")]),
        ]
        for kind, some in choices:
            if some and chance.random() < 0.8:
                token = chance.choice(some).token
                self.events.append(Event(kind=kind, token=token, night=night))
                if kind == "edit":
                    self.texts[token] = replace(self.texts[token], edited=night)

    def save(self, work: Store, stamp: str) -> None:
        """Write tonight into work.db, in place of what it held."""
        there = {text.token: text for text in self.present()}
        done: dict[tuple[str, str], Event] = {(event.kind, event.token): event for event in self.events}
        with work.writing():
            for table in TABLES:
                work.execute(f"DELETE FROM {table}")
            work.save(*(_source(name, kind) for name, kind in SOURCES.items()))
            stories: dict[str, list[Text]] = {}
            for text in there.values():
                work.save(_document(text, self.days[text.night]))
                if text.story:
                    stories.setdefault(text.story, []).append(text)
                if text.edited >= 0:
                    replaced = f"{self.days[text.edited]}T02:00:00Z"
                    work.save(_version(text, replaced), _edit(text, replaced))
                for relation, other in (("paper", text.paper), ("trial", text.trial)):
                    if other in there:
                        work.save(_link(text, relation, there[other]))
                self._save_status(work, text, there, done, stamp)
            for story, members in stories.items():
                first = members[0]
                work.save(_story(story, members))
                work.save(*(_member(story, text, first) for text in members))

    def _save_status(
        self, work: Store, text: Text, there: dict[str, Text], done: dict[tuple[str, str], Event], stamp: str
    ) -> None:
        paper = text.token if text.kind == "paper" else text.paper
        if ("retracted", paper) in done and paper in there:
            day = self.days[done["retracted", paper].night]
            about = there[paper].ident
            said = f"This work was retracted on {day}; notice PubMed 9{paper[1:]}"
            work.save(Fact(document=text.ident, kind="status", about=about, value="retracted", day=day, text=said,
                           first_seen=stamp))  # fmt: skip
            if text.token == paper:
                work.save(WorkStatus(document=about, status="retracted", since=day, notice=None, reasons=(),
                                     url=f"https://journal.example/notice/{paper}", why=said))  # fmt: skip
        trial = text.token if text.kind == "trial" else text.trial
        if trial and trial in there:
            ended = done.get(("trial", trial))
            status, day = ("terminated", self.days[ended.night]) if ended else ("recruiting", there[trial].day)
            reason = "slow" if ended else ""
            work.save(TrialStatus(document=text.ident, trial=there[trial].ident, status=status, day=day, reason=reason,
                                  text=f"It is {status}.", first_seen=stamp))  # fmt: skip


def ident_of(token: str, source: str) -> str:
    """The id of a document."""
    if source == "journal":
        return f"doi:10.5555/{token}"
    return f"nct:NCT0999{token[1:]}" if source == "registry" else f"https://{source}.example/{token}"


def _source(name: str, kind: str) -> Source:
    return Source(id=name, name=f"The {name}", kind=kind, country="KR", lang="en", about="An invented source",
                  licence="full", home=None, scope="all", rules="{}")  # fmt: skip


def _text_of(text: Text) -> str:
    people = "66 of 132" if text.edited >= 0 else "60 of 120"
    return f"A note on {', '.join(sorted(text.words))}. {people} were counted in {text.token}."


def _document(text: Text, came: str) -> Document:
    scheme, _, value = text.ident.partition(":")
    identifiers = {scheme: [value]} if scheme in ("doi", "nct") else {}
    address = text.ident if text.ident.startswith("https") else f"https://{text.source}.example/{text.token}"
    return Document(
        id=text.ident, entry=text.token, source=text.source, kind=text.kind, url=address, title=text.title,
        text=_text_of(text), summary="", authors=(), lang="en", published=text.day, published_from="feed", dates=(),
        identifiers=identifiers, links=(), extra={}, licence="full", translated=None, state="current", capture="c",
        first_seen=f"{came}T02:45:00Z", hash=f"{text.token}{text.edited}",
    )  # fmt: skip


def _version(text: Text, replaced: str) -> Version:
    return Version(document=text.ident, hash=f"{text.token}-1", title=text.title, published=text.day, capture="c",
                   text=_text_of(replace(text, edited=-1)), replaced=replaced)  # fmt: skip


def _edit(text: Text, replaced: str) -> Edit:
    return Edit(document=text.ident, replaced=replaced, place=0, part="text", kind="number", before="60 of 120",
                after="66 of 132", silent=1, why="a number changed")  # fmt: skip


def _link(text: Text, relation: str, other: Text) -> Link:
    return Link(src=text.ident, relation=relation, dst=other.ident, score=1.0, how="identifier",
                why="its number is there", component="invented/1")  # fmt: skip


def _story(story: str, members: list[Text]) -> Story:
    days = sorted(text.day for text in members)
    return Story(id=story, title=members[0].title, first=days[0], last=days[-1], origin=members[0].ident,
                 documents=len(members), outlets=len({t.source for t in members}), why="one event")  # fmt: skip


def _member(story: str, text: Text, first: Text) -> Member:
    role = "origin" if text is first else "coverage"
    return Member(
        story=story, document=text.ident, role=role, score=1.0, kept=None, added="", dropped="", why="one event"
    )
