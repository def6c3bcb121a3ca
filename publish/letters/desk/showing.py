"""What is followed, in words, and what it would have sent: the desk's look into the current edition."""

from __future__ import annotations

import json
from typing import TypedDict

from core.config import Config
from core.errors import UsageError
from core.facets import facets
from publish.letters.current_edition import CurrentEdition, open_current
from publish.letters.desk.forms import Asked
from publish.letters.desk.own_lists import count_identifiers
from publish.letters.preview import Preview, preview
from publish.letters.wanted import Wanted
from publish.search.clauses import Query, describe
from publish.search.fts import is_concept
from publish.search.query import parse_query


class TitleRow(TypedDict):
    """The title of a story."""

    title: str


class NameRow(TypedDict):
    """A concept and its name."""

    concept: str
    name: str


def describe_followed(config: Config, asked: Asked) -> str:
    """What is followed, for people: the search in words, the title of the story, what a list has."""
    if asked.kind == "own":
        return f"your list: {count_identifiers(asked.identifiers)}"
    with open_current(config) as edition:
        if asked.kind == "story":
            sql = 'SELECT title FROM story WHERE "key" = :key'
            found = edition.select(TitleRow, sql, {"key": asked.query}) if edition else []
            return f"the story “{found[0]['title']}”" if found else "a story that is no longer there"
        try:
            query = parse_query(asked.query)
        except UsageError:  # what cannot be parsed is shown as it was written; the form says what is wrong with it
            return asked.query
        return describe(query, _names(edition, query) if edition else None)


def address_of(config: Config, asked: Asked) -> str:
    """The page of the site that shows what is followed; empty for a list."""
    if asked.kind == "story":
        return f"{config.site.url.rstrip('/')}/s/{asked.query}"
    with open_current(config) as edition:
        try:
            return edition.address(asked.query) if edition and asked.kind == "search" else ""
        except UsageError:  # a search of before that is no longer valid
            return ""


def look_ahead(config: Config, wanted: Wanted) -> Preview | None:
    """What a search would have sent in the last month; None for what is no search, and before the first edition."""
    if wanted.kind != "search":
        return None
    with open_current(config) as edition:
        return preview(edition, wanted.query, wanted.stages) if edition else None


def _names(edition: CurrentEdition, query: Query) -> dict[tuple[str, str], str]:
    """Names of the things that a search names by their identifiers, by (filter, identifier)."""
    asked = [
        (f.name, f.value) for f in query.filters if facets().filters[f.name].kind == "type" and is_concept(f.value)
    ]
    sql = "SELECT concept, name FROM entity WHERE lower(concept) IN (SELECT lower(value) FROM json_each(:asked))"
    rows = edition.select(NameRow, sql, {"asked": json.dumps([value for _, value in asked])})
    names = {row["concept"].casefold(): row["name"] for row in rows}
    return {(name, value): names[value.casefold()] for name, value in asked if value.casefold() in names}
