"""STAGE document, label, link, fact, quotation -> warning. What a reader should know before believing a document.

Only news, releases and explainers get warnings; a paper, a trial or a clinic's page never does. `warning_rules.py` says
when there is one, and why. A warning keeps the time at which it was first known until it goes.

`gather` gives each document on which a warning could rest, with its labels, papers and what became of them; its text,
its quotations and the people of its papers are read for due rows only (`read_more`).
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import TypedDict

from core import clock
from core.config import Config
from core.facets import facets
from core.records import DocumentWarning
from core.stage import Address, Done, Result, Stage, Step, Writes
from core.store import Store
from core.text import fingerprint, headline
from core.versions import version_of
from relations.voices import PaperPeople, Person, Speech
from relations.warning_rules import WORDS, LabelRow, PaperRow, StatusRow, find_warnings

SENTENCE = 600  # characters: a longer one is cut between words
ASKED = """d.kind IN ('news', 'release', 'explainer') AND d.state = 'current'
  AND NOT EXISTS (SELECT 1 FROM label o WHERE o.document = d.id AND o.facet = 'scope' AND o.value = 'out')"""
LABELS = f"""
SELECT l.document, l.facet, l.value, l.score, l.sentence, l.component FROM label l JOIN document d ON d.id = l.document
WHERE l.facet IN ('headline', 'claim_gap', 'species') AND {ASKED} ORDER BY l.document, l.facet, l.score DESC, l.value"""
PAPERS = f"""
SELECT k.src, k.dst AS id, coalesce(p.kind, '') AS kind, coalesce(p.title, '') AS title, k.score, k.why,
    coalesce(p.hash, '') AS hash,
    coalesce((SELECT v.dst FROM link v WHERE v.src = k.dst AND v.relation = 'published' AND v.dst <> '' LIMIT 1), '')
        AS published
FROM link k JOIN document d ON d.id = k.src LEFT JOIN document p ON p.id = k.dst
WHERE k.relation = 'paper' AND k.dst <> '' AND k.dst <> k.src AND {ASKED} ORDER BY k.src, k.score DESC, k.dst"""
SPECIES = f"""
SELECT k.src AS document, l.value, l.score
FROM link k JOIN document d ON d.id = k.src JOIN label l ON l.document = k.dst
WHERE k.relation = 'paper' AND k.dst <> '' AND l.facet = 'species' AND l.value <> 'human' AND {ASKED}
ORDER BY k.src, l.score DESC, l.value"""
STATUSES = f"""
SELECT f.document, f.about, f.text FROM fact f JOIN document d ON d.id = f.document
WHERE f.kind = 'status' AND f.about <> f.document AND f.value IN ('retracted', 'withdrawn') AND {ASKED}
ORDER BY f.document, f.about"""
DOCUMENTS = """
SELECT d.id, d.kind, d.title, d.basis, fingerprint(d.hash, d.title,
    (SELECT json_group_array(json_array(start, "end", speaker, affiliation)) FROM quotation q WHERE q.document = d.id))
    AS state
FROM document d WHERE d.id IN (SELECT value FROM json_each(?)) ORDER BY d.id"""
SPEECHES = 'SELECT start, "end", speaker, affiliation FROM quotation WHERE document = ? ORDER BY start'
PEOPLE = """
SELECT start, "end", surface FROM mention WHERE document = ? AND part = 'text' AND type = 'PERSON' ORDER BY start"""


class OfDocument(LabelRow):
    """A row of LABELS."""

    document: str


class OfPaper(PaperRow):
    """A row of PAPERS."""

    src: str
    hash: str


class SpeciesRow(TypedDict):
    """A species of a paper that a document is tied to."""

    document: str
    value: str
    score: float


class OfStatus(StatusRow):
    """A row of STATUSES."""

    document: str


class DocumentRow(TypedDict):
    """A row of DOCUMENTS."""

    id: str
    kind: str
    title: str
    basis: str
    state: str


class KnownRow(TypedDict):
    """When a warning of an earlier run was first known."""

    document: str
    kind: str
    first_seen: str


class Gathered(TypedDict):
    """What `gather` gives of a document."""

    kind: str
    title: str
    basis: str
    labels: Sequence[LabelRow]
    papers: Sequence[PaperRow]
    statuses: Sequence[StatusRow]
    species: Sequence[str]
    known: dict[str, str]  # kind -> when it was first known
    now: str


class GatheredRow(Gathered):
    """What `read_more` gets."""

    key: str


class WarningRow(GatheredRow):
    """A row of the step, completed by `read_more`."""

    text: str
    speeches: Sequence[Speech]
    people: Sequence[Person]
    authors: Sequence[PaperPeople]
    abstracts: Mapping[str, str]


def stage(_config: Config) -> Stage:
    return Stage(
        name="warnings",
        version=f"{version_of('warnings')}/{fingerprint(WORDS.read_text('utf-8'))[:12]}",
        gather=gather,
        complete=read_more,
        step=Address(module="relations.warnings", function="build_step"),
        writes=(Writes(record=DocumentWarning, owner="document"),),
    )


def gather(store: Store) -> Iterator[tuple[str, str, Gathered]]:
    """Each document that has a paper, or a label that a warning can rest on."""
    labels: dict[str, list[OfDocument]] = defaultdict(list)
    for label in store.select(OfDocument, LABELS):
        facet = facets().find("label", label["facet"])
        if facet is None or facet.shows(label["value"], label["score"]):
            labels[label["document"]].append(label)
    papers: dict[str, list[OfPaper]] = defaultdict(list)
    for paper in store.select(OfPaper, PAPERS):
        facet = facets().find("link", "paper")
        if facet is None or facet.shows(paper["id"], paper["score"]):
            papers[paper["src"]].append(paper)
    of_papers: dict[str, list[str]] = defaultdict(list)
    for species in store.select(SpeciesRow, SPECIES):
        facet = facets().find("label", "species")
        if facet is None or facet.shows(species["value"], species["score"]):
            of_papers[species["document"]].append(species["value"])
    statuses: dict[str, list[OfStatus]] = defaultdict(list)
    for status in store.select(OfStatus, STATUSES):
        statuses[status["document"]].append(status)
    known: dict[str, dict[str, str]] = defaultdict(dict)
    for row in store.select(KnownRow, "SELECT document, kind, first_seen FROM warning"):
        known[row["document"]][row["kind"]] = row["first_seen"]
    told = {ident for ident, some in labels.items() if any(one["facet"] != "species" for one in some)}
    now = clock.stamp()
    asked = json.dumps(sorted(told | papers.keys() | statuses.keys()))
    for document in store.select(DocumentRow, DOCUMENTS, (asked,)):
        ident = document["id"]
        own = labels.get(ident, [])
        data: Gathered = {
            "kind": document["kind"],
            "title": document["title"],
            "basis": document["basis"],
            "labels": [one for one in own if one["facet"] != "species"],
            "papers": papers.get(ident, []),
            "statuses": statuses.get(ident, []),
            "species": [_many(one) for one in dict.fromkeys(_animals(own) or of_papers.get(ident, []))],
            "known": {},
            "now": "",
        }
        state = fingerprint(document["state"], json.dumps(data, ensure_ascii=False, sort_keys=True))
        yield ident, state, {**data, "known": known.get(ident, {}), "now": now}


def read_more(store: Store, row: GatheredRow) -> Mapping[str, object]:
    """The text, the quotations and the persons of a document, and the people of its papers."""
    ident = row["key"]
    text = _read_text(store, ident)
    speeches = store.select(Speech, SPEECHES, (ident,)) if row["papers"] else []
    return {
        "text": text,
        "speeches": speeches,
        "people": store.select(Person, PEOPLE, (ident,)) if speeches else [],
        "abstracts": {one["id"]: _read_text(store, one["id"]) for one in row["papers"] if one["kind"]},
        "authors": [_read_people(store, one["id"]) for one in row["papers"] if one["kind"] and speeches],
    }


def _read_text(store: Store, ident: str) -> str:
    return str(store.value("SELECT text FROM document WHERE id = ?", (ident,)) or "")


def _read_people(store: Store, paper: str) -> PaperPeople:
    extra = json.loads(str(store.value("SELECT extra FROM document WHERE id = ?", (paper,)) or "{}"))
    people = [one for one in extra.get("people", ()) if isinstance(one, dict)]
    return {
        "id": paper,
        "names": [str(one["name"]) for one in people if one.get("name")],
        "affiliations": [str(one) for one in extra.get("affiliations", ())],
    }


def build_step() -> Step:
    return warn_of_document


def warn_of_document(row: WarningRow) -> Result:
    """The warnings of one document, each with the time at which it was first known."""
    return Done(
        records=tuple(
            DocumentWarning(
                document=row["key"], kind=one.kind, other=one.other, sentence=headline(one.sentence, SENTENCE),
                why=one.why, score=round(one.score, 3), first_seen=row["known"].get(one.kind, row["now"]),
            )
            for one in find_warnings(row)
        )
    )  # fmt: skip


def _animals(labels: Sequence[LabelRow]) -> list[str]:
    """The animals of a document's own labels."""
    return [one["value"] for one in labels if one["facet"] == "species" and one["value"] != "human"]


def _many(species: str) -> str:
    """A species in words of many: mice."""
    facet = facets().find("label", "species")
    return facet.plurals.get(species, species) if facet else species
