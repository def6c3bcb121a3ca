"""Which of some documents each word, phrase and tag finds, for many searches at once.

The documents are given once. Everything that the searches look for (`prepare`) is looked up in the index of the
edition, each thing once however many searches have it, and kept as a set of these documents: a whole number with a bit
for each. What a search finds is then the algebra that `publish.search.fts` writes as an FTS5 expression: all of its
clauses, of each any part, nothing of what is excluded, its filters and its days.

Looked up are whole expressions of one term, so that prefixes, phrases, other spellings and names of authors find here
what they find there.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from functools import reduce
from itertools import compress
from operator import and_, or_
from typing import TypedDict

from publish.letters.current_edition import CurrentEdition
from publish.search.clauses import Filter, Group, Query, Term
from publish.search.fts import by_tag, conditions, expressions_of, may_have_many, tags_of
from publish.search.reading import Reading

_FOUND = """
SELECT j.value AS expression, (SELECT group_concat(search.rowid) FROM search
    WHERE search MATCH j.value AND search.rowid BETWEEN :first AND :last) AS ids
FROM json_each(:expressions) j"""
_HITS = "SELECT rowid AS id FROM search WHERE {where}"
_SPARSE = 16  # of so many documents one: the others are not looked at
_MARKS = bytes.maketrans(b"01", b"\0\1")
Clauses = Sequence[Sequence[Term | Group]]


class FoundRow(TypedDict):
    """An expression and the documents that it finds, as numbers with commas between them."""

    expression: str
    ids: str | None


class HitRow(TypedDict):
    """The number of a document that is found."""

    id: int


class Postings:
    """Sets of the documents with these numbers."""

    def __init__(self, edition: CurrentEdition, documents: Iterable[int]) -> None:
        self._edition = edition
        self._ids = sorted(documents)
        self._places = {ident: place for place, ident in enumerate(self._ids)}
        self._all = (1 << len(self._ids)) - 1
        self._found: dict[str, int] = {}
        self._terms: dict[Term, tuple[str, ...]] = {}
        self._limits: dict[Query, int] = {}

    def numbers(self, found: int) -> list[int]:
        """The numbers of the documents of a set, the newest first."""
        if found.bit_count() * _SPARSE > len(self._ids):
            marks = f"{found:0{len(self._ids)}b}".encode().translate(_MARKS)
            return list(compress(reversed(self._ids), marks))
        numbers = []
        while found:
            place = found.bit_length() - 1
            numbers.append(self._ids[place])
            found ^= 1 << place
        return numbers

    def prepare(self, queries: Iterable[Query]) -> None:
        """Look up what the queries look for, all of it at once."""
        wanted = {one for query in queries for one in self._expressions(query)} - self._found.keys()
        if not wanted or not self._ids:
            return
        expressions = {"expressions": json.dumps(sorted(wanted), ensure_ascii=False)}
        for row in self._edition.select(FoundRow, _FOUND, {**expressions, **self._span()}):
            ids = map(int, row["ids"].split(",")) if row["ids"] else ()
            self._found[row["expression"]] = self._set(ids)

    def find(self, reading: Reading) -> int:
        """The documents that match all of a search, as `where_of` has it."""
        if reading.landing is None:
            return self.find_query(reading.query)
        rest = Query(
            excluded=reading.query.excluded, filters=reading.query.filters, barred=reading.query.barred,
            since=reading.query.since, until=reading.query.until, wordless=reading.query.wordless,
        )  # fmt: skip
        return self.find_query(rest) & self._set(ident for ident, _ in reading.landing.places)

    def find_query(self, query: Query) -> int:
        """The documents of a query, as `conditions` has it."""
        if query.wordless or not self._ids:
            return 0
        found = self._all_of(query.clauses, query.excluded)
        for name in dict.fromkeys(f.name for f in query.filters):
            some = [self._of_filter(f) for f in query.filters if f.name == name and by_tag(f)]
            if some:
                found &= reduce(and_ if may_have_many(name) else or_, some)
        for one in query.barred:
            if by_tag(one):
                found &= ~self._of_filter(one)
        if found and (query.since or query.until or not all(map(by_tag, (*query.filters, *query.barred)))):
            found &= self._limit(query)
        return found

    # --- algebra ------------------------------------------------------------------------------------------------------

    def _all_of(self, clauses: Clauses, excluded: Sequence[Term | Group]) -> int:
        found = self._all
        for clause in clauses:
            found &= reduce(or_, map(self._part, clause))
            if not found:
                return 0
        for part in excluded:
            found &= ~self._part(part)
        return found

    def _part(self, part: Term | Group) -> int:
        if isinstance(part, Group):
            return self._all_of(part.clauses, part.excluded)
        return reduce(or_, map(self._look_up, self._of_term(part)))

    def _of_term(self, term: Term) -> tuple[str, ...]:
        if term not in self._terms:
            self._terms[term] = tuple(expressions_of(term))
        return self._terms[term]

    def _of_filter(self, one: Filter) -> int:
        return reduce(or_, map(self._look_up, map(_expression_of, tags_of(one))))

    def _look_up(self, expression: str) -> int:
        return self._found[expression]

    def _limit(self, query: Query) -> int:
        """The documents of the days of a query, and of things that no tag is known of: these are asked for."""
        limit = Query(
            filters=tuple(f for f in query.filters if not by_tag(f)),
            barred=tuple(f for f in query.barred if not by_tag(f)), since=query.since, until=query.until,
        )  # fmt: skip
        if limit not in self._limits:
            where, params = conditions(limit)
            where.append("search.rowid BETWEEN :first AND :last")
            rows = self._edition.select(HitRow, _HITS.format(where=" AND ".join(where)), {**params, **self._span()})
            self._limits[limit] = self._set(row["id"] for row in rows)
        return self._limits[limit]

    def _span(self) -> dict[str, int]:
        return {"first": self._ids[0], "last": self._ids[-1]}

    def _set(self, ids: Iterable[int]) -> int:
        found = bytearray(len(self._ids) // 8 + 1)
        places = self._places
        for ident in ids:
            place = places.get(ident)
            if place is not None:
                found[place >> 3] |= 1 << (place & 7)
        return int.from_bytes(found, "little")

    # --- what is looked up --------------------------------------------------------------------------------------------

    def _expressions(self, query: Query) -> Iterator[str]:
        for part in (*(part for clause in query.clauses for part in clause), *query.excluded):
            yield from self._in_part(part)
        for one in (*query.filters, *query.barred):
            if by_tag(one):
                yield from map(_expression_of, tags_of(one))

    def _in_part(self, part: Term | Group) -> Iterator[str]:
        if isinstance(part, Group):
            for one in (*(one for clause in part.clauses for one in clause), *part.excluded):
                yield from self._in_part(one)
        else:
            yield from self._of_term(part)


def _expression_of(tag: str) -> str:
    return f'tags : "{tag}"'
