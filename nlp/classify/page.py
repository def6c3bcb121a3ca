"""What the modules that label know of a document, and where its sentences are.

A `Page` is a document with its source's kind and country, its mentions, and its linked papers and trials. It is made
from a row of a stage's query (`make_page`) or from a text that is not in the database (`make_text_page`).

`sentences` cuts a text into sentences and paragraphs: after a full stop, a question or exclamation mark before a space
and a new beginning, unless an abbreviation or an initial precedes it; after the full stops of Chinese and Japanese; at
every line break. A sentence longer than `LONGEST` is cut between words, so that a text without full stops gives no
rows that nobody can read.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NotRequired, TypedDict

from core.records import Concept, Json, Label, Mention, Topic

LONGEST = 600  # characters of a sentence as a label shows it
HEADLINE = 200  # characters of a first line that can be a headline
READ = 60_000  # characters of a text that are labelled; comments, lists and archives follow

_END = re.compile(r"(?:[.!?…]+[\"”’»)\]]*(?=\s+[^\sa-z])|[。！？]+[」』”）]*|\n+)")
_ABBREVIATED = re.compile(
    r"(?:\b(?:Drs?|Prof|Mr|Mrs|Ms|St|vs|cf|Fig|No|Nos|Vol|ca|approx|dept|Inc|Ltd|Co|Corp|Jr|Sr|Univ|spp|sp|Sen|Rep|Gov"
    r"|Jan|Feb|Mar|Apr|Aug|Sept?|Oct|Nov|Dec|et al|e\.g|i\.e|U\.S|U\.K|Ph\.D|M\.D)|\b[A-Z])\.$"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """A linked paper or trial, with what we have of it."""

    id: str  # doi:… pmid:… nct:…
    kind: str  # paper | preprint | trial
    title: str
    text: str
    extra: Json


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A document with its source, its mentions and its linked papers. Offsets of labels are characters of `text`."""

    id: str
    kind: str  # news | release | explainer | clinic | paper | preprint | trial
    source_kind: str  # news | press_release | explainer | clinic | journal | preprint | registry | stem_cell_bank
    source_scope: str  # all | mixed
    country: str | None  # of the source
    lang: str | None
    title: str
    text: str
    summary: str = ""
    extra: Json = field(default_factory=dict)
    translated: str | None = None
    mentions: tuple[Mention, ...] = ()
    papers: tuple[Paper, ...] = ()
    countries: Mapping[str, str] = field(default_factory=dict)  # concept -> ISO 3166-1 alpha-2
    about: frozenset[str] = frozenset()  # concepts that it is about, of the others it only names them

    @property
    def body(self) -> str:
        """The part of the text that is labelled."""
        return self.text[:READ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """Offsets are of the text; both None for the title."""

    words: str
    start: int | None
    end: int | None
    place: float  # 0 at the title, then towards 1 at the end of the text


class PageRow(TypedDict):
    """What a stage's query gives of a document, its source, its mentions and its linked papers."""

    id: str
    kind: str
    source_kind: str
    source_scope: str
    country: str | None
    lang: str | None
    title: str
    text: str
    summary: str
    extra: str  # JSON object
    translated: str | None
    mentions: str  # JSON array of [part, start, end, type, surface, concept, country of the concept, role]
    about: NotRequired[str]  # JSON array of concepts
    papers: str  # JSON array of [id, kind, title, text, extra as JSON]


def make_page(row: PageRow) -> Page:
    """The page of a row of the stage's query."""
    mentions, countries = [], {}
    for part, start, end, kind, surface, concept, country, role in json.loads(row["mentions"]):
        mentions.append(
            Mention(
                document=row["id"], part=part, start=start, end=end, type=kind, surface=surface, concept=concept,
                score=1.0, why="", component="", role=role,
            )
        )  # fmt: skip
        if concept and country:
            countries[concept] = country
    papers = tuple(
        Paper(id=ident, kind=kind, title=title, text=text, extra=_parse_extra(extra))
        for ident, kind, title, text, extra in json.loads(row["papers"])
    )
    return Page(
        id=row["id"], kind=row["kind"], source_kind=row["source_kind"], source_scope=row["source_scope"],
        country=row["country"], lang=row["lang"], title=row["title"], text=row["text"], summary=row["summary"],
        extra=_parse_extra(row["extra"]), translated=row["translated"], mentions=tuple(mentions), papers=papers,
        countries=countries, about=frozenset(json.loads(row.get("about", "[]"))),
    )  # fmt: skip


def make_text_page(
    *,
    doc: str,
    title: str,
    text: str,
    lang: str | None,
    mentions: tuple[Mention, ...] = (),
    concepts: tuple[Concept, ...] = (),
    topics: tuple[Topic, ...] = (),
    country: str | None = None,
) -> Page:
    """The page of a text without a source, so of no known kind. A short first line is its title."""
    first, _, rest = text.lstrip().partition("\n")
    if not title and rest.strip() and len(first) <= HEADLINE:
        title = first.strip()
    return Page(
        id=doc, kind="", source_kind="", source_scope="mixed", country=country, lang=lang, title=title, text=text,
        mentions=mentions, countries={c.id: c.country for c in concepts if c.country},
        about=frozenset(topic.concept for topic in topics if topic.about),
    )  # fmt: skip


def make_paper_page(paper: Paper) -> Page:
    """The page of a linked paper, whose words are read like any others."""
    return Page(
        id=paper.id, kind=paper.kind, source_kind="", source_scope="", country=None, lang=None, title=paper.title,
        text=paper.text,
    )  # fmt: skip


def _parse_extra(extra: str | Json) -> Json:
    """The object of a column `extra`; empty if it is not an object."""
    value = json.loads(extra) if isinstance(extra, str) else extra
    return value if isinstance(value, dict) else {}


def label_at(
    page: Page, facet: str, value: str, component: str, sentence: Sentence | None = None, score: float = 1.0
) -> Label:
    """A label of this page, with the sentence that it rests on, if any."""
    return Label(
        document=page.id, facet=facet, value=value, score=round(min(1.0, score), 2),
        sentence=sentence.words if sentence else "", start=sentence.start if sentence else None,
        end=sentence.end if sentence else None, component=component,
    )  # fmt: skip


def is_inside(sentence: Sentence, mention: Mention) -> bool:
    """Whether a mention is in a sentence."""
    if sentence.start is None or sentence.end is None:
        return mention.part == "title"
    return mention.part != "title" and sentence.start <= mention.start < sentence.end


def sentences_of(page: Page) -> tuple[Sentence, ...]:
    """The title (without offsets), then the sentences of the body in order."""
    return _find_all(page.title, page.body)


@lru_cache(maxsize=8)  # all families read the same page
def _find_all(title: str, body: str) -> tuple[Sentence, ...]:
    whole = max(1, len(body))
    found = [Sentence(words=title, start=None, end=None, place=0.0)] if title else []
    found += [Sentence(words=body[s:e], start=s, end=e, place=s / whole) for s, e in sentences(body)]
    return tuple(found)


def sentences(text: str) -> Iterator[tuple[int, int]]:
    """Offsets of the sentences of a text, without the space around them."""
    begin = 0
    for match in _END.finditer(text):
        if match[0][0] == "." and _ABBREVIATED.search(text, max(0, match.start() - 12), match.start() + 1):
            continue
        yield from _cut(text, begin, match.end())
        begin = match.end()
    yield from _cut(text, begin, len(text))


def _cut(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Offsets without the space around them, cut to at most `LONGEST` characters."""
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    while end - start > LONGEST:
        space = text.rfind(" ", start + LONGEST // 2, start + LONGEST)
        stop = space if space > 0 else start + LONGEST
        yield start, stop
        start = stop + (space > 0)
    if end > start:
        yield start, end
