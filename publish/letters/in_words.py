"""What a subscription follows, in words, and where on the site that is."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TypedDict

from core.facets import facets
from publish.letters.current_edition import CurrentEdition
from publish.letters.records import Subscription
from publish.letters.subscriptions import effective_query
from publish.search.clauses import describe
from publish.search.query import parse_query


class NameRow(TypedDict):
    """A thing and its name."""

    concept: str
    name: str


class TitleRow(TypedDict):
    """The title of a story."""

    title: str


def name_of(edition: CurrentEdition, one: Subscription, owned: Sequence[str] = ()) -> str:
    """What a subscription is called: as the person named it, or what it follows in words."""
    return one.name or words_of(edition, one, owned)


def words_of(edition: CurrentEdition, one: Subscription, owned: Sequence[str] = ()) -> str:
    """What a subscription follows, in words. Raises QueryError."""
    if one.kind == "search":
        return describe_search(edition, one.query)
    if one.kind == "story":
        rows = edition.select(TitleRow, 'SELECT title FROM story WHERE "key" = ?', (one.query,))
        return rows[0]["title"] if rows else "a story that the site no longer has"
    return "your work or trial" if len(owned) == 1 else f"your {len(owned)} works and trials"


def describe_search(edition: CurrentEdition, query: str) -> str:
    """A search in words, with the names of the things that it names by identifier. Raises QueryError."""
    parsed = parse_query(query)
    things = [one for one in parsed.filters if facets().filters[one.name].kind == "type"]
    sql = "SELECT concept, name FROM entity WHERE concept IN (SELECT value FROM json_each(?))"
    rows = edition.select(NameRow, sql, (json.dumps([one.value for one in things]),))
    names = {row["concept"].casefold(): row["name"] for row in rows}
    return describe(
        parsed,
        {(one.name, one.value): names[one.value.casefold()] for one in things if one.value.casefold() in names},
    )


def address_of(edition: CurrentEdition, one: Subscription) -> str:
    """The page of what a subscription follows; empty for a list, which has none. Raises QueryError."""
    if one.kind == "search":
        return edition.address(effective_query(one))
    return f"{edition.site}/s/{one.query}" if one.kind == "story" else ""
