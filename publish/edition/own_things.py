"""Things without a public identifier, and people: mentions and authors under own keys.

`name_own` runs before the things of an edition are counted. In order:
1. the mentions without identifier of each document are read (`own_names.py`), but for names that the document also has
   as a place;
2. the authors of papers, with their full names, are people as well. An author with initials only (Cho SG) is nobody
   whom we can tell from others, and stays in the words of the index;
3. an author with an ORCID is that person (`ORCID:…`). A mention of an author's full name, in either order, is the same
   person where its document tells the same story, or rests on that paper; else it remains a name;
4. a name that is not sure is left out unless a second source has it too, and of people anyway. Who is quoted is sure;
5. the rest go to `temp.named`, from which all things are counted, and to `temp.topic`: whether a document is about one.

`fill_people` writes where people work, as documents say it.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import TypedDict

from core.facets import facets
from core.ids import normalise
from core.store import Store
from core.text import one_line
from publish.edition.own_names import Met, is_full_name, read_names
from publish.search.own_key import PERSON, is_own, name_in, own_key

ORIGIN = "a name as the texts write it; not tied to a register"
ORCID, ORCID_ORIGIN = "ORCID:", "ORCID, as records of papers give it"
CHUNK = 500
AUTHORS = 1_000_000  # numbers from here on are authors, not mentions
UNTIED = """
SELECT m.document, m.number, m.part, m.type, m.surface, m.why FROM mention m
WHERE m.type IN (SELECT value FROM json_each(?))
    AND NOT EXISTS (SELECT 1 FROM temp.named n WHERE n.document = m.document AND n.number = m.number)
    AND NOT EXISTS (SELECT 1 FROM mention o
        WHERE o.document = m.document AND o.surface = m.surface AND o.type = 'place')
ORDER BY m.document, m.number"""
PAPERS = """
SELECT id, authors, json_extract(extra, '$.people') AS people FROM document
WHERE kind IN ('paper', 'preprint') AND id IN (SELECT value FROM json_each(?))"""
RESTS = """
SELECT src, dst FROM link WHERE relation IN ('paper', 'published') AND dst <> ''
UNION SELECT m.document, o.document FROM member m JOIN member o ON o.story = m.story
JOIN document d ON d.id = o.document WHERE d.kind IN ('paper', 'preprint') AND m.document <> o.document"""
AUTHOR_TABLES = (
    "CREATE TEMP TABLE author (paper INTEGER, concept TEXT, person TEXT)",
    "CREATE INDEX temp.author_paper ON author (paper, concept)",
    "CREATE TEMP TABLE rests (document INTEGER, paper INTEGER)",
    "CREATE INDEX temp.rests_document ON rests (document)",
)
# the person that an author of the papers of a document is; of several of one name nobody
IDENTIFY = """
WITH meant AS (SELECT o.document, o.number, min(a.person) AS person FROM temp.own o
    JOIN temp.rests r ON r.document = o.document JOIN temp.author a ON a.paper = r.paper AND a.concept = o.concept
    WHERE o.type = 'person' GROUP BY 1, 2 HAVING count(DISTINCT a.person) = 1)
UPDATE temp.own SET concept = m.person, sure = 1 FROM meant m
WHERE m.document = own.document AND m.number = own.number"""
SPOKEN = """
SELECT document, speaker, coalesce(affiliation, '') AS affiliation FROM quotation ORDER BY document, start"""
# Who did the work, or whom the title names for another reason than having paid, published or commented. Without the
# title a name that no register has weighs a mention less than others, so two mentions make no chip.
ABOUT = """
INSERT OR IGNORE INTO temp.topic
SELECT document, concept, 1, 4.0 * titled + 0.5 * min(6, times - NOT titled), role FROM (
    SELECT o.document, o.concept, m.type, count(*) AS times, max(m.part = 'title') AS titled, max(m.role) AS role,
        sum(m.role = 'did_the_work') * 2 > count(*) AS own,
        count(*) FILTER (WHERE m.role IN ('publishes', 'comments', 'funds', 'risk', 'side_effect', 'denied', 'advert'))
            * 2 > count(*) AS aside
    FROM temp.own o JOIN mention m ON m.document = o.document AND m.number = o.number
    WHERE m.type IN (SELECT value FROM json_each(?)) GROUP BY 1, 2)
WHERE own OR (titled AND NOT aside) OR (type <> 'institution' AND times > 2 AND NOT aside)"""


class PaperRow(TypedDict):
    """The authors of a paper: their names, and what its record says of each."""

    id: str
    authors: str
    people: str | None


class SpokenRow(TypedDict):
    """Somebody is quoted."""

    document: str
    speaker: str
    affiliation: str


class RestsRow(TypedDict):
    """A document that rests on a paper or tells the same story."""

    src: str
    dst: str


def name_own(edition: sqlite3.Connection, work: Store, numbers: dict[str, int]) -> None:
    """Add things without identifier, and people, to `temp.named` and `temp.topic`; `temp.own` has their names."""
    edition.execute(
        "CREATE TEMP TABLE own (document INTEGER, number INTEGER, type TEXT, concept TEXT, name TEXT, sure INTEGER,"
        " PRIMARY KEY (document, number)) WITHOUT ROWID"
    )
    edition.executemany("INSERT INTO temp.own VALUES (?, ?, ?, ?, ?, ?)", _read_mentions(edition))
    if any(facet.own == "person" for facet in facets().of_kind("type")):
        _name_authors(edition, work, numbers)
    edition.execute("CREATE INDEX temp.own_concept ON own (concept)")
    edition.execute(
        "DELETE FROM temp.own WHERE concept IN (SELECT concept FROM temp.own o JOIN document d ON d.id = o.document"
        " GROUP BY 1 HAVING NOT max(sure) AND (type = 'person' OR count(DISTINCT d.source) < 2))"
    )
    edition.execute("INSERT INTO temp.named SELECT document, number, concept FROM temp.own")
    asked = [facet.name for facet in facets().of_kind("type") if facet.own and facet.own != "person"]
    judged = edition.execute(
        "SELECT DISTINCT m.type FROM temp.named n JOIN temp.topic t ON t.document = n.document"
        " AND t.concept = n.concept JOIN mention m ON m.document = n.document AND m.number = n.number"
    ).fetchall()
    edition.execute(ABOUT, (json.dumps([type_ for (type_,) in judged if type_ in asked]),))


def _read_mentions(edition: sqlite3.Connection) -> Iterator[tuple[int, int, str, str, str, int]]:
    types = [facet.name for facet in facets().of_kind("type") if facet.own]
    rows = edition.execute(UNTIED, (json.dumps(types),))
    for document, own in groupby(rows, key=lambda row: int(row[0])):
        met = [Met(number=n, part=part, type=kind, surface=surface, why=why) for _, n, part, kind, surface, why in own]
        type_of = {one.number: one.type for one in met}
        for one in read_names(met):
            yield document, one.number, type_of[one.number], one.concept, one_line(one.name), int(one.sure)


def _name_authors(edition: sqlite3.Connection, work: Store, numbers: dict[str, int]) -> None:
    """Add the authors of papers, and tie mentions of people to them and to their ORCIDs."""
    for sql in AUTHOR_TABLES:
        edition.execute(sql)
    for row in _load_papers(work, numbers):
        said = {one_line(str(one.get("name") or "")): one for one in json.loads(row["people"] or "[]")}
        paper = numbers[row["id"]]
        edition.execute("INSERT INTO temp.rests VALUES (?, ?)", (paper, paper))
        for place, name in enumerate(dict.fromkeys([*map(one_line, json.loads(row["authors"])), *said])):
            if not is_full_name(name) or not (key := own_key(PERSON, name)):
                continue
            author = (paper, AUTHORS + place, PERSON, key, name)
            edition.execute("INSERT INTO temp.own VALUES (?, ?, ?, ?, ?, 1)", author)
            orcid = normalise("orcid", str(said.get(name, {}).get("orcid") or ""))
            person = ORCID + orcid if orcid else key
            for known in {key, own_key(PERSON, " ".join(reversed(name_in(key).split())))}:
                edition.execute("INSERT INTO temp.author VALUES (?, ?, ?)", (paper, known, person))
    for rests in work.select(RestsRow, RESTS):
        if rests["src"] in numbers and rests["dst"] in numbers:
            edition.execute("INSERT INTO temp.rests VALUES (?, ?)", (numbers[rests["src"]], numbers[rests["dst"]]))
    edition.execute(IDENTIFY)
    for spoken in work.select(SpokenRow, SPOKEN):  # who is quoted is a person
        if spoken["document"] in numbers:
            edition.execute(
                "UPDATE temp.own SET sure = 1 WHERE document = ? AND concept = ?",
                (numbers[spoken["document"]], own_key(PERSON, spoken["speaker"])),
            )


def _load_papers(work: Store, numbers: dict[str, int]) -> Iterator[PaperRow]:
    """The papers of the edition in the order of their numbers, a few hundred in memory at a time."""
    idents = list(numbers)
    for some in (idents[at : at + CHUNK] for at in range(0, len(idents), CHUNK)):
        yield from sorted(work.select(PaperRow, PAPERS, (json.dumps(some),)), key=lambda row: numbers[row["id"]])


def describe_own(edition: sqlite3.Connection) -> Iterator[tuple[str, str, str, str | None, str]]:
    """(concept, type, name, address, origin) of each; the name as most documents write it, then the longest."""
    for concept, type_, name in edition.execute(
        "SELECT concept, type, name FROM (SELECT concept, type, name, row_number() OVER (PARTITION BY concept"
        " ORDER BY count(DISTINCT document) DESC, length(name) DESC, name) AS place FROM temp.own GROUP BY 1, 2, 3)"
        " WHERE place = 1"
    ):
        orcid = not is_own(concept)
        url = f"https://orcid.org/{concept.removeprefix(ORCID)}" if orcid else None
        yield concept, type_, name, url, ORCID_ORIGIN if orcid else ORIGIN


def add_authors(edition: sqlite3.Connection) -> None:
    """Papers of people who are entities: a row for each author that the text does not name besides."""
    edition.execute(
        "INSERT INTO entity_document SELECT e.id, d.day, d.id, 1, NULL, 0.1, 'author', NULL FROM temp.own o"
        " JOIN entity e ON e.concept = o.concept JOIN document d ON d.id = o.document WHERE o.number >= ?"
        " ON CONFLICT DO UPDATE SET role = 'author'",
        (AUTHORS,),
    )


def fill_people(edition: sqlite3.Connection, work: Store, numbers: dict[str, int]) -> None:
    """Where people work: as records of papers and as texts that quote them say."""
    people: dict[tuple[int, str], int] = {
        (document, key): entity
        for document, name, entity in edition.execute(
            "SELECT o.document, o.name, e.id FROM temp.own o JOIN entity e ON e.concept = o.concept"
            " WHERE o.type = 'person'"
        )
        if (key := own_key(PERSON, name))
    }
    said = [*_read_affiliations(work, numbers), *_read_spoken(work, numbers)]
    edition.executemany(
        "INSERT OR IGNORE INTO affiliation VALUES (?, ?, ?, ?)",
        [
            (people[document, key], document, place, how)
            for document, key, place, how in said
            if (document, key) in people and place
        ],
    )


def _read_affiliations(work: Store, numbers: dict[str, int]) -> Iterable[tuple[int, str, str, str]]:
    for row in _load_papers(work, numbers):
        for one in json.loads(row["people"] or "[]"):
            for place in one.get("affiliations") or ():
                yield (
                    numbers[row["id"]],
                    own_key(PERSON, str(one.get("name") or "")),
                    one_line(str(place)).rstrip(" .;,"),
                    "the record of the paper",
                )


def _read_spoken(work: Store, numbers: dict[str, int]) -> Iterable[tuple[int, str, str, str]]:
    for row in work.select(SpokenRow, SPOKEN):
        if row["document"] in numbers:
            yield numbers[row["document"]], own_key(PERSON, row["speaker"]), one_line(row["affiliation"]), "the text"
