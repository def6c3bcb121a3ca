"""Guards the connections that readers' SQL runs on.

Every connection has an authorizer and limits. The file is opened immutable, so writing needs no guard; refused are
ATTACH, functions that make large values out of nothing, pragmas that tell about the machine, and virtual tables that
read raw pages. FTS5 prepares statements of its own through the same authorizer (an over-broad one ends in "vtable
constructor failed"), which is why this is a list of what is refused and not of what is allowed. `instr`, `replace`
and `trim` are replaced by Python's, which take linear time: SQLite's take quadratic time inside one opcode, where no
time limit reaches.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from typing import Any

LENGTH = 1_000_000  # bytes of any value; texts are cut to far less when an edition is built
LIMITS = {
    sqlite3.SQLITE_LIMIT_LENGTH: LENGTH,
    sqlite3.SQLITE_LIMIT_SQL_LENGTH: 50_000,
    sqlite3.SQLITE_LIMIT_LIKE_PATTERN_LENGTH: 200,
    sqlite3.SQLITE_LIMIT_COMPOUND_SELECT: 50,
    sqlite3.SQLITE_LIMIT_EXPR_DEPTH: 200,
    sqlite3.SQLITE_LIMIT_ATTACHED: 0,
}
# SQLite refuses this by its own limit; raising inside a function would be printed as a defect
TOO_LONG = " " * (LENGTH + 1)
FUNCTIONS = {  # refused
    "load_extension", "printf", "format", "randomblob", "zeroblob", "fts3_tokenizer", "readfile", "writefile", "edit",
    "json_patch", "sqlite_compileoption_get", "sqlite_compileoption_used", "sqlite_source_id",
}  # fmt: skip
PRAGMAS = {  # allowed: what Datasette and FTS5 ask for
    "table_info", "table_xinfo", "foreign_key_list", "index_list", "index_info", "index_xinfo", "schema_version",
    "data_version", "cache_size", "query_only", "page_count", "page_size", "encoding",
}  # fmt: skip
TABLES = {"sqlite_dbpage", "dbstat", "sqlite_stmt", "bytecode", "tables_used"}  # refused


def guard(connection: sqlite3.Connection) -> None:
    """Put functions, limits and authorizer on a connection."""
    for (name, arguments), function in LINEAR.items():
        connection.create_function(name, arguments, _without_nulls(function), deterministic=True)
    for limit, value in LIMITS.items():
        connection.setlimit(limit, value)
    connection.execute("PRAGMA query_only = 1")
    connection.set_authorizer(authorize)


def authorize(action: int, first: str | None, second: str | None, database: str | None, trigger: str | None) -> int:
    """Whether SQLite may do one thing that a statement needs."""
    if action in (sqlite3.SQLITE_ATTACH, sqlite3.SQLITE_DETACH):
        return sqlite3.SQLITE_DENY
    if action == sqlite3.SQLITE_FUNCTION and second and second.lower() in FUNCTIONS:
        return sqlite3.SQLITE_DENY
    if action == sqlite3.SQLITE_PRAGMA and first and first.lower() not in PRAGMAS:
        return sqlite3.SQLITE_DENY
    if action == sqlite3.SQLITE_READ and first and first.lower() in TABLES:
        return sqlite3.SQLITE_DENY
    return sqlite3.SQLITE_OK


def _without_nulls(function: Callable[..., Any]) -> Callable[..., Any]:
    """As SQLite's functions behave: no value in, no value out."""

    def guarded(*values: object) -> object:
        if any(value is None for value in values):
            return None
        return function(*(value if isinstance(value, bytes) else str(value) for value in values))

    return guarded


def _replace(text: str, old: str, new: str) -> str:
    if not old:
        return text
    if len(text) + text.count(old) * (len(new) - len(old)) > LENGTH:
        return TOO_LONG
    return text.replace(old, new)


LINEAR: dict[tuple[str, int], Callable[..., Any]] = {
    ("instr", 2): lambda text, part: text.find(part) + 1 if type(text) is type(part) else 0,
    ("replace", 3): _replace,
    ("trim", 2): lambda text, signs: text.strip(signs) if signs else text,
    ("ltrim", 2): lambda text, signs: text.lstrip(signs) if signs else text,
    ("rtrim", 2): lambda text, signs: text.rstrip(signs) if signs else text,
}
