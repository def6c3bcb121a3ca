"""The papers and trials of a story: where each is published, what became of it, who paid, and where it is free to read.

A work is a record that documents of the story rest on, or that is a document of the story itself. What is said of it is
what its record here says; of a work whose record is not here only its number is known.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

from publish.pages.rows import DocumentLine, OpenEdition, listed
from publish.pages.story_members import WORKS, Member

MOST = 12
LINKS = """
SELECT l.relation, l.ident, max(l.other) AS other, count(*) AS n, max(l.why) AS why
FROM json_each(:ids) j CROSS JOIN link l ON l.document = j.value
WHERE l.ident <> '' AND l.relation IN ('paper', 'published', 'trial')
GROUP BY l.relation, l.ident ORDER BY n DESC, l.ident LIMIT 40"""
RECORDS = """
SELECT d.id, d.title, d.kind, d.day, d.slug, d."key", d.lang, d.source, d.country, s.name AS source_name, d.journal,
    d.published, d.ident, d.url
FROM json_each(:ids) j CROSS JOIN document d ON d.id = j.value JOIN source s ON s.id = d.source"""
DECLARED = """
SELECT d.document, d.what, d.value, d.number, d.url FROM json_each(:ids) j CROSS JOIN declared d ON d.document = j.value
ORDER BY j.key, d.place"""
TRIALS = """
SELECT t.document, t.sponsor, e.type, e.concept, t.phase, t.enrolment, t.enrolment_type, t.allocation, t.started,
    t.completed, t.results_posted
FROM json_each(:ids) j CROSS JOIN trial t ON t.document = j.value LEFT JOIN entity e ON e.id = t.sponsor_entity"""
STEPS = """
SELECT m.document, m.kind, m.day, m.other, m.ident, m.url
FROM json_each(:ids) j CROSS JOIN milestone m ON m.document = j.value ORDER BY j.key, m.place"""
CONTACTS = """
SELECT c.document, c.kind, c.value FROM json_each(:ids) j CROSS JOIN contact c ON c.document = j.value
ORDER BY j.key, c.place"""


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkRow:
    """A work that documents rest on; `n` is how many."""

    relation: str
    ident: str
    other: int | None
    n: int
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Record(DocumentLine):
    """The record of a work."""

    journal: str | None
    published: str | None
    ident: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    """What a record says of money, interests, or a free text."""

    document: int
    what: str
    value: str
    number: str
    url: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialRecord:
    """What the registry's record of a trial says; type and concept of its sponsor, where that is a thing here."""

    document: int
    sponsor: str
    type: str | None
    concept: str | None
    phase: str
    enrolment: int | None
    enrolment_type: str
    allocation: str
    started: str | None
    completed: str | None
    results_posted: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LifeStep:
    """A step in the life of a paper."""

    document: int
    kind: str
    day: str | None
    other: int | None
    ident: str
    url: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactRow:
    document: int
    kind: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """A paper, preprint or trial. `relation`: paper, published or trial; `n`: documents that are tied to it."""

    relation: str
    ident: str
    n: int
    why: str
    record: Record | None
    declared: tuple[Declared, ...] = ()
    trial: TrialRecord | None = None
    life: tuple[LifeStep, ...] = ()

    @property
    def kind(self) -> str:
        """paper, preprint or trial."""
        return self.record.kind if self.record else "trial" if self.relation == "trial" else "paper"

    def say(self, *what: str) -> tuple[Declared, ...]:
        """What its record declares of this."""
        return tuple(one for one in self.declared if one.what in what)


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """The press contact of a release."""

    member: Member
    given: tuple[ContactRow, ...]


async def find_works(edition: OpenEdition, members: Sequence[Member]) -> list[Work]:
    """The papers and trials of these documents: papers first, what most documents rest on before the others."""
    links = await edition.rows(LinkRow, LINKS, listed([member.document for member in members]))
    own = [member.document for member in members if member.kind in (*WORKS, "trial")]
    numbers = list(dict.fromkeys([link.other for link in links if link.other] + own))
    records = {record.id: record for record in await edition.rows(Record, RECORDS, listed(numbers))}
    declared: dict[int, list[Declared]] = defaultdict(list)
    for row in await edition.rows(Declared, DECLARED, listed(numbers)):
        declared[row.document].append(row)
    trials = {trial.document: trial for trial in await edition.rows(TrialRecord, TRIALS, listed(numbers))}
    life: dict[int, list[LifeStep]] = defaultdict(list)
    for step in await edition.rows(LifeStep, STEPS, listed(numbers)):
        life[step.document].append(step)
    return [
        replace(work, trial=trials.get(work.record.id), life=tuple(life[work.record.id])) if work.record else work
        for work in to_works(links, records, declared, own)
    ]


def to_works(
    links: Sequence[LinkRow], records: dict[int, Record], declared: dict[int, list[Declared]], own: Sequence[int]
) -> list[Work]:
    """Each work once."""
    found: dict[str, Work] = {}
    for link in links:
        record = records.get(link.other) if link.other else None
        work = Work(
            relation=link.relation, ident=link.ident, n=link.n, why=link.why, record=record,
            declared=tuple(declared.get(record.id, ())) if record else (),
        )  # fmt: skip
        found.setdefault(record.ident if record else link.ident, work)
    for number in own:
        record = records[number]
        relation = "trial" if record.kind == "trial" else "paper"
        work = Work(
            relation=relation, ident=record.ident, n=0, why="", record=record, declared=tuple(declared.get(number, ()))
        )
        found.setdefault(record.ident, work)
    order = {"paper": 0, "published": 1, "trial": 2}
    return sorted(found.values(), key=lambda work: (order[work.relation], -work.n))[:MOST]


async def find_contacts(edition: OpenEdition, members: Sequence[Member]) -> list[Contact]:
    """The press contacts of the releases among these documents."""
    by_id = {member.document: member for member in members if member.kind == "release"}
    given: dict[int, list[ContactRow]] = defaultdict(list)
    for row in await edition.rows(ContactRow, CONTACTS, {"ids": json.dumps(list(by_id))}):
        given[row.document].append(row)
    return [Contact(member=by_id[number], given=tuple(rows)) for number, rows in given.items()]
