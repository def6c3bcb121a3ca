"""The page of a document: its text with what is named in it, its record, and what it rests on.

The last part of an address names the document; with an older title before it, the address is redirected, and so is one
with a name that the document had before. A document that its source has withdrawn keeps a page that says so (410).
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from urllib.parse import quote

from core.facets import facets
from publish.pages.basis import find_basis
from publish.pages.cards import Card, find_cards
from publish.pages.page import Answer, Context, Page, PageMissing, Redirect, Request, Sample, to_named
from publish.pages.rows import OpenEdition
from publish.search.excerpt import marked

FIND = 'SELECT id, slug, "key" FROM document WHERE "key" = :key'
FORMER = """
SELECT d.id, d.slug, d."key" FROM former_key f JOIN document d ON d."key" = f.document WHERE f."key" = :key
UNION ALL SELECT 0, t.slug, t."key" FROM former_key f JOIN tombstone t ON t."key" = f.document WHERE f."key" = :key"""
TOMBSTONE = """
SELECT t.*, s.name AS source_name FROM tombstone t JOIN source s ON s.id = t.source WHERE "key" = :key"""
MENTIONS = """
SELECT m.*, e.concept, e.name, x.about, coalesce(x.checked, '') AS checked
FROM mention m LEFT JOIN entity e ON e.id = m.entity
LEFT JOIN entity_document x ON x.entity = m.entity AND x.document = m.document AND x.day = (
    SELECT day FROM document WHERE id = :id)
WHERE m.document = :id ORDER BY m.number"""
SAID = """
SELECT 'text' AS part, NULL AS start, NULL AS "end", e.type, e.name AS surface, 'a person says so' AS why, NULL AS role,
    e.concept, e.name, x.about, x.checked
FROM entity_document x JOIN entity e ON e.id = x.entity WHERE x.document = :id AND x.mentions = 0"""
QUOTES = "SELECT * FROM quote WHERE document = :id ORDER BY place"
CUT = "SELECT cut FROM document_text WHERE document = :id AND cut = 1"
IDENTIFIERS = "SELECT * FROM identifier WHERE document = :id ORDER BY scheme, value"
VERSIONS = "SELECT * FROM version WHERE document = :id ORDER BY replaced DESC"
APPEARANCES = "SELECT a.url, s.name FROM appearance a JOIN source s ON s.id = a.source WHERE document = :id"
SAMPLES = """
SELECT slug || '-' || "key" FROM (SELECT slug, "key", id,
    row_number() OVER (PARTITION BY licence, kind ORDER BY id DESC) AS place FROM document)
WHERE place <= 5 ORDER BY id DESC LIMIT 200"""
MOVED = """
SELECT d.slug || '-' || f."key" FROM former_key f JOIN document d ON d."key" = f.document ORDER BY 1 LIMIT 3"""
WITHDRAWN = """SELECT slug || '-' || "key" FROM tombstone ORDER BY 1 LIMIT 3"""

Pieces = list[tuple[str, "Mention | None"]]

SENTENCE_END = re.compile(r"\n+|[.?!][”\"’)]* |[。？！]")
LONGEST = 400  # characters of a sentence before and after a mention


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What an address leads to."""

    id: int
    slug: str
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Tombstone:
    """A document that its source has withdrawn."""

    title: str
    source: str
    source_name: str
    url: str
    published: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Mention:
    """Where a thing is named; `concept` and `name` where it is tied to an identifier.

    `about`: whether the document is about the thing; None where that is not asked of its type, or not known.
    """

    part: str
    start: int | None
    end: int | None
    type: str
    surface: str
    why: str
    role: str | None
    concept: str | None
    name: str | None
    about: int | None
    checked: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Quotation:
    """A passage of a text that is not shown, and where in it something is named."""

    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Identifier:
    scheme: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    replaced: str
    retitled: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Appearance:
    """Another place where the same document was announced."""

    url: str
    name: str


@dataclass(slots=True, kw_only=True)
class Thing:
    """Something that a document names, with all its mentions. `roles`: role -> the sentence of its first mention."""

    type: str
    concept: str | None
    name: str
    about: int | None = None
    checked: str = ""
    times: int = 0
    surfaces: list[str] = field(default_factory=list)
    whys: list[str] = field(default_factory=list)
    roles: dict[str, str] = field(default_factory=dict)

    def add(self, mention: Mention, sentence: str) -> None:
        self.times += 1
        if mention.role and not self.roles.get(mention.role):
            self.roles[mention.role] = sentence
        for kept, new in ((self.surfaces, mention.surface), (self.whys, mention.why)):
            if new not in kept:
                kept.append(new)


async def show(edition: OpenEdition, request: Request) -> Context | Answer | Redirect:
    found = await edition.first(Found, FIND, {"key": request.key})
    if found is None:
        stone = await edition.first(Tombstone, TOMBSTONE, {"key": request.key})
        former = await edition.first(Found, FORMER, {"key": request.key}) if stone is None else None
        if former is not None and (moved := to_named("/document", former.slug, former.key, request.parts["name"])):
            return moved
        if stone is None:
            raise PageMissing("There is no such document in this edition.")
        return Answer({"stone": stone}, status=410, template="tombstone.html")
    if moved := to_named("/document", found.slug, found.key, request.parts["name"]):
        return moved
    ident = {"id": found.id}
    [document] = await find_cards(edition, [found.id])
    return context(
        document,
        [*await edition.rows(Mention, MENTIONS, ident), *await edition.rows(Mention, SAID, ident)],
        await edition.rows(Quotation, QUOTES, ident),
    ) | {
        "cut": await edition.numbers(CUT, ident),
        "identifiers": await edition.rows(Identifier, IDENTIFIERS, ident),
        "versions": await edition.rows(Version, VERSIONS, ident),
        "also": await edition.rows(Appearance, APPEARANCES, ident),
        "more": await find_basis(edition, found.id),
    }


def context(document: Card, mentions: Sequence[Mention], quotes: Iterable[Quotation]) -> dict[str, object]:
    """The document, its text as paragraphs of pieces, its quotations, and what it names by type."""
    return {
        "doc": document,
        "authors": json.loads(document.authors),
        "dates": json.loads(document.dates),
        "paragraphs": to_paragraphs(document.text or "", [one for one in mentions if one.part == "text"]),
        "quotes": [marked(quote.text, [(quote.start, quote.end)]) for quote in quotes],
        "named": split_by_topic(group_by_type(mentions, document.text or "")),
    }


def to_paragraphs(text: str, mentions: Iterable[Mention]) -> list[Pieces]:
    """Paragraphs as pieces (text, mention or None), from offsets in the whole text; of overlapping ones the longest.

    Two that begin at one place: the longer is kept. A mention that reaches over the end of a paragraph is left out.
    """
    spans = [(one.start, one.end, one) for one in mentions if one.start is not None and one.end is not None]
    spans.sort(key=lambda span: (span[0], -span[1]))
    kept, end = [], 0
    for span in spans:
        if span[0] >= end:
            kept.append(span)
            end = span[1]
    paragraphs, at = [], 0
    for part in text.split("\n\n"):
        paragraphs.append(_cut(text, at, at + len(part), kept))
        at += len(part) + 2
    return [pieces for pieces in paragraphs if pieces]


def _cut(text: str, start: int, stop: int, spans: Iterable[tuple[int, int, Mention]]) -> Pieces:
    """One paragraph as pieces, without empty ones."""
    pieces: Pieces = []
    here = start
    for first, last, mention in spans:
        if here <= first and last <= stop:
            pieces += [(text[here:first], None), (text[first:last], mention)]
            here = last
    pieces.append((text[here:stop], None))
    return [piece for piece in pieces if piece[0]]


Named = list[tuple[str, list["Thing"]]]


def split_by_topic(named: Named) -> list[tuple[str, Named]]:
    """(heading, things by type): what the document is about, then what it also names."""
    parts = (("What it is about", True), ("Also named", False))
    split = [
        (heading, [(type_, [one for one in things if (one.about == 1) is about]) for type_, things in named])
        for heading, about in parts
    ]
    return [
        (heading, kept) for heading, some in split if (kept := [(type_, things) for type_, things in some if things])
    ]


def find_sentence(text: str, start: int, end: int) -> str:
    """The sentence of the text around a mention: from one end of a sentence to the next, within its paragraph."""
    first = max((match.end() for match in SENTENCE_END.finditer(text, max(0, start - LONGEST), start)), default=0)
    last = SENTENCE_END.search(text, end, end + LONGEST)
    return text[max(first, start - LONGEST, 0) : last.end() if last else end + LONGEST].strip()


def group_by_type(mentions: Iterable[Mention], text: str = "") -> Named:
    """What a document names, by type: tied to an identifier first, then by how often and by name.

    Types have the order of the table of facets; one that it no longer has (an older edition) comes last.
    """
    order = [facet.name for facet in facets().shown_in("document", "type")]
    types: dict[str, dict[str, Thing]] = {}
    for one in mentions:
        things = types.setdefault(one.type, {})
        new = Thing(
            type=one.type, concept=one.concept, name=one.name or one.surface, about=one.about, checked=one.checked
        )  # fmt: skip
        shown = one.part == "text" and one.start is not None and one.end is not None
        sentence = find_sentence(text, one.start or 0, one.end or 0) if shown and one.role else ""
        things.setdefault(one.concept or one.surface.casefold(), new).add(one, sentence)
    return [
        (type_, sorted(types[type_].values(), key=lambda thing: (thing.concept is None, -thing.times, thing.name)))
        for type_ in [*order, *sorted(set(types) - set(order))]
        if type_ in types
    ]


def samples(edition: sqlite3.Connection) -> Iterator[Sample]:
    """Of each licence and kind the newest five; some that moved or were withdrawn; one that is not there."""
    for (name,) in edition.execute(SAMPLES):
        yield Sample(f"/document/{quote(name)}")
    for (name,) in edition.execute(MOVED):
        yield Sample(f"/document/{quote(name)}", 301)
    for (name,) in edition.execute(WITHDRAWN):
        yield Sample(f"/document/{quote(name)}", 410)
    yield Sample("/document/no-such-000000000000", 404)


PAGES = (Page(route="/document/(?P<name>[^/]+)", template="document.html", show=show, samples=samples),)
