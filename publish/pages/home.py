"""The front page: the newest documents, the latest night in numbers, larger stories, the latest retractions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from core.facets import facets
from publish.pages.cards import Card, find_cards
from publish.pages.nights import NightRow
from publish.pages.page import Context, Link, Page, Request
from publish.pages.rows import Count, DocumentLine, OpenEdition, listed
from publish.pages.stories import Story, find_flagged

LEADS = ("news", "release", "paper", "preprint", "trial")  # explainers and clinics come below

LEADING = "SELECT id FROM document WHERE kind IN (SELECT value FROM json_each(:ids)) ORDER BY id DESC LIMIT 8"
LATEST = "SELECT id FROM document WHERE id NOT IN (SELECT value FROM json_each(:ids)) ORDER BY id DESC LIMIT 12"
TONIGHT = """
SELECT kind AS value, count(*) AS n FROM document WHERE tonight = 1 GROUP BY kind ORDER BY n DESC, kind"""
LATEST_NIGHT = "SELECT * FROM night WHERE documents > 0 ORDER BY day DESC LIMIT 1"
SOURCES = "SELECT count(*) FROM source WHERE documents > 0"
COUNTRIES = "SELECT count(*) FROM facet WHERE facet = 'country'"
MONTHS = "SELECT value, documents AS n FROM facet WHERE facet = 'month'"
NAMED_MOST = """
SELECT *, (SELECT x.about FROM entity_document x WHERE x.entity = entity.id LIMIT 1) IS NOT NULL AS judged
FROM entity WHERE type = :type AND documents > 0 AND concept NOT GLOB 'stemwire:' || type || '-*'
ORDER BY documents DESC, id LIMIT 8"""  # without own keys: of these all documents count that name them
TOLD = """
SELECT * FROM (SELECT * FROM story WHERE documents > 1 ORDER BY id DESC LIMIT 60)
ORDER BY outlets DESC, id DESC LIMIT 6"""
CHANGED = """
SELECT b.status, b.day AS noticed, d.* FROM banner b JOIN card d ON d.id = b.document WHERE b.own = 1
ORDER BY b.day DESC, d.id DESC LIMIT 6"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """What the edition holds in all."""

    documents: int
    sources: int
    countries: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedMost:
    """Something that many documents are about; `judged` is 0 where they only name it (journals)."""

    type: str
    concept: str
    name: str
    documents: int
    judged: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed(DocumentLine):
    """A work that was retracted, corrected or put in doubt."""

    status: str
    noticed: str | None


async def show(edition: OpenEdition, request: Request) -> Context:
    meta = await edition.meta()
    leading = await edition.numbers(LEADING, listed(LEADS))
    latest = await edition.numbers(LATEST, listed(leading))
    return context(
        leads=await find_cards(edition, leading),
        latest=await find_cards(edition, latest),
        meta=meta,
        tonight=await edition.rows(Count, TONIGHT),
        night=await edition.first(NightRow, LATEST_NIGHT),
        totals=Totals(
            documents=int(meta["documents"]),
            sources=await edition.number(SOURCES),
            countries=await edition.number(COUNTRIES),
        ),
        months=await edition.rows(Count, MONTHS),
        named={
            facet.name: await edition.rows(NamedMost, NAMED_MOST, {"type": facet.name})
            for facet in facets().shown_in("card", "type")
        },
        told=await find_flagged(edition, await edition.rows(Story, TOLD)),
        changed=await edition.rows(Changed, CHANGED),
    )


def context(
    *,
    leads: Sequence[Card],
    latest: Sequence[Card],
    meta: Mapping[str, str],
    tonight: Sequence[Count],
    night: NightRow | None,
    totals: Totals,
    months: Sequence[Count],
    named: Mapping[str, Sequence[NamedMost]],
    told: Sequence[Story],
    changed: Sequence[Changed],
) -> Context:
    return {
        "lead": leads[0] if leads else None,
        "cards": leads[1:],
        "latest": latest,
        "meta": meta,
        "tonight": tonight,
        "night": night,
        "totals": totals,
        "counts": {month.value: month.n for month in months},
        "top": [(type_, some) for type_, some in named.items() if some],
        "told": told,
        "changed": changed,
    }


PAGES = (Page(route="/", template="home.html", show=show, links=(Link("Today", place=10),)),)
