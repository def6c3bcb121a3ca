"""Journals as the records of papers describe them: one ISSN-L, every ISSN, names and abbreviations.

Two records with an ISSN or a name in common are about one journal. Its ISSN-L is the one that most records give; it may
have none. The result is stored for the journals that documents of the edition mention.
"""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from dataclasses import dataclass, field
from typing import TypedDict

from core.store import Store
from core.text import one_line
from publish.search.fold import exact_key

RECORDS = """
SELECT json_extract(extra, '$.journal') AS journal, json_extract(extra, '$.abbreviation') AS abbreviation,
       json_extract(extra, '$.issnl') AS issnl, json_extract(extra, '$.issn') AS issn
FROM document WHERE kind IN ('paper', 'preprint') AND json_extract(extra, '$.journal') <> '' ORDER BY id"""


class RecordRow(TypedDict):
    """What the record of a paper contains about its journal. `issn` may be a JSON array."""

    journal: str
    abbreviation: str | None
    issnl: str | None
    issn: str | None


@dataclass(slots=True)
class Journal:
    """One journal as the records describe it. `keys` are its normalised names and abbreviations."""

    keys: set[str] = field(default_factory=set)
    issnl: Counter[str] = field(default_factory=Counter)
    issn: Counter[str] = field(default_factory=Counter)
    abbreviations: Counter[str] = field(default_factory=Counter)
    records: int = 0

    def add(self, other: Journal) -> None:
        """Add what is known of the same journal from other records."""
        self.keys |= other.keys
        self.issnl += other.issnl
        self.issn += other.issn
        self.abbreviations += other.abbreviations
        self.records += other.records


def fill_journals(edition: sqlite3.Connection, work: Store) -> None:
    """Fill the table `journal`: one row for each journal that is an entity of the edition and has records."""
    entities = dict(edition.execute("SELECT name, entity FROM alias WHERE type = 'journal' AND entity IS NOT NULL"))
    rows: dict[int, Journal] = {}
    for journal in find_journals(work):
        named = sorted({entities[key] for key in journal.keys if key in entities})
        if named:
            rows.setdefault(named[0], Journal()).add(journal)
    for entity, journal in sorted(rows.items()):
        edition.execute(
            "INSERT INTO journal VALUES (?, ?, ?, ?, ?)",
            (entity, _find_most_frequent(journal.issnl), json.dumps(sorted(journal.issn)),
             json.dumps(sorted(journal.abbreviations), ensure_ascii=False), journal.records),
        )  # fmt: skip


def find_journals(work: Store) -> list[Journal]:
    """All journals of the papers and preprints in work.db."""
    by_key: dict[str, Journal] = {}
    for row in work.select(RecordRow, RECORDS):
        names = [one_line(name) for name in (row["journal"], row["abbreviation"]) if name]
        given = json.loads(row["issn"]) if row["issn"] and row["issn"].startswith("[") else row["issn"]
        issns = [str(one).upper() for one in (given if isinstance(given, list) else [given]) if one]
        new = Journal(
            keys={exact_key(name) for name in names}, issn=Counter(issns), records=1,
            issnl=Counter([row["issnl"].upper()] if row["issnl"] else []), abbreviations=Counter(names[1:]),
        )  # fmt: skip
        handles = [*new.keys, *new.issn, *new.issnl]
        for held in {id(by_key[one]): by_key[one] for one in handles if one in by_key}.values():
            new.add(held)
        for one in (*new.keys, *new.issn, *new.issnl):
            by_key[one] = new
    return list({id(journal): journal for journal in by_key.values()}.values())


def _find_most_frequent(counts: Counter[str]) -> str | None:
    return min(counts, key=lambda one: (-counts[one], one)) if counts else None
