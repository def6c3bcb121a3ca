"""The rows of one table that one input gave: replaced as a whole, and never those of another input."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from core.errors import StageError
from core.store import Store, as_row


def replace_rows(
    store: Store, table: str, owner: str | None, key: str, records: Sequence[object], takes: frozenset[str]
) -> str | None:
    """Save what the input `key` gives now and delete what it gave before. Returns a note on rows that others own.

    `owner` is the column that names the input; None: rows are only ever added. `takes`: ids that change their owner.
    """
    columns = store.key(table)
    wanted: set[tuple[Any, ...]] = set()
    where = " AND ".join(f'"{name}" = :{name}' for name in columns)
    note = None
    for record in records:
        row = as_row(record)
        if owner is not None:
            if row[owner] != key:
                raise StageError(f"{table} row of {row[owner]!r} came out of {key!r}", where=table)
            known = store.one(f'SELECT "{owner}" AS owner FROM "{table}" WHERE {where}', row)
            if known and known["owner"] != key and row[columns[0]] not in takes:
                note = f"{table} {row[columns[0]]} is already held from {known['owner']}"
                continue
        store.save(record)
        wanted.add(tuple(row[name] for name in columns))
    if owner is None:
        return note
    names = ", ".join(f'"{name}"' for name in columns)
    for old in store.rows(f'SELECT {names} FROM "{table}" WHERE "{owner}" = ?', (key,)):
        if tuple(old.values()) not in wanted:
            store.execute(f'DELETE FROM "{table}" WHERE {where}', old)
    return note
