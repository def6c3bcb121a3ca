"""The current edition as letters read it: read-only, with the same search as the site.

A subscription's query goes through `publish.search` like one typed on the site, so both find the same documents. For
each document, `why` states in words which parts of the query match: each word or phrase with its place in the index
(title or text), a thing by the name that it has there, and each filter with its value. Exclusions are not named. The
query is read by meaning as on the site (`publish.search.reading`), but a word that an edition lacks is searched as it
is, so that a subscription means the same every night.

The summary of an item is the beginning of the text that the site may show; if there is none, a quotation. An edition
never changes, so it is opened as immutable, by the name that the symlink points to at that moment.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TypedDict, TypeVar, cast
from urllib.parse import quote, urlencode

from core.config import Config
from core.corrections import day_checked
from core.errors import PublishError
from core.facets import facets
from core.text import headline
from publish.earlier_formats import complete
from publish.letters.arrivals import make_likeness
from publish.letters.digest import SUMMARY_WIDTH, Found
from publish.search.asking import ask_now
from publish.search.fts import is_concept
from publish.search.query import Query, parse_query, to_params
from publish.search.reading import Reading, read, where_of
from publish.search.why import explain

R = TypeVar("R")

_ITEM = """
SELECT d.id, d."key", d.slug, d.kind, d.source, d.country, d.lang, d.month, d.title, d.url, d.published,
       s.name AS source_name, t.text,
       (SELECT q.text FROM quote q WHERE q.document = d.id ORDER BY q.place LIMIT 1) AS quoted
FROM document d JOIN source s ON s.id = d.source LEFT JOIN document_text t ON t.document = d.id
WHERE d.id IN (SELECT value FROM json_each(?)) ORDER BY d.id DESC"""
_FLAGS = """
SELECT document, 'status' AS facet, status AS value, '' AS rule FROM banner
WHERE document IN (SELECT value FROM json_each(:ids)) GROUP BY 1, 3
UNION ALL SELECT document, 'trial_status', status, '' FROM trial_status
WHERE document IN (SELECT value FROM json_each(:ids)) AND alone = 1
UNION ALL SELECT document, facet, value, rule FROM label
WHERE document IN (SELECT value FROM json_each(:ids)) AND facet IN (SELECT value FROM json_each(:facets))
ORDER BY 1, 3"""


class KeyRow(TypedDict):
    """A document, and what makes its likeness."""

    key: str
    source: str
    title: str
    published: str | None


class MemberRow(TypedDict):
    """The key of a document of a story."""

    key: str


class NumberRow(TypedDict):
    """The number of a document in the edition."""

    id: int


class FormerRow(TypedDict):
    """A key that a document had before."""

    key: str
    document: str


class CountRow(TypedDict):
    """How many documents a search finds."""

    documents: int


class ItemRow(TypedDict):
    """A document as a letter shows it."""

    id: int
    key: str
    slug: str
    kind: str
    source: str
    country: str | None
    lang: str | None
    month: str
    title: str
    url: str
    published: str | None
    source_name: str
    text: str | None
    quoted: str | None


class FlagRow(TypedDict):
    """A value of a facet that may be shown as a flag."""

    document: int
    facet: str
    value: str
    rule: str


class NameRow(TypedDict):
    """A concept and its name."""

    concept: str
    name: str


class CurrentEdition:
    """The search of one edition."""

    def __init__(self, connection: sqlite3.Connection, name: str, site: str) -> None:
        self._db, self.name, self._site = connection, name, site.rstrip("/")
        self.site = self._site

    def documents(self) -> Iterator[tuple[str, str | None]]:
        """Every document's (key, likeness), oldest first."""
        for row in self._select(KeyRow, 'SELECT "key", source, title, published FROM document ORDER BY id'):
            yield row["key"], make_likeness(row["source"], row["title"], row["published"])

    def former(self) -> dict[str, list[str]]:
        """The keys that documents had before, by their key."""
        found: dict[str, list[str]] = {}
        for row in self._select(FormerRow, 'SELECT "key", document FROM former_key ORDER BY 1'):
            found.setdefault(row["document"], []).append(row["key"])
        return found

    def find(self, query: str, documents: Sequence[str]) -> list[Found]:
        """Which of these documents the search finds, newest first. Raises QueryError."""
        reading = self.read(query)
        ids = [
            row["id"]
            for row in self._select(
                NumberRow,
                'SELECT id FROM document WHERE "key" IN (SELECT value FROM json_each(?))',
                (json.dumps(documents),),
            )
        ]
        where, params = where_of(reading)
        where.append("search.rowid IN (SELECT value FROM json_each(:ids))")
        sql = f"SELECT rowid AS id FROM search WHERE {' AND '.join(where)}"
        hits = [row["id"] for row in self._select(NumberRow, sql, {**params, "ids": json.dumps(ids)})]
        return self._found(reading, hits)

    def newest(self, query: str, count: int) -> list[Found]:
        """The newest documents that the search finds. Raises QueryError."""
        reading = self.read(query)
        where, params = where_of(reading)
        sql = f"SELECT rowid AS id FROM search WHERE {' AND '.join(where)} ORDER BY rowid DESC LIMIT :limit"
        return self._found(reading, [row["id"] for row in self._select(NumberRow, sql, {**params, "limit": count})])

    def count(self, query: str) -> int:
        """How many documents the search finds. Raises QueryError."""
        where, params = where_of(self.read(query))
        sql = f"SELECT count(*) AS documents FROM search WHERE {' AND '.join(where)}"
        (row,) = self._select(CountRow, sql, params)
        return row["documents"]

    def read(self, query: str) -> Reading:
        """How a query is read in this edition. Raises QueryError."""
        return ask_now(read(parse_query(query), correct=False), self._execute)

    def corrected(self, query: str) -> Query:
        """The search with the words that this edition has in place of those that it lacks. Raises QueryError."""
        return ask_now(read(parse_query(query)), self._execute).asked

    def address(self, query: str) -> str:
        """The address of the search page. Raises QueryError."""
        return f"{self._site}/search?{urlencode(to_params(parse_query(query)))}"

    def members_of(self, story: str) -> list[str]:
        """The keys of the documents of a story."""
        sql = (
            'SELECT d."key" FROM member m JOIN story s ON s.id = m.story JOIN document d ON d.id = m.document'
            ' WHERE s."key" = :key ORDER BY d.id'
        )
        return [row["key"] for row in self.select(MemberRow, sql, {"key": story})]

    def select(self, shape: type[R], sql: str, params: Mapping[str, str | int] | Sequence[str] = ()) -> list[R]:
        """All rows of a query as a TypedDict. Raises PublishError like `read`."""
        return self._select(shape, sql, params)

    def _found(self, reading: Reading, ids: Sequence[int]) -> list[Found]:
        if not ids:
            return []
        query, marks = reading.asked, json.dumps(list(ids))
        words = ask_now(explain(reading, ids), self._execute)
        names = self._names(query)
        flags = self._flags(marks)
        return [
            Found(
                document=row["key"],
                title=row["title"],
                page=f"{self._site}/document/{quote(row['slug'] + '-' + row['key'])}",
                url=row["url"],
                source=row["source_name"],
                kind=row["kind"],
                published=row["published"],
                summary=_make_summary(row),
                why=(*words.get(row["id"], ()), *_describe_filters(query, row, names)) or ("you asked for everything",),
                flags=tuple(flags.get(row["id"], ())),
            )
            for row in self._select(ItemRow, _ITEM, (marks,))
        ]

    def _flags(self, marks: str) -> dict[int, list[str]]:
        """The flags of each document in words, in the order of the table of facets."""
        shown = {facet.name: facet for facet in facets().shown_in("flag")}
        rows = self._select(FlagRow, _FLAGS, {"ids": marks, "facets": json.dumps(list(shown))})
        flags: dict[int, list[str]] = {}
        flagged: dict[int, set[str]] = {}
        for facet in shown.values():
            for row in rows:
                beside = flagged.setdefault(row["document"], set())
                if row["facet"] == facet.name and facet.is_flag(row["value"], beside):
                    beside.add(facet.name)
                    day = day_checked(row["rule"])
                    checked = f" (checked by a person, {day})" if day else ""
                    flags.setdefault(row["document"], []).append(facet.flag(row["value"]) + checked)
        return flags

    def _names(self, query: Query) -> Mapping[str, str]:
        """Names of the concepts that the query names by identifier."""
        asked = [f.value for f in query.filters if facets().filters[f.name].kind == "type" and is_concept(f.value)]
        sql = "SELECT concept, name FROM entity WHERE concept IN (SELECT value FROM json_each(?))"
        return {row["concept"].casefold(): row["name"] for row in self._select(NameRow, sql, (json.dumps(asked),))}

    def _execute(self, sql: str, params: Mapping[str, object]) -> list[sqlite3.Row]:
        """Rows as the database gives them. Raises PublishError if the file is damaged."""
        try:
            return self._db.execute(sql, params).fetchall()
        except sqlite3.DatabaseError as error:
            raise PublishError("this edition cannot be read", where=self.name, hint="publish a new one") from error

    def _select(self, shape: type[R], sql: str, params: Mapping[str, str | int] | Sequence[str] = ()) -> list[R]:
        """All rows of a query as a TypedDict. Raises PublishError if the file is damaged or the columns differ."""
        try:
            rows = [dict(row) for row in self._db.execute(sql, params)]
        except sqlite3.DatabaseError as error:
            raise PublishError("this edition cannot be read", where=self.name, hint="publish a new one") from error
        if rows and rows[0].keys() != shape.__annotations__.keys():
            differ = ", ".join(sorted(rows[0].keys() ^ shape.__annotations__.keys()))
            raise PublishError(f"{shape.__name__} and its query differ in {differ}", where=self.name)
        return cast(list[R], rows)


@contextmanager
def open_current(config: Config) -> Iterator[CurrentEdition | None]:
    """The current edition, or None before the first one."""
    current = config.editions / "current.db"
    if not current.exists():
        yield None
        return
    path = current.resolve()
    connection = sqlite3.connect(f"{path.as_uri()}?mode=ro&immutable=1", uri=True)
    connection.row_factory = sqlite3.Row
    try:
        try:
            complete(connection)
        except sqlite3.DatabaseError as error:
            raise PublishError("this edition cannot be read", where=path.name, hint="publish a new one") from error
        yield CurrentEdition(connection, path.name, config.site.url)
    finally:
        connection.close()


def _describe_filters(query: Query, row: ItemRow, names: Mapping[str, str]) -> list[str]:
    """The filters of the query that this document matches, in words."""
    columns: Mapping[str, object] = {**row}
    reasons = []
    for name in dict.fromkeys(f.name for f in query.filters):
        values = query.values(name)
        facet = facets().filters[name]
        if facet.kind == "column":
            shown = row["source_name"] if name == "source" else str(columns.get(facet.name) or " or ".join(values))
            reasons.append(f"{facet.word}: {shown}")
        elif facet.kind == "type":
            reasons += [f"names the {facet.word} {names.get(value.casefold(), value)}" for value in values]
        elif facet.kind == "scheme":
            reasons.append(f"{facet.title} {' or '.join(values)}")
        else:
            reasons += [f"{facet.word}: {value}" for value in values]
    if query.since:
        reasons.append(f"published since {query.since}")
    if query.until:
        reasons.append(f"published until {query.until}")
    if not reasons and not query.clauses and not query.empty:
        reasons.append("it has none of what you excluded")
    return reasons


def _make_summary(row: ItemRow) -> str:
    if row["text"]:
        return headline(row["text"].split("\n\n")[0], SUMMARY_WIDTH)
    return f"“{headline(row['quoted'], SUMMARY_WIDTH - 2)}”" if row["quoted"] else ""
