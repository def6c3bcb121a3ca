"""Things to take away: all things of a type, and one thing with every document that names it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from urllib.parse import quote

from publish.pages.formats import Row, Table
from publish.pages.formats_documents import Listing
from publish.pages.line_data import pick
from publish.pages.page import Field, PageMissing, Request
from publish.pages.rows import Count, OpenEdition

CHUNK = 500
TYPE = """
SELECT * FROM entity WHERE type = :type AND (documents, id) < (:documents, :id)
ORDER BY documents DESC, id DESC LIMIT :most"""
TOTAL = "SELECT count(*) FROM entity WHERE type = :type"
ONE = "SELECT * FROM entity WHERE concept = :concept AND type = :type"
# the documents that are about it first, then those that only name it
NAMED_IN = """
SELECT document, about, role FROM entity_document WHERE entity = :id
ORDER BY about IS 0, day DESC, document DESC"""
MONTHS = "SELECT month AS value, documents AS n FROM entity_month WHERE entity = :id ORDER BY month"
NAMES = "SELECT name, lang, how FROM thing_name WHERE concept = :concept ORDER BY place"
KINDS = "SELECT kind AS value, documents AS n FROM thing_kind WHERE entity = :id ORDER BY kind"
TOGETHER = """
SELECT e.type, e.concept, e.name, p.documents AS together FROM entity_pair p JOIN entity e ON e.id = p.other
WHERE p.entity = :id ORDER BY p.place"""

FIELDS = (
    Field("type", "disease, cell_type, institution, journal …"),
    Field("concept", "its public identifier, or an own key where no register has it"),
    Field("name", "preferred name in its ontology or registry"),
    Field("country", "of an institution, ISO 3166-1 alpha-2"),
    Field("url", "its page here"),
    Field("link", "its page at the registry or ontology"),
    Field("documents", "how many are about it; of journals, places and the like: how many name it"),
    Field("named", "how many name it at all"),
    Field("first", "day of the oldest that names it"),
    Field("last", "day of the newest that names it"),
)
MORE = (
    Field("about", "1: the document is about it, 0: it only names it; empty: not asked of this type"),
    Field("role", "of a disease or an institution: treated, risk, did_the_work, comments …"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ThingRow:
    """A thing that documents name."""

    id: int
    type: str
    concept: str
    name: str
    country: str | None
    url: str | None
    documents: int
    named: int
    first: str
    last: str

    def cells(self, site: str) -> Row:
        """In the order of FIELDS."""
        page = f"{site}/entity/{self.type}/{quote(self.concept, safe=':')}"
        return (
            self.type, self.concept, self.name, self.country, page, self.url, self.documents, self.named, self.first,
            self.last,
        )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedIn:
    """A document that names a thing."""

    document: int
    about: int | None
    role: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NameIn:
    """A name of a thing in a language; `how`: label (the preferred one), name or short."""

    name: str
    lang: str
    how: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Together:
    """A thing that documents are about together with another."""

    type: str
    concept: str
    name: str
    together: int


async def find_type(edition: OpenEdition, request: Request) -> Table:
    """All things of a type, the commonest first. Raises PageMissing."""
    type_ = request.parts["type"]
    total = await edition.number(TOTAL, {"type": type_})
    if not total:
        raise PageMissing("Nothing of that type is in this edition.")
    return Table(name="things", file=type_, fields=FIELDS, rows=_read(edition, type_, request.site), count=total)


async def _read(edition: OpenEdition, type_: str, site: str) -> AsyncIterator[Row]:
    after = {"documents": 2**62, "id": 0}
    while found := await edition.rows(ThingRow, TYPE, {"type": type_, **after, "most": CHUNK}):
        for thing in found:
            yield thing.cells(site)
        after = {"documents": found[-1].documents, "id": found[-1].id}


async def find_whole(edition: OpenEdition, request: Request) -> Listing | None:
    """A thing with every document that names it; None where no thing has this address."""
    thing = await edition.first(ThingRow, ONE, request.parts)
    if thing is None:
        return None
    ident = {"id": thing.id}
    found = await edition.rows(NamedIn, NAMED_IN, ident)
    said = {one.document: (one.about, one.role) for one in found}
    months = await edition.rows(Count, MONTHS, ident)
    together = await edition.rows(Together, TOGETHER, ident)
    return Listing(
        name=f"{thing.type}-{quote(thing.concept, safe='')}",
        ids=[one.document for one in found],
        facts={
            "thing": dict(zip((field.name for field in FIELDS), thing.cells(request.site), strict=True)),
            "kinds": {kind.value: kind.n for kind in await edition.rows(Count, KINDS, ident)},
            "names": pick(await edition.rows(NameIn, NAMES, {"concept": thing.concept}), "name lang how"),
            "months": {month.value: month.n for month in months},
            "together": [
                {"type": one.type, "concept": one.concept, "name": one.name, "documents": one.together}
                for one in together
            ],
        },
        more=MORE,
        extra=lambda row: said[row.id],
    )
