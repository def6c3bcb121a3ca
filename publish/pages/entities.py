"""What documents are about or name: the list of a type (diseases, people …), and the page of one thing.

A thing that no register has is shown under an own key, and its page says so. When a later edition knows it by an
identifier, the address with the key leads there (`find_moved`).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from urllib.parse import quote, urlencode

from core.facets import facets
from publish.pages.cards import Card, find_cards
from publish.pages.feeds import feeds_of, find_thing
from publish.pages.formats import csv_of, json_of
from publish.pages.formats_documents import FoundList, tables_of
from publish.pages.page import Context, Link, Page, PageMissing, Redirect, Request, Sample, with_suffix
from publish.pages.people import find_person
from publish.pages.rows import Count, OpenEdition, listed
from publish.pages.thing_data import FIELDS, MORE, find_type, find_whole
from publish.pages.thing_parts import find_parts
from publish.search.fold import lookup_keys
from publish.search.own_key import is_own, name_in

OF_ONE_TYPE = 6  # things of a type that are listed as named together with one
UNNAMED = ("identifier",)  # types whose things are numbers, not names

PAGE = 100  # things on a page of the list
LISTED = """
SELECT * FROM entity WHERE type = :type
ORDER BY documents DESC, named DESC, name COLLATE NOCASE LIMIT :most OFFSET :skip"""
TOTAL = "SELECT count(*) FROM entity WHERE type = :type"
LISTED_OF_KIND = """
SELECT e.* FROM institution_kind k JOIN entity e ON e.id = k.entity WHERE k.kind = :kind
ORDER BY documents DESC, named DESC, name COLLATE NOCASE LIMIT :most OFFSET :skip"""
KINDS = "SELECT value, n FROM counted WHERE what = 'institution_kind' ORDER BY value"
TYPES = "SELECT value, n FROM counted WHERE what = 'type' ORDER BY n DESC"
ONE = "SELECT * FROM entity WHERE concept = :concept AND type = :type"
BY_NAME = """
SELECT DISTINCT e.* FROM alias a JOIN entity e ON e.id = a.entity
WHERE a.type = :type AND a.name IN (SELECT value FROM json_each(:ids)) LIMIT 2"""
DOCUMENTS = """
SELECT document FROM entity_document WHERE entity = :id AND about IS NOT 0 ORDER BY day DESC, document DESC LIMIT 10"""
ONLY_NAMED = """
SELECT document FROM entity_document WHERE entity = :id AND about = 0 ORDER BY day DESC, document DESC LIMIT 8"""
MONTHS = "SELECT month AS value, documents AS n FROM entity_month WHERE entity = :id"
TOGETHER = """
SELECT e.*, p.documents AS together FROM entity_pair p JOIN entity e ON e.id = p.other WHERE p.entity = :id
ORDER BY p.place"""
JOURNAL = "SELECT * FROM journal WHERE entity = :id"
SPELLINGS = "SELECT surface AS value, mentions AS n FROM spelling WHERE entity = :id ORDER BY place"
SAMPLES = """
SELECT type, concept FROM (SELECT type, concept, id, row_number() OVER (PARTITION BY type ORDER BY id) AS place
    FROM entity) WHERE place <= 3 ORDER BY id"""
TYPES_NAMED = "SELECT DISTINCT type FROM entity ORDER BY 1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entity:
    """A thing that documents name, by its public identifier or by an own key."""

    id: int
    type: str
    concept: str
    name: str
    country: str | None
    url: str | None
    origin: str
    documents: int
    named: int
    first: str
    last: str

    @property
    def own(self) -> bool:
        """Whether no register has it."""
        return is_own(self.concept)


@dataclass(frozen=True, slots=True, kw_only=True)
class Companion:
    """A thing that is named together with another, and in how many documents."""

    type: str
    concept: str
    name: str
    together: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Journal:
    """What records of the literature say of a journal."""

    issnl: str | None
    issn: str  # JSON array
    abbreviations: str  # JSON array
    records: int


async def show_type(edition: OpenEdition, request: Request) -> Context:
    type_ = {"type": request.parts["type"]}
    kinds = await edition.rows(Count, KINDS) if type_["type"] == "institution" else []
    kind = request.get("kind")
    limits = {"most": PAGE + 1, "skip": request.skipped(PAGE)}
    if kind:
        found = await edition.rows(Entity, LISTED_OF_KIND, {"kind": kind, **limits}) if kinds else []
    else:
        found = await edition.rows(Entity, LISTED, {**type_, **limits})
    if not found:
        raise PageMissing("Nothing of that type is in this edition.")
    counts = {one.value: one.n for one in kinds}
    return {
        **type_,
        "found": found[:PAGE],
        "page": request.number,
        "more": len(found) > PAGE and not request.last,
        "kind": kind,
        "kinds": kinds,
        "total": counts[kind] if kind else await edition.number(TOTAL, type_),
        "types": await edition.rows(Count, TYPES),
    }


async def show_all(edition: OpenEdition, request: Request) -> Context:
    """Every type with the things that are named most."""
    types = await edition.rows(Count, TYPES)
    first = {one.value: await edition.rows(Entity, LISTED, {"type": one.value, "most": 5, "skip": 0}) for one in types}
    return {"types": types, "first": first}


async def show_one(edition: OpenEdition, request: Request) -> Context | Redirect:
    thing = await edition.first(Entity, ONE, request.parts)
    if thing is None:
        return await find_moved(edition, request.parts["type"], request.parts["concept"])
    ident = {"id": thing.id}
    documents = await edition.numbers(DOCUMENTS, ident)
    shown = context(
        thing,
        documents=await find_cards(edition, documents),
        only_named=await find_cards(edition, await edition.numbers(ONLY_NAMED, ident)),
        months=await edition.rows(Count, MONTHS, ident),
        together=await edition.rows(Companion, TOGETHER, ident),
        journal=await edition.first(Journal, JOURNAL, ident),
        spellings=await edition.rows(Count, SPELLINGS, ident),
    )
    shown = {**shown, **await find_parts(edition, thing.id, thing.concept, thing.type)}
    if thing.type != "person":
        return shown
    return {**shown, **await find_person(edition, {**ident, **listed(documents)}, thing.concept)}


async def find_listing(edition: OpenEdition, request: Request) -> FoundList:
    """The thing with its documents, to take away."""
    found = await find_whole(edition, request)
    if found is not None:
        return found
    moved = await find_moved(edition, request.parts["type"], request.parts["concept"])
    return replace(moved, address=with_suffix(moved.address, request.suffix.removeprefix(".")))


async def find_moved(edition: OpenEdition, type_: str, concept: str) -> Redirect:
    """Where a thing is that had an own key: at its identifier, or in the search where several go by the name now.

    Raises PageMissing.
    """
    if name := name_in(concept):
        found = await edition.rows(Entity, BY_NAME, {"type": type_, **listed(lookup_keys(name))})
        if len(found) == 1:
            return Redirect(f"/entity/{found[0].type}/{quote(found[0].concept, safe=':')}")
        facet = facets().find("type", type_)
        if found and facet and facet.filter:
            return Redirect(f"/search?{urlencode({facet.filter: name})}", status=302)
    raise PageMissing("Nothing of that name is in this edition.")


def context(
    thing: Entity,
    *,
    documents: Sequence[Card],
    only_named: Sequence[Card] = (),
    months: Sequence[Count],
    together: Sequence[Companion],
    journal: Journal | None,
    spellings: Sequence[Count],
) -> Context:
    """What the template of one thing needs. `filter` is None for a type that cannot be searched for."""
    facet = facets().find("type", thing.type)
    return {
        "thing": thing,
        "found": documents,
        "only_named": only_named,
        "counts": {month.value: month.n for month in months},
        "together": group_by_type(together, thing.type),
        "filter": facet.filter if facet else None,
        "journal": journal,
        "aliases": spellings,
    }


def group_by_type(companions: Sequence[Companion], of: str = "") -> list[tuple[str, list[Companion]]]:
    """Companions by type: types that cards name first, of the others the closest companion first.

    Of a person or an institution (`of`), people and institutions come first.
    """
    whom = ["person", "institution"] if of in ("person", "institution") else []
    order = [*whom, *(facet.name for facet in facets().shown_in("card", "type"))]
    types = dict.fromkeys(one.type for one in companions if one.type not in UNNAMED)
    groups = [(type_, [one for one in companions if one.type == type_][:OF_ONE_TYPE]) for type_ in types]
    return sorted(groups, key=lambda group: order.index(group[0]) if group[0] in order else len(order))


def links() -> Iterator[Link]:
    """The types that cards name are in the navigation, and people."""
    for facet in (
        *facets().shown_in("card", "type"),
        *(one for one in facets().of_kind("type") if one.own == "person"),
    ):
        yield Link(facet.plural, 210, f"/entities/{facet.name}", under="Search")


def samples(edition: sqlite3.Connection) -> Iterator[Sample]:
    """Three things of each type, and one that is not there."""
    for type_, concept in edition.execute(SAMPLES):
        yield Sample(f"/entity/{type_}/{quote(concept)}")
    yield Sample("/entity/disease/none", 404)


def samples_of_types(edition: sqlite3.Connection) -> Iterator[Sample]:
    for (type_,) in edition.execute(TYPES_NAMED):
        yield Sample(f"/entities/{type_}")
    for kind, _ in edition.execute(KINDS):
        yield Sample(f"/entities/institution?kind={kind}")
    yield Sample("/entities/disease?kind=company", 404)
    yield Sample("/entities/none", 404)


PAGES = (
    Page(
        route="/entities",
        template="entity_types.html",
        show=show_all,
        links=(Link("Names", 205, under="Search", about="Everything that documents name, by type."),),
        schema="CollectionPage",
    ),
    Page(
        route="/entities/(?P<type>[a-z_]+)",
        template="entities.html",
        show=show_type,
        samples=samples_of_types,
        links=links,
        formats=(json_of(find_type, FIELDS), csv_of(find_type, FIELDS)),
        about="All things of a type: disease, cell_type, institution, journal, person …",
        example="SELECT '/entities/' || type FROM entity LIMIT 1",
        schema="CollectionPage",
    ),
    Page(
        route="/entity/(?P<type>[a-z_]+)/(?P<concept>.+)",
        template="entity.html",
        within="/entities/{type}",
        show=show_one,
        samples=samples,
        formats=(
            *tables_of(find_listing, more=MORE, about="Every document that names it; what it is (in JSON)."),
            *feeds_of(find_thing),
        ),
        about="A thing that documents name: a disease, a cell type, an institution, a person …",
        example="""SELECT '/entity/' || type || '/' || concept FROM entity
            WHERE type = (SELECT type FROM entity LIMIT 1) ORDER BY documents DESC LIMIT 1""",
        schema="CollectionPage",
    ),
)
