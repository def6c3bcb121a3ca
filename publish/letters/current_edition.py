"""The current edition as letters read it: read-only, with the same search as the site.

A subscription's query goes through `publish.search` like one typed on the site, so both find the same documents. It is
read by meaning as on the site (`publish.search.reading`), but a word that an edition lacks is searched as it is, so
that a subscription means the same every night.

An edition never changes, so it is opened as immutable, by the name that the symlink points to at that moment.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TypedDict, TypeVar, cast
from urllib.parse import urlencode

from core.config import Config
from core.errors import PublishError
from publish.earlier_formats import complete
from publish.letters.arrivals import make_likeness
from publish.search.asking import ask_now, ask_together
from publish.search.query import Query, parse_query, to_params
from publish.search.reading import Reading, read, where_of
from publish.search.vocabulary import find_values

R = TypeVar("R")


class KeyRow(TypedDict):
    """A document, and what makes its likeness."""

    key: str
    source: str
    title: str
    published: str | None


class MemberRow(TypedDict):
    """The key of a document of a story."""

    key: str


class FormerRow(TypedDict):
    """A key that a document had before."""

    key: str
    document: str


class CountRow(TypedDict):
    """How many documents a search finds."""

    documents: int


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

    def count(self, query: str) -> int:
        """How many documents the search finds. Raises QueryError."""
        where, params = where_of(self.read(query))
        sql = f"SELECT count(*) AS documents FROM search WHERE {' AND '.join(where)}"
        (row,) = self._select(CountRow, sql, params)
        return row["documents"]

    def read(self, query: str) -> Reading:
        """How a query is read in this edition. Raises QueryError."""
        return ask_now(read(parse_query(query), correct=False), self._execute)

    def read_all(self, queries: Sequence[Query]) -> list[Reading]:
        """How many queries are read, asked for together."""
        values = ask_now(find_values(), self._execute)
        return ask_together([read(query, correct=False, values=values) for query in queries], self._execute)

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
