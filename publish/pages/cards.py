"""Documents as lists show them: source, date, title, flags, a teaser, and what they name most.

`find_cards` reads the rows and `make_cards` joins them. The teaser is the passage of the text around the first hit of
the search; of a text that may not be shown it is a quotation, if possible one with a hit.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol, TypeVar

from publish.pages.facet_lists import TOP
from publish.pages.rows import DocumentLine, OpenEdition, listed
from publish.search.excerpt import Pieces, excerpt, highlight
from publish.search.fts import hit_pattern
from publish.search.query import Query

TEASER = 260  # characters
NAMED_MOST = 4
FLAGS_SHOWN = 4

CARDS = """
SELECT d.*, s.name AS source_name, t.text, t.part
FROM json_each(:ids) j JOIN document d ON d.id = j.value JOIN source s ON s.id = d.source
LEFT JOIN document_text t ON t.document = d.id ORDER BY j.key"""

FLAGS = """
SELECT document, 'status' AS filter, status AS value, 0 AS place FROM banner
WHERE document IN (SELECT value FROM json_each(:ids))
UNION SELECT document, CASE facet WHEN 'species' THEN 'animal' ELSE facet END, value,
    CASE facet WHEN 'evidence' THEN 1 ELSE 2 END
FROM label WHERE document IN (SELECT value FROM json_each(:ids)) AND value NOT IN ('none', 'human')
    AND facet IN ('evidence', 'species') ORDER BY 1, 4, 3"""

QUOTES = "SELECT document, text FROM quote WHERE document IN (SELECT value FROM json_each(:ids))"

NAMES = """
SELECT x.document, e.type, e.concept, e.name FROM entity_document x JOIN entity e ON e.id = x.entity
WHERE x.document IN (SELECT value FROM json_each(:ids)) ORDER BY x.mentions DESC, e.documents DESC, e.id"""


class OfDocument(Protocol):
    @property
    def document(self) -> int: ...


D = TypeVar("D", bound=OfDocument)


@dataclass(frozen=True, slots=True, kw_only=True)
class Flag:
    """A value that stands out on a card: how the paper stands, the kind of evidence, the species."""

    document: int
    filter: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Name:
    """Something that a document names."""

    document: int
    type: str
    concept: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    document: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Card(DocumentLine):
    """A document, with all its columns; the fields with defaults are what a list shows beside them."""

    url: str
    authors: str  # JSON
    journal: str | None
    published: str | None
    published_from: str | None
    first_seen: str
    licence: str
    translated: str | None
    words: int
    dates: str  # JSON
    text: str | None
    part: str | None
    title_pieces: Pieces | None = None
    teaser: Pieces | None = None
    entities: tuple[Name, ...] = ()
    flags: tuple[Flag, ...] = ()

    @property
    def quoted(self) -> bool:
        """Whether only quotations of its text may be shown."""
        return self.licence == "headline-and-link"

    @property
    def dated(self) -> bool:
        return bool(self.published)


async def find_cards(
    edition: OpenEdition, ids: Sequence[int], query: Query | None = None, width: int = TEASER
) -> list[Card]:
    """Documents in the order of `ids`; the words of `query` are marked, teasers have about `width` characters."""
    marks = listed(ids)
    return make_cards(
        await edition.rows(Card, CARDS, marks),
        await edition.rows(Flag, FLAGS, marks),
        await edition.rows(Quote, QUOTES, marks),
        await edition.rows(Name, NAMES, marks),
        query,
        width,
    )


def make_cards(
    documents: Iterable[Card],
    flags: Iterable[Flag],
    quotes: Iterable[Quote],
    names: Iterable[Name],
    query: Query | None = None,
    width: int = TEASER,
) -> list[Card]:
    """Documents with what their cards show."""
    flags_of, names_of, quotes_of = by_document(flags), by_document(names), by_document(quotes)
    pattern = hit_pattern(query) if query else None

    def teaser(card: Card) -> Pieces:
        if not card.quoted:
            return excerpt(card.text, pattern, width) if card.text else []
        texts = [quote.text for quote in quotes_of.get(card.id, ())]
        best = next((text for text in texts if pattern and pattern.search(text)), texts[0] if texts else "")
        return highlight(best, pattern)

    return [
        replace(
            card,
            title_pieces=highlight(card.title, pattern),
            teaser=teaser(card),
            entities=tuple([name for name in names_of.get(card.id, ()) if name.type in TOP][:NAMED_MOST]),
            flags=tuple(flags_of.get(card.id, ())[:FLAGS_SHOWN]),
        )
        for card in documents
    ]


def by_document(rows: Iterable[D]) -> dict[int, list[D]]:
    """Rows by the document that they are of, in their order."""
    found: dict[int, list[D]] = defaultdict(list)
    for row in rows:
        found[row.document].append(row)
    return found
