"""What an edition and work.db say of documents and stories, read in bulk for the lines of letters.

`Known` is made once a night and keeps what it has read, so that a thousand people cost no more statements than one.
`load` reads all that is missing with one statement a table, whatever the number of documents. Facts come from the
edition, as people corrected it; only what the edition does not hold comes from work.db: whole texts (for quotations,
under the rights that the edition's licence gives), the fields of records, and the places of names.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypedDict, TypeVar

from core.records import Json
from core.store import Store
from publish.letters.current_edition import CurrentEdition
from publish.letters.letter import Line

R = TypeVar("R")

_DOCUMENTS = """
SELECT d.id, d."key", d.ident, d.kind, d.source, s.name AS source_name, d.country, d.lang, d.month, d.night, d.title,
    d.url, d.published, d.licence, coalesce(d.journal, '') AS journal, d.authors, coalesce(t.text, '') AS shown,
    coalesce((SELECT min(m.story) FROM member m WHERE m.document = d.id), 0) AS story,
    coalesce((SELECT m.role FROM member m WHERE m.document = d.id ORDER BY m.story LIMIT 1), '') AS role
FROM document d JOIN source s ON s.id = d.source LEFT JOIN document_text t ON t.document = d.id
WHERE d."key" IN (SELECT value FROM json_each(?))"""
_STORIES = """
SELECT t.id, t."key", t.origin, t.documents, coalesce(y.sentence, '') AS sentence,
    coalesce(y.sentence_document, 0) AS sentence_document, y.step, coalesce(y.step_value, '') AS step_value,
    coalesce(y.species, '[]') AS species, coalesce(f.name, '') AS first, coalesce(y.paper_ident, '') AS paper,
    coalesce(y.paper_status, '') AS paper_status, coalesce(y.trial_ident, '') AS trial
FROM story t LEFT JOIN story_summary y ON y.story = t.id LEFT JOIN source f ON f.id = y.first_source
WHERE t.id IN (SELECT value FROM json_each(?))"""
_TELLERS = """
SELECT m.story, s.name AS source_name, min(d.day) AS day FROM member m JOIN document d ON d.id = m.document
JOIN source s ON s.id = d.source
WHERE m.story IN (SELECT value FROM json_each(?)) AND d.kind IN ('news', 'release', 'explainer')
GROUP BY m.story, s.name ORDER BY m.story, day, s.name"""
_QUOTES = "SELECT document, text FROM quote WHERE document IN (SELECT value FROM json_each(?)) ORDER BY document, place"
_LABELS = """
SELECT document, facet, value, score, sentence FROM label WHERE document IN (SELECT value FROM json_each(?))
ORDER BY document, facet, score DESC, value"""
_NAMES = """
SELECT x.document, x.entity, e.concept, e.type, e.name, coalesce(x.about, 1) AS about
FROM entity_document x JOIN entity e ON e.id = x.entity WHERE x.document IN (SELECT value FROM json_each(?))
ORDER BY x.document, x.weight DESC, x.mentions DESC, e.id"""
_SURFACES = """
SELECT document, entity, part, type, surface FROM mention
WHERE document IN (SELECT value FROM json_each(?)) AND entity IS NOT NULL GROUP BY document, entity, part, surface"""
_WIDER = "SELECT concept, wider FROM wider WHERE concept IN (SELECT value FROM json_each(?)) ORDER BY concept, steps"
_IDENTIFIERS = """
SELECT document, scheme, value FROM identifier WHERE document IN (SELECT value FROM json_each(?)) ORDER BY 1, 2, 3"""
_LINKS = """
SELECT l.document, l.relation, l.ident, coalesce(o.kind, '') AS kind, coalesce(o.journal, '') AS journal
FROM link l LEFT JOIN document o ON o.id = l.other
WHERE l.document IN (SELECT value FROM json_each(?)) AND l.ident <> '' ORDER BY l.document, l.relation, l.place"""
_BANNERS = """
SELECT b.document, b.about, b.status, b.own, b.day, b.text, b.url,
    (SELECT count(*) FROM banner o WHERE o.about = b.about AND o.own = 0) AS resting
FROM banner b WHERE b.document IN (SELECT value FROM json_each(?)) ORDER BY b.document, b.own DESC, b.about"""
_TRIALS = """
SELECT document, trial, status, own, reason, text FROM trial_status
WHERE document IN (SELECT value FROM json_each(?)) ORDER BY document, own DESC, trial"""
_RECORDS = """
SELECT document, coalesce(enrolment, 0) AS enrolment, enrolment_type FROM trial
WHERE document IN (SELECT value FROM json_each(?))"""
_WARNINGS = """
SELECT w.document, w.kind, w.sentence, w.why, coalesce(
    (SELECT group_concat(l.value, '; ') FROM label l
     WHERE l.document = w.document AND l.facet = 'species' AND l.value <> 'human'),
    (SELECT group_concat(l.value, '; ') FROM label l
     WHERE l.document = w.other AND l.facet = 'species' AND l.value <> 'human'), '') AS species
FROM warning w WHERE w.document IN (SELECT value FROM json_each(?)) ORDER BY w.document, w.kind"""
_RESTS = "SELECT document, value FROM rests_on WHERE document IN (SELECT value FROM json_each(?)) ORDER BY 1, 2"
_FIGURES = """
SELECT document, value, coalesce(high, value) AS high, subject, sentence FROM figure
WHERE document IN (SELECT value FROM json_each(?)) AND unit = '' AND modifier = 'exact' ORDER BY document, number"""
_WHOLE = "SELECT id, title, text, summary, extra FROM document WHERE id IN (SELECT value FROM json_each(?))"
_PLACES = """
SELECT document, part, start, "end", type, surface FROM mention WHERE document IN (SELECT value FROM json_each(?))
ORDER BY document, part, start, "end" """


class DocumentRow(TypedDict):
    """A document as a line shows it; `shown` is what the site may show of its text."""

    id: int
    key: str
    ident: str
    kind: str
    source: str
    source_name: str
    country: str | None
    lang: str | None
    month: str
    night: str
    title: str
    url: str
    published: str | None
    licence: str
    journal: str
    authors: str
    shown: str
    story: int
    role: str


class StoryRow(TypedDict):
    """A story and its summary; `first` is the outlet or press office that had it first."""

    id: int
    key: str
    origin: int
    documents: int
    sentence: str
    sentence_document: int
    step: int | None
    step_value: str
    species: str
    first: str
    paper: str
    paper_status: str
    trial: str


class TellerRow(TypedDict):
    """A source that tells a story."""

    story: int
    source_name: str
    day: str


class QuoteRow(TypedDict):
    """A quotation that the site shows of a text that it does not show."""

    document: int
    text: str


class LabelRow(TypedDict):
    """What a document is held to be, with the sentence that says so."""

    document: int
    facet: str
    value: str
    score: float
    sentence: str


class NameRow(TypedDict):
    """A thing that a document names."""

    document: int
    entity: int
    concept: str
    type: str
    name: str
    about: int


class SurfaceRow(TypedDict):
    """How a document writes a thing."""

    document: int
    entity: int
    part: str
    type: str
    surface: str


class WiderRow(TypedDict):
    """A concept, and one that is wider."""

    concept: str
    wider: str


class IdentifierRow(TypedDict):
    """A number of a document."""

    document: int
    scheme: str
    value: str


class LinkRow(TypedDict):
    """A paper or trial that a document rests on, or another version of it; kind and journal if its record is here."""

    document: int
    relation: str
    ident: str
    kind: str
    journal: str


class BannerRow(TypedDict):
    """What became of a document's work, or of one that it cites; `resting`: documents that cite the work."""

    document: int
    about: str
    status: str
    own: int
    day: str | None
    text: str
    url: str | None
    resting: int


class TrialRow(TypedDict):
    """The status of a trial that a document is, or is about."""

    document: int
    trial: str
    status: str
    own: int
    reason: str
    text: str


class RecordRow(TypedDict):
    """How many take part in a trial; the type is planned, actual or empty."""

    document: int
    enrolment: int
    enrolment_type: str


class WarningRow(TypedDict):
    """What a reader should know before believing a document."""

    document: int
    kind: str
    sentence: str
    why: str
    species: str


class RestsRow(TypedDict):
    """What a document rests on."""

    document: int
    value: str


class FigureRow(TypedDict):
    """An exact count in a document."""

    document: int
    value: float
    high: float
    subject: str
    sentence: str


class WholeRow(TypedDict):
    """A document in work.db."""

    id: str
    title: str
    text: str
    summary: str
    extra: str


class PlaceRow(TypedDict):
    """Where a document names something."""

    document: str
    part: str
    start: int
    end: int
    type: str
    surface: str


@dataclass(slots=True, kw_only=True)
class Paper:
    """A document with all that lines say of it."""

    row: DocumentRow
    text: str = ""  # the whole text
    summary: str = ""  # where the text does not hold it
    extra: Json = field(default_factory=dict)
    quotes: list[str] = field(default_factory=list)
    labels: list[LabelRow] = field(default_factory=list)
    names: list[NameRow] = field(default_factory=list)
    surfaces: dict[int, list[SurfaceRow]] = field(default_factory=dict)  # by entity
    places: list[PlaceRow] = field(default_factory=list)
    identifiers: list[IdentifierRow] = field(default_factory=list)
    links: list[LinkRow] = field(default_factory=list)
    banners: list[BannerRow] = field(default_factory=list)
    trials: list[TrialRow] = field(default_factory=list)
    record: RecordRow | None = None
    warnings: list[WarningRow] = field(default_factory=list)
    rests: list[str] = field(default_factory=list)
    figures: list[FigureRow] = field(default_factory=list)


@dataclass(slots=True, kw_only=True)
class Story:
    """A story with its tellers, the first to have it first."""

    row: StoryRow
    tellers: list[str] = field(default_factory=list)


class Known:
    """What was read for the lines of one night. `day` is the night's day, YYYY-MM-DD."""

    def __init__(self, edition: CurrentEdition, work: Store, day: str) -> None:
        self.edition, self.work, self.day = edition, work, day
        self.papers: dict[str, Paper] = {}
        self.stories: dict[int, Story] = {}
        self.wider: dict[str, tuple[str, ...]] = {}
        self.lines: dict[tuple[int, str, tuple[str, ...]], tuple[object, Line | None]] = {}

    def load(self, keys: Iterable[str]) -> None:
        """Read what is missing of documents, by their keys; one that the edition lacks stays unknown."""
        missing = sorted({key for key in keys if key not in self.papers})
        rows = self._of(DocumentRow, _DOCUMENTS, missing)
        if not rows:
            return
        papers = {row["id"]: Paper(row=row) for row in rows}
        self._load_facts(papers)
        self._load_work(papers)
        concepts = {one["concept"] for paper in papers.values() for one in paper.names} - self.wider.keys()
        above: dict[str, list[str]] = defaultdict(list)
        for wider in self._of(WiderRow, _WIDER, sorted(concepts)):
            above[wider["concept"]].append(wider["wider"])
        self.wider |= {concept: tuple(above[concept]) for concept in concepts}
        self._load_stories(sorted({row["story"] for row in rows} - self.stories.keys()))
        self.papers |= {paper.row["key"]: paper for paper in papers.values()}

    def story_of(self, paper: Paper) -> Story | None:
        """The story that a document tells."""
        return self.stories.get(paper.row["story"])

    def _load_facts(self, papers: Mapping[int, Paper]) -> None:
        ids = sorted(papers)
        for quote in self._of(QuoteRow, _QUOTES, ids):
            papers[quote["document"]].quotes.append(quote["text"])
        for label in self._of(LabelRow, _LABELS, ids):
            papers[label["document"]].labels.append(label)
        for name in self._of(NameRow, _NAMES, ids):
            papers[name["document"]].names.append(name)
        for surface in self._of(SurfaceRow, _SURFACES, ids):
            papers[surface["document"]].surfaces.setdefault(surface["entity"], []).append(surface)
        for identifier in self._of(IdentifierRow, _IDENTIFIERS, ids):
            papers[identifier["document"]].identifiers.append(identifier)
        for link in self._of(LinkRow, _LINKS, ids):
            papers[link["document"]].links.append(link)
        for banner in self._of(BannerRow, _BANNERS, ids):
            papers[banner["document"]].banners.append(banner)
        for trial in self._of(TrialRow, _TRIALS, ids):
            papers[trial["document"]].trials.append(trial)
        for record in self._of(RecordRow, _RECORDS, ids):
            papers[record["document"]].record = record
        for warning in self._of(WarningRow, _WARNINGS, ids):
            papers[warning["document"]].warnings.append(warning)
        for rests in self._of(RestsRow, _RESTS, ids):
            papers[rests["document"]].rests.append(rests["value"])
        for figure in self._of(FigureRow, _FIGURES, ids):
            papers[figure["document"]].figures.append(figure)

    def _load_work(self, papers: Mapping[int, Paper]) -> None:
        of = {paper.row["ident"]: paper for paper in papers.values()}
        marks = (json.dumps(sorted(of)),)
        for whole in self.work.select(WholeRow, _WHOLE, marks):
            paper = of[whole["id"]]
            paper.text, paper.extra = whole["text"], json.loads(whole["extra"])
            paper.summary = whole["summary"] if whole["summary"] not in whole["text"] else ""
        for place in self.work.select(PlaceRow, _PLACES, marks):
            of[place["document"]].places.append(place)

    def _load_stories(self, ids: Sequence[int]) -> None:
        for row in self._of(StoryRow, _STORIES, ids):
            self.stories[row["id"]] = Story(row=row)
        for teller in self._of(TellerRow, _TELLERS, ids):
            self.stories[teller["story"]].tellers.append(teller["source_name"])

    def _of(self, shape: type[R], sql: str, keys: Sequence[str] | Sequence[int]) -> list[R]:
        return self.edition.select(shape, sql, (json.dumps(keys),)) if keys else []
