"""The page of a document: its text with what is named in it, its record, and what it rests on.

The last part of an address names the document; with an older title before it, the address is redirected, and so is one
with a name that the document had before. A document that its source has withdrawn keeps a page that says so (410).
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import quote

from core.facets import facets
from publish.pages.cards import Card
from publish.pages.cite import find_citations
from publish.pages.document_compared import find_compared, find_edits, find_left_out
from publish.pages.document_followed import find_followed
from publish.pages.document_life import find_life, find_steps, find_trial
from publish.pages.document_record import FIELDS, to_record
from publish.pages.document_rows import Mention, Quotation, Told, find_told
from publish.pages.formats import record_of
from publish.pages.formats_documents import FoundList, Listing, citations_of
from publish.pages.meta import document_head
from publish.pages.page import Answer, Context, Page, PageMissing, Redirect, Request, Sample, Text, to_named
from publish.pages.quantities import Statement
from publish.pages.rows import OpenEdition
from publish.pages.sparklines import find_sparklines_in
from publish.pages.warnings import find_warnings
from publish.search.excerpt import marked

FIND = 'SELECT id, slug, "key" FROM document WHERE "key" = :key'
FORMER = """
SELECT d.id, d.slug, d."key" FROM former_key f JOIN document d ON d."key" = f.document WHERE f."key" = :key
UNION ALL SELECT 0, t.slug, t."key" FROM former_key f JOIN tombstone t ON t."key" = f.document WHERE f."key" = :key"""
TOMBSTONE = """
SELECT t.*, s.name AS source_name FROM tombstone t JOIN source s ON s.id = t.source WHERE "key" = :key"""
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
MARKED = 150  # mentions that are marked in a text: the first of each thing, then the others as they come
NOTABLE = 4  # figures in the box at the top


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


async def find(edition: OpenEdition, request: Request) -> Found | Tombstone | Redirect:
    """What the address leads to. Raises PageMissing."""
    asked = request.parts["name"]
    found = await edition.first(Found, FIND, {"key": request.key})
    if found is None:
        stone = await edition.first(Tombstone, TOMBSTONE, {"key": request.key})
        former = await edition.first(Found, FORMER, {"key": request.key}) if stone is None else None
        if former is not None and (
            moved := to_named("/document", former.slug, former.key, asked, request.suffix)
        ):  # fmt: skip
            return moved
        if stone is None:
            raise PageMissing("There is no such document in this edition.")
        return stone
    return to_named("/document", found.slug, found.key, asked, request.suffix) or found


async def show(edition: OpenEdition, request: Request) -> Context | Answer | Redirect:
    found = await find(edition, request)
    if isinstance(found, Redirect):
        return found
    if isinstance(found, Tombstone):
        return Answer({"stone": found}, status=410, template="tombstone.html")
    told = await find_told(edition, found.id)
    [citation] = await find_citations(edition, [found.id])
    shown = context(told.doc, told.mentions, told.quotes)
    rests_on = [*told.more.papers, *told.more.trials]
    return shown | {
        "cut": told.cut,
        "identifiers": told.identifiers,
        "versions": told.versions,
        "also": told.also,
        "more": told.more,
        "followed": await find_followed(edition, found.id, citation, told.more),
        "life": await find_life(edition, found.id, told.doc.kind, json.loads(told.doc.authors), rests_on),
        "compared": await find_compared(edition, found.id),
        "left_out": await find_left_out(edition, found.id),
        "edits": await find_edits(edition, found.id) if told.versions else [],
        "warnings": (await find_warnings(edition, [found.id])).get(found.id, ()),
        "sparklines": (await find_sparklines_in(edition, [found.id]))[:2] if told.more.figures else [],
        "notable": find_notable(told.more.figures, find_leading(told)),
        "head": document_head(
            citation,
            request.site,
            excerpt="".join(text for text, _ in told.doc.teaser or ()),
            cites=[link.ident for link in told.more.papers],
            status=next((one.status for one in told.more.trial_statuses), ""),
        ),
    }


async def find_record(edition: OpenEdition, request: Request) -> Mapping[str, object] | Redirect | Text:
    """The document as JSON."""
    found = await find(edition, request)
    if isinstance(found, Found):
        told = await find_told(edition, found.id)
        return to_record(
            told,
            request.site,
            await find_steps(edition, found.id),
            await find_trial(edition, told.doc.id, told.doc.kind),
        )
    return found if isinstance(found, Redirect) else gone()


async def find_one(edition: OpenEdition, request: Request) -> FoundList:
    """The document as a list of one, to cite it."""
    found = await find(edition, request)
    if isinstance(found, Found):
        return Listing(name=f"{found.slug}-{found.key}", ids=[found.id])
    return found if isinstance(found, Redirect) else gone()


def gone() -> Text:
    return Text("Its source has withdrawn this document. No text of it is here.\n", status=410)


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

    Two that begin at one place: the longer is kept. A mention that reaches over the end of a paragraph is left out. Of
    a long text MARKED mentions are marked.
    """
    spans = [(one.start, one.end, one) for one in mentions if one.start is not None and one.end is not None]
    spans.sort(key=lambda span: (span[0], -span[1]))
    spans = choose_marked(spans)
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


def choose_marked(spans: Sequence[tuple[int, int, Mention]]) -> list[tuple[int, int, Mention]]:
    """At most MARKED mentions, in their order: the first of each thing before any second one."""
    times: Counter[str] = Counter()
    order = []
    for at, span in enumerate(spans):
        name = span[2].concept or span[2].surface.casefold()
        order.append((times[name] > 0, at))
        times[name] += 1
    return [spans[at] for at in sorted(at for _, at in sorted(order)[:MARKED])]


def find_notable(figures: Sequence[Statement], leading: Collection[str] = ()) -> list[Statement]:
    """The figures for the box at the top, each value of a subject once.

    Those of a series first, then those in a sentence that is `leading`: the title, or what the stage rests on. Without
    any of these the first two of the text.
    """
    told = [one for one in figures if one.subject and one.modifier != "multiple"]
    series = sorted((one for one in told if one.series and one.period), key=lambda one: one.period or "", reverse=True)
    order = series + [one for one in told if not one.series and one.sentence in leading]
    found: dict[tuple[float, str], Statement] = {}
    for one in order or told[:2]:
        found.setdefault((one.value, one.subject.casefold()), one)
    return list(found.values())[:NOTABLE]


def find_leading(told: Told) -> set[str]:
    """The title, and the sentences that the stage rests on."""
    return {told.doc.title} | {
        label.sentence for facet, some in told.more.labels for label in some if facet.name == "evidence"
    }


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


PAGES = (
    Page(
        route="/document/(?P<name>[^/]+)",
        within="/search",
        template="document.html",
        show=show,
        samples=samples,
        formats=(record_of(find_record, FIELDS, "All that is known of it."), *citations_of(find_one, every=True)),
        about="A document: news, release, paper, preprint, trial or page.",
        example="""SELECT '/document/' || slug || '-' || "key" FROM document ORDER BY id DESC LIMIT 1""",
    ),
)
