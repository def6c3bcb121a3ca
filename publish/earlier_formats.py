"""Lets the present code read editions that earlier code has made.

An edition is never changed, and one of an earlier format stays in use until the next one is published, or again when an
operator goes back. It may lack tables and columns that pages and letters ask for now. `complete` adds to a connection,
not to the file:

1. a table that the file lacks, empty;
2. for a table that lacks columns, a view of the same name with these columns: empty text or 0 where the schema wants a
   value, else nothing;
3. the views of the schema, if anything was added. (SQLite looks for a name among what was added first.)

An edition of the present format gets nothing.
"""

from __future__ import annotations

import re
import sqlite3
from collections import defaultdict
from contextlib import closing
from functools import cache
from pathlib import Path

SCHEMA = Path(__file__).parent / "edition" / "edition.sql"
COLUMNS = """
SELECT m.name, m.type, m.sql, c.name, c.type, c."notnull"
FROM sqlite_master m, pragma_table_info(m.name) c WHERE m.type IN ('table', 'view') AND m.sql NOT LIKE '%VIRTUAL%'
ORDER BY m.rowid, c.cid"""


def complete(connection: sqlite3.Connection) -> None:
    """Add what the file lacks. To be called before the connection is made read-only.

    Raises sqlite3.DatabaseError where the file is no edition at all: an empty one would look like one without news.
    """
    connection.execute("SELECT count(*) FROM document, meta LIMIT 1")
    held: dict[str, set[str]] = defaultdict(set)
    for name, *_, column, _, _ in connection.execute(COLUMNS).fetchall():
        held[name].add(column)
    added = False
    for name, (sql, columns) in _read_schema("table").items():
        lacking = {column: value for column, value in columns.items() if column not in held[name]}
        if name not in held or not held[name]:
            connection.execute(sql.replace("CREATE TABLE", "CREATE TEMP TABLE", 1))
        elif lacking:
            more = ", ".join(f'{value} AS "{column}"' for column, value in lacking.items())
            connection.execute(f'CREATE TEMP VIEW "{name}" AS SELECT *, {more} FROM main."{name}"')
        else:
            continue
        added = True
    for sql, _ in _read_schema("view").values() if added else ():
        connection.execute(sql.replace("CREATE VIEW", "CREATE TEMP VIEW", 1))


@cache
def _read_schema(kind: str) -> dict[str, tuple[str, dict[str, str]]]:
    """name -> (SQL, column -> its empty value) of the tables or the views that an edition has now."""
    found: dict[str, tuple[str, dict[str, str]]] = {}
    with closing(sqlite3.connect(":memory:")) as schema:
        schema.executescript(SCHEMA.read_text("utf-8"))
        for name, of, sql, column, type_, wanted in schema.execute(COLUMNS):
            if of == kind and not re.match(r"search_", name):  # those belong to the index
                empty = ("''" if type_ == "TEXT" else "0") if wanted else "NULL"
                found.setdefault(name, (sql, {}))[1][column] = empty
    return found
