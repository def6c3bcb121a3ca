"""What a search asks of a document, part by part, and what in a document answers each part.

A `Wish` is a part of a search that must be answered by itself: a clause of words (with the names and identifiers by
which it is read), a filter, or several values of one filter of which any will do. `find_answers` tells, for a document,
where each wish is answered, in this order; nothing is said that the index did not find:

1. words, in the title and in the text, marked as the index has them (`publish.search.excerpt`);
2. a thing that the document names, at the places where its name is written, also what is narrower than that;
3. a label, a notice about its work, the status of its trial, a warning: by the sentence that says so;
4. words of its record (sponsor, conditions, keywords, authors …), with the name of the field.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from core.facets import facets
from core.text import one_line
from publish.letters.line_rows import NameRow, Paper
from publish.record_words import FIELDS, find_record_words
from publish.search.clauses import Filter, Group, Query, Term
from publish.search.excerpt import Marks, Span, find_marks
from publish.search.fts import tag_of
from publish.search.names import Sense
from publish.search.reading import Reading, said

NONE = Marks(())
_SAID = {"people": "people", "mesh": "headings", "why_stopped": "why it stopped", "official_title": "official title"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """A part of a search. `plain`: it asks only for a column such as kind or country, which no sentence can hold."""

    typed: str
    marks: Marks
    loose: Marks  # single words of a name of several words, which count where the name is nowhere
    names: Marks  # of authors
    tags: frozenset[str]
    thing: Sense | None = None
    plain: bool = False


@dataclass(slots=True, kw_only=True)
class Answer:
    """How a document answers a wish. `title` and `text` are places; `said` are sentences that say so."""

    title: list[Span] = field(default_factory=list)
    text: list[Span] = field(default_factory=list)
    surfaces: list[str] = field(default_factory=list)  # names as they are written in the text
    name: NameRow | None = None
    said: list[tuple[str, str]] = field(default_factory=list)  # (facet, sentence)
    values: list[tuple[str, str]] = field(default_factory=list)  # (facet, value) that it has
    record: list[tuple[str, str]] = field(default_factory=list)  # (field, its words)
    number: bool = False  # it has the identifier that was asked for
    column: bool = False  # it is of the kind, country … that was asked for
    worded: bool = False  # words in title or text answer it, not only a name
    loose: bool = False  # only single words of the name do

    def __bool__(self) -> bool:
        found = self.title or self.text or self.name or self.values or self.record
        return bool(found or self.number or self.column)


@lru_cache(maxsize=20_000)
def find_wishes(reading: Reading) -> tuple[Wish, ...]:
    """The parts of a search, in its order; filters come last."""
    things = {part.typed: part.thing for part in reading.parts}
    wishes = [_of_clause(clause, things) for clause in reading.query.clauses]
    by_name: dict[str, list[Filter]] = {}
    for one in reading.query.filters:
        by_name.setdefault(one.name, []).append(one)
    for name, some in by_name.items():
        facet = facets().filters[name]
        every = facet.kind in ("type", "label", "status")  # repeated, such a filter asks for all of them
        for group in [[one] for one in some] if every else [some]:
            tags = frozenset(tag for one in group for tag in (one.tags or (tag_of(one.name, one.value),)))
            typed = " or ".join(one.value for one in group)
            plain = facet.kind == "column"
            wishes.append(Wish(typed=typed, marks=NONE, loose=NONE, names=NONE, tags=tags, plain=plain))
    return tuple(wishes)


def _of_clause(clause: tuple[Term | Group, ...], things: Mapping[str, Sense | None]) -> Wish:
    typed = said(clause)
    strict, loose = (clause[:1], clause[1:]) if is_named(clause) else (clause, ())
    terms = list(_terms(clause))
    tags = [tag for term in terms for tag in term.tags]
    tags += [tag_of(term.field, term.text) for term in terms if term.filtered and not term.tags]
    authors = tuple(Term(text=term.text, prefix=term.prefix) for term in terms if term.field == "author")
    return Wish(
        typed=typed.strip("?!.,;:"), tags=frozenset(tags), thing=things.get(typed),
        marks=find_marks(Query(clauses=(strict,))), loose=find_marks(Query(clauses=(loose,))) if loose else NONE,
        names=find_marks(Query(clauses=(authors,))) if authors else NONE,
        plain=all(term.filtered and facets().filters[term.field].kind == "column" for term in terms),
    )  # fmt: skip


def is_named(clause: tuple[Term | Group, ...]) -> bool:
    """Whether a clause is a name of several words: the name, or else its words anywhere."""
    return isinstance(clause[0], Term) and len(clause) > 1 and all(isinstance(one, Group) for one in clause[1:])


def _terms(parts: Iterable[Term | Group]) -> Iterator[Term]:
    for part in parts:
        if isinstance(part, Term):
            yield part
        else:
            yield from _terms(one for clause in part.clauses for one in clause)


def find_answers(wishes: Iterable[Wish], paper: Paper, wider: Mapping[str, tuple[str, ...]]) -> list[Answer]:
    """How a document answers each wish; an answer is empty (false) where it does by nothing that can be shown."""
    return [_answer(wish, paper, wider) for wish in wishes]


def _answer(wish: Wish, paper: Paper, wider: Mapping[str, tuple[str, ...]]) -> Answer:
    title = paper.row["title"]
    found = Answer(title=wish.marks.spans(title, title=True), text=wish.marks.spans(paper.text))
    found.worded = bool(found.title or found.text)
    if wish.tags:
        _find_names(wish, paper, wider, found)
        _find_values(wish, paper, found)
        columns = {"kind": paper.row["kind"], "country": paper.row["country"], "lang": paper.row["lang"]}
        found.column = any(value and tag_of(name, value) in wish.tags for name, value in columns.items())
        found.number = any(tag_of(one["scheme"], one["value"]) in wish.tags for one in paper.identifiers)
    if wish.loose.wanted and not (found.title or found.text or found.name or found.values):
        found.title, found.text = wish.loose.spans(title, title=True), wish.loose.spans(paper.text)
        found.worded = found.loose = bool(found.title or found.text)
    if not (found.title or found.text or found.name):
        found.record = [(name, text) for name, text in fields_of(paper) if wish.marks.spans(text)]
    if wish.names.wanted:
        found.record += [
            (name, text) for name, text in fields_of(paper) if name == "authors" and wish.names.spans(text)
        ]
    return found


def _find_names(wish: Wish, paper: Paper, wider: Mapping[str, tuple[str, ...]], found: Answer) -> None:
    """Things that answer, by the tags that the index has for them; their places as they are written."""
    written: set[tuple[str, str, str]] = set()
    for name in paper.names:
        above = (name["concept"], *wider.get(name["concept"], ()))
        if not wish.tags.isdisjoint(tags_of(name["type"], name["about"], above)):
            found.name = found.name or name
            for one in paper.surfaces.get(name["entity"], ()):
                written.add((one["part"], one["type"], one["surface"]))
    found.surfaces = sorted({surface for part, _, surface in written if part == "text"}, key=lambda one: -len(one))
    for place in paper.places if written else ():
        if (place["part"], place["type"].lower(), one_line(place["surface"])) in written:
            text = paper.row["title"] if place["part"] == "title" else paper.text
            if text[place["start"] : place["end"]] == place["surface"]:  # the text may be newer than the edition
                (found.title if place["part"] == "title" else found.text).append((place["start"], place["end"]))


def _find_values(wish: Wish, paper: Paper, found: Answer) -> None:
    """Values of facets that answer, with the sentences that say so."""
    for label in paper.labels:
        facet = facets().find("label", label["facet"])
        if facet and facet.filter and tag_of(facet.filter, label["value"]) in wish.tags:
            found.values.append((facet.name, label["value"]))
            _say(paper, facet.name, label["value"], label["sentence"], found)
    statuses = [("status", one["status"], one["text"]) for one in paper.banners]
    statuses += [("trial_status", one["status"], one["text"]) for one in paper.trials]
    statuses += [("warning", one["kind"], one["sentence"]) for one in paper.warnings]
    statuses += [("rests", value, "") for value in paper.rests]
    for name, value, sentence in statuses:
        if tag_of(name, value) in wish.tags:
            found.values.append((name, value))
            _say(paper, name, value, sentence, found)


def _say(paper: Paper, name: str, value: str, sentence: str, found: Answer) -> None:
    """Note a sentence that says a value; the words of the value are set off in the title where that is the sentence."""
    if one_line(sentence) == paper.row["title"]:
        found.title += value_marks(paper.row["title"], name, value)
    elif sentence:
        found.said.append((name, sentence))


def value_marks(sentence: str, name: str, value: str) -> list[Span]:
    """The words of a value of a facet in the sentence that says so: mice, phase 1, retracted."""
    facet = facets().find("label", name) or facets().find("status", name)
    words = {value, *((facet.words(value), facet.plurals.get(value, value)) if facet else ())}
    terms = tuple(Term(text=word, phrase=True) for word in sorted(words))
    return find_marks(Query(clauses=(terms,))).spans(sentence)


@lru_cache(maxsize=200_000)
def tags_of(type_: str, about: int, concepts: tuple[str, ...]) -> frozenset[str]:
    """The words of the index for a thing that a document names, and for what is wider (the first is the thing)."""
    tags = {tag_of("named", one) for one in concepts}
    if about:
        tags |= {tag_of("about", one) for one in concepts}
        facet = facets().find("type", type_)
        if facet and facet.filter:
            tags.add(tag_of(facet.filter, concepts[0]))
    return frozenset(tags)


def fields_of(paper: Paper) -> list[tuple[str, str]]:
    """What the record of a document says outside of its text: (name of the field in words, its words)."""
    found = [("authors", ", ".join(json.loads(paper.row["authors"]))), ("journal", paper.row["journal"])]
    for name in FIELDS:
        if words := find_record_words({name: paper.extra.get(name)}):
            found.append((_SAID.get(name, name.replace("_", " ")), "; ".join(words)))
    return [(name, one_line(text)) for name, text in found if text]
