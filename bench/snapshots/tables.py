"""Rows of a database, without what changes from run to run.

`Plain` replaces the values that two runs of the same code never share: the run's folders, ports, times within the
hours of a night (ISO 8601, compact, RFC 822, for people), and the digests of editions, which are over such times.
All else is kept, so a difference is a difference of results. Decisions, in order: tables of SQLite itself and the
shadow tables of a full-text index are left out; the index is read as the counts of each term; columns of durations
(`seconds`) are left out; bytes become their SHA-256.
"""

from __future__ import annotations

import hashlib
import re
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from urllib.parse import quote

Value = str | int | float | None
Row = dict[str, Value]

DURATIONS = {"seconds"}
SHADOWS = ("data", "idx", "content", "docsize", "config")
COLON = "(?::|%3A|~3A)"  # as it is, in an address, in an address of Datasette
HOURS = "0[2-5]"  # a night starts at 03:00, its subscriptions are made at 02:00


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """What one table held after one night."""

    name: str  # database and table: work.entry
    columns: tuple[str, ...]
    rows: list[Row]
    view: bool = False


@dataclass(slots=True)
class Plain:
    """Replaces what varies between two runs; `replace` adds a literal of the run (a folder, an address)."""

    days: Sequence[date]
    literals: dict[str, str] = field(default_factory=dict)
    pattern: re.Pattern[str] = field(init=False)

    def __post_init__(self) -> None:
        forms = []
        for day in self.days:
            clock = rf"{HOURS}{COLON}\d\d(?:{COLON}\d\d)?(?:\.\d+)?"
            forms += [
                rf"{day.day} {day:%B %Y}, {clock} UTC",
                rf"{day.isoformat()}(?:T|%20| |, ){clock}(?:Z|\+00:00| UTC)?",
                rf"{day:%Y%m%d}T?{HOURS}\d{{4}}Z?(?:-\d+)?",
                rf"{day:%a, %d %b %Y} {clock} (?:GMT|[+-]0000)",
            ]
        self.pattern = re.compile("|".join(forms))

    def replace(self, literal: str, name: str) -> None:
        self.literals[literal] = name

    def text(self, text: str) -> str:
        for literal, name in self.literals.items():
            text = text.replace(literal, name)
        return self.pattern.sub("<night>", text)

    def value(self, value: Value | bytes) -> Value:
        if isinstance(value, bytes):
            return f"sha256:{hashlib.sha256(value).hexdigest()}"
        return self.text(value) if isinstance(value, str) else value


def read_tables(path: Path, database: str, plain: Plain) -> Iterator[Table]:
    """Every table and view of the file, by name. Raises sqlite3.Error if it cannot be read."""
    with closing(sqlite3.connect(f"file:{quote(str(path))}?mode=ro", uri=True)) as connection:
        found: list[tuple[str, str, str]] = connection.execute(
            "SELECT name, type, coalesce(sql, '') FROM sqlite_master WHERE type IN ('table', 'view')"
            " AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name"
        ).fetchall()
        indexes = [name for name, _, sql in found if sql.upper().startswith("CREATE VIRTUAL TABLE")]
        hidden = {f"{index}_{shadow}" for index in indexes for shadow in SHADOWS}
        for name, kind, _ in found:
            if name in hidden:
                continue
            if name in indexes:
                yield _terms(connection, database, name)
                continue
            cursor = connection.execute(f'SELECT * FROM "{name}"')
            yield _table(cursor, f"{database}.{name}", plain, view=kind == "view")


def _table(cursor: sqlite3.Cursor, name: str, plain: Plain, *, view: bool) -> Table:
    columns = [column[0] for column in cursor.description]
    kept = [number for number, column in enumerate(columns) if column not in DURATIONS]
    rows = [{columns[number]: plain.value(row[number]) for number in kept} for row in cursor]
    return Table(name=name, columns=tuple(columns[number] for number in kept), rows=rows, view=view)


def _terms(connection: sqlite3.Connection, database: str, index: str) -> Table:
    """A full-text index as (term, column, documents, occurrences): it may hold no text to select."""
    connection.execute("DROP TABLE IF EXISTS temp.same_rows_terms")
    connection.execute(f"CREATE VIRTUAL TABLE temp.same_rows_terms USING fts5vocab('main', '{index}', 'col')")
    columns = ("term", "col", "doc", "cnt")
    rows: list[Row] = [
        dict(zip(columns, row, strict=True))
        for row in connection.execute("SELECT term, col, doc, cnt FROM temp.same_rows_terms")
    ]
    return Table(name=f"{database}.{index}", columns=columns, rows=rows)
