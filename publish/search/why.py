"""Why documents were found, in words: the same for the site's answers and for letters.

For each part of a search, in this order: its words in the title or the text; where a document has none of them, the
name by which it names the thing that was meant, or what is narrower than that; the value that it has (a kind, a
country, an animal). For an identifier: whether the document has it, cites it or names it. Nothing is said that the
edition does not hold for this document.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Generator

from publish.search.asking import Ask, Rows, Steps
from publish.search.fts import to_match
from publish.search.query import Query, Term
from publish.search.reading import Part, Reading, said, words_of

AMONG = """
SELECT rowid AS id FROM search WHERE search MATCH :match AND rowid IN (SELECT value FROM json_each(:ids))"""
SURFACES = """
SELECT m.document AS id, min(m.surface) AS surface FROM mention m JOIN entity e ON e.id = m.entity
WHERE m.document IN (SELECT value FROM json_each(:ids))
AND (e.concept = :concept OR e.concept IN (SELECT concept FROM wider WHERE wider = :concept)) GROUP BY 1"""
IDENTIFIER = ("its own number is {}", "it cites {}", "it names {}", "its record has {}")  # by place

Reasons = dict[int, list[str]]


def explain(reading: Reading, documents: Collection[int]) -> Steps[Reasons]:
    """Document -> why it was found. One that matches by nothing that can be said is left out."""
    reasons: Reasons = {}
    things = {part.typed: part for part in reading.parts}
    for clause in reading.query.clauses:
        left = set(documents)
        typed = said(clause)
        terms = words_of(Query(clauses=(clause,))).terms
        # a word alone of a name of several words says little: only where the document has no name of the thing
        alone = [term for term in terms if not term.phrase and typed in things and " " in typed]
        for term in [term for term in terms if term not in alone]:
            named = term.phrase and typed in things  # another name: said only where the words are not there
            for document, places in (yield from _places(term, left if named else documents)).items():
                reasons.setdefault(document, []).append(f"{_quote(term)} in its {' and '.join(places)}")
                left.discard(document)
        if (part := things.get(typed)) and left:
            for document, reason in (yield from _names_of(part, left)):
                reasons.setdefault(document, []).append(reason)
                left.discard(document)
        for term in alone:
            for document, places in (yield from _places(term, left)).items():
                reasons.setdefault(document, []).append(f"{_quote(term)} in its {' and '.join(places)}")
    if reading.landing:
        for document, place in reading.landing.places:
            reasons.setdefault(document, []).append(IDENTIFIER[place].format(reading.landing.value))
    return reasons


def _places(term: Term, documents: Collection[int]) -> Generator[Ask, Rows, dict[int, list[str]]]:
    """In what of each document a word is."""
    places: dict[int, list[str]] = {}
    for column, place in (("title", "title"), ("body", "text")):
        match = f"{{{column}}} : ({to_match(Query(clauses=((term,),)))})"
        for row in (yield Ask(AMONG, {"match": match, "ids": json.dumps(sorted(documents))})):
            places.setdefault(row["id"], []).append(place)
    return places


def _names_of(part: Part, documents: Collection[int]) -> Generator[Ask, Rows, list[tuple[int, str]]]:
    """The names by which documents name a thing, or what is narrower; else the value that they have."""
    ids = json.dumps(sorted(documents))
    found: list[tuple[int, str]] = []
    if part.thing:
        for row in (yield Ask(SURFACES, {"ids": ids, "concept": part.thing.concept})):
            found.append((row["id"], f"“{row['surface']}” in it ({part.thing.name})"))
    for value in part.values:
        for row in (yield Ask(AMONG, {"match": f'tags : "{value.tag}"', "ids": ids})):
            found.append((row["id"], value.said))
    return found


def _quote(term: Term) -> str:
    return f"“{term.text}{'…' if term.prefix else ''}”"
