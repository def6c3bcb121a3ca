"""Fills the tables that the pages of things read: names in all languages, documents by kind, figures, who works where.

It runs after `names.py` and `own_things.py`. Each list is cut to what a page shows, so that a page reads a few rows
however much is written about a thing. In order:
1. `thing_name`: the names of a thing, and of what is wider than one, with their languages; the preferred name first;
2. `thing_kind`, `thing_newest`: how many documents of each kind are about it, and the newest of them;
3. `thing_figure`: figures whose sentence names the thing, by the places of both in the text;
4. `workplace`: who works at an institution: of what records and texts say of where a person works, a part between
   commas that is a name of that institution and of no other.
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping

from core.records import Document, Figure, Mention
from core.store import Store
from publish.edition.entities import COUNTED
from publish.search.fold import name_key

NAMES, NEWEST, FIGURES, PEOPLE = 30, 6, 8, 12
CHUNK = 500
NAMED = """
SELECT concept, name, lang, how FROM concept_name
WHERE concept IN (SELECT value FROM json_each(?)) AND how <> 'used'
ORDER BY concept, how <> 'label', how = 'short', lang <> 'en', lang, name"""
KINDS = f"""
INSERT INTO thing_kind SELECT x.entity, d.kind, count(*) FROM entity_document x JOIN document d ON d.id = x.document
WHERE x.{COUNTED} GROUP BY 1, 2"""
OF_KIND = f"""
INSERT INTO thing_newest SELECT entity, kind, place, document FROM (SELECT x.entity, d.kind, x.document,
    row_number() OVER (PARTITION BY x.entity, d.kind ORDER BY x.day DESC, x.document DESC) AS place
    FROM entity_document x JOIN document d ON d.id = x.document WHERE x.{COUNTED})
WHERE place <= {NEWEST}"""
AFFILIATED = """
SELECT x.place, x.person, x.document FROM affiliation x ORDER BY 1, 2, 3"""
INSTITUTION = """
SELECT DISTINCT entity FROM alias
WHERE name = ? AND type = 'institution' AND senses = 1 AND entity IS NOT NULL LIMIT 2"""


def fill_thing_pages(edition: sqlite3.Connection, work: Store, numbers: Mapping[str, int]) -> None:
    """All tables of this module. `numbers` of the documents by id."""
    _fill_names(edition, work)
    edition.execute(KINDS)
    edition.execute(OF_KIND)
    _fill_figures(edition, work, numbers)
    _fill_workplaces(edition)


def _fill_names(edition: sqlite3.Connection, work: Store) -> None:
    rows = edition.execute("SELECT concept FROM entity UNION SELECT wider FROM wider ORDER BY 1").fetchall()
    concepts = [row[0] for row in rows]
    for some in (concepts[at : at + CHUNK] for at in range(0, len(concepts), CHUNK)):
        places: Counter[str] = Counter()
        for concept, name, lang, how in work.connection.execute(NAMED, (json.dumps(some),)):
            places[concept] += 1
            if places[concept] <= NAMES:
                edition.execute(
                    "INSERT INTO thing_name VALUES (?, ?, ?, ?, ?)", (concept, places[concept], name, lang, how)
                )


def _fill_figures(edition: sqlite3.Connection, work: Store, numbers: Mapping[str, int]) -> None:
    """The newest figures of each thing; of one document and sentence each value once."""
    named = _find_named(edition)
    found: dict[int, list[tuple[int, int]]] = defaultdict(list)
    idents = [row[0] for row in work.connection.execute("SELECT DISTINCT document FROM figure ORDER BY 1")]
    for ident in sorted((one for one in idents if one in numbers), key=lambda one: -numbers[one]):
        number = numbers[ident]
        concepts = named.get(number)
        if concepts is None:
            continue
        [document] = work.load(Document, "id = ?", (ident,))
        mentions = sorted(
            work.load(Mention, "document = ?", (ident,)), key=lambda m: (m.part != "title", m.start, m.end, m.type)
        )
        told: set[tuple[int, float, str]] = set()
        figures = work.load(Figure, "document = ?", (ident,))
        for at, figure in enumerate(sorted(figures, key=lambda one: (one.part == "text", one.start))):
            start, end = find_span(document.title if figure.part == "title" else document.text, figure)
            for place, mention in enumerate(mentions):
                entity = concepts.get(place)
                if entity is None or mention.part != figure.part or not start <= mention.start < end:
                    continue
                same = (entity, figure.value, figure.subject)
                if same not in told and len(found[entity]) < FIGURES:
                    told.add(same)
                    found[entity].append((number, at))
    for entity, some in sorted(found.items()):
        edition.executemany(
            "INSERT INTO thing_figure VALUES (?, ?, ?, ?)",
            [(entity, place, document, at) for place, (document, at) in enumerate(some, 1)],
        )


def _find_named(edition: sqlite3.Connection) -> dict[int, dict[int, int]]:
    """Document with figures -> place of the mention -> number of the thing."""
    found: dict[int, dict[int, int]] = defaultdict(dict)
    for document, place, entity in edition.execute(
        "SELECT document, number, entity FROM mention WHERE entity IS NOT NULL"
        " AND document IN (SELECT DISTINCT document FROM figure)"
    ):
        found[document][place] = entity
    return dict(found)


def find_span(text: str, figure: Figure) -> tuple[int, int]:
    """Where the sentence of a figure is written: the figure itself, where the text has the sentence otherwise."""
    words = figure.sentence.split()
    if words:
        pattern = re.compile(r"\s+".join(map(re.escape, words)))
        for match in pattern.finditer(text, max(0, figure.start - 2 * len(figure.sentence) - 200)):
            if match.start() <= figure.start < match.end():
                return match.span()
            if match.start() > figure.start:
                break
    return figure.start, figure.end


def _fill_workplaces(edition: sqlite3.Connection) -> None:
    known: dict[str, set[int]] = {}
    people: dict[int, dict[int, set[int]]] = defaultdict(lambda: defaultdict(set))
    for place, person, document in edition.execute(AFFILIATED).fetchall():
        if place not in known:
            known[place] = set(_find_institutions(edition, place))
        for entity in known[place]:
            people[entity][person].add(document)
    for entity, some in sorted(people.items()):
        order = sorted(some.items(), key=lambda one: (-len(one[1]), -max(one[1]), one[0]))
        edition.executemany(
            "INSERT INTO workplace VALUES (?, ?, ?, ?)",
            [(entity, place, person, len(documents)) for place, (person, documents) in enumerate(order[:PEOPLE], 1)],
        )


def _find_institutions(edition: sqlite3.Connection, place: str) -> Iterator[int]:
    """The institutions that an address names."""
    for part in re.split(r"[,;]\s*", place):
        entity = _find_institution(edition, part)
        if entity is not None:
            yield entity


def _find_institution(edition: sqlite3.Connection, name: str) -> int | None:
    """The only institution of a name."""
    rows = edition.execute(INSTITUTION, (name_key(name, "institution"),)).fetchall()
    return int(rows[0][0]) if len(rows) == 1 else None
