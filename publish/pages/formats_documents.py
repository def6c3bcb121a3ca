"""Lists of documents to take away: JSON, CSV, RIS and BibTeX of the same list.

A page gives a `Listing`: numbers of documents in its order, all of them, and facts on the whole. Rows are read CHUNK at
a time, while the reader takes them, so that a search with thousands of hits needs no more memory than one with ten. RIS
and BibTeX have the papers, preprints and trials of the list, because these are what programs for references keep; news
has its own at its own address.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field

from publish.pages.cite import OWN, Citation, find_citations
from publish.pages.cite_bibtex import to_bibtex
from publish.pages.cite_ris import to_ris
from publish.pages.formats import Row, Table, csv_of, gather, json_of
from publish.pages.page import Field, Format, Redirect, Request, Stream, Text
from publish.pages.rows import OpenEdition, listed
from publish.pages.template_filters import document_url

CHUNK = 200
RIS_TYPE = "application/x-research-info-systems; charset=utf-8"
BIBTEX_TYPE = "application/x-bibtex; charset=utf-8"

ROWS = """
SELECT d.id, d."key", d.slug, d.title, d.day, d.kind, d.source, s.name AS source_name, d.country, d.lang, d.published,
    d.first_seen, d.url, d.ident, d.journal,
    (SELECT t.slug || '-' || t."key" FROM member m JOIN story t ON t.id = m.story
        WHERE m.document = d.id LIMIT 1) AS story,
    (SELECT json_group_array(l.value) FROM label l WHERE l.document = d.id AND l.facet = 'evidence'
        AND l.value <> 'none') AS evidence,
    (SELECT json_group_array(DISTINCT b.status) FROM banner b WHERE b.document = d.id) AS status
FROM json_each(:ids) j CROSS JOIN document d ON d.id = j.value JOIN source s ON s.id = d.source ORDER BY j.key"""
OF_KINDS = """
SELECT d.id FROM json_each(:ids) j CROSS JOIN document d ON d.id = j.value
WHERE d.kind IN (SELECT value FROM json_each(:kinds)) ORDER BY j.key"""

FIELDS = (
    Field("key", "stable name of the document, the end of its address here"),
    Field("url", "its page here"),
    Field("title", "headline or title"),
    Field("day", "day of publication, or on which it was first seen where no date is known"),
    Field("kind", "news, release, explainer, clinic, paper, preprint or trial"),
    Field("story", "page of the story that it is part of"),
    Field("evidence", "what its result rests on: animal, phase 1 …; several are possible"),
    Field("status", "of the work or of the paper that it rests on: retracted, corrected …"),
    Field("source", "name of the source"),
    Field("country", "of the source, ISO 3166-1 alpha-2"),
    Field("lang", "language, ISO 639-1"),
    Field("published", "date that its source gives; empty where it gives none"),
    Field("first_seen", "when it was first met, UTC"),
    Field("link", "where it was published"),
    Field("ident", "DOI, PubMed or registry number, else its address"),
    Field("journal", "as its source names it"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedDocument:
    """A document as a list to take away has it."""

    id: int
    key: str
    slug: str
    title: str
    day: str
    kind: str
    source: str
    source_name: str
    country: str | None
    lang: str | None
    published: str | None
    first_seen: str
    url: str
    ident: str
    journal: str | None
    story: str | None
    evidence: str  # JSON array
    status: str  # JSON array

    def cells(self, site: str) -> Row:
        """In the order of FIELDS."""
        return (
            self.key, f"{site}{document_url(self)}", self.title, self.day, self.kind,
            f"{site}/story/{self.story}" if self.story else None, json.loads(self.evidence), json.loads(self.status),
            self.source_name, self.country, self.lang, self.published, self.first_seen, self.url or None, self.ident,
            self.journal,
        )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """Documents in their order, all of them. `more` are further fields, `extra` gives their values for a document."""

    name: str  # of the file
    ids: Sequence[int]
    facts: Mapping[str, object] = field(default_factory=dict)
    cut: str = ""
    more: tuple[Field, ...] = ()
    extra: Callable[[ListedDocument], Row] = lambda _: ()
    count: int | None = None  # where it is not that of `ids`


FoundList = Listing | Redirect | Text
FindList = Callable[[OpenEdition, Request], Awaitable[FoundList]]
Write = Callable[[Citation, str], str]
CITED = (("ris", "RIS", RIS_TYPE, to_ris), ("bib", "BibTeX", BIBTEX_TYPE, to_bibtex))


def documents_of(find: FindList, *, more: tuple[Field, ...] = (), about: str = "") -> tuple[Format, ...]:
    """All four formats of a list of documents."""
    return (
        *tables_of(find, more=more, about=about),
        *citations_of(find, about=f"{about} Its papers, preprints and trials.".strip()),
    )


def tables_of(find: FindList, *, more: tuple[Field, ...] = (), about: str = "") -> tuple[Format, ...]:
    """JSON and CSV of a list of documents."""

    async def find_table(edition: OpenEdition, request: Request) -> Table | Redirect | Text:
        found = await find(edition, request)
        return to_table(edition, request, found) if isinstance(found, Listing) else found

    return json_of(find_table, (*FIELDS, *more), about), csv_of(find_table, (*FIELDS, *more), about)


def citations_of(find: FindList, *, every: bool = False, about: str = "") -> tuple[Format, ...]:
    """RIS and BibTeX of a list; `every`: of documents of all kinds."""
    return tuple(
        _cited(find, every, write, suffix=suffix, title=title, content_type=content_type, about=about)
        for suffix, title, content_type, write in CITED
    )


def _cited(
    find: FindList, every: bool, write: Write, *, suffix: str, title: str, content_type: str, about: str
) -> Format:
    async def show(edition: OpenEdition, request: Request) -> Stream | Redirect | Text:
        found = await find(edition, request)
        if not isinstance(found, Listing):
            return found
        pieces = gather(_cite(edition, request, found, every, write))
        return Stream(pieces=pieces, content_type=content_type, name=f"{found.name}.{suffix}")

    return Format(suffix=suffix, title=title, content_type=content_type, show=show, about=about)


def to_table(edition: OpenEdition, request: Request, listing: Listing) -> Table:
    """The list as rows that are read while they are taken."""
    return Table(
        name="documents",
        file=listing.name,
        fields=(*FIELDS, *listing.more),
        rows=_read(edition, request, listing),
        count=len(listing.ids) if listing.count is None else listing.count,
        facts=listing.facts,
        cut=listing.cut,
    )


async def _read(edition: OpenEdition, request: Request, listing: Listing) -> AsyncIterator[Row]:
    for ids in chunks(listing.ids):
        for row in await edition.rows(ListedDocument, ROWS, listed(ids)):
            yield (*row.cells(request.site), *listing.extra(row))


async def _cite(
    edition: OpenEdition, request: Request, listing: Listing, every: bool, write: Write
) -> AsyncIterator[str]:  # fmt: skip
    written = False
    for ids in chunks(listing.ids):
        params = {**listed(ids), "kinds": json.dumps(OWN)}
        some = ids if every else await edition.numbers(OF_KINDS, params)
        for citation in await find_citations(edition, some):
            written = True
            yield write(citation, request.site)
    if not written:
        yield "\r\n"  # neither form has a way to say that nothing is in it


def chunks(ids: Sequence[int]) -> list[Sequence[int]]:
    return [ids[at : at + CHUNK] for at in range(0, len(ids), CHUNK)]
