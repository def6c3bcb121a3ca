"""Which documents of a night each subscription finds: for all subscriptions at once.

In order:
1. equal searches are read once, as the site reads them (`publish.search.reading`), in tonight's edition: names that it
   has learned since the last turn count. A search matches what is in the first group of the site's answer: documents
   that match all of it. The second group, which matches some of it, never makes a letter;
2. what a subscription to a story finds are the documents of that story, and of the stories that its documents are in
   now; a list of identifiers finds the documents that have one, rest on one, or are about one;
3. a search that is read otherwise than at its last turn may find more. `wider` are the documents that only the new
   reading finds; `covers` says what it looks for now, where the edition has any such document.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypedDict

from core.errors import UsageError
from publish.letters.current_edition import CurrentEdition
from publish.letters.postings import Postings
from publish.letters.records import Kind
from publish.letters.stored_readings import restore_query, say_more, store_reading
from publish.search.clauses import Query
from publish.search.fts import Params, conditions
from publish.search.query import parse_query
from publish.search.reading import Reading, where_of

_IDS = 'SELECT id, "key" FROM document WHERE "key" IN (SELECT value FROM json_each(?)) ORDER BY id DESC'
_HITS = "SELECT rowid AS id FROM search WHERE {where}"
_OF_STORIES = """
SELECT s."key" AS name, m.document AS id FROM story s JOIN member m ON m.story = s.id
WHERE s."key" IN (SELECT value FROM json_each(:names)) AND m.document IN (SELECT value FROM json_each(:ids))"""
_STORIES_OF = """
SELECT d."key" AS name, s."key" AS story FROM document d JOIN member m ON m.document = d.id
JOIN story s ON s.id = m.story WHERE d."key" IN (SELECT value FROM json_each(:names))"""
_IDENTIFIERS = """
WITH tonight AS (SELECT value AS id FROM json_each(:ids))
SELECT t.id, i.scheme || ':' || i.value AS name FROM tonight t JOIN identifier i ON i.document = t.id
UNION SELECT t.id, d.ident FROM tonight t JOIN document d ON d.id = t.id
UNION SELECT t.id, l.ident FROM tonight t JOIN link l ON l.document = t.id WHERE l.ident <> ''
UNION SELECT t.id, i.scheme || ':' || i.value FROM tonight t JOIN link l ON l.document = t.id
    JOIN identifier i ON i.document = l.other
UNION SELECT t.id, b.about FROM tonight t JOIN banner b ON b.document = t.id
UNION SELECT t.id, s.trial FROM tonight t JOIN trial_status s ON s.document = t.id"""


class DocumentRow(TypedDict):
    """A document by its number and its key."""

    id: int
    key: str


class HitRow(TypedDict):
    """The number of a document that is found."""

    id: int


class NamedRow(TypedDict):
    """A document and what it is found by: the key of its story, or an identifier."""

    name: str
    id: int


class StoryRow(TypedDict):
    """A document and a story that it is in."""

    name: str
    story: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What one subscription asks for."""

    kind: Kind
    query: str  # the search, with its filter of stages; of a story its key
    reading: str = ""  # how the search was read at its last turn, as `Matches.reading` gave it
    owned: tuple[str, ...] = ()  # identifiers of a list: doi:…, pmid:…, nct:…
    held: tuple[str, ...] = ()  # of a story: keys of its documents that the person has, wherever they are now


@dataclass(frozen=True, slots=True, kw_only=True)
class Matches:
    """What was found, by the number of the subscription; one that has nothing of a kind is left out."""

    found: dict[int, tuple[str, ...]] = field(default_factory=dict)  # keys of documents, the newest first
    wider: dict[int, frozenset[str]] = field(default_factory=dict)  # of those: what only the new reading finds
    reading: dict[int, str] = field(default_factory=dict)  # of each search that can be read: to be kept
    covers: dict[int, str] = field(default_factory=dict)  # what a wider reading finds now, in words
    unreadable: dict[int, str] = field(default_factory=dict)  # why a search cannot be read any more


class Matcher:
    """Matches subscriptions against one edition."""

    def __init__(self, edition: CurrentEdition) -> None:
        self._edition = edition
        self._readings: dict[str, Reading | UsageError] = {}

    def match(self, asked: Mapping[int, Asked], documents: Collection[str]) -> Matches:
        """What each subscription finds of these documents, given by their keys."""
        rows = self._edition.select(DocumentRow, _IDS, (json.dumps(sorted(documents)),))
        keys = {row["id"]: row["key"] for row in rows}
        matches = Matches()
        self._match_searches({n: one for n, one in asked.items() if one.kind == "search"}, keys, matches)
        self._match_stories({n: one for n, one in asked.items() if one.kind == "story"}, keys, matches)
        self._match_owned({n: one for n, one in asked.items() if one.kind == "own"}, keys, matches)
        return matches

    def read_of(self, query: str) -> Reading:
        """How a search is read in this edition. Raises UsageError."""
        self._read([query])
        reading = self._readings[query]
        if isinstance(reading, UsageError):
            raise reading
        return reading

    # --- searches -----------------------------------------------------------------------------------------------------

    def _read(self, queries: Iterable[str]) -> None:
        """Read what was not read before."""
        parsed: dict[str, Query] = {}
        for text in dict.fromkeys(queries):
            if text not in self._readings:
                try:
                    parsed[text] = parse_query(text)
                except UsageError as error:
                    self._readings[text] = error
        self._readings.update(zip(parsed, self._edition.read_all([*parsed.values()]), strict=True))

    def _match_searches(self, asked: Mapping[int, Asked], keys: Mapping[int, str], matches: Matches) -> None:
        if not asked:
            return
        self._read(one.query for one in asked.values())
        readings = {text: one for text, one in self._readings.items() if not isinstance(one, UsageError)}
        stored = {text: store_reading(readings[text]) for text in {o.query for o in asked.values()} & readings.keys()}
        before = {
            one.reading: restore_query(one.reading) for one in asked.values()
            if one.reading and one.query in stored and one.reading != stored[one.query]
        }  # fmt: skip
        postings = Postings(self._edition, keys)
        postings.prepare((*(readings[text].query for text in stored), *before.values()))
        found: dict[str, tuple[int, tuple[str, ...]]] = {}
        for text in stored:
            hits = postings.find(readings[text])
            found[text] = hits, tuple(map(keys.__getitem__, postings.numbers(hits)))
        for number, one in asked.items():
            if one.query not in stored:
                matches.unreadable[number] = str(self._readings[one.query])
                continue
            hits, there = found[one.query]
            if there:
                matches.found[number] = there
            matches.reading[number] = stored[one.query]
            if one.reading in before and one.reading != stored[one.query]:
                only = hits & ~postings.find_query(before[one.reading])
                if only:
                    matches.wider[number] = frozenset(keys[ident] for ident in postings.numbers(only))
                if said := self._say_wider(readings[one.query], before[one.reading], found_here=bool(only)):
                    matches.covers[number] = said

    def _say_wider(self, reading: Reading, before: Query, *, found_here: bool) -> str:
        """What a search finds now that it did not, if the edition has any such document; else nothing."""
        said = say_more(reading, before)
        if said and (found_here or self._find(where_of(reading)) - self._find(conditions(before))):
            return f"now also finds: {', '.join(said)}"
        return ""

    def _find(self, asked: tuple[Sequence[str], Params]) -> frozenset[int]:
        """All documents of the edition that match these conditions."""
        where, params = asked
        rows = self._edition.select(HitRow, _HITS.format(where=" AND ".join(where)), params)
        return frozenset(row["id"] for row in rows)

    # --- stories and lists --------------------------------------------------------------------------------------------

    def _match_stories(self, asked: Mapping[int, Asked], keys: Mapping[int, str], matches: Matches) -> None:
        if not asked:
            return
        held = sorted({key for one in asked.values() for key in one.held})
        stories: dict[str, set[str]] = {}
        for row in self._edition.select(StoryRow, _STORIES_OF, {"names": json.dumps(held)}):
            stories.setdefault(row["name"], set()).add(row["story"])
        wanted = {n: {one.query}.union(*(stories.get(key, ()) for key in one.held)) for n, one in asked.items()}
        members = self._by_name(_OF_STORIES, keys, sorted(set().union(*wanted.values())))
        for number, some in wanted.items():
            _note(matches, number, keys, frozenset[int]().union(*(members.get(story, ()) for story in some)))

    def _match_owned(self, asked: Mapping[int, Asked], keys: Mapping[int, str], matches: Matches) -> None:
        named = self._by_name(_IDENTIFIERS, keys) if asked else {}
        for number, one in asked.items():
            there = named.keys() & one.owned
            _note(matches, number, keys, frozenset[int]().union(*(named[name] for name in there)))

    def _by_name(self, sql: str, keys: Mapping[int, str], names: Sequence[str] | None = None) -> dict[str, set[int]]:
        params = {"ids": json.dumps(list(keys))} | ({} if names is None else {"names": json.dumps(names)})
        found: dict[str, set[int]] = {}
        for row in self._edition.select(NamedRow, sql, params):
            found.setdefault(row["name"], set()).add(row["id"])
        return found


def _note(matches: Matches, number: int, keys: Mapping[int, str], found: Collection[int]) -> None:
    if found:
        matches.found[number] = tuple(keys[ident] for ident in sorted(found, reverse=True))
