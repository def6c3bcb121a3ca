"""What the cards and document pages of an edition say of each document, as statements that can be judged one by one.

A statement is a kind (stage, species, headline, outlook, outcome, caution, status, marketing, country, source_kind,
chip, paper, trial) and a value: a word of the facet, a concept, a country code, a number of a register. They are read
by what makes the pages (`publish.pages.cards`, `publish.pages.basis`), so that what the pages leave out is not here.
"""

from __future__ import annotations

import asyncio
import hashlib
import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from core.facets import facets
from publish.earlier_formats import complete
from publish.pages.basis import find_basis
from publish.pages.cards import Card, find_cards
from publish.pages.rows import OpenEdition, ReadyQuery

KINDS = {
    "evidence": "stage", "species": "species", "headline": "headline", "outlook": "outlook", "outcome": "outcome",
    "caution": "caution", "marketing": "marketing", "country": "country", "source_kind": "source_kind",
    "status": "status",
}  # fmt: skip
CHUNK = 100  # documents that are read at once


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Statement:
    """One thing that a card or page says of a document."""

    kind: str
    value: str
    name: str = ""  # a concept's name
    type: str = ""  # a concept's type; badge: it is one of the card's badges


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownCard:
    """A document of the edition with what is said of it."""

    id: str  # twelve characters of the sha256 of the document's identifier
    address: str  # the same of its address
    ident: str
    url: str
    title: str
    text: str  # whole, as the program has it
    source: str
    source_kind: str
    lang: str | None
    day: str
    kind: str
    statements: tuple[Statement, ...]

    @property
    def digest(self) -> str:
        """sha256 of title, empty line and text: says whether what was judged is still what is shown."""
        return hashlib.sha256(f"{self.title}\n\n{self.text}".encode()).hexdigest()


class Plain(OpenEdition):
    """An edition's file, read without a site."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    async def execute(self, sql: str, params: Mapping[str, object]) -> Sequence[sqlite3.Row]:
        return self._db.execute(sql, dict(params)).fetchall()

    async def ready_queries(self) -> list[ReadyQuery]:
        return []


def short(text: str) -> str:
    """Twelve characters of the sha256."""
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def read_cards(folder: Path) -> list[ShownCard]:
    """The cards of the current edition of a night's folder (`bench/night.py --keep`, or the demo's), by their ids."""
    with (
        closing(_open(folder / "editions" / "current.db")) as edition,
        closing(_open(next(folder.glob("**/work.db")))) as work,
    ):
        complete(edition)
        rows = edition.execute("SELECT d.id, d.ident, s.kind FROM document d JOIN source s ON s.id = d.source")
        found = {row["id"]: row for row in rows.fetchall()}
        texts = {
            row["id"]: row["text"] for row in work.execute("SELECT id, text FROM document WHERE state = 'current'")
        }
        cards = asyncio.run(_read(Plain(edition), sorted(found)))
    made = []
    for card, statements in cards:
        row = found[card.id]
        made.append(
            ShownCard(
                id=short(row["ident"]), address=short(card.url), ident=row["ident"], url=card.url, title=card.title,
                text=texts.get(row["ident"], ""), source=card.source_name, source_kind=row["kind"], lang=card.lang,
                day=card.day, kind=card.kind, statements=statements,
            )
        )  # fmt: skip
    return sorted(made, key=lambda one: one.id)


def read_sources(folder: Path) -> frozenset[str]:
    """The sources that a night's edition has documents of."""
    with closing(_open(folder / "editions" / "current.db")) as edition:
        return frozenset(row[0] for row in edition.execute("SELECT DISTINCT source FROM document"))


async def _read(edition: OpenEdition, ids: Sequence[int]) -> list[tuple[Card, tuple[Statement, ...]]]:
    found = []
    for some in (ids[i : i + CHUNK] for i in range(0, len(ids), CHUNK)):
        for card in await find_cards(edition, some):
            found.append((card, await _find_statements(edition, card)))
    return found


async def _find_statements(edition: OpenEdition, card: Card) -> tuple[Statement, ...]:
    badges = [Statement(kind=_kind(flag.filter), value=flag.value, type="badge") for flag in card.flags]
    said = {Statement(kind="chip", value=one.concept, name=one.name, type=one.type) for one in card.entities}
    basis = await find_basis(edition, card.id)
    for facet, labels in basis.labels:
        if facet.name in KINDS:
            values = {label.value for label in labels} - {facet.absent}
            said |= {Statement(kind=KINDS[facet.name], value=value) for value in values}
    for banner in basis.banners:
        said.add(Statement(kind="status", value=banner.status))
    for link in (*basis.papers, *basis.trials):
        if link.ident:
            said.add(Statement(kind="trial" if link.relation == "trial" else "paper", value=link.ident))
    flagged = {(one.kind, one.value) for one in badges}
    return tuple(sorted([*badges, *(one for one in said if (one.kind, one.value) not in flagged)]))


def _kind(flag: str) -> str:
    """The kind of statement that a badge of this filter is."""
    facet = facets().filters[flag].name
    return KINDS.get(facet, facet)


def _open(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    connection.row_factory = sqlite3.Row
    return connection
