"""What the site holds tonight, as letters need it: the current edition, read only, asked with the site's own search.

A subscription's query goes through `publish.search` like one typed on the site, so both find the same. For each
document found, `why` says in words which part of the query it answers: each word or phrase with the place where the
index has it (title or text), each filter with what it asked for. What is excluded is no reason and is not named.

The text of an item is the beginning of what the site may show of the document; where that is nothing, a quotation from
it. An edition never changes, so it is opened as immutable, by the name that the symlink points to at that moment.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote, urlencode

from core.config import Config
from core.errors import PublishError
from core.facets import facets
from core.records import Json
from core.text import headline
from publish.letters.digest import SUMMARY_WIDTH, Found
from publish.letters.ledger import likeness
from publish.search.fts import conditions, is_concept, to_count, to_match
from publish.search.query import Query, Term, parse_query, to_params

_ITEM = """
SELECT d.id, d."key", d.slug, d.kind, d.source, d.country, d.lang, d.month, d.title, d.url, d.published,
       s.name AS source_name, t.text,
       (SELECT q.text FROM quote q WHERE q.document = d.id ORDER BY q.place LIMIT 1) AS quoted
FROM document d JOIN source s ON s.id = d.source LEFT JOIN document_text t ON t.document = d.id
WHERE d.id IN (SELECT value FROM json_each(?)) ORDER BY d.id DESC"""
_AMONG = "SELECT rowid AS id FROM search WHERE search MATCH ? AND rowid IN (SELECT value FROM json_each(?))"
_FLAGS = """
SELECT document, 'status' AS facet, status AS value FROM banner
WHERE document IN (SELECT value FROM json_each(:ids)) GROUP BY 1, 3
UNION ALL SELECT document, facet, value FROM label
WHERE document IN (SELECT value FROM json_each(:ids)) AND facet IN (SELECT value FROM json_each(:facets))
ORDER BY 1, 3"""


class Shelf:
    """One edition."""

    def __init__(self, connection: sqlite3.Connection, name: str, site: str) -> None:
        self._db, self.name, self._site = connection, name, site.rstrip("/")

    def documents(self) -> Iterator[tuple[str, str | None]]:
        """Every document's (key, likeness), oldest first."""
        for row in self._rows('SELECT "key", source, title, published FROM document ORDER BY id'):
            yield row["key"], likeness(row["source"], row["title"], row["published"])

    def find(self, query: str, documents: Sequence[str]) -> list[Found]:
        """Which of these documents the search finds, newest first. Raises QueryError."""
        parsed = parse_query(query)
        ids = [
            row["id"]
            for row in self._rows(
                'SELECT id FROM document WHERE "key" IN (SELECT value FROM json_each(?))', (json.dumps(documents),)
            )
        ]
        where, params = conditions(parsed)
        where.append("search.rowid IN (SELECT value FROM json_each(:ids))")
        sql = f"SELECT rowid AS id FROM search WHERE {' AND '.join(where)}"
        hits = [row["id"] for row in self._rows(sql, {**params, "ids": json.dumps(ids)})]
        return self._found(parsed, hits)

    def newest(self, query: str, count: int) -> list[Found]:
        """The newest documents that the search finds. Raises QueryError."""
        parsed = parse_query(query)
        where, params = conditions(parsed)
        sql = f"SELECT rowid AS id FROM search WHERE {' AND '.join(where)} ORDER BY rowid DESC LIMIT :limit"
        return self._found(parsed, [row["id"] for row in self._rows(sql, {**params, "limit": count})])

    def count(self, query: str) -> int:
        """How many documents the search finds. Raises QueryError."""
        sql, params = to_count(parse_query(query))
        return int(next(iter(next(iter(self._rows(sql, params))).values())))

    def address(self, query: str) -> str:
        """Where a person sees that search. Raises QueryError."""
        return f"{self._site}/search?{urlencode(to_params(parse_query(query)))}"

    def _found(self, query: Query, ids: Sequence[int]) -> list[Found]:
        if not ids:
            return []
        marks = json.dumps(list(ids))
        words = self._words(query, marks)
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
                summary=_summary(row),
                why=(*words.get(row["id"], ()), *_filters(query, row, names)) or ("you asked for everything",),
                flags=tuple(flags.get(row["id"], ())),
            )
            for row in self._rows(_ITEM, (marks,))
        ]

    def _flags(self, marks: str) -> dict[int, list[str]]:
        """For each document, the values of its flags in words, in the order of the table of facets."""
        shown = {facet.name: facet for facet in facets().shown_in("flag")}
        rows = list(self._rows(_FLAGS, {"ids": marks, "facets": json.dumps(list(shown))}))
        flags: dict[int, list[str]] = {}
        for facet in shown.values():
            for row in rows:
                if row["facet"] == facet.name and row["value"] not in (facet.absent, *facet.unflagged):
                    flags.setdefault(row["document"], []).append(facet.flag(row["value"]))
        return flags

    def _words(self, query: Query, marks: str) -> dict[int, list[str]]:
        """For each document, the words and phrases of the query that it has, and where."""
        said: dict[int, list[str]] = {}
        for term in dict.fromkeys(term for terms in query.clauses for term in terms):
            places: dict[int, list[str]] = {}
            for column, place in (("title", "title"), ("body", "text")):
                match = f"{{{column}}} : ({to_match(Query(clauses=((term,),)))})"
                for row in self._rows(_AMONG, (match, marks)):
                    places.setdefault(row["id"], []).append(place)
            for ident, where in places.items():
                said.setdefault(ident, []).append(f"{_quoted(term)} in its {' and '.join(where)}")
        return said

    def _names(self, query: Query) -> Mapping[str, str]:
        """Names of the concepts that the query asks for by identifier."""
        asked = [f.value for f in query.filters if facets().filters[f.name].kind == "type" and is_concept(f.value)]
        sql = "SELECT concept, name FROM entity WHERE concept IN (SELECT value FROM json_each(?))"
        return {row["concept"].casefold(): row["name"] for row in self._rows(sql, (json.dumps(asked),))}

    def _rows(self, sql: str, params: Mapping[str, Any] | Sequence[Any] = ()) -> Iterator[Json]:
        try:
            for row in self._db.execute(sql, params):
                yield dict(row)
        except sqlite3.DatabaseError as error:
            raise PublishError("this edition cannot be read", where=self.name, hint="publish a new one") from error


@contextmanager
def open_shelf(config: Config) -> Iterator[Shelf | None]:
    """The current edition, or None where none was published yet."""
    current = config.editions / "current.db"
    if not current.exists():
        yield None
        return
    path = current.resolve()
    connection = sqlite3.connect(f"{path.as_uri()}?mode=ro&immutable=1", uri=True)
    connection.row_factory = sqlite3.Row
    try:
        yield Shelf(connection, path.name, config.site.url)
    finally:
        connection.close()


def _filters(query: Query, row: Json, names: Mapping[str, str]) -> list[str]:
    """The filters of the query that this document answers, in words."""
    said = []
    for name in dict.fromkeys(f.name for f in query.filters):
        values = query.values(name)
        facet = facets().filters[name]
        if facet.kind == "column":
            shown = row["source_name"] if name == "source" else str(row[facet.name] or " or ".join(values))
            said.append(f"{facet.word}: {shown}")
        elif facet.kind == "type":
            said += [f"names the {facet.word} {names.get(value.casefold(), value)}" for value in values]
        elif facet.kind == "scheme":
            said.append(f"{facet.title} {' or '.join(values)}")
        else:
            said += [f"{facet.word}: {value}" for value in values]
    if query.since:
        said.append(f"published since {query.since}")
    if query.until:
        said.append(f"published until {query.until}")
    if not said and not query.clauses and not query.empty:
        said.append("it has none of what you excluded")
    return said


def _quoted(term: Term) -> str:
    return f"“{term.text}{'…' if term.prefix else ''}”"


def _summary(row: Json) -> str:
    if row["text"]:
        return headline(row["text"].split("\n\n")[0], SUMMARY_WIDTH)
    return f"“{headline(row['quoted'], SUMMARY_WIDTH - 2)}”" if row["quoted"] else ""
