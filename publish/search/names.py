"""Names in a search: runs of plain words that are a name of a thing, or a value of a facet.

`find_spans` looks up every run of up to RUN words in the table `alias`, the longest first, from left to right; a word
of a question is not looked up by itself. A name that stands for its thing in its own capitals only (`exact`) must be
written so; one of several words, with a capital. Where a name has several senses, the one that it means by default
counts (`senses` is 1), else none. `find_other_names` gives the names of a thing of which the edition has every word,
`resolve_filters` the tags of filters by name.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from core.facets import facets
from publish.search.asking import Ask, Steps
from publish.search.clauses import Filter, Group, Query, Term
from publish.search.fold import lookup_keys
from publish.search.fts import is_concept, tag_of
from publish.search.own_key import is_own, name_in
from publish.search.vocabulary import Value, Values, find_values, is_question_word

BY_NAME = ("names", "name")
RUN = 12  # words of a name: 99.9 % of those of our lexicons have no more

ALIASES = """
SELECT a.name, a.type, a.concept, a.entity, a.shown, a.how, a.senses, coalesce(e.name, '') AS label,
    coalesce(e.documents, 0) AS documents
FROM alias a LEFT JOIN entity e ON e.id = a.entity WHERE a.name IN (SELECT value FROM json_each(:names))"""
OTHER_NAMES = """
SELECT concept, name, shown, how, type FROM alias
WHERE concept IN (SELECT value FROM json_each(:concepts)) AND senses <= 1
ORDER BY CASE how WHEN 'label' THEN 0 WHEN 'met' THEN 1 WHEN 'name' THEN 2 ELSE 3 END, length(name), name"""
CONCEPTS = """
SELECT concept AS name, type, concept, id AS entity, name AS shown, 'label' AS how, 1 AS senses, name AS label,
    documents
FROM entity WHERE concept IN (SELECT value FROM json_each(:names))"""
WORDS = "SELECT word FROM word WHERE documents > 0 AND word IN (SELECT value FROM json_each(:words))"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sense:
    """What a name or a word may mean: a thing that documents may name. `entity` is None where none names it itself."""

    type: str
    concept: str
    name: str
    entity: int | None
    documents: int

    @property
    def tag(self) -> str:
        return tag_of("named", self.concept)


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Clauses `start` to `end` (exclusive) of a query that are one name or value."""

    start: int
    end: int
    typed: str
    thing: Sense | None = None
    senses: tuple[Sense, ...] = ()
    values: tuple[Value, ...] = ()


def is_plain(term: Term | Group) -> bool:
    """Whether a term is read by meaning: not a phrase, not the beginning of a word, not of one field."""
    return isinstance(term, Term) and not (term.phrase or term.prefix or term.field)


def str_of(clause: Sequence[Term | Group]) -> str:
    """The words of a clause of one term, or nothing."""
    return clause[0].text if len(clause) == 1 and isinstance(clause[0], Term) else ""


def _runs(query: Query) -> Iterator[tuple[int, int]]:
    """Runs of clauses that are one plain word each: (start, end), every part of a run, the longest first."""
    at = 0
    clauses = query.clauses
    while at < len(clauses):
        end = at
        while end < len(clauses) and len(clauses[end]) == 1 and is_plain(clauses[end][0]):
            end += 1
        for start in range(at, end):
            for stop in range(min(end, start + RUN), start, -1):
                yield start, stop
        at = max(end, at + 1)


def find_spans(query: Query, values: Values | None = None) -> Steps[list[Span]]:
    """Names and values in a query, from left to right, the longest first. `values`: of the edition, where known."""
    texts = {(start, stop): " ".join(str_of(c) for c in query.clauses[start:stop]) for start, stop in _runs(query)}
    keys = {
        at: lookup_keys(text) for at, text in texts.items()
        if at[1] - at[0] > 1 or len(query.clauses) == 1 or not is_question_word(text)
    }  # fmt: skip
    wanted = sorted({key for some in keys.values() for key in some})
    if not wanted:
        return []
    found: dict[str, list[sqlite3.Row]] = {}
    for row in (yield Ask(ALIASES, {"names": json.dumps(wanted, ensure_ascii=False)}, BY_NAME)):
        found.setdefault(row["name"], []).append(row)
    concepts = sorted({text for at, text in texts.items() if at[1] - at[0] == 1 and ":" in text})
    if concepts:
        for row in (yield Ask(CONCEPTS, {"names": json.dumps(concepts)}, BY_NAME)):
            found.setdefault(row["name"], []).append(row)
    values = (yield from find_values()) if values is None else values
    spans: list[Span] = []
    done = 0
    for start, stop in texts:
        if start < done or (start, stop) not in keys:
            continue
        named = next((found[key] for key in (*keys[start, stop], texts[start, stop]) if key in found), [])
        named = [row for row in named if row["how"] != "exact" or _is_as_shown(texts[start, stop], row["shown"])]
        valued = next((values[key] for key in keys[start, stop] if key in values), ())
        if named or valued:
            spans.append(_choose(start, stop, texts[start, stop], named, valued))
            done = stop
    return spans


def _is_as_shown(typed: str, shown: str) -> bool:
    """Whether a name that is also plain words is written as a name: ALL, Gene Therapy, not all or gene therapy."""
    return typed == shown or (" " in typed and not typed.islower())


def _choose(start: int, stop: int, typed: str, named: Sequence[sqlite3.Row], values: tuple[Value, ...]) -> Span:
    """What a name means: the one thing of that name, or the one that it means by default; else its senses."""
    senses: dict[str, Sense] = {}
    for row in named:
        senses.setdefault(
            row["concept"],
            Sense(type=row["type"], concept=row["concept"], name=row["label"] or row["shown"], entity=row["entity"],
                  documents=row["documents"]),
        )  # fmt: skip
    clear = {row["concept"] for row in named if row["senses"] <= 1}
    thing = senses[clear.pop()] if len(clear) == 1 else None
    others = tuple(sense for sense in senses.values() if sense is not thing)
    return Span(start=start, end=stop, typed=typed, thing=thing, senses=others, values=values)


def find_other_names(spans: Sequence[Span]) -> Steps[Mapping[str, tuple[str, ...]]]:
    """Other names of the concepts, of which the edition has every word: a name that nobody writes finds nothing."""
    concepts = sorted({span.thing.concept for span in spans if span.thing})
    if not concepts:
        return {}
    names: dict[str, dict[str, str]] = {}
    for row in (yield Ask(OTHER_NAMES, {"concepts": json.dumps(concepts)}, ("concepts", "concept"))):
        names.setdefault(row["concept"], {}).setdefault(row["name"], row["shown"])
    words = sorted({word for some in names.values() for shown in some.values() for word in _forms(shown)})
    known = {
        row["word"] for row in (yield Ask(WORDS, {"words": json.dumps(words, ensure_ascii=False)}, ("words", "word")))
    }
    return {
        concept: tuple(shown for shown in some.values() if all(_known(word, known) for word in shown.lower().split()))
        for concept, some in names.items()
    }


def _forms(shown: str) -> Iterator[str]:
    for word in shown.lower().split():
        yield from (word, f"{word}s")


def _known(word: str, known: set[str]) -> bool:
    """Whether the edition has a word, or cannot say: words with other signs than letters are not in its list."""
    return word in known or f"{word}s" in known or not word.isalpha() or max(word) >= "\u1100"


def resolve_filters(query: Query) -> Steps[Query]:
    """A query whose filters by name have the tags of what goes by it, or of what is narrower.

    An own key that the edition lacks is a name: a register may have the thing by now.
    """
    if not (
        query.filters
        or query.barred
        or _has_filters(part for clause in query.clauses for part in clause)
        or _has_filters(query.excluded)
    ):
        return query
    asked = {name for name, facet in facets().filters.items() if facet.kind == "type"}
    names: dict[tuple[str, str], tuple[str, ...]] = {}

    def note(one: Filter) -> Filter:
        if one.name in asked and (is_own(one.value) or not is_concept(one.value)):
            names[one.name, one.value] = lookup_keys(name_in(one.value) or one.value)
        return one

    query.with_filters(note)
    if not names:
        return query
    keys = sorted({key for some in names.values() for key in some})
    found: dict[tuple[str, str], list[str]] = {}
    for row in (yield Ask(ALIASES, {"names": json.dumps(keys, ensure_ascii=False)}, BY_NAME)):
        found.setdefault((row["type"], row["name"]), []).append(row["concept"])

    def change(one: Filter) -> Filter:
        type_ = facets().filters[one.name].name
        known = (found[type_, key] for key in names.get((one.name, one.value), ()) if (type_, key) in found)
        concepts = next(known, [])
        if one.value in concepts:
            return one
        tags = (tag_of(kind, concept) for concept in concepts for kind in (one.name, "about"))
        return replace(one, tags=tuple(tags)) if concepts else one

    return query.with_filters(change)


def _has_filters(parts: Iterable[Term | Group]) -> bool:
    """Whether any of these parts is a filter, or has one in its brackets."""
    return any(
        part.filtered if isinstance(part, Term)
        else _has_filters(part.excluded) or any(map(_has_filters, part.clauses))
        for part in parts
    )  # fmt: skip
