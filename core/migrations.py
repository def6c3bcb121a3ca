"""Brings a database file to the schema of `core/schema/NAME.sql`.

A new file is made from that text. An older file gets the migrations that it lacks: the SQL files
`core/schema/migrations/NAME/0001_what_it_does.sql`, numbered from 1 without gaps, in order. The file keeps the
number of the newest one in `PRAGMA user_version`. All that a file lacks is applied in one transaction, so that a
process that dies or fails leaves the file as it was; a second process waits and finds nothing left to do.

A change of schema is therefore two edits: the text in `core/schema/`, and a new migration that takes yesterday's
file there. A test compares a new file with an old one that was migrated. Migrations that are out are never edited.
A statement may span lines, and a line ends one statement at most. `fingerprint(text, …)` of core.text can be called.
`migrations/work/0002_duplicates_and_retractions.sql` shows how tables, stages and what refers to them are renamed;
`CREATE VIEW old_name AS SELECT * FROM new_name` lets an old name answer.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path

from core.errors import StoreError

SCHEMAS = Path(__file__).with_name("schema")


def find_migrations(schema: str, folder: Path = SCHEMAS) -> list[Path]:
    """The migrations of a schema in order; the number of a file is its place, from 1."""
    return sorted((folder / "migrations" / schema).glob("*.sql"))


def bring_up(connection: sqlite3.Connection, schema: str, folder: Path = SCHEMAS) -> list[str]:
    """Make the schema in an empty file, or migrate an older one. Returns the names of what was applied.

    `connection` is in autocommit mode. Raises StoreError when a newer version of this program wrote the file, and
    sqlite3.DatabaseError, with the name of the migration, when one fails; the file is then as it was.
    """
    migrations = find_migrations(schema, folder)
    if not _is_empty(connection) and _version(connection) == len(migrations):
        return []
    connection.execute("BEGIN IMMEDIATE")
    try:
        version = _version(connection)  # read again: another process may have been first
        if _is_empty(connection):
            due, applied = [folder / f"{schema}.sql"], []
        else:
            due = migrations[version:]
            applied = [path.stem for path in due]
        if version > len(migrations):
            raise StoreError(
                f"{schema}.db has version {version}, and this program knows {len(migrations)}",
                hint="a newer version of this program wrote it: update the program",
            )
        for path in due:
            _execute(connection, path)
        connection.execute(f"PRAGMA user_version = {len(migrations)}")
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:  # a full disk has already rolled back by itself
            connection.execute("ROLLBACK")
        raise
    return applied


def _is_empty(connection: sqlite3.Connection) -> bool:
    tables = connection.execute("SELECT count(*) FROM sqlite_master WHERE name NOT LIKE 'sqlite_%'").fetchone()[0]
    return bool(tables == 0)


def _version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def _execute(connection: sqlite3.Connection, path: Path) -> None:
    """Every statement of a file, inside the open transaction (`executescript` would commit it first)."""
    statement = ""
    try:
        for line in path.read_text("utf-8").splitlines(keepends=True):
            statement += line
            if sqlite3.complete_statement(statement):
                connection.execute(statement)
                statement = ""
        connection.execute(statement)  # a last comment, or a statement without its semicolon
    except sqlite3.Error as error:
        raise type(error)(f"{path.parent.name}/{path.name}: {error}") from error
