"""Documents as lists show them: source, date, title, flags, a teaser, and what they are about.

`find_cards` reads the rows and `make_cards` joins them. The teaser is the passage of the text around the first hit of
the search; of a text that may not be shown it is a quotation, if possible one with a hit.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol, TypeVar

from core.facets import facets
from publish.pages.flags import Flag, FlagRow, flag_facets, to_flags
from publish.pages.rows import DocumentLine, OpenEdition, listed
from publish.search.excerpt import Pieces, excerpt, find_marks, highlight
from publish.search.query import Query

TEASER = 260  # characters
NAMED_MOST = 4
LEAST = 1.0  # weight of a thing on a card: what a text is about by one late sentence is on its page only

CARDS = """
SELECT d.*, s.name AS source_name, t.text, t.part
FROM json_each(:ids) j JOIN document d ON d.id = j.value JOIN source s ON s.id = d.source
LEFT JOIN document_text t ON t.document = d.id ORDER BY j.key"""

FLAGS = """
SELECT document AS owner, 'status' AS facet, status AS value, 1 AS n, '' AS rule FROM banner
WHERE document IN (SELECT value FROM json_each(:ids))
UNION SELECT document, 'trial_status', status, 1, '' FROM trial_status
WHERE document IN (SELECT value FROM json_each(:ids)) AND alone = 1
UNION SELECT document, facet, value, 1, rule FROM label
WHERE document IN (SELECT value FROM json_each(:ids)) AND facet IN (SELECT value FROM json_each(:facets))"""

QUOTES = "SELECT document, text FROM quote WHERE document IN (SELECT value FROM json_each(:ids))"

NAMES = """
SELECT x.document, e.type, e.concept, e.name, coalesce(x.checked, '') AS checked
FROM entity_document x JOIN entity e ON e.id = x.entity
WHERE x.document IN (SELECT value FROM json_each(:ids)) AND x.about = 1
    AND (x.weight >= :least OR x.checked IS NOT NULL)
ORDER BY x.checked IS NULL, x.weight DESC, x.mentions DESC, e.documents DESC, e.id"""


class OfDocument(Protocol):
    @property
    def document(self) -> int: ...


D = TypeVar("D", bound=OfDocument)


@dataclass(frozen=True, slots=True, kw_only=True)
class Name:
    """Something that a document is about; the day on which a person said so."""

    document: int
    type: str
    concept: str
    name: str
    checked: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    document: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Card(DocumentLine):
    """A document, with all its columns; the fields with defaults are what a list shows in addition."""

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
    ident: str
    basis: str
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
        to_flags(await edition.rows(FlagRow, FLAGS, {**marks, "facets": flag_facets()})),
        await edition.rows(Quote, QUOTES, marks),
        await edition.rows(Name, NAMES, {**marks, "least": LEAST}),
        query,
        width,
    )


def make_cards(
    documents: Iterable[Card],
    flags: Mapping[int, tuple[Flag, ...]],
    quotes: Iterable[Quote],
    names: Iterable[Name],
    query: Query | None = None,
    width: int = TEASER,
) -> list[Card]:
    """Documents with what their cards show."""
    types = {facet.name for facet in facets().shown_in("card", "type")}
    names_of = by_document(name for name in names if name.type in types)
    quotes_of = by_document(quotes)
    marks = find_marks(query)

    def teaser(card: Card) -> Pieces:
        if not card.quoted:
            return excerpt(card.text, marks, width) if card.text else []
        texts = [quote.text for quote in quotes_of.get(card.id, ())]
        best = next((text for text in texts if marks.spans(text)), texts[0] if texts else "")
        return highlight(best, marks)

    return [
        replace(
            card,
            title_pieces=highlight(card.title, marks, title=True),
            teaser=teaser(card),
            entities=tuple(names_of.get(card.id, ())[:NAMED_MOST]),
            flags=flags.get(card.id, ()),
        )
        for card in documents
    ]


def by_document(rows: Iterable[D]) -> dict[int, list[D]]:
    """Rows by the document that they are of, in their order."""
    found: dict[int, list[D]] = defaultdict(list)
    for row in rows:
        found[row.document].append(row)
    return found
