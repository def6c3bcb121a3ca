"""What the link stage reads in addition to the document: identifiers, notices, and the papers that are here.

All of it is read when the step is built, once in each worker; after that the database is not asked. The indexes over
the papers are built when a document first needs them. Notices of the literature (retractions, errata) are left out:
news is not about them.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import TypedDict

from core.store import Store
from relations.links.journal_names import Journals
from relations.links.literature import Paper
from relations.links.name_forms import find_institutions
from relations.links.paper_finder import PaperFinder
from relations.links.preprints import Version, VersionFinder
from relations.links.scoring import Work

LITERATURE = ("paper", "preprint")
_NOTICES = ("retraction", "published erratum", "expression of concern", "withdrawal", "corrigendum", "correction")

PAPERS = """
SELECT id, kind, title, text, authors, published, identifiers, extra FROM document
WHERE kind IN ('paper', 'preprint') ORDER BY id"""
NOTICES = "SELECT id, about, nature, day, notice, url FROM notice ORDER BY day, id"
PREPRINTS = """
SELECT json_extract(extra, '$.preprint_of') AS preprint, id FROM document
WHERE json_extract(extra, '$.preprint_of') IS NOT NULL ORDER BY id"""
IDENTITIES = "SELECT identifier, work FROM identity WHERE identifier NOT LIKE 'entry:%'"


class Person(TypedDict, total=False):
    """An author, as a record gives them."""

    name: str
    affiliations: list[str]


class Extra(TypedDict, total=False):
    """What is read of a document's `extra`."""

    types: list[str]
    people: list[Person]
    affiliations: list[str]
    journal: str
    abbreviation: str
    issn: str | list[str]  # a page's meta tag gives one, a record a list
    issnl: str
    preprint_of: str
    published_as: str


class Record(TypedDict):
    """A record of the literature, its JSON read."""

    id: str
    title: str
    authors: list[str]
    published: str | None
    identifiers: Mapping[str, Sequence[str]]
    extra: Extra


class PaperRow(TypedDict):
    """A row of PAPERS."""

    id: str
    kind: str
    title: str
    text: str
    authors: str  # JSON
    published: str | None
    identifiers: str  # JSON
    extra: str  # JSON


class PreprintRow(TypedDict):
    """A paper, and the DOI of the preprint that it says it came out of."""

    preprint: str
    id: str


class NoticeRow(TypedDict):
    """A row of NOTICES."""

    id: str
    about: str
    nature: str
    day: str | None
    notice: str | None
    url: str | None


class IdentityRow(TypedDict):
    """A row of IDENTITIES."""

    identifier: str
    work: str


class Neighbours:
    """Read once from `view`, a store that shows the tables document, identity and notice."""

    def __init__(self, view: Store) -> None:
        self._work = {row["identifier"]: row["work"] for row in view.select(IdentityRow, IDENTITIES)}
        self._notices: dict[str, list[NoticeRow]] = defaultdict(list)  # identifier or work -> notices about it
        self._names_of_notices: set[str] = set()
        for notice in view.select(NoticeRow, NOTICES):
            for name in {notice["about"], self.resolve(notice["about"])}:
                self._notices[name].append(notice)
            if notice["notice"]:
                self._names_of_notices |= {notice["notice"], self.resolve(notice["notice"])}
        self._papers: list[tuple[PaperRow, Record]] = []
        self._came_out_of: dict[str, list[str]] = defaultdict(list)  # DOI of a preprint -> papers that say so
        for row in view.select(PaperRow, PAPERS):
            record = read_record(row)
            if not is_notice_record(record["extra"]):
                self._papers.append((row, record))
        for paper in view.select(PreprintRow, PREPRINTS):
            self._came_out_of[paper["preprint"]].append(paper["id"])

    def resolve(self, identifier: str) -> str:
        """The work that an identifier belongs to, or the identifier itself when no entry gives it."""
        return self._work.get(identifier, identifier)

    def find_notices(self, work: str) -> Sequence[NoticeRow]:
        """Notices about a work, whichever of its identifiers they name, oldest first."""
        return self._notices.get(work, ())

    def is_notice(self, identifier: str) -> bool:
        """Whether an identifier is one of a notice."""
        return identifier in self._names_of_notices or self.resolve(identifier) in self._names_of_notices

    def find_stated_version(self, preprint: str, dois: Sequence[str]) -> str | None:
        """A paper whose record says that it came out of this preprint."""
        for doi in dict.fromkeys([preprint.removeprefix("doi:"), *dois]):
            for paper in self._came_out_of.get(doi, ()):
                if paper != preprint:
                    return paper
        return None

    def find_version(self, preprint: str) -> Version:
        """A preprint's published version by title and authors."""
        work = self._works.get(preprint)
        if work is None:
            return Version(work=None, score=0.0, why="it is not among the papers here")
        return self._versions.find(work)

    @cached_property
    def finder(self) -> PaperFinder:
        papers = [
            Paper(id=row["id"], title=row["title"], text=row["text"], journal=self._works[row["id"]].journal)
            for row, _ in self._papers
        ]
        return PaperFinder(list(self._works.values()), papers, self._journals, self._find_any_version)

    def _find_any_version(self, work: str) -> str | None:
        """What the link `published` of a preprint leads to; None for another document."""
        record = self._preprints.get(work)
        if record is None:
            return None
        stated = record["extra"].get("published_as")
        if stated:
            return self.resolve(f"doi:{stated}")
        return self.find_stated_version(work, record["identifiers"].get("doi", ())) or self.find_version(work).work

    @cached_property
    def _preprints(self) -> dict[str, Record]:
        return {row["id"]: record for row, record in self._papers if row["kind"] == "preprint"}

    @cached_property
    def _versions(self) -> VersionFinder:
        return VersionFinder([self._works[row["id"]] for row, _ in self._papers if row["kind"] == "paper"])

    @cached_property
    def _journals(self) -> Journals:
        return Journals()

    @cached_property
    def _works(self) -> dict[str, Work]:
        return {record["id"]: make_work(record, self._journals.learn) for _, record in self._papers}


def read_record(row: PaperRow) -> Record:
    """A row with its JSON read."""
    return {
        "id": row["id"],
        "title": row["title"],
        "authors": json.loads(row["authors"]),
        "published": row["published"],
        "identifiers": json.loads(row["identifiers"]),
        "extra": json.loads(row["extra"]),
    }


def is_notice_record(extra: Extra) -> bool:
    """Whether a record's publication type says that it is a notice about another work."""
    return any(str(kind).lower().startswith(_NOTICES) for kind in extra.get("types") or ())


def make_work(record: Record, learn: Callable[..., str | None]) -> Work:
    """A record as what evidence is looked for in. `learn` is `Journals.learn`."""
    extra = record["extra"]
    people = extra.get("people") or []
    affiliations = [
        *(extra.get("affiliations") or ()),
        *(affiliation for one in people for affiliation in one.get("affiliations") or ()),
    ]
    issn = extra.get("issn") or []
    issn = [issn] if isinstance(issn, str) else issn
    return Work(
        id=record["id"],
        title=record["title"],
        journal=learn(
            name=extra.get("journal") or "",
            abbreviation=extra.get("abbreviation") or "",
            issn=[*filter(None, [extra.get("issnl")]), *issn],
            doi=next(iter(record["identifiers"].get("doi", ())), ""),
        ),
        authors=tuple(dict.fromkeys([*record["authors"], *(one["name"] for one in people if one.get("name"))])),
        institutions=find_institutions(affiliations),
        published=record["published"],
    )
