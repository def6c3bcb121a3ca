"""The papers and trials that documents rest on, each with its document where this edition has one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from publish.pages.rows import DocumentLine, OpenEdition, listed

LINES = "SELECT * FROM card WHERE id IN (SELECT value FROM json_each(:ids))"


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperLink:
    """A link to a paper or trial, by its number; `card` is its document in this edition."""

    relation: str  # paper, trial, published or notice
    ident: str  # empty for: not identified
    other: int | None
    why: str
    card: DocumentLine | None = None


async def find_documents(edition: OpenEdition, links: Sequence[PaperLink]) -> list[PaperLink]:
    """The links, with their documents.

    Not one query: a view on the right of a LEFT JOIN is made whole for every page.
    """
    lines = await edition.rows(DocumentLine, LINES, listed([link.other for link in links if link.other]))
    by_id = {line.id: line for line in lines}
    return [replace(link, card=by_id.get(link.other) if link.other else None) for link in links]
