"""What the edition holds of one document, in typed rows: for its page, and for what is taken away of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from publish.pages.basis import Basis, find_basis
from publish.pages.cards import Card, find_cards
from publish.pages.rows import OpenEdition

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """Everything that the edition says of a document."""

    doc: Card
    mentions: Sequence[Mention]
    quotes: Sequence[Quotation]
    cut: bool
    identifiers: Sequence[Identifier]
    versions: Sequence[Version]
    also: Sequence[Appearance]
    more: Basis


async def find_told(edition: OpenEdition, number: int) -> Told:
    """Everything that the edition says of a document, by its number."""
    ident = {"id": number}
    [document] = await find_cards(edition, [number])
    return Told(
        doc=document,
        mentions=[*await edition.rows(Mention, MENTIONS, ident), *await edition.rows(Mention, SAID, ident)],
        quotes=await edition.rows(Quotation, QUOTES, ident),
        cut=bool(await edition.numbers(CUT, ident)),
        identifiers=await edition.rows(Identifier, IDENTIFIERS, ident),
        versions=await edition.rows(Version, VERSIONS, ident),
        also=await edition.rows(Appearance, APPEARANCES, ident),
        more=await find_basis(edition, number),
    )
