"""Fills the tables by which a search understands what is typed: alias, wider, word and word_near.

`fill_names` runs after the entities. In order:

1. `wider`: what is wider than each thing of the edition, as the stage `names` found it;
2. `alias`: every name of these things and of what is wider than them, folded (`name_key`), and as the texts here write
   them (`met`, unless it is a name of something). Of several ways of writing one name the nearest to the thing's own is
   kept. Where the folded name is that of several things, it counts them all, but not for the one that is wider than the
   others. What is only met counts another sense: the text may mean something wider or narrower;
3. a name that stands for its thing only in these very capitals becomes `exact`: a title of a journal that is plain
   words (Gene Therapy), and a word that the texts here write without capitals too (ALL, REST, Nature);
4. `word`: the words of titles and texts, and of the names of things that documents name, for "did you mean". A word
   that one text alone has may be a slip of the pen: it is kept where a title or a name has it;
5. `word_near`: each of them without one letter. A typed word of which the same is left is near it (SymSpell).

`Words.count` is given every document. `ThingTags` has the words of the column `tags` for the things that a
document names or is about, and for all that is wider.
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from typing import TypedDict, TypeVar

from core.facets import facets
from core.records import Document
from core.store import Store
from publish.edition.entities import COUNTED
from publish.search.fold import name_key
from publish.search.fts import tag_of
from publish.search.own_key import is_own, names_of

R = TypeVar("R")
CHUNK = 500
NEARNESS = ("label", "name", "short", "exact", "used", "met")  # of the ways in which a name is one, the nearest first
JOURNAL = "journal"
SHORTEST = 3  # letters of a word that is kept
LONGEST = 30
NEAR_FROM = 4  # letters of a word that is also kept without each of them
MOST_WORDS = 1_000_000  # in memory; then those that one text has are forgotten
OF_JOURNALS = re.compile(  # nobody means anything else by a name with one of these
    r"\b(?:journals?|annals|archives|reviews?|letters|proceedings|bulletin|transactions|acta|zeitschrift|revue|magazine)\b"
)
_WORD = re.compile(r"[^\W\d_\u1100-\uffff]{2,}")


@cache
def proper_types() -> frozenset[str]:
    """Types whose things are called by names, which have a capital."""
    return frozenset(facet.name for facet in facets().of_kind("type") if facet.proper)


@dataclass(frozen=True, slots=True, kw_only=True)
class Alias:
    """A row of `alias`."""

    type: str
    name: str
    concept: str
    entity: int | None
    shown: str
    how: str
    senses: int


@dataclass(slots=True, kw_only=True)
class Words:
    """In how many documents each word is written, and in how many without a capital."""

    documents: Counter[str] = field(default_factory=Counter)  # in lower case
    plain: Counter[str] = field(default_factory=Counter)
    titles: set[str] = field(default_factory=set)

    def count(self, document: Document) -> None:
        """The words of one document: title, text, summary and authors."""
        text = "\n".join((document.title, document.text, document.summary, *document.authors))
        written = set(_WORD.findall(text))
        self.documents.update({word.casefold() for word in written})
        self.plain.update(word for word in written if word.islower())
        self.titles.update(word.casefold() for word in _WORD.findall(document.title))
        if len(self.documents) > MOST_WORDS:
            for counted in (self.documents, self.plain):
                rare = [word for word, number in counted.items() if number == 1 and word not in self.titles]
                for word in rare:
                    del counted[word]

    def is_plain(self, name: str) -> bool:
        """Whether a name of one word with a capital is also a word that texts write without one, and more often so."""
        plain = self.plain[name.casefold()] if not name.islower() else 0
        return plain > 1 and 2 * plain > self.documents[name.casefold()]

    def are_plain(self, name: str) -> bool:
        """Whether texts write each word of a name without a capital."""
        return all(self.plain[word.casefold()] for word in _WORD.findall(name))


class NameRow(TypedDict):
    """A name of a concept in work.db."""

    concept: str
    type: str
    name: str
    how: str
    senses: int


class WiderRow(TypedDict):
    """A wider concept in work.db."""

    concept: str
    wider: str
    steps: int


def fill_names(edition: sqlite3.Connection, work: Store, words: Words) -> None:
    """The tables alias, wider, word and word_near."""
    numbers = {row[0]: row[1] for row in edition.execute("SELECT concept, id FROM entity")}
    above = _fill_wider(edition, work, sorted(numbers))
    aliases = list(_find_aliases(edition, work, numbers, above))
    edition.executemany(
        "INSERT INTO alias VALUES (:type, :name, :concept, :entity, :shown, :how, :senses)",
        [_as_row(one) for one in _count_senses(mark_exact(aliases, words), above)],
    )
    named = {word for one in aliases if one.entity is not None for word in _WORD.findall(one.shown)}
    _fill_words(edition, words, {word.casefold() for word in named})


def _fill_wider(edition: sqlite3.Connection, work: Store, concepts: list[str]) -> dict[str, set[str]]:
    """Concept -> what is wider, of things of the edition and of what is wider than them."""
    above: defaultdict[str, set[str]] = defaultdict(set)
    waiting, seen = concepts, set(concepts)
    while waiting:
        rows = _select(work, WiderRow, "SELECT concept, wider, steps FROM wider", waiting)
        edition.executemany("INSERT INTO wider VALUES (:concept, :wider, :steps)", rows)
        for row in rows:
            above[row["concept"]].add(row["wider"])
        waiting = sorted({row["wider"] for row in rows} - seen)
        seen.update(waiting)
    return dict(above)


def _find_aliases(
    edition: sqlite3.Connection, work: Store, numbers: Mapping[str, int], above: Mapping[str, set[str]]
) -> Iterator[Alias]:
    """Every name once a thing: its own, those of the lexicons, and as texts write it."""
    found: dict[tuple[str, str, str], Alias] = {}

    def add(one: Alias) -> None:
        key = (one.type, one.name, one.concept)
        held = found.get(key)
        if one.name and (held is None or NEARNESS.index(one.how) < NEARNESS.index(held.how)):
            found[key] = one

    wanted = sorted(set(numbers).union(*above.values()))
    for row in _select(work, NameRow, "SELECT concept, type, name, how, senses FROM concept_name", wanted):
        type_ = row["type"].lower()
        add(Alias(
            type=type_, name=name_key(row["name"], type_), concept=row["concept"], entity=numbers.get(row["concept"]),
            shown=row["name"], how=row["how"], senses=row["senses"],
        ))  # fmt: skip
    for type_, concept, entity, shown, how in edition.execute(
        "SELECT type, concept, id, name, 'label' FROM entity UNION ALL"
        " SELECT DISTINCT e.type, e.concept, e.id, m.surface, 'met' FROM mention m JOIN entity e ON e.id = m.entity"
        " WHERE e.type <> 'person' OR m.surface LIKE '% %'"  # a surname alone is not a name of one person
    ).fetchall():
        senses = 1 if how == "label" else 2  # what one text calls a thing may also be something wider
        for key in sorted(names_of(type_, shown)) if how == "label" or may_be_name(type_, shown) else ():
            add(Alias(type=type_, name=key, concept=concept, entity=entity, shown=shown, how=how, senses=senses))
    known = {one.name for one in found.values() if one.how != "met"}
    yield from (found[key] for key in sorted(found) if found[key].how != "met" or found[key].name not in known)


def may_be_name(type_: str, surface: str) -> bool:
    """Whether what a text calls a thing may be a name of it: not a word (acute, blood) that is meant so only there."""
    return type_ in proper_types() or " " in surface or any(not sign.islower() for sign in surface[1:])


def mark_exact(aliases: list[Alias], words: Words) -> Iterator[Alias]:
    """Names that stand for their thing only in these very capitals."""
    for one in aliases:
        name = one.how == "short" or one.type in proper_types()
        if one.type == JOURNAL:
            exact = not OF_JOURNALS.search(one.name) and words.are_plain(one.shown)
        else:
            exact = name and " " not in one.shown and words.is_plain(one.shown)
        yield replace(one, how="exact") if exact and one.how in ("label", "name", "short") else one


def _count_senses(aliases: Iterator[Alias], above: Mapping[str, set[str]]) -> Iterator[Alias]:
    """Where several things here are meant by one folded name, each counts them all, but not the widest of them.

    Journals are left out: they are named after what they write about. What a register has is meant before a thing that
    only a text calls so.
    """
    by_name: defaultdict[str, set[str]] = defaultdict(set)
    counted = list(aliases)
    for one in counted:
        if one.senses == 1 and one.type != JOURNAL and one.how != "used":
            by_name[one.name].add(one.concept)
    for one in counted:
        rivals = by_name[one.name] - {one.concept}
        if not is_own(one.concept):
            rivals = {other for other in rivals if not is_own(other)}
        clear = one.senses > 1 or one.how == "used" or all(one.concept in above.get(other, ()) for other in rivals)
        yield one if clear else replace(one, senses=len(rivals) + 1)


def _fill_words(edition: sqlite3.Connection, words: Words, named: set[str]) -> None:
    kept = {
        word: number
        for word, number in words.documents.items()
        if SHORTEST <= len(word) <= LONGEST and (number > 1 or word in words.titles or word in named)
    }
    kept |= dict.fromkeys((word for word in named if SHORTEST <= len(word) <= LONGEST and word not in kept), 0)
    edition.executemany("INSERT INTO word VALUES (?, ?)", sorted(kept.items()))
    near = {
        (word[:place] + word[place + 1 :], word)
        for word in kept
        if len(word) >= NEAR_FROM
        for place in range(len(word))
    }
    edition.executemany("INSERT INTO word_near VALUES (?, ?)", sorted(near))


class ThingTags:
    """The words of the column `tags` for the things that a document names or is about, and for what is wider.

    They are made for one document at a time: of a large edition all together would not fit into memory.
    """

    def __init__(self, edition: sqlite3.Connection) -> None:
        self._edition = edition
        self._tags: dict[tuple[str, str], str] = {}
        self._above: defaultdict[str, list[str]] = defaultdict(list)
        for concept, wider in edition.execute("SELECT concept, wider FROM wider"):
            self._above[concept].append(wider)

    def of(self, document: int) -> list[str]:
        """Of a document by its number, sorted."""
        rows = self._edition.execute(
            f"SELECT e.concept, x.{COUNTED} FROM entity_document x JOIN entity e ON e.id = x.entity"
            " WHERE x.document = ?",
            (document,),
        )
        found: set[tuple[str, str]] = set()
        for concept, about in rows:
            for one in (concept, *self._above.get(concept, ())):
                found.update((kind, one) for kind in (("named", "about") if about else ("named",)))
        self._tags |= {one: tag_of(*one) for one in found if one not in self._tags}
        return sorted(self._tags[one] for one in found)


def _select(work: Store, shape: type[R], sql: str, concepts: list[str]) -> list[R]:
    """Rows of some concepts, in the order of the table's key."""
    rows: list[R] = []
    for some in (concepts[i : i + CHUNK] for i in range(0, len(concepts), CHUNK)):
        rows += work.select(
            shape, f"{sql} WHERE concept IN (SELECT value FROM json_each(?)) ORDER BY 1, 2, 3", (json.dumps(some),)
        )
    return rows


def _as_row(one: Alias) -> dict[str, str | int | None]:
    return {"type": one.type, "name": one.name, "concept": one.concept, "entity": one.entity, "shown": one.shown,
            "how": one.how, "senses": one.senses}  # fmt: skip
