"""The store: the only module that opens SQLite databases, besides migrations and the builder of editions.

A store is one file with one schema (`raw`, `work` or `letters`), opened in WAL mode with a busy timeout. Reads
are queries; every write happens inside `with store.writing():`, which begins with BEGIN IMMEDIATE (a read
that turns into a write fails at once, whatever the timeout) and ends with all of it or nothing. Records are
saved by their natural key; tuples and dicts become JSON text.
"""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import fields
from functools import cache
from pathlib import Path
from typing import Any, TypeVar, cast
from urllib.parse import quote

from sqlite_utils import Database

from core import clock, migrations
from core.errors import StoreError
from core.records import TABLES, Issue, Json, Run
from core.text import fingerprint

R = TypeVar("R")
TABLE_OF = {record: table for table, record in TABLES.items()}
SPACE_NEEDED = 64 * 1024 * 1024  # bytes that must be free before a write begins


class Store:
    """One database file. `path` is what errors name."""

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        self.path, self.connection = path, connection

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        self.connection.close()

    def rows(self, sql: str, parameters: Mapping[str, Any] | Sequence[Any] = ()) -> list[Json]:
        """All rows of a query as dicts."""
        try:
            return [dict(row) for row in self.connection.execute(sql, parameters)]
        except sqlite3.DatabaseError as error:
            raise _named(error, self.path) from error

    def select(self, shape: type[R], sql: str, parameters: Mapping[str, Any] | Sequence[Any] = ()) -> list[R]:
        """All rows of a query as a TypedDict. Raises StoreError when the columns are not the keys of `shape`."""
        rows = self.rows(sql, parameters)
        if rows and rows[0].keys() != shape.__annotations__.keys():
            differ = ", ".join(sorted(rows[0].keys() ^ shape.__annotations__.keys()))
            raise StoreError(f"{shape.__name__} and its query differ in {differ}", where=str(self.path))
        return cast(list[R], rows)

    def first(self, shape: type[R], sql: str, parameters: Mapping[str, Any] | Sequence[Any] = ()) -> R | None:
        """The first row of a query as a TypedDict, or None. Raises StoreError like `select`."""
        rows = self.select(shape, sql, parameters)
        return rows[0] if rows else None

    def one(self, sql: str, parameters: Mapping[str, Any] | Sequence[Any] = ()) -> Json | None:
        """The first row, or None."""
        rows = self.rows(sql, parameters)
        return rows[0] if rows else None

    def value(self, sql: str, parameters: Mapping[str, Any] | Sequence[Any] = ()) -> Any:  # noqa: ANN401  what the query selects
        """The first column of the first row. Raises StoreError if there is no row."""
        row = self.one(sql, parameters)
        if row is None:
            raise StoreError(f"no row for {sql!r}", where=str(self.path))
        return next(iter(row.values()))

    @contextmanager
    def writing(self) -> Iterator[None]:
        """A transaction: all or nothing. Raises StoreError if one is open or the disk is almost full."""
        free = shutil.disk_usage(self.path.parent).free
        if free < SPACE_NEEDED:
            raise StoreError(
                f"{free // 2**20} MiB left on the disk",
                where=str(self.path),
                hint="free some space; nothing was lost",
            )
        try:
            self.connection.execute("BEGIN IMMEDIATE")
        except sqlite3.DatabaseError as error:
            raise _named(error, self.path) from error
        try:
            yield
            self.connection.execute("COMMIT")
        except BaseException as error:
            if self.connection.in_transaction:  # a full disk has already rolled back by itself
                self.connection.execute("ROLLBACK")
            if isinstance(error, sqlite3.DatabaseError):
                raise _named(error, self.path) from error
            raise

    def execute(self, sql: str, parameters: Mapping[str, Any] | Sequence[Any] = ()) -> int:
        """One statement inside `writing()`. Returns the number of rows touched."""
        if not self.connection.in_transaction:
            raise StoreError("a write outside of a transaction", where=str(self.path))
        return self.connection.execute(sql, parameters).rowcount

    def save(self, *records: object) -> None:
        """Upsert records by primary key, inside `writing()`."""
        for record in records:
            table = TABLE_OF[type(record)]
            row = as_row(record)
            key = self.key(table)
            names = ", ".join(f'"{name}"' for name in row)
            marks = ", ".join(f":{name}" for name in row)
            changes = ", ".join(f'"{name}" = excluded."{name}"' for name in row if name not in key)
            conflict = ""
            if key:
                columns = ", ".join(f'"{name}"' for name in key)
                conflict = f" ON CONFLICT ({columns}) DO " + (f"UPDATE SET {changes}" if changes else "NOTHING")
            self.execute(f'INSERT INTO "{table}" ({names}) VALUES ({marks}){conflict}', row)

    def load(self, record: type[R], where: str = "1", parameters: Mapping[str, Any] | Sequence[Any] = ()) -> list[R]:
        """Records of a type that answer a WHERE clause, in the order of their key."""
        table = TABLE_OF[record]
        order = ", ".join(f'"{name}"' for name in self.key(table)) or "rowid"
        rows = self.rows(f'SELECT * FROM "{table}" WHERE {where} ORDER BY {order}', parameters)
        return [as_record(record, row) for row in rows]

    def key(self, table: str) -> tuple[str, ...]:
        """Names of a table's primary key columns; empty for a log."""
        found = _keys.get((str(self.path), table))
        if found is None:
            made = Database(self.connection, execute_plugins=False)[table]
            if not made.exists():
                raise StoreError(f"no table {table}", where=str(self.path), hint="an older file? run any command once")
            found = () if made.use_rowid else tuple(made.pks)
            _keys[(str(self.path), table)] = found
        return found

    def raise_issue(self, run: Run, *, kind: str, subject: str, text: str, source: str | None = None) -> None:
        """Report a problem to the operator. The same source, kind and subject update one row. Inside `writing()`."""
        issue = Issue(
            id=fingerprint(source or "", kind, subject), source=source, kind=kind, subject=subject, text=text,
            first_seen=run.id, last_seen=run.id,
        )  # fmt: skip
        known = self.one("SELECT first_seen, resolved FROM issue WHERE id = ?", (issue.id,))
        if known and known["resolved"] is None:
            self.execute("UPDATE issue SET text = ?, last_seen = ? WHERE id = ?", (text, run.id, issue.id))
        else:
            self.save(issue)

    def resolve_issues(self, run: Run, *, kinds: Iterable[str], source: str | None = None, subject: str = "") -> int:
        """Close open issues of these kinds that this run did not see again. Inside `writing()`."""
        marks = json.dumps(list(kinds))
        return self.execute(
            "UPDATE issue SET resolved = :run WHERE resolved IS NULL AND last_seen <> :run"
            " AND kind IN (SELECT value FROM json_each(:kinds)) AND (:source IS NULL OR source = :source)"
            " AND (:subject = '' OR subject = :subject)",
            {"run": run.id, "kinds": marks, "source": source, "subject": subject},
        )


_keys: dict[tuple[str, str], tuple[str, ...]] = {}


def open_store(path: Path, schema: str, *, attach: Mapping[str, Path] | None = None) -> Store:
    """Open (or make) a database file of one of our schemas, migrated.

    `attach` (schema -> file) adds others, migrated too, for reading only.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        connection = sqlite3.connect(path, timeout=30, isolation_level=None, uri=True)
        connection.row_factory = sqlite3.Row
        connection.execute("PRAGMA busy_timeout = 30000")
        connection.execute("PRAGMA journal_mode = WAL")
        # the outbox must survive a power cut; elsewhere the last commits can be made again
        connection.execute(f"PRAGMA synchronous = {'FULL' if schema == 'letters' else 'NORMAL'}")
        if schema == "letters":  # what people deleted must not be left in the bytes of the file
            connection.execute("PRAGMA secure_delete = ON")
        connection.create_function("fingerprint", -1, fingerprint, deterministic=True)
        migrations.bring_up(connection, schema)
        for name, other in (attach or {}).items():
            if other.exists():  # today's queries read it, so it needs today's schema
                open_store(other, name).connection.close()
            connection.execute(f"ATTACH DATABASE ? AS {name}", (f"file:{other}?mode=ro",))
    except sqlite3.DatabaseError as error:
        raise _named(error, path) from error
    return Store(path, connection)


def open_to_read(path: Path, schema: str, *, attach: Mapping[str, Path] | None = None) -> Store:
    """Open a database for a command that only reads: migrate it, then open it read-only."""
    open_store(path, schema, attach=attach).connection.close()
    try:
        store = Store(path, _connect_to_read(path))
        for name, other in (attach or {}).items():
            store.connection.execute(f"ATTACH DATABASE ? AS {name}", (f"file:{quote(str(other))}?mode=ro",))
    except sqlite3.DatabaseError as error:
        raise _named(error, path) from error
    return store


def _connect_to_read(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(f"file:{quote(str(path))}?mode=ro", timeout=30, isolation_level=None, uri=True)
    connection.row_factory = sqlite3.Row
    connection.create_function("fingerprint", -1, fingerprint, deterministic=True)
    return connection


def open_view(path: Path, tables: Collection[str]) -> Store:
    """Open a database for reading these tables only: any other table, and any change, raises StoreError."""
    try:
        connection = _connect_to_read(path)
    except sqlite3.DatabaseError as error:
        raise _named(error, path) from error
    allowed = frozenset(tables)

    def decide(action: int, table: str | None, column: str | None, *_rest: str | None) -> int:
        function = (table or "").startswith("json_") or (table, column) == ("sqlite_master", "ROWID")  # json_each …
        shown = action != sqlite3.SQLITE_READ or not table or table in allowed or function
        return sqlite3.SQLITE_OK if shown else sqlite3.SQLITE_DENY

    connection.set_authorizer(decide)
    return Store(path, connection)


def as_row(record: object) -> Json:
    """A record as a row for SQLite."""
    return {field.name: _plain(getattr(record, field.name)) for field in fields(record)}  # type: ignore[arg-type]


def as_record(record: type[R], row: Mapping[str, Any]) -> R:
    """A row as a record. Raises KeyError where a column is missing."""
    shaped = _json_fields(record)  # type: ignore[arg-type]  # a class is hashable; mypy says it of no TypeVar
    values = {}
    for field in fields(record):  # type: ignore[arg-type]
        value = row[field.name]
        if field.name in shaped and isinstance(value, str):
            value = json.loads(value)
            value = tuple(value) if isinstance(value, list) else value
        values[field.name] = value
    return record(**values)


@cache
def _json_fields(record: type) -> frozenset[str]:
    return frozenset(f.name for f in fields(record) if str(f.type).startswith(("tuple[", "Json")))


def _plain(value: object) -> object:
    return json.dumps(value, ensure_ascii=False, sort_keys=True) if isinstance(value, tuple | dict) else value


def _named(error: sqlite3.DatabaseError, path: Path) -> StoreError:
    """A StoreError for an error of SQLite, with a hint on what to do."""
    text = str(error)
    if "full" in text:
        return StoreError("the disk is full", where=str(path), hint="free some space and run again; nothing was lost")
    if "locked" in text:
        return StoreError("another process holds the database", where=str(path), hint="wait for it to end")
    if "malformed" in text or "not a database" in text:
        return StoreError("the file is damaged", where=str(path), hint="restore it, or `rebuild` if it is work.db")
    return StoreError(text, where=str(path))


def new_run(store: Store, command: str, recorded: str | None = None) -> Run:
    """Store the beginning of a run."""
    moment = clock.now()
    number, ident = 0, clock.compact(moment)
    while store.one("SELECT 1 FROM run WHERE id = ?", (ident,)):
        number += 1
        ident = f"{clock.compact(moment)}-{number}"
    run = Run(id=ident, command=command, started=clock.stamp(moment), recorded=recorded)
    with store.writing():
        store.save(run)
    return run
