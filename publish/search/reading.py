"""How a search is read: by meaning where a word is a name, said aloud, each part removable.

`read` is given a parsed query and gives a Reading. It opens no database: it asks by `asking`, so that the site and the
letters read alike. In this order:

1. an identifier alone, bare or in an address, leads to its record and to what cites it (`landing`); one among other
   words is searched as its tag or as the words. An identifier of a concept is read as the concept;
2. a pasted paragraph is cut to what is rare in it (`pasted`);
3. runs of plain words that are a name of a thing (`names`) are searched as the concept (tag `named_…`), or as the
   words, or as the concept's other names; so are words that are a value of a facet (`vocabulary`). A
   form of several senses is searched as the words only, and its senses are offered;
4. words of questions need not match where other words remain;
5. a word that the edition does not have is searched as the nearest one that it has (`spelling`), one with a hyphen as
   its words; then 3 once more. Not for letters and feeds, whose search must mean the same every night.

What is in quotation marks, words with `*`, words of one field and what is excluded are searched as written.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from publish.search import pasted
from publish.search.asking import Ask, Steps
from publish.search.clauses import Group, Query, Term, to_text
from publish.search.fold import fold_name, fold_words
from publish.search.fts import conditions, tag_of, to_match
from publish.search.identifiers import LANDING, Landing, find_alone, find_in
from publish.search.names import (
    Sense,
    Span,
    find_other_names,
    find_spans,
    is_plain,
    resolve_filters,
    str_of,
)
from publish.search.related import related_words
from publish.search.spelling import choose_nearest, deletes, may_be_misspelt
from publish.search.vocabulary import Value, Values, is_question_word

NAMES_SEARCHED = 12  # other names of a concept that are searched as phrases
NAMES_SAID = 6
CLOSE_WORDS = 8  # of a longer search the words are not looked for near one another
CLOSE_APART = 2  # words between any two of them
BEGINNING = 8  # letters of a word of which the beginning is looked for, too
COUNTED = """
SELECT j."key" AS word,
    (SELECT count(*) FROM (SELECT 1 FROM search WHERE search MATCH j.value LIMIT 10000)) AS documents
FROM json_each(:matches) j"""
NEAR = """
SELECT word, documents FROM word WHERE word IN (
    SELECT value FROM json_each(:forms)
    UNION SELECT word FROM word_near WHERE form IN (SELECT value FROM json_each(:forms)))"""
HAS = "SELECT 1 FROM search WHERE search MATCH :match LIMIT 1"
DOCUMENTS = "SELECT value FROM meta WHERE name = 'documents'"


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A part of the search that is not searched as written. `exact` is the whole search with this part as written."""

    typed: str
    exact: Query
    thing: Sense | None = None
    names: tuple[str, ...] = ()
    values: tuple[Value, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Unclear:
    """A form of several senses: searched as the words, and each sense is offered."""

    typed: str
    senses: tuple[Sense, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Corrected:
    """A word that the edition does not have, and the nearest one, which is searched for instead."""

    typed: str
    word: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A query and how it is read. `query` is what is searched: the clauses of `asked` with their tags and other names.

    `asked` is the query that an address would hold: with corrected words, and a paragraph cut. `written` is as typed.
    """

    written: Query
    asked: Query
    query: Query
    parts: tuple[Part, ...] = ()
    unclear: tuple[Unclear, ...] = ()
    corrected: tuple[Corrected, ...] = ()
    ignored: tuple[str, ...] = ()
    landing: Landing | None = None
    pasted: bool = False

    @property
    def plain(self) -> bool:
        """Whether it is searched as written."""
        return not (self.parts or self.unclear or self.corrected or self.ignored or self.landing or self.pasted)

    @property
    def exacting(self) -> bool:
        """Whether somebody wrote how words are meant: in quotation marks or brackets, with OR or NOT."""
        written = self.written
        return bool(written.excluded) or any(
            len(clause) > 1 or not isinstance(clause[0], Term) or clause[0].phrase for clause in written.clauses
        )

    @property
    def exact(self) -> Query:
        """The search for exactly what was typed: every word in quotation marks."""
        return replace(self.written, clauses=tuple(tuple(map(quote, clause)) for clause in self.written.clauses))


def said(clause: tuple[Term | Group, ...]) -> str:
    """A part of a search as it was written."""
    first = clause[0]
    if isinstance(first, Term) and all(isinstance(one, Group) for one in clause[1:]):
        return first.text
    return to_text(Query(clauses=(clause,)))


def in_other_words(reading: Reading, clause: tuple[Term | Group, ...]) -> tuple[tuple[Term, ...], ...]:
    """What comes near a part of a search, for the second group: alternatives, each of them any of its terms.

    Of a form of several senses, each sense; of a word that is no name, related words and those that begin like it.
    """
    typed, first = said(clause), clause[0]
    senses = [sense.tag for one in reading.unclear if one.typed == typed for sense in one.senses]
    near = [(Term(text=typed, phrase=True, tags=(tag,)),) for tag in senses]
    named = any(part.typed == typed and part.thing for part in reading.parts)
    if isinstance(first, Term) and not (first.field or first.prefix or named):
        near += [(Term(text=word),) for word in related_words(typed)]
        if len(typed) >= BEGINNING and typed.isascii() and typed.isalpha():
            near.append((Term(text=typed[: max(BEGINNING - 2, len(typed) - 3)], prefix=True),))
    return tuple(near)


def words_of_names(reading: Reading, clause: tuple[Term | Group, ...]) -> Iterator[tuple[Term, ...]]:
    """The words of a name of several words: of the one that was typed, and of the thing's own."""
    typed = said(clause)
    names = (name for part in reading.parts if part.typed == typed and part.thing for name in (typed, part.thing.name))
    for words in dict.fromkeys(tuple(name.split()) for name in names):
        if len(words) > 1:
            yield tuple(Term(text=word) for word in words if not is_question_word(word))


def words_of(query: Query) -> Query:
    """Every word and name that a query looks for, as one clause: what is marked in the texts of its hits."""
    terms: dict[Term, None] = {}
    for term in _terms(term for clause in query.clauses for term in clause):
        for text, phrase in ((term.text, term.phrase), *((name, True) for name in term.also)):
            terms[Term(text=text, phrase=phrase, prefix=term.prefix)] = None
    return Query(clauses=(tuple(terms),) if terms else ())


def _terms(some: Iterable[Term | Group]) -> Iterator[Term]:
    for one in some:
        if isinstance(one, Term):
            yield one
        else:
            yield from _terms(term for clause in one.clauses for term in clause)


def quote(term: Term | Group) -> Term | Group:
    """A plain term as written; others are that already."""
    return replace(term, phrase=True) if isinstance(term, Term) and is_plain(term) else term


def read(query: Query, *, correct: bool = True, values: Values | None = None) -> Steps[Reading]:
    """How a query is read. `correct`: whether a word that is not there is searched as the nearest one.

    `values`: those of the edition (`vocabulary.find_values`), for who reads many queries and asks for them once.
    """
    written = query
    named = yield from resolve_filters(query)
    if not query.clauses:
        return Reading(written=written, asked=query, query=named)
    text = " ".join(str_of(clause) for clause in query.clauses)
    if alone := find_alone(text):
        rows = yield Ask(LANDING, alone.params)
        landing = replace(alone, places=tuple((row["id"], row["place"]) for row in rows))
        if landing.sure or landing.records:
            number = Term(text=alone.value, phrase=True, tags=(tag_of(alone.scheme, alone.value),))  # for feeds
            return Reading(written=written, asked=query, query=replace(named, clauses=((number,),)), landing=landing)
    if query.long:
        query = yield from _cut(query)
    spans = yield from find_spans(query, values)
    kept, ignored = _drop_question_words(query, spans)
    corrected: tuple[Corrected, ...] = ()
    if correct and not written.long:
        corrected = yield from _correct(query, spans, kept)
        if corrected:
            words = {one.typed: one.word for one in corrected}
            query = replace(query, clauses=tuple(one for clause in query.clauses for one in _exchange(clause, words)))
            spans = yield from find_spans(query, values)
            kept, ignored = _drop_question_words(query, spans)
    names = yield from find_other_names(spans)
    expanded, parts = _expand(query, spans, kept, names)
    return Reading(
        written=written, asked=query, query=(yield from resolve_filters(expanded)), parts=parts,
        unclear=tuple(Unclear(typed=span.typed, senses=span.senses) for span in spans if span.senses),
        corrected=corrected, ignored=ignored, pasted=written.long,
    )  # fmt: skip


def where_of(reading: Reading) -> tuple[list[str], dict[str, str | int]]:
    """WHERE conditions on `search`, and their parameters, that find the documents that match all of a search."""
    if reading.landing is None:
        return conditions(reading.query)
    where, params = conditions(replace(reading.query, clauses=()))
    where.append("search.rowid IN (SELECT value FROM json_each(:landing))")
    return where, {**params, "landing": json.dumps([ident for ident, _ in reading.landing.places])}


def _drop_question_words(query: Query, spans: Sequence[Span]) -> tuple[list[int], tuple[str, ...]]:
    """The numbers of the clauses that must match, and the words that need not."""
    covered = {at for span in spans for at in range(span.start, span.end)}
    asking = [
        at for at, clause in enumerate(query.clauses)
        if at not in covered and len(clause) == 1 and is_plain(clause[0]) and is_question_word(str_of(clause))
    ]  # fmt: skip
    if len(asking) == len(query.clauses):
        return list(range(len(query.clauses))), ()
    kept = [at for at in range(len(query.clauses)) if at not in asking]
    return kept, tuple(dict.fromkeys(str_of(query.clauses[at]) for at in asking))


def _correct(query: Query, spans: Sequence[Span], kept: Sequence[int]) -> Steps[tuple[Corrected, ...]]:
    """The nearest words of the edition to those that it does not have."""
    covered = {at for span in spans for at in range(span.start, span.end)}
    found = []
    for at in kept:
        clause = query.clauses[at]
        if at in covered or len(clause) != 1 or not is_plain(clause[0]):
            continue
        typed = str_of(clause)
        word = fold_words(typed)
        joined = "-" in typed and " " in word
        if not (joined or may_be_misspelt(word)):
            continue
        if (yield Ask(HAS, {"match": to_match(Query(clauses=(clause,)))})):
            continue
        if joined:  # its words by themselves
            found.append(Corrected(typed=typed, word=word))
            continue
        near = yield Ask(NEAR, {"forms": json.dumps(deletes(word), ensure_ascii=False)})
        others = {row["word"]: row["documents"] for row in near if fold_words(row["word"]) != word}
        if meant := choose_nearest(word, others):
            found.append(Corrected(typed=typed, word=meant))
    return tuple(found)


def words_close(reading: Reading) -> str:
    """An FTS5 expression for the plain words of a search near one another, as they are written; none of one word."""
    texts = [
        text
        for clause in reading.written.clauses
        if len(clause) == 1 and is_plain(clause[0])
        if (text := str_of(clause)) and not is_question_word(text)
    ]
    words = [word for text in texts for word in fold_words(text).split()]
    if not 1 < len(words) <= CLOSE_WORDS or len(reading.written.clauses) < 2:
        return ""
    quoted = " ".join(f'"{word}"' for word in words)
    return f"{{title body}} : NEAR({quoted}, {len(words) * CLOSE_APART})"


def _exchange(clause: tuple[Term | Group, ...], words: Mapping[str, str]) -> tuple[tuple[Term | Group, ...], ...]:
    text = str_of(clause)
    if text not in words or not is_plain(clause[0]):
        return (clause,)
    return tuple((Term(text=word),) for word in words[text].split())


def _expand(
    query: Query, spans: Sequence[Span], kept: Sequence[int], names: Mapping[str, tuple[str, ...]]
) -> tuple[Query, tuple[Part, ...]]:
    """The query with its concepts, and the parts to be said."""
    clauses: list[tuple[Term | Group, ...]] = []
    parts: list[Part] = []
    starting = {span.start: span for span in spans}
    covered = {at for span in spans for at in range(span.start, span.end)}
    for at in kept:
        if at in starting:
            span = starting[at]
            others = names.get(span.thing.concept, ()) if span.thing else ()
            clauses += _clauses_of(query.clauses[span.start : span.end], span, others)
            if span.thing or span.values:
                exact = replace(query, clauses=tuple(
                    tuple(map(quote, clause)) if span.start <= number < span.end else clause
                    for number, clause in enumerate(query.clauses)
                ))  # fmt: skip
                said = _worth_saying(span, others)
                parts.append(Part(typed=span.typed, exact=exact, thing=span.thing, names=said, values=span.values))
        elif at not in covered:
            clauses.append(_with_identifier(query.clauses[at]))
    return replace(query, clauses=tuple(dict.fromkeys(clauses))), tuple(parts)


def _clauses_of(
    words: tuple[tuple[Term | Group, ...], ...], span: Span, others: Sequence[str]
) -> list[tuple[Term | Group, ...]]:
    """The clause of a name: its concept, the words, or its other names; clauses as they are if it has no one sense."""
    if not (span.thing or span.values):
        return list(words)
    tags = tuple(dict.fromkeys([*([span.thing.tag] if span.thing else []), *(value.tag for value in span.values)]))
    typed = fold_name(span.typed)
    also = tuple(name for name in others if fold_name(name) != typed)[:NAMES_SEARCHED]
    if len(words) == 1:
        return [(Term(text=span.typed, tags=tags, also=also),)]
    # the words anywhere in a document, too
    return [(Term(text=span.typed, phrase=True, tags=tags, also=also), Group(clauses=words, excluded=()))]


def _worth_saying(span: Span, others: Sequence[str]) -> tuple[str, ...]:
    """A few other names, the concept's own not among them: most of them in Latin letters, two in other scripts."""
    said = {fold_name(span.typed), fold_name(span.thing.name) if span.thing else ""}
    kept: list[str] = []
    for name in others:
        if fold_name(name) not in said:
            said.add(fold_name(name))
            kept.append(name)
    latin = [name for name in kept if max(name, default="") < "\u0370"]
    others = [name for name in kept if name not in latin][: NAMES_SAID - min(len(latin), NAMES_SAID - 2)]
    return (*latin[: NAMES_SAID - len(others)], *others)


def _with_identifier(clause: tuple[Term | Group, ...]) -> tuple[Term | Group, ...]:
    """A clause whose word is an identifier finds what has it as well."""
    if len(clause) != 1 or not isinstance(clause[0], Term) or clause[0].prefix or clause[0].field:
        return clause
    tags = tuple(tag_of(found.scheme, found.value) for found in find_in(clause[0].text))
    return (replace(clause[0], tags=tags),) if tags else clause


def _cut(query: Query) -> Steps[Query]:
    """A pasted paragraph, cut to what is rare in it."""
    texts = tuple(dict.fromkeys(text for clause in query.clauses if (text := str_of(clause)) and is_plain(clause[0])))
    words = tuple(text for text in texts if not is_question_word(text))
    matches = {word: to_match(Query(clauses=((Term(text=word),),))) for word in words}
    rows = yield Ask(COUNTED, {"matches": json.dumps(matches, ensure_ascii=False)})
    total = yield Ask(DOCUMENTS, {})
    having = {row["word"]: row["documents"] for row in rows}
    chosen = pasted.choose(words, having, int(total[0]["value"]) if total else 0)
    return replace(query, clauses=tuple((Term(text=word),) for word in chosen), long=False)
