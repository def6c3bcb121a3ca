"""What a document rests on, and what became of it: labels, papers and trials, notices, its story, figures, speakers.

All of it has been counted when the edition was made; `find_basis` reads it and puts it in the order of the page.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from core.corrections import day_checked, find_facet
from core.facets import Facet, facets
from publish.pages.paper_links import PaperLink, find_documents
from publish.pages.quantities import Statement
from publish.pages.rows import DocumentLine, OpenEdition
from publish.pages.series import Series, find_series
from publish.pages.stories import Banner, TrialStatus

LABELS = """
SELECT l.*, d.kind FROM label l JOIN document d ON d.id = l.document WHERE l.document = :id
ORDER BY facet, score DESC, value"""
UNSURE = """
SELECT u.*, d.kind FROM unsure u JOIN document d ON d.id = u.document WHERE u.document = :id
ORDER BY facet, score DESC, value"""
LINKS = "SELECT * FROM link WHERE document = :id ORDER BY relation, place"
CITED = """
SELECT l.relation, l.why, d.* FROM link l JOIN card d ON d.id = l.document WHERE l.other = :id
ORDER BY d.id DESC LIMIT 12"""
STORY = """
SELECT t.*, m.role, m.why AS role_why, m.kept, m.added, m.dropped FROM member m JOIN story t ON t.id = m.story
WHERE m.document = :id AND t.documents > 1"""
OTHERS = """
SELECT m.role, d.* FROM member m JOIN card d ON d.id = m.document
WHERE m.story = :story AND m.document <> :id ORDER BY d.day, d.id LIMIT 12"""
FIGURES = "SELECT f.*, d.* FROM figure f JOIN card d ON d.id = f.document WHERE f.document = :id ORDER BY f.number"
BANNERS = "SELECT * FROM banner WHERE document = :id ORDER BY own DESC, day DESC"
TRIAL_STATUSES = "SELECT * FROM trial_status WHERE document = :id ORDER BY own DESC, day DESC, trial LIMIT 12"
SPEAKERS = """
SELECT p.*, e.type, e.concept, (SELECT o.concept FROM mention m JOIN entity o ON o.id = m.entity
    WHERE m.document = p.document AND m.type = 'person' AND m.surface = p.name LIMIT 1) AS person
FROM speaker p LEFT JOIN entity e ON e.id = p.entity WHERE p.document = :id
ORDER BY p.quotations DESC, p.name"""
PROMISES = "SELECT * FROM promise WHERE document = :id ORDER BY number"
CORRECTIONS = "SELECT * FROM correction WHERE document = :id ORDER BY number DESC"
CHECKS = "SELECT * FROM registry_check WHERE document = :id ORDER BY number"


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """What a document is held to be. `kind` is the document's."""

    facet: str
    value: str
    sentence: str
    rule: str
    kind: str

    @property
    def checked(self) -> str:
        """The day on which a person checked it."""
        return day_checked(self.rule)

    @property
    def compared(self) -> bool:
        """Whether it is a country of a text that compares countries, and reports no work of its own."""
        return self.rule.endswith(":survey")

    @property
    def by(self) -> str:
        """Who says it, where it is no sentence of the text: its record, its paper, its trial."""
        _, _, told = self.rule.partition(":")
        if self.checked or self.compared:
            return ""
        if told == "record":
            return "its record" if self.kind in ("paper", "preprint", "trial") else "the record of what it rests on"
        if told.startswith("nct:"):
            return "the record of its trial"
        return "its source" if told == "source" else "its paper" if told else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cited(DocumentLine):
    """A document that rests on this one."""

    relation: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryOf:
    """The story that a document is part of, and its part in it."""

    id: int
    key: str
    slug: str
    documents: int
    outlets: int
    why: str
    role: str
    role_why: str
    added: str
    dropped: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherMember(DocumentLine):
    role: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Speaker:
    """Who is quoted; type and concept of the affiliation, and the concept of the person, where they are things."""

    name: str
    affiliation: str | None
    independent: str
    type: str | None
    concept: str | None
    person: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    who: str | None
    what: str
    due: str | None
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """A statement about trials, compared with the registry."""

    verdict: str
    query: str
    snapshot: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """What a person said of a field. Values are in words; empty for nothing."""

    field: str
    action: str
    value: str
    before: str
    why: str
    day: str
    state: str

    @property
    def heading(self) -> str:
        """The name of the field for readers."""
        found = find_facet(self.field)
        return found.heading if found else self.field.capitalize()

    @property
    def says(self) -> str:
        """The value after it."""
        told = {"is": self.value or "nothing", "add": f"also {self.value}", "remove": f"not {self.value}"}
        return told.get(self.action, "as rules and models say")


@dataclass(frozen=True, slots=True, kw_only=True)
class Basis:
    """All that the page of a document shows in addition to its text."""

    labels: Sequence[tuple[Facet, Sequence[Label]]]
    unsure: Sequence[tuple[Facet, bool, Sequence[Label]]]
    papers: tuple[PaperLink, ...]
    trials: tuple[PaperLink, ...]
    cited: Sequence[Cited]
    banners: Sequence[Banner]
    trial_statuses: Sequence[TrialStatus]
    story: StoryOf | None
    others: Sequence[OtherMember]
    figures: Sequence[Statement]
    series: Sequence[Series]
    speakers: Sequence[Speaker]
    promises: Sequence[Promise]
    checks: Sequence[Check]
    corrections: Sequence[Correction]


async def find_basis(edition: OpenEdition, document: int) -> Basis:
    """What the edition holds of one document, by its number."""
    ident = {"id": document}
    labels = await edition.rows(Label, LABELS, ident)
    links = await find_documents(edition, await edition.rows(PaperLink, LINKS, ident))
    story = await edition.first(StoryOf, STORY, ident)
    figures = await edition.rows(Statement, FIGURES, ident)
    return Basis(
        labels=by_facet(labels),
        unsure=unsure_by_facet(await edition.rows(Label, UNSURE, ident), labels),
        papers=tuple(link for link in links if link.relation in ("paper", "published")),
        trials=tuple(link for link in links if link.relation == "trial"),
        cited=await edition.rows(Cited, CITED, ident),
        banners=await edition.rows(Banner, BANNERS, ident),
        trial_statuses=await edition.rows(TrialStatus, TRIAL_STATUSES, ident),
        story=story,
        others=await edition.rows(OtherMember, OTHERS, {**ident, "story": story.id}) if story else (),
        figures=figures,
        series=await find_series(edition, sorted({figure.series for figure in figures if figure.series})),
        speakers=await edition.rows(Speaker, SPEAKERS, ident),
        promises=await edition.rows(Promise, PROMISES, ident),
        checks=await edition.rows(Check, CHECKS, ident),
        corrections=await edition.rows(Correction, CORRECTIONS, ident),
    )


def by_facet(labels: Sequence[Label]) -> list[tuple[Facet, list[Label]]]:
    """Labels of every facet that the page shows and the document has; a facet where nothing was found is left out."""
    found = []
    for facet in facets().shown_in("document", "label"):
        some = [label for label in labels if label.facet == facet.name]
        if some and [label.value for label in some] != [facet.absent]:
            found.append((facet, some))
    return found


def unsure_by_facet(unsure: Sequence[Label], labels: Sequence[Label]) -> list[tuple[Facet, bool, list[Label]]]:
    """What is not sure enough to be shown as a label, by facet; and whether the document has a label of that facet.

    Only what rests on a sentence of the text: the page shows the sentence without the value.
    """
    has = {label.facet for label in labels}
    found = []
    for facet in facets().shown_in("document", "label"):
        some = {label.sentence: label for label in unsure if label.facet == facet.name and label.sentence}
        if some:
            found.append((facet, facet.name in has, list(some.values())))
    return found
