"""STAGE link: document -> link. Papers, trials and notices that a document is about, each with its reason in words.

In order:

1. identifiers and hyperlinks (`stated_identifiers`);
2. for a record of the literature: notices about it, its trials, and a preprint's published version (`preprints`);
3. for any other document that gave no paper: the evidence of names and words (`paper_finder`). Where no paper is
   identified, a row without a target says so and names the nearest one.

`due` says when a document is looked at again.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TypedDict

from core.config import Config
from core.records import Link
from core.stage import Address, Done, Result, Stage, Step, Writes
from core.store import Store
from core.text import fingerprint
from core.versions import version_of
from relations.links.due import gather
from relations.links.neighbours import LITERATURE, Extra, Neighbours, is_notice_record
from relations.links.paper_finder import News
from relations.links.stated_identifiers import PAPERS, TRIALS, find_statements, list_own_identifiers
from relations.wording import describe_day, describe_identifier

COMPONENT = "links 1"
RECORDS = (*LITERATURE, "trial")
_DATA = (
    "addresses.tsv",
    "bridges.tsv",
    "common_names.txt",
    "dois.tsv",
    "ranking.json",
    "stopwords.txt",
    "weights.toml",
)
_NATURES = {
    "retraction": "was retracted", "withdrawal": "was withdrawn", "concern": "is under an expression of concern",
    "correction": "was corrected", "reinstatement": "was reinstated",
}  # fmt: skip

DOCUMENT = "SELECT id, kind, title, text, published, links, identifiers, extra FROM document WHERE id = ?"


class StoredDocument(TypedDict):
    """A row of DOCUMENT."""

    id: str
    kind: str
    title: str
    text: str
    published: str | None
    links: str  # JSON
    identifiers: str  # JSON
    extra: str  # JSON


class DueRow(TypedDict):
    """What names a document that is due."""

    key: str


class LinkRow(TypedDict):
    """A row of the step: the document, its JSON read."""

    id: str
    kind: str
    title: str
    text: str
    published: str | None
    links: list[str]
    identifiers: dict[str, list[str]]
    extra: Extra


def stage(_config: Config) -> Stage:
    folder = Path(__file__).parent
    return Stage(
        name="link",
        version=f"{version_of('link')}/{fingerprint(*((folder / name).read_text('utf-8') for name in _DATA))[:12]}",
        gather=gather,
        complete=read_document,
        step=Address(module="relations.links", function="build_step", reads=("document", "identity", "notice")),
        cpu=600,  # the first document that needs the index of papers builds it
        writes=(Writes(record=Link, owner="src"),),
    )


def read_document(store: Store, row: DueRow) -> Mapping[str, object]:
    """The document that is due."""
    (document,) = store.select(StoredDocument, DOCUMENT, (row["key"],))
    return {
        **document,
        "links": json.loads(document["links"]),
        "identifiers": json.loads(document["identifiers"]),
        "extra": json.loads(document["extra"]),
    }


def build_step(*, view: Store) -> Step:
    """Read the neighbours once, for all documents of a worker."""
    return Linker(Neighbours(view)).link_document


class Linker:
    """Finds the links of documents among their neighbours."""

    def __init__(self, neighbours: Neighbours) -> None:
        self._neighbours = neighbours

    def link_document(self, row: LinkRow) -> Result:
        """All links of one document; of two with the same relation and target, the first."""
        links: dict[tuple[str, str], Link] = {}
        for link in (*self._find_stated(row), *self._find_notices(row), *self._find_version(row)):
            links.setdefault((link.relation, link.dst), link)
        if row["kind"] not in RECORDS and not any(relation == "paper" for relation, _ in links):
            links[("paper", "")] = self._find_paper(row)
        return Done(records=tuple(links.values()))

    def _find_stated(self, row: LinkRow) -> Iterator[Link]:
        own = {scheme: row["identifiers"].get(scheme, []) for scheme in _list_own_schemes(row["kind"])}
        for stated in find_statements(
            title=row["title"],
            text=row["text"],
            links=row["links"],
            identifiers=row["identifiers"],
            own=list_own_identifiers(row["id"], own),
        ):
            if row["kind"] in RECORDS and stated.relation == "paper":
                continue  # a paper that a record cites is not what the record is about
            target = self._neighbours.resolve(stated.identifier)
            if target == row["id"]:
                continue
            notice = stated.relation == "paper" and self._neighbours.is_notice(stated.identifier)
            relation, end = ("notice", " (a notice)") if notice else (stated.relation, "")
            yield _make_link(row, relation, target, 1.0, stated.how, stated.why + end)

    def _find_notices(self, row: LinkRow) -> Iterator[Link]:
        for notice in self._neighbours.find_notices(row["id"]):
            day = f" on {describe_day(notice['day'])}" if notice["day"] else ""
            name = notice["notice"]
            target = self._neighbours.resolve(name) if name else notice["url"] or notice["id"]
            if target != row["id"]:
                end = f" ({describe_identifier(name)})" if name else ""
                yield _make_link(row, "notice", target, 1.0, "statement", f"{_NATURES[notice['nature']]}{day}{end}")

    def _find_version(self, row: LinkRow) -> Iterator[Link]:
        if row["kind"] != "preprint" or is_notice_record(row["extra"]):
            return
        doi = row["extra"].get("published_as")
        if doi:
            why = f"its record says that it was published as doi:{doi}"
            yield _make_link(row, "published", self._neighbours.resolve(f"doi:{doi}"), 1.0, "statement", why)
            return
        paper = self._neighbours.find_stated_version(row["id"], row["identifiers"].get("doi", ()))
        if paper is not None:
            why = "the paper's record names it as its preprint"
            yield _make_link(row, "published", paper, 1.0, "statement", why)
            return
        found = self._neighbours.find_version(row["id"])
        if found.work is not None:
            yield _make_link(row, "published", found.work, found.score, "evidence", found.why)

    def _find_paper(self, row: LinkRow) -> Link:
        news = News(title=row["title"], text=row["text"], published=row["published"])
        found = self._neighbours.finder.find(news)
        how = "evidence" if found.work is not None else "none"
        return _make_link(row, "paper", found.work or "", found.score, how, found.why)


def _list_own_schemes(kind: str) -> tuple[str, ...]:
    """Schemes that name a record itself: the trials of a paper and the papers of a trial are others."""
    return PAPERS if kind in LITERATURE else TRIALS if kind == "trial" else ()


def _make_link(row: LinkRow, relation: str, target: str, score: float, how: str, why: str) -> Link:
    return Link(src=row["id"], relation=relation, dst=target, score=score, how=how, why=why, component=COMPONENT)
