"""What the page of a person adds: the sentences that name them, where they work, and whether all of it is one person.

Names are no identifiers. Without an ORCID, documents are taken to be about one person where they share a story, a
paper, or where they say the same of where the person works. All others are documents on people of this name, and the
page says so. Only the documents that the page shows are compared.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from publish.pages.document import find_sentence
from publish.pages.page import Context
from publish.pages.rows import OpenEdition
from publish.search.own_key import is_own

SENTENCES = 2  # of a document
SAID = """
SELECT m.document, m.start, m."end", t.text FROM mention m JOIN document_text t ON t.document = m.document
WHERE m.entity = :id AND m.part = 'text' AND m.start IS NOT NULL AND m.document IN (SELECT value FROM json_each(:ids))
ORDER BY m.document, m.number"""
ROLES = """
SELECT x.document, coalesce(x.role, '') AS role, coalesce((SELECT max(s.quotations) FROM speaker s
    WHERE s.document = x.document AND s.name IN (SELECT surface FROM mention m WHERE m.entity = x.entity
        AND m.document = x.document)), 0) AS quotations
FROM entity_document x WHERE x.entity = :id AND x.document IN (SELECT value FROM json_each(:ids))"""
PLACES = """
SELECT place, count(*) AS documents, min(how) AS how FROM affiliation WHERE person = :id
GROUP BY place ORDER BY documents DESC, place LIMIT 20"""
TIES = """
SELECT document, 'story ' || story AS tie FROM member WHERE document IN (SELECT value FROM json_each(:ids))
UNION SELECT document, 'work ' || coalesce(other, ident) FROM link
    WHERE relation IN ('paper', 'published') AND ident <> '' AND document IN (SELECT value FROM json_each(:ids))
UNION SELECT value, 'work ' || value FROM json_each(:ids)
UNION SELECT document, 'place ' || lower(place) FROM affiliation
    WHERE person = :id AND document IN (SELECT value FROM json_each(:ids))"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """Where a text that is shown names the person."""

    document: int
    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What a document has of the person: it is theirs, quotes them, or only names them."""

    document: int
    role: str
    quotations: int

    @property
    def words(self) -> str:
        if self.role == "author":
            return "author"
        return "quoted" if self.quotations else "named"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where the person works, as documents say."""

    place: str
    documents: int
    how: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Tie:
    """Something that documents may share."""

    document: int
    tie: str


async def find_person(edition: OpenEdition, ident: Mapping[str, object], concept: str) -> Context:
    """What the template of a person needs besides that of a thing. `ident`: `id` of the person, `ids` of documents."""
    parts = await edition.rows(Part, ROLES, ident)
    return {
        "sentences": find_sentences(await edition.rows(Said, SAID, ident)),
        "parts": {part.document: part.words for part in parts},
        "places": await edition.rows(Place, PLACES, ident),
        "one_person": not is_own(concept)
        or is_one([part.document for part in parts], await edition.rows(Tie, TIES, ident)),
    }


def find_sentences(said: Iterable[Said]) -> dict[int, list[str]]:
    """The first sentences of each document that name the person."""
    found: dict[int, list[str]] = defaultdict(list)
    for one in said:
        sentence = find_sentence(one.text, one.start, one.end)
        if len(found[one.document]) < SENTENCES and sentence not in found[one.document]:
            found[one.document].append(sentence)
    return found


def is_one(documents: Sequence[int], ties: Iterable[Tie]) -> bool:
    """Whether what documents share joins all of them."""
    group = {document: document for document in documents}

    def root(document: int) -> int:
        while group[document] != document:
            document = group[document]
        return document

    first: dict[str, int] = {}
    for one in ties:
        if one.document in group:
            group[root(one.document)] = root(first.setdefault(one.tie, one.document))
    return len({root(document) for document in documents}) <= 1
