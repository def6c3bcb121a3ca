"""What a document's page says of its life: the steps of a paper, who reports it, the record of a trial, its authors.

Read from tables that the edition was made with. In order:
1. `find_standing`: of each paper and trial that a document rests on, in words, what it is and what became of it;
2. `find_life`: of a paper or preprint, its steps with their days, and who reports it, the earliest first; of a trial,
   what the registry's record says, who writes about it, and what they promise;
3. authors and officials lead to the page of the person where the edition has one.

A day after the night of the edition is a plan, and the page says so.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from publish.edition.steps import VALUES
from publish.pages.paper_links import PaperLink
from publish.pages.rows import DocumentLine, OpenEdition, listed
from publish.pages.story_works import Declared
from publish.pages.template_filters import day
from publish.search.own_key import PERSON, is_own, own_key

REPORTS, NAMED = 40, 40  # documents that report a paper or trial; authors that lead to a person
STEPS = "SELECT * FROM milestone WHERE document = :id ORDER BY place"
STANDING = """
SELECT m.document, m.kind, m.day, d.kind AS of FROM milestone m JOIN document d ON d.id = m.document
WHERE m.document IN (SELECT value FROM json_each(:ids)) ORDER BY m.document, m.place"""
TRIALS = "SELECT * FROM trial WHERE document IN (SELECT value FROM json_each(:ids))"
STATUSES = """
SELECT document, status, day FROM trial_status WHERE own = 1 AND document IN (SELECT value FROM json_each(:ids))"""
REPORTED = """
SELECT l.relation, l.why, d.*, m.role, m.why AS role_why
FROM link l JOIN card d ON d.id = l.document LEFT JOIN member m ON m.document = l.document
WHERE l.other = :id AND l.relation IN ('paper', 'trial') ORDER BY d.day, d.id LIMIT :most"""
COUNTED = "SELECT count(*) FROM link WHERE other = :id AND relation IN ('paper', 'trial')"
PROMISES = """
SELECT p.who, p.what, p.due, p.state, p.sentence, d.* FROM link l JOIN promise p ON p.document = l.document
    JOIN card d ON d.id = p.document
WHERE l.other = :id AND l.relation = 'trial' ORDER BY p.due IS NULL, p.due, d.id, p.number LIMIT 12"""
AUTHORS = """
SELECT e.type, e.concept, e.name FROM entity_document x JOIN entity e ON e.id = x.entity
WHERE x.document = :id AND e.type = 'person'"""
STEP = """
SELECT y.step, y.step_value FROM member m CROSS JOIN story_summary y ON y.story = m.story
WHERE m.document = :id AND y.step IS NOT NULL AND EXISTS (
    SELECT 1 FROM label l JOIN json_each(:values) own ON own.key = l.value JOIN json_each(:values) told
        ON told.key = y.step_value AND told.value = own.value
    WHERE l.document = m.document AND l.facet = 'evidence') LIMIT 1"""
DECLARED = "SELECT * FROM declared WHERE document = :id ORDER BY place LIMIT 40"
LINES = "SELECT * FROM card WHERE id IN (SELECT value FROM json_each(:ids))"
SPONSOR = "SELECT type, concept, name FROM entity WHERE id = :id"
WORKS = ("paper", "preprint")
GRAVE = ("retracted", "withdrawn", "concern")


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A step in the life of a paper; `card` is the record that says so, where it is another one that is here."""

    kind: str
    day: str | None
    other: int | None
    ident: str
    url: str | None
    card: DocumentLine | None = None

    @property
    def words(self) -> str:
        return {"preprint": "Preprint", "concern": "Expression of concern"}.get(self.kind, self.kind.capitalize())

    @property
    def grave(self) -> bool:
        return self.kind in GRAVE


@dataclass(frozen=True, slots=True, kw_only=True)
class Reported(DocumentLine):
    """A document that rests on this one, and its part in the story."""

    relation: str
    why: str
    role: str | None
    role_why: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialPromise(DocumentLine):
    """What a document about the trial promises."""

    who: str | None
    what: str
    due: str | None
    state: str
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """An author or official, or an institution, with a page here."""

    type: str
    concept: str
    name: str


@dataclass(frozen=True, slots=True)
class DayOf:
    """A day of a trial's record."""

    words: str
    day: str
    planned: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialRecord:
    """What the registry's record of a trial says."""

    document: int
    number: str
    sponsor: str
    sponsor_entity: int | None
    collaborators: str  # JSON array, like the next ones
    countries: str
    conditions: str
    interventions: str
    officials: str
    phase: str
    study_type: str
    allocation: str
    masking: str
    enrolment: int | None
    enrolment_type: str
    official_title: str
    registered: str | None
    started: str | None
    primary_completed: str | None
    completed: str | None
    results_posted: str | None
    updated: str | None
    has_results: int | None

    def days(self, newest: str) -> list[DayOf]:
        """The days of the record in their order. Those after `newest`, the night of the edition, are plans."""
        told = [
            ("registered", self.registered), ("start", self.started),
            ("last examination for the main outcome", self.primary_completed),
            ("end", self.completed if self.completed != self.primary_completed else None),
            ("results posted", self.results_posted), ("record last changed", self.updated),
        ]  # fmt: skip
        found = [DayOf(words, said, said > newest[: len(said)]) for words, said in told if said]
        return sorted(found, key=lambda one: one.day)

    @property
    def participants(self) -> str:
        """`60 participants (planned)`; nothing where the record gives no number."""
        if self.enrolment is None:
            return ""
        return f"{self.enrolment:,}{f' ({self.enrolment_type})' if self.enrolment_type else ''}"

    @property
    def results(self) -> str:
        """Whether the registry has results."""
        if self.has_results is None:
            return "the record does not say"
        if self.has_results:
            return f"yes, posted on {day(self.results_posted)}" if self.results_posted else "yes"
        return "no results in the registry"


@dataclass(frozen=True, slots=True, kw_only=True)
class StepOf:
    """How far the work of the document's story has come (`publish/edition/steps.py`)."""

    step: int
    step_value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Life:
    """Everything of this module that the page of a document shows."""

    step: StepOf | None
    steps: Sequence[Step]
    declared: Sequence[Declared]  # of a paper or preprint: money, interests, free text
    reported: Sequence[Reported]
    reports: int
    trial: TrialRecord | None
    sponsor: Person | None
    promises: Sequence[TrialPromise]
    people: Mapping[str, Person]  # by the name as the record writes it
    standing: Mapping[int, str]  # of papers and trials that it rests on, by their numbers


@dataclass(frozen=True, slots=True, kw_only=True)
class _StepOf:
    document: int
    kind: str
    day: str | None
    of: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _StatusOf:
    document: int
    status: str
    day: str | None


async def find_life(
    edition: OpenEdition, number: int, kind: str, names: Sequence[str], rests_on: Sequence[PaperLink]
) -> Life:
    """The life of a document. `names`: its authors; `rests_on`: the papers and trials that it rests on."""
    ident = {"id": number}
    reported: list[Reported] = []
    reports = 0
    if kind in ("paper", "preprint", "trial"):
        reported = each_once(await edition.rows(Reported, REPORTED, {**ident, "most": REPORTS}))
        reports = len(reported) if len(reported) < REPORTS else await edition.number(COUNTED, ident)
    trial = await find_trial(edition, number, kind)
    officials = json.loads(trial.officials) if trial else []
    return Life(
        step=await edition.first(StepOf, STEP, {**ident, "values": json.dumps(VALUES)}),
        steps=await find_steps(edition, number) if kind in WORKS else (),
        declared=await edition.rows(Declared, DECLARED, ident) if kind in WORKS else (),
        reported=reported,
        reports=reports,
        trial=trial,
        sponsor=await edition.first(Person, SPONSOR, {"id": trial.sponsor_entity})
        if trial and trial.sponsor_entity
        else None,
        promises=await edition.rows(TrialPromise, PROMISES, ident) if kind == "trial" else (),
        people=find_people(await edition.rows(Person, AUTHORS, ident), [*names[:NAMED], *officials[:NAMED]]),
        standing=await find_standing(edition, rests_on),
    )


async def find_trial(edition: OpenEdition, number: int, kind: str) -> TrialRecord | None:
    """The record of a trial; None for another kind of document, or where the edition has no record."""
    return await edition.first(TrialRecord, TRIALS, listed([number])) if kind == "trial" else None


async def find_steps(edition: OpenEdition, number: int) -> list[Step]:
    """The steps of a paper; one that its own record gives has no card."""
    steps = await edition.rows(Step, STEPS, {"id": number})
    others = [step.other for step in steps if step.other and step.other != number]
    lines = {line.id: line for line in await edition.rows(DocumentLine, LINES, listed(others))} if others else {}
    return [replace(step, card=lines.get(step.other or 0)) for step in steps]


def each_once(rows: Iterable[Reported]) -> list[Reported]:
    """A document that is part of several stories, or names both paper and trial, once."""
    found: dict[int, Reported] = {}
    for row in rows:
        found.setdefault(row.id, row)
    return list(found.values())


def find_people(people: Sequence[Person], names: Iterable[str]) -> dict[str, Person]:
    """Which name of a record is which person of the edition: the same name, in either order."""
    by_key = {own_key(PERSON, one.name): one for one in people}
    by_key |= {one.concept: one for one in people if is_own(one.concept)}
    found = {}
    for name in names:
        plain = name.partition(",")[0]  # without degrees
        person = by_key.get(own_key(PERSON, plain)) or by_key.get(own_key(PERSON, " ".join(reversed(plain.split()))))
        if person:
            found[name] = person
    return found


async def find_standing(edition: OpenEdition, rests_on: Sequence[PaperLink]) -> dict[int, str]:
    """What each paper and trial is and what became of it, in words."""
    ids = listed([link.other for link in rests_on if link.other])
    if ids == listed([]):
        return {}
    steps: dict[int, list[_StepOf]] = {}
    for step in await edition.rows(_StepOf, STANDING, ids):
        steps.setdefault(step.document, []).append(step)
    told = {number: describe_paper([(one.kind, one.day) for one in some], some[0].of) for number, some in steps.items()}
    records = {one.document: one for one in await edition.rows(TrialRecord, TRIALS, ids)}
    for status in await edition.rows(_StatusOf, STATUSES, ids):
        phase = records[status.document].phase if status.document in records else ""
        known = f"{status.status}{f', as the registry said on {day(status.day)}' if status.day else ''}"
        told[status.document] = f"{phase}, {known}" if phase else known
    return told


def describe_paper(steps: Sequence[tuple[str, str | None]], kind: str) -> str:
    """`published on 9 November 2026; no correction or retraction is known here`

    >>> describe_paper([("published", "2024-03-14"), ("retracted", "2026-11-09")], "paper")
    'retracted on 9 November 2026; published on 14 March 2024'
    >>> describe_paper([("preprint", "2026-01-02")], "preprint")
    'a preprint, not reviewed by a journal; no published version is known here'
    """
    came = dict(steps)
    published = came.get("published")
    out = f"published on {day(published)}" if published else "published"
    notices = [
        f"{'an expression of concern' if step == 'concern' else step}{f' on {day(said)}' if said else ''}"
        for step, said in reversed(steps)
        if step not in ("preprint", "published")
    ]
    if kind == "preprint":
        version = f"later {out} in a journal" if "published" in came else "no published version is known here"
        return "; ".join([*notices, "a preprint, not reviewed by a journal", version])
    return "; ".join([*notices, out] if notices else [out, "no correction or retraction is known here"])
