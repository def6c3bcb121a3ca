"""Fills the tables of an edition from work.db. `edition.sql` lists every table and column that may be published.

In order:
1. documents in scope, numbered by the day of publication (or the day first seen, if no date is known), with the text
   that their licence allows (`rights.py`). A document whose label `scope` is `out` is left out; one that its source has
   withdrawn becomes a tombstone;
2. `entities.py`, `statements.py`, `names.py`, `journals.py`. All of it is read as people corrected it (`corrected.py`);
3. `nights.py`: when each document came in and last changed; and counts, made once here so that no page has to count;
4. the index of words.
`fill` does all but the index and returns a fingerprint of the content: an unchanged night can stop there.
"""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

from sqlite_utils import Database

from core.corrections import Correction
from core.dictionary import parse_schema
from core.errors import PublishError
from core.facets import facets
from core.records import Document, FormerId, Mention, Source
from core.store import Store
from core.text import fingerprint, one_line, slug
from publish.edition.corrected import corrected
from publish.edition.corrections import correct_entities, fill_corrections, name_corrected
from publish.edition.counts import fill_counted
from publish.edition.declared import fill_declared
from publish.edition.entities import COUNTED, fill_entities
from publish.edition.facet_values import TONIGHT, fill_document_facets, find_filters, find_values
from publish.edition.front import fill_front
from publish.edition.institution_kinds import fill_institution_kinds
from publish.edition.journals import fill_journals
from publish.edition.names import ThingTags, Words, fill_names
from publish.edition.nights import KNOWN_SINCE, Nights, OrderRow, PlaceInTime, fill_nights, find_places, load_nights
from publish.edition.own_things import fill_people
from publish.edition.paper_life import fill_paper_lives
from publish.edition.rights import find_quotes, find_shown, http
from publish.edition.source_nights import fill_source_nights
from publish.edition.statements import fill_statements
from publish.edition.story_summary import fill_story_summaries
from publish.edition.thing_pages import fill_thing_pages
from publish.edition.trial_records import fill_trial_records
from publish.edition.watch_lists import fill_watch
from publish.edition.work_statuses import fill_work_statuses
from publish.record_words import find_record_words
from publish.search.fold import fold_words
from publish.search.fts import author_tags, tag_of

SCHEMA = Path(__file__).with_name("edition.sql")
FORMAT = "10"  # raise it when the same work.db should give another edition
CHUNK = 500
NOT_CONTENT = frozenset({"meta", "word_near", "watch", "night", "source_night", "source_health", "front"})
PAIRS = 40
IN_SCOPE = "NOT EXISTS (SELECT 1 FROM label l WHERE l.document = d.id AND l.facet = 'scope' AND l.value = 'out')"
LABELLED_ANY = """
SELECT count(DISTINCT document) FROM labelled WHERE facet = ? AND value IN (SELECT value FROM json_each(?))"""
LABELLED = "SELECT value, count(*) FROM labelled WHERE facet = ? GROUP BY value"


@dataclass(frozen=True, slots=True, kw_only=True)
class Filled:
    """The result of `fill`."""

    content: str  # fingerprint of the rows of all tables
    documents: int


class Count(TypedDict):
    """The number of rows of a table."""

    count: int


class Description(TypedDict):
    """The tables of an edition, as its sidecar describes them."""

    tables: dict[str, Count]
    about: dict[str, str]  # table -> its comment
    columns: dict[str, dict[str, str]]  # table -> column -> its comment


class GoneRow(TypedDict):
    """A document that its source has withdrawn."""

    id: str
    title: str
    source: str
    url: str
    published: str | None


class AppearanceRow(TypedDict):
    """Another source in which a document appeared."""

    document: str
    source: str
    url: str | None


class VersionRow(TypedDict):
    """An earlier text of a document."""

    document: str
    replaced: str
    retitled: int


def fill(edition: sqlite3.Connection, work: Store, corrections: tuple[Correction, ...] = ()) -> Filled:
    """All tables of a new edition, except the index. Raises PublishError."""
    edition.executescript(SCHEMA.read_text("utf-8"))
    edition.execute("CREATE TEMP TABLE named (document INTEGER, number INTEGER, concept TEXT)")
    edition.execute("CREATE UNIQUE INDEX temp.named_key ON named (document, number)")
    edition.execute("BEGIN")
    try:
        with corrected(work, corrections) as people:
            nights = load_nights(work)
            words = Words()
            numbers = _fill_documents(edition, work, nights, words)
            name_corrected(edition, numbers, people)
            fill_entities(edition, work, numbers)
            correct_entities(edition, numbers, people)
            fill_statements(edition, work, numbers, nights)
            fill_work_statuses(edition, work, numbers)
            fill_names(edition, work, words)
            fill_journals(edition, work)
            fill_people(edition, work, numbers)
            fill_declared(edition, work, numbers)
            fill_institution_kinds(edition)
            fill_trial_records(edition, work, numbers)
            fill_paper_lives(edition, work, numbers)
            fill_thing_pages(edition, work, numbers)
            fill_corrections(edition, work, numbers, people)
            fill_story_summaries(edition, work)
        fill_nights(edition)
        fill_source_nights(edition, work, nights)
        fill_watch(edition)
        fill_front(edition)
        _fill_counts(edition)
        fill_counted(edition)
        fill_document_facets(edition)
    except sqlite3.IntegrityError as error:
        raise PublishError("two rows would have the same key in the edition", where=str(work.path)) from error
    edition.execute("COMMIT")
    return Filled(content=_fingerprint_rows(edition), documents=len(numbers))


def index(edition: sqlite3.Connection, work: Store) -> None:
    """Fill the index of words from the whole texts. It can be searched but not read."""
    tags, things = _make_tags(edition), ThingTags(edition)
    numbers = {row[0]: row[1] for row in edition.execute("SELECT ident, id FROM document")}
    edition.execute("BEGIN")
    for document in _load_documents(work, sorted(numbers, key=lambda ident: numbers[ident])):
        number = numbers[document.id]
        body = [document.text, document.summary if document.summary not in document.text else ""]
        body += [*document.authors, str(document.extra.get("journal") or ""), *find_record_words(document.extra)]
        edition.execute(
            "INSERT INTO search (rowid, title, body, tags) VALUES (?, ?, ?, ?)",
            (
                number,
                fold_words(document.title),
                fold_words("\n".join(body)),
                " ".join((tags[number], *things.of(number), author_tags(document.authors))),
            ),
        )
    edition.execute("INSERT INTO search (search) VALUES ('optimize')")
    edition.execute("COMMIT")


def describe(edition: sqlite3.Connection) -> Description:
    """The number of rows of each table, and the comments of the schema on tables and columns."""
    tables = [table for table in parse_schema(SCHEMA.read_text("utf-8")) if table.name != "search"]
    return {
        "tables": {
            table.name: {"count": Database(edition, execute_plugins=False)[table.name].count}
            for table in sorted(tables, key=lambda table: table.name)
        },
        "about": {table.name: table.about for table in tables},
        "columns": {table.name: {column.name: column.about for column in table.columns} for table in tables},
    }


def _fill_documents(edition: sqlite3.Connection, work: Store, nights: Nights, words: Words) -> dict[str, int]:
    """Sources, documents and tombstones. Returns the number of each document by its id."""
    sources = {source.id: source for source in work.load(Source)}
    order = work.select(
        OrderRow,
        "SELECT id, coalesce(substr(published, 1, 10), substr(first_seen, 1, 10)) AS day, first_seen, source"
        f" FROM document d WHERE state = 'current' AND {IN_SCOPE} ORDER BY day, first_seen, id",
    )
    counts = Counter(row["source"] for row in order)
    newest_of = {row["source"]: row["day"] for row in order}  # the last one of each source wins, and days ascend
    for source in sources.values():
        edition.execute(
            "INSERT INTO source VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (source.id, source.name, source.kind, source.country, source.lang, source.about, source.licence,
             http(source.home), counts[source.id], newest_of.get(source.id)),
        )  # fmt: skip
    unknown = {row["source"] for row in order} - set(sources)
    if unknown:
        raise PublishError(f"documents of undeclared sources: {', '.join(sorted(unknown))}", where=str(work.path))
    numbers = {row["id"]: number for number, row in enumerate(order, 1)}
    places = find_places(order, nights)
    for document in _load_documents(work, list(numbers)):
        words.count(document)
        _fill_document(edition, work, document, numbers[document.id], places[document.id], sources[document.source])
    _fill_appearances(edition, work, numbers)
    _fill_former_keys(edition, work)
    for row in work.select(
        GoneRow,
        f"SELECT id, title, source, url, published FROM document d WHERE state = 'gone' AND {IN_SCOPE} ORDER BY id",
    ):
        if row["source"] in sources:
            edition.execute(
                "INSERT INTO tombstone VALUES (?, ?, ?, ?, ?, ?)",
                (key_of(row["id"]), slug(row["title"], 60), row["source"], one_line(row["title"]),
                 http(row["url"]) or "", row["published"]),
            )  # fmt: skip
    return numbers


def _fill_document(
    edition: sqlite3.Connection, work: Store, document: Document, number: int, when: PlaceInTime, source: Source
) -> None:
    shown = find_shown(licence=document.licence, kind=document.kind, text=document.text, summary=document.summary)
    mentions = work.load(Mention, "document = ?", (document.id,))
    journal = document.extra.get("journal")
    row = {
        "id": number, "day": when.day, "kind": document.kind, "title": one_line(document.title),
        "source": document.source, "country": source.country, "lang": document.lang or source.lang,
        "url": http(document.url) or "",
        "authors": json.dumps([one_line(name) for name in document.authors], ensure_ascii=False),
        "journal": one_line(str(journal)) if journal else None, "published": document.published,
        "published_from": document.published_from, "first_seen": document.first_seen,
        "night": when.night, "arrived": when.arrived, "changed": document.first_seen, "moved": when.night,
        "tonight": int(when.tonight), "licence": document.licence, "translated": document.translated,
        "basis": document.basis,
        "words": len(document.text.split()), "terms": len({m.concept for m in mentions if m.concept}),
        "month": when.day[:7], "dates": json.dumps(document.dates, ensure_ascii=False), "ident": document.id,
        "key": key_of(document.id), "slug": slug(document.title, 60),
    }  # fmt: skip
    names = ", ".join(f'"{name}"' for name in row)
    edition.execute(f"INSERT INTO document ({names}) VALUES ({', '.join(f':{name}' for name in row)})", row)
    if shown.text:
        edition.execute(
            "INSERT INTO document_text VALUES (?, ?, ?, ?)", (number, shown.text, shown.part, int(shown.cut))
        )
    elif document.licence == "headline-and-link":
        for place, quote in enumerate(find_quotes(document.text, mentions)):
            edition.execute(
                "INSERT INTO quote VALUES (?, ?, ?, ?, ?)", (number, place, quote.text, quote.start, quote.end)
            )
    schemes = {facet.name for facet in facets().of_kind("scheme")}  # pages call titles and journals identifiers too
    for scheme in sorted(schemes & set(document.identifiers)):
        for value in document.identifiers[scheme]:
            edition.execute("INSERT OR IGNORE INTO identifier VALUES (?, ?, ?)", (number, scheme, str(value)))
    for place, m in enumerate(sorted(mentions, key=lambda m: (m.part != "title", m.start, m.end, m.type))):
        fits = m.part == "title" or (shown.offsets and m.end <= len(shown.text))
        edition.execute(
            "INSERT INTO mention VALUES (?, ?, ?, ?, ?, ?, ?, NULL, ?, ?, ?)",
            (number, place, m.part, m.start if fits else None, m.end if fits else None, m.type.lower(),
             one_line(m.surface), m.score, m.why, m.role),
        )  # fmt: skip
        if m.concept:
            edition.execute("INSERT INTO temp.named VALUES (?, ?, ?)", (number, place, m.concept))


def _fill_appearances(edition: sqlite3.Connection, work: Store, numbers: dict[str, int]) -> None:
    """The other places where a document appeared, and when its page changed."""
    for row in work.select(
        AppearanceRow,
        "SELECT a.document, a.source, a.url FROM appearance a JOIN document d ON d.id = a.document"
        " WHERE a.entry <> d.entry AND a.source IN (SELECT id FROM source) ORDER BY 1, 2, 3",
    ):
        url = http(row["url"])
        if row["document"] in numbers and url:
            edition.execute(
                "INSERT OR IGNORE INTO appearance VALUES (?, ?, ?)", (numbers[row["document"]], row["source"], url)
            )
    for version in work.select(
        VersionRow,
        "SELECT v.document, v.replaced, v.title <> d.title AS retitled FROM version v"
        " JOIN document d ON d.id = v.document ORDER BY 1, 2",
    ):
        if version["document"] in numbers:
            edition.execute(
                "INSERT OR IGNORE INTO version VALUES (?, ?, ?)",
                (numbers[version["document"]], version["replaced"], version["retitled"]),
            )


def _fill_former_keys(edition: sqlite3.Connection, work: Store) -> None:
    """Names of documents before. One that is in use again leads nowhere else."""
    for former in work.load(FormerId, "id NOT IN (SELECT id FROM document)"):
        edition.execute(
            "INSERT OR IGNORE INTO former_key VALUES (?, ?, ?)",
            (key_of(former.id), key_of(former.document), int(former.first)),
        )


def _fill_counts(edition: sqlite3.Connection) -> None:
    """The counts that pages would otherwise make each time."""
    edition.execute(
        "INSERT INTO entity_month SELECT entity, substr(day, 1, 7), count(*) FROM entity_document"
        f" WHERE {COUNTED} GROUP BY 1, 2"
    )
    edition.execute(
        f"""INSERT INTO entity_pair SELECT entity, place, other, documents FROM (
            SELECT entity, other, documents,
                row_number() OVER (PARTITION BY entity ORDER BY documents DESC, other) AS place
            FROM (SELECT a.entity, b.entity AS other, count(*) AS documents FROM entity_document a
                  JOIN entity_document b ON b.document = a.document AND b.entity <> a.entity
                  WHERE a.{COUNTED} AND b.{COUNTED} GROUP BY 1, 2)
        ) WHERE place <= {PAIRS}"""
    )
    counts: Counter[tuple[str, str]] = Counter()
    labels: dict[tuple[str, str], str] = {}
    for name, facet in find_filters("column"):
        for value, documents in edition.execute(f'SELECT "{facet.name}", count(*) FROM document GROUP BY 1'):
            if value:
                counts[name, value] = documents
    [(documents,)] = edition.execute("SELECT count(*) FROM document WHERE tonight = 1")
    counts["night", TONIGHT] = documents
    labels |= {("source", row[0]): row[1] for row in edition.execute("SELECT id, name FROM source")}
    for name, facet in find_filters("label", "status"):
        for value, documents in edition.execute(LABELLED, (facet.name,)):
            counts[name, value] = documents
    filter_of = {facet.name: name for name, facet in find_filters("type")}
    for type_, concept, name, documents in edition.execute(
        "SELECT type, concept, name, documents FROM entity WHERE documents > 0"
    ):
        if type_ in filter_of:
            counts[filter_of[type_], concept] = documents
            labels[filter_of[type_], concept] = name
    spellings: dict[str, list[tuple[str, str]]] = {}  # of one tag: `Spinal Cord Injury` and `spinal cord injury`
    for filter_, value in sorted(counts):
        spellings.setdefault(tag_of(filter_, value), []).append((filter_, value))
    for tag, spelled in spellings.items():
        filter_, value = max(spelled, key=counts.__getitem__)
        documents = counts[filter_, value]
        if len(spelled) > 1:
            asked = (facets().filters[filter_].name, json.dumps([other for _, other in spelled]))
            [(documents,)] = edition.execute(LABELLED_ANY, asked)
        shown = labels.get((filter_, value), value)
        edition.execute("INSERT INTO facet VALUES (?, ?, ?, ?, ?)", (filter_, value, shown, tag, documents))


def _make_tags(edition: sqlite3.Connection) -> dict[int, str]:
    """The words of the column `tags`, by document number."""
    tags = {number: ["all_", *some] for number, some in find_values(edition).items()}
    for number, moved in edition.execute("SELECT id, moved FROM document"):
        tags[number].append(tag_of("moved", moved))
    for number, scheme, value in edition.execute("SELECT document, scheme, value FROM identifier"):
        tags[number].append(tag_of(scheme, value))
    return {number: " ".join(words) for number, words in tags.items()}


def _load_documents(work: Store, idents: list[str]) -> Iterator[Document]:
    """Documents in the order of `idents`, a few hundred in memory at a time."""
    for some in (idents[i : i + CHUNK] for i in range(0, len(idents), CHUNK)):
        loaded = work.load(Document, "id IN (SELECT value FROM json_each(?))", (json.dumps(some),))
        found = {document.id: document for document in loaded}
        yield from (found[ident] for ident in some)


def _fingerprint_rows(edition: sqlite3.Connection) -> str:
    """A fingerprint of every row of every table but meta, so that it does not depend on the time.

    The index, `word_near` and `watch` are left out: they are made from other tables and the texts. So are columns and
    tables that say when something became known (`nights.py`, `front.py`), and how sources answered: a
    rebuild of work.db knows less of that, and an edition that says the same otherwise is not published again.
    """
    parts = [FORMAT, fingerprint(SCHEMA.read_text("utf-8"))]
    for table in sorted(Database(edition, execute_plugins=False).table_names()):
        if table in NOT_CONTENT or table.startswith(("search", "sqlite_")):
            continue
        total = fingerprint(table)
        columns = [row[1] for row in edition.execute(f'PRAGMA table_info("{table}")') if row[1] not in KNOWN_SINCE]
        asked = ", ".join(f'"{column}"' for column in columns)
        for row in edition.execute(f'SELECT {asked} FROM "{table}" ORDER BY {", ".join("123"[: len(columns)])}'):
            total = fingerprint(total, json.dumps(list(row), ensure_ascii=False))
        parts.append(total)
    return fingerprint(*parts)


def key_of(ident: str) -> str:
    """The stable name of a document in addresses: twelve characters."""
    return fingerprint(ident)[1:13]


def read_meta(edition: sqlite3.Connection) -> dict[str, str]:
    """The rows of `meta`: values by name."""
    return dict(edition.execute("SELECT name, value FROM meta"))
