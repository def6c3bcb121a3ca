"""Journals by what records of the literature say of them: one ISSN-L, every ISSN, names and abbreviations.

Two records with an ISSN or a name in common speak of one journal. Its ISSN-L is the one that most records give; without
any, its ISSNs stand alone. What is found is put beside the journals that the documents of the edition name.
"""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from dataclasses import dataclass, field

from core.store import Store
from core.text import one_line
from publish.search.fts import name_key

RECORDS = """
SELECT json_extract(extra, '$.journal') AS journal, json_extract(extra, '$.abbreviation') AS abbreviation,
       json_extract(extra, '$.issnl') AS issnl, json_extract(extra, '$.issn') AS issn
FROM document WHERE kind IN ('paper', 'preprint') AND json_extract(extra, '$.journal') <> '' ORDER BY id"""


@dataclass(slots=True)
class Journal:
    """What records say of one journal; `keys` are its folded names and abbreviations."""

    keys: set[str] = field(default_factory=set)
    issnl: Counter[str] = field(default_factory=Counter)
    issn: Counter[str] = field(default_factory=Counter)
    abbreviations: Counter[str] = field(default_factory=Counter)
    records: int = 0

    def take(self, other: Journal) -> None:
        self.keys |= other.keys
        self.issnl += other.issnl
        self.issn += other.issn
        self.abbreviations += other.abbreviations
        self.records += other.records


def fill_journals(edition: sqlite3.Connection, work: Store) -> None:
    """The table `journal`: one row for each journal that is an entity of the edition and that records describe."""
    entities = dict(edition.execute("SELECT name, entity FROM alias WHERE type = 'journal'"))
    rows: dict[int, Journal] = {}
    for journal in find_journals(work):
        named = sorted({entities[key] for key in journal.keys if key in entities})
        if named:
            rows.setdefault(named[0], Journal()).take(journal)
    for entity, journal in sorted(rows.items()):
        edition.execute(
            "INSERT INTO journal VALUES (?, ?, ?, ?, ?)",
            (entity, _most(journal.issnl), json.dumps(sorted(journal.issn)),
             json.dumps(sorted(journal.abbreviations), ensure_ascii=False), journal.records),
        )  # fmt: skip


def find_journals(work: Store) -> list[Journal]:
    """Journals of the literature at hand."""
    by_key: dict[str, Journal] = {}
    for row in work.rows(RECORDS):
        names = [one_line(str(name)) for name in (row["journal"], row["abbreviation"]) if name]
        said = json.loads(row["issn"]) if str(row["issn"] or "").startswith("[") else row["issn"]
        issns = [str(one).upper() for one in (said if isinstance(said, list) else [said]) if one]
        new = Journal(
            keys={name_key(name) for name in names}, issn=Counter(issns), records=1,
            issnl=Counter([str(row["issnl"]).upper()] if row["issnl"] else []), abbreviations=Counter(names[1:]),
        )  # fmt: skip
        handles = [*new.keys, *new.issn, *new.issnl]
        for held in {id(by_key[one]): by_key[one] for one in handles if one in by_key}.values():
            new.take(held)
        for one in (*new.keys, *new.issn, *new.issnl):
            by_key[one] = new
    return list({id(journal): journal for journal in by_key.values()}.values())


def _most(counts: Counter[str]) -> str | None:
    return min(counts, key=lambda one: (-counts[one], one)) if counts else None
