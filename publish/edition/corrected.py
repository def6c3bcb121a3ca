"""Lays what people corrected over work.db, for as long as an edition is built from it.

Each table that a correction touches gets a view of the same name in the connection's temporary schema, which SQLite
prefers to the table. So everything that reads labels, links, notices or documents to build an edition reads them as
corrected, in this one place; work.db itself is not changed. A value that a person gave has the score 1 and names a
person and the day as what it rests on; it keeps the sentence where rules or models had found it, too.

Names (diseases, cell types …) are corrected in the edition itself (`build.py`), where they are counted.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from core.corrections import PERSON, Correction, Key, Ruling, State, find_facet, find_states, follow_records, rule
from core.facets import Kind, facets
from core.store import Store

TABLES = """
CREATE TEMP TABLE cleared (record TEXT, field TEXT, value TEXT, PRIMARY KEY (record, field, value));
CREATE TEMP TABLE said (record TEXT, field TEXT, value TEXT, day TEXT, why TEXT, PRIMARY KEY (record, field, value));
"""
SHADOWED = {  # table -> its columns of record, field and value
    "label": ("document", "facet", "value"), "link": ("src", "relation", "dst"), "fact": ("document", "kind", "value"),
}  # fmt: skip
SAID = {  # what the columns of a row hold that a person gave; the others are those of the row that it replaces
    "label": {"score": "1.0", "component": f"'{PERSON}:' || s.day"},
    "link": {
        "score": "1.0", "how": f"'{PERSON}'", "why": "'a person checked it: ' || s.why",
        "component": f"'{PERSON}:' || s.day",
    },
}  # fmt: skip
KINDS: dict[str, Kind] = {"label": "label", "link": "link"}  # table -> the facets whose values it holds
COLUMNS = ("kind", "lang", "published")  # of the document


@dataclass(frozen=True, slots=True, kw_only=True)
class Corrected:
    """The corrections of an edition: every line with its state, and what holds of each field."""

    lines: tuple[tuple[Correction, State], ...] = ()
    rulings: Mapping[Key, Ruling] = field(default_factory=dict)

    def of_kind(self, kind: Kind) -> Iterator[tuple[str, str, Ruling]]:
        """(record, field, ruling) of the fields of one kind."""
        for (record, name), ruling in sorted(self.rulings.items()):
            facet = find_facet(name)
            if facet and facet.kind == kind:
                yield record, name, ruling


@contextmanager
def corrected(work: Store, corrections: tuple[Correction, ...]) -> Iterator[Corrected]:
    """Read work.db as corrected while the block runs."""
    if not corrections:
        yield Corrected()
        return
    today = follow_records(work, corrections)
    made = Corrected(lines=tuple(zip(today, find_states(today), strict=True)), rulings=rule(today))
    for table in (*SHADOWED, "document"):
        work.key(table)  # known of the table before a view has its name
    connection = work.connection
    connection.executescript(TABLES)
    try:
        for (record, name), ruling in made.rulings.items():
            gone = [""] if ruling.exact else [*ruling.removed, *ruling.added]
            connection.executemany("INSERT INTO temp.cleared VALUES (?, ?, ?)", [(record, name, v) for v in gone])
            said = [(record, name, value, one.day, one.why) for value, one in ruling.said.items()]
            connection.executemany("INSERT INTO temp.said VALUES (?, ?, ?, ?, ?)", said)
        for table in SHADOWED:
            connection.execute(f"CREATE TEMP VIEW {table} AS {_shadow(work, table)}")
        if any(name in COLUMNS for _, name in made.rulings):
            connection.execute(f"CREATE TEMP VIEW document AS {_shadow_documents(work)}")
        yield made
    finally:
        for table in (*SHADOWED, "document"):
            connection.execute(f"DROP VIEW IF EXISTS temp.{table}")
        connection.executescript("DROP TABLE IF EXISTS temp.cleared; DROP TABLE IF EXISTS temp.said;")


def _shadow(work: Store, table: str) -> str:
    """The rows of a table that no person cleared, and those that a person gave."""
    record, name, value = (f'"{column}"' for column in SHADOWED[table])
    kept = f"""SELECT * FROM main.{table} l WHERE NOT EXISTS (SELECT 1 FROM temp.cleared c
        WHERE c.record = l.{record} AND c.field = l.{name} AND c.value IN ('', l.{value}))"""
    if table not in SAID:
        return kept
    given = dict(zip(SHADOWED[table], ("s.record", "s.field", "s.value"), strict=True)) | SAID[table]
    columns = ", ".join(
        given.get(row["name"]) or f"""coalesce(l."{row["name"]}", {"''" if row["notnull"] else "NULL"})"""
        for row in work.rows(f"PRAGMA main.table_info({table})")
    )
    names = json.dumps([facet.name for facet in facets().of_kind(KINDS[table])])
    return f"""{kept} UNION ALL SELECT {columns} FROM temp.said s LEFT JOIN main.{table} l
        ON l.{record} = s.record AND l.{name} = s.field AND l.{value} = s.value
        WHERE s.field IN (SELECT value FROM json_each('{names}'))"""


def _shadow_documents(work: Store) -> str:
    """All documents, their columns as people corrected them."""
    columns = []
    for row in work.rows("PRAGMA main.table_info(document)"):
        own = f'd."{row["name"]}"'
        said = f"(SELECT s.value FROM temp.said s WHERE s.record = d.id AND s.field = '{row['name']}')"
        columns.append(f'coalesce({said}, {own}) AS "{row["name"]}"' if row["name"] in COLUMNS else own)
    return f"SELECT {', '.join(columns)} FROM main.document d"
