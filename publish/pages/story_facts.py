"""The answer box of a story: what was done in what, by whom, where it was published, and who speaks of it.

All of it is put together from what the edition says of the story's documents, each with the number of documents that
say so, or with a sentence and its document. In order:

1. species, tissues and kinds of therapy are labels of the documents; the sentence is the first that is in English;
2. how many people or animals there were, only the paper says; without a paper, the document that it began with. At most
   COUNTS figures, each with its sentence;
3. cells and diseases are things that documents are about; who did the work are institutions in that role, and authors
   of the papers. Where nobody is said to have done work, the institutions that documents are about;
4. a speaker is independent where documents that know say so; where they differ, that is said.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from core.facets import Facet, facets
from publish.pages.rows import OpenEdition, listed
from publish.pages.story_members import WORKS, Member

NAMED = 8  # things of one sort
COUNTS = 2
STUDIED = frozenset(
    ("participants", "patients", "people", "volunteers", "women", "men", "children", "babies", "infants", "adults",
     "donors", "animals", "mice", "rats", "rabbits", "pigs", "dogs", "sheep", "monkeys", "macaques", "families")
)  # fmt: skip  # words for those who take part

LABELS = """
SELECT l.document, l.facet, l.value, l.sentence, l.rule
FROM json_each(:ids) j CROSS JOIN label l ON l.document = j.value
WHERE l.facet IN (SELECT value FROM json_each(:facets)) ORDER BY j.key, l.facet, l.score DESC, l.value"""
THINGS = """
SELECT e.type, e.concept, e.name, count(*) AS n, sum(coalesce(x.about, 0)) AS about,
    max(x.role = 'did_the_work') AS worked, max(x.role = 'author') AS author, max(x.weight) AS weight
FROM json_each(:ids) j CROSS JOIN entity_document x ON x.document = j.value JOIN entity e ON e.id = x.entity
WHERE e.type IN ('institution', 'person', 'cell_type', 'cell_line', 'disease', 'journal')
GROUP BY e.id ORDER BY about DESC, n DESC, weight DESC, e.id LIMIT 400"""
COUNTED = """
SELECT f.document, f.value, f.high, f.unit, f.subject, f.modifier, f.sentence FROM figure f
WHERE f.document = :document AND f.unit = '' ORDER BY f.number LIMIT 60"""
SPEAKERS = """
SELECT p.document, p.name, p.affiliation, p.independent, p.quotations AS n, e.type, e.concept,
    (SELECT o.concept FROM mention m JOIN entity o ON o.id = m.entity
     WHERE m.document = p.document AND m.type = 'person' AND m.surface = p.name LIMIT 1) AS person
FROM json_each(:ids) j CROSS JOIN speaker p ON p.document = j.value LEFT JOIN entity e ON e.id = p.entity
ORDER BY p.quotations DESC, p.name, j.key LIMIT 200"""


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelRow:
    """What a document is held to be."""

    document: int
    facet: str
    value: str
    sentence: str
    rule: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A value of a facet: in how many documents, and a sentence that says so with its document.

    Documents count that say it themselves; one that is only tied to a paper that says it does not.
    """

    facet: Facet
    value: str
    n: int
    sentence: str
    member: Member | None

    @property
    def words(self) -> str:
        return self.facet.words(self.value)


@dataclass(frozen=True, slots=True, kw_only=True)
class ThingRow:
    """Something that documents of the story name."""

    type: str
    concept: str
    name: str
    n: int
    about: int
    worked: int | None
    author: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """How many took part, as a document says."""

    document: int
    value: float
    high: float | None
    unit: str
    subject: str
    modifier: str
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeakerRow:
    """Somebody who is quoted in a document; `person` and `concept` where the name and the place are things here."""

    document: int
    name: str
    affiliation: str | None
    independent: str
    n: int
    type: str | None
    concept: str | None
    person: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Speaker:
    """Somebody who is quoted in the story. `independent`: yes, no, unknown or differs."""

    name: str
    affiliation: str | None
    independent: str
    type: str | None
    concept: str | None
    person: str | None
    members: tuple[Member, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What the box says."""

    labels: tuple[tuple[Facet, tuple[Said, ...]], ...]
    counts: tuple[Counted, ...]
    cells: tuple[ThingRow, ...]
    diseases: tuple[ThingRow, ...]
    workers: tuple[ThingRow, ...]
    about: tuple[ThingRow, ...]
    people: tuple[ThingRow, ...]
    named: tuple[ThingRow, ...]
    journals: tuple[ThingRow, ...]
    speakers: tuple[Speaker, ...]

    @property
    def evidence(self) -> tuple[Said, ...]:
        return next((some for facet, some in self.labels if facet.name == "evidence"), ())


async def find_facts(edition: OpenEdition, members: Sequence[Member]) -> Facts:
    """What the edition says of these documents together."""
    ids = listed([member.document for member in members])
    shown = facets().shown_in("story", "label")
    labels = await edition.rows(LabelRow, LABELS, {**ids, "facets": json.dumps([facet.name for facet in shown])})
    things = await edition.rows(ThingRow, THINGS, ids)
    sayer = find_sayer(members)
    counted = await edition.rows(Counted, COUNTED, {"document": sayer.document}) if sayer else []
    speakers = to_speakers(await edition.rows(SpeakerRow, SPEAKERS, ids), members)
    workers = _of("institution", things, lambda one: bool(one.worked))
    spoken = {one.person for one in speakers}
    people = _of("person", things, lambda one: bool(one.author))
    return Facts(
        labels=tuple(to_said(labels, members, shown)),
        counts=find_counts(counted),
        cells=_of("cell_type", things, lambda one: one.about > 0) + _of("cell_line", things, lambda one: one.about > 0),
        diseases=_of("disease", things, lambda one: one.about > 0),
        workers=workers,
        about=() if workers else _of("institution", things, lambda one: one.about > 0),
        people=people,
        named=_of("person", things, lambda one: not one.author and one.concept not in spoken),
        journals=_of("journal", things, lambda one: True),
        speakers=tuple(speakers),
    )


def find_counts(counted: Iterable[Counted]) -> tuple[Counted, ...]:
    """How many took part: the first figures of people or animals, each number once, with its longest sentence."""
    found: dict[tuple[float, float | None, str], Counted] = {}
    for one in counted:
        key = (one.value, one.high, one.subject.casefold())
        if key[2] in STUDIED and len(one.sentence) > (len(found[key].sentence) if key in found else 0):
            found[key] = one
    return tuple(found.values())[:COUNTS]


def find_sayer(members: Sequence[Member]) -> Member | None:
    """Who says how many took part: the paper that the story began with, another paper, else what it began with."""
    works = [member for member in members if member.kind in WORKS]
    return next(iter(works or members), None)


def to_said(
    rows: Iterable[LabelRow], members: Sequence[Member], shown: Iterable[Facet]
) -> Iterable[tuple[Facet, tuple[Said, ...]]]:
    """Labels by facet, the commonest value first; a value that only says that nothing was found is left out."""
    by_id = {member.document: member for member in members}
    found: dict[str, dict[str, list[LabelRow]]] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        found[row.facet][row.value].append(row)
    for facet in shown:
        values = sorted(found[facet.name].items(), key=lambda item: -len(item[1]))
        some = tuple(
            _said(facet, value, of_value, by_id) for value, of_value in values if value not in (facet.absent, "none")
        )
        if some:
            yield facet, some


def _said(facet: Facet, value: str, rows: Sequence[LabelRow], by_id: dict[int, Member]) -> Said:
    quoted = [row for row in rows if row.sentence]
    best = min(
        quoted,
        key=lambda row: (by_id[row.document].lang not in ("en", None), row.sentence == by_id[row.document].title),
        default=None,
    )
    return Said(
        facet=facet, value=value, n=len({row.document for row in rows if _says_it(row)}),
        sentence=best.sentence if best else "", member=by_id[best.document] if best else None,
    )  # fmt: skip


def _says_it(row: LabelRow) -> bool:
    """Whether a document says it: in a sentence or in its record, not only by the work that it is tied to."""
    return bool(row.sentence) or row.rule.rpartition(":")[2] == "record" or ":" not in row.rule


def to_speakers(rows: Iterable[SpeakerRow], members: Sequence[Member]) -> list[Speaker]:
    """Everybody once, who is quoted most first."""
    by_id = {member.document: member for member in members}
    people: dict[str, list[SpeakerRow]] = defaultdict(list)
    for row in rows:
        people[row.person or row.name.casefold()].append(row)
    return [
        Speaker(
            name=some[0].name,
            affiliation=next((row.affiliation for row in some if row.affiliation), None),
            independent=_agree({row.independent for row in some}),
            type=next((row.type for row in some if row.concept), None),
            concept=next((row.concept for row in some if row.concept), None),
            person=next((row.person for row in some if row.person), None),
            members=tuple(by_id[number] for number in dict.fromkeys(row.document for row in some)),
        )
        for some in people.values()
    ]


def _of(type_: str, things: Iterable[ThingRow], wanted: Callable[[ThingRow], bool]) -> tuple[ThingRow, ...]:
    """The first things of a type that are wanted."""
    return tuple(one for one in things if one.type == type_ and wanted(one))[:NAMED]


def _agree(said: set[str]) -> str:
    known = said - {"unknown"}
    return "differs" if len(known) > 1 else next(iter(known), "unknown")
