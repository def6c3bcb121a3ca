"""Swaps editions under a running site, and guards the connections that readers' SQL runs on.

Swap. Readers see one database, `stemwire`. Which file it is, is decided at the beginning of each request: if
`current.db` points elsewhere than before, the new file and its sidecar are opened and take the place of the old in
one assignment. A request (a page of many queries, a long CSV) stays on the file it began on; when the last request on
a replaced file has ended, its connections are closed. Counts and sizes come from the sidecar, so that nothing is
counted. The path is never told: `Database.path` is the edition's name.

Guard. Every connection has an authorizer and limits. The file is opened immutable, so writing needs no guard;
refused are ATTACH, functions that make large values out of nothing, pragmas that tell about the machine, and virtual
tables that read raw pages. FTS5 prepares statements of its own through the same authorizer (an over-broad one ends in
"vtable constructor failed"), which is why this is a list of what is refused and not of what is allowed. `instr`,
`replace` and `trim` are replaced by Python's, which take linear time: SQLite's take quadratic time inside one opcode,
where no time limit reaches.
"""

import asyncio
import contextlib
import contextvars
import json
import sqlite3
import threading
from urllib.parse import quote

from datasette import hookimpl
from datasette.database import Database, QueryInterrupted, Results
from datasette.utils import sqlite_timelimit

NAME = "stemwire"
LENGTH = 1_000_000  # bytes of any value; texts are cut to far less when an edition is built
ANSWER = 8_000_000  # characters of all rows of one answer; a thousand rows of a megabyte would be too many
LIMITS = {
    sqlite3.SQLITE_LIMIT_LENGTH: LENGTH,
    sqlite3.SQLITE_LIMIT_SQL_LENGTH: 50_000,
    sqlite3.SQLITE_LIMIT_LIKE_PATTERN_LENGTH: 200,
    sqlite3.SQLITE_LIMIT_COMPOUND_SELECT: 50,
    sqlite3.SQLITE_LIMIT_EXPR_DEPTH: 200,
    sqlite3.SQLITE_LIMIT_ATTACHED: 0,
}
TOO_LONG = " " * (
    LENGTH + 1
)  # SQLite refuses it by its own limit; raising inside a function would be printed as a defect
FUNCTIONS = {  # refused
    "load_extension", "printf", "format", "randomblob", "zeroblob", "fts3_tokenizer", "readfile", "writefile", "edit",
    "json_patch", "sqlite_compileoption_get", "sqlite_compileoption_used", "sqlite_source_id",
}  # fmt: skip
PRAGMAS = {  # allowed: what Datasette and FTS5 ask for
    "table_info", "table_xinfo", "foreign_key_list", "index_list", "index_info", "index_xinfo", "schema_version",
    "data_version", "cache_size", "query_only", "page_count", "page_size", "encoding",
}  # fmt: skip
TABLES = {"sqlite_dbpage", "dbstat", "sqlite_stmt", "bytecode", "tables_used"}

pinned = contextvars.ContextVar("edition of this request", default=None)


class EditionFile:
    """One file: its facts, its connections (one per thread), and how many requests are on it."""

    def __init__(self, ds, path):
        self.ds, self.path = ds, path
        self.facts = json.loads(path.with_suffix(".json").read_text("utf-8"))
        self.requests, self.retired = 0, False
        self._local, self._connections, self._lock = threading.local(), [], threading.Lock()

    def connection(self):
        """This thread's connection."""
        found = getattr(self._local, "connection", None)
        if found is None:
            address = f"file:{quote(str(self.path))}?mode=ro&immutable=1"
            found = sqlite3.connect(address, uri=True, check_same_thread=False)
            self.ds._prepare_connection(found, NAME)
            self._local.connection = found
            with self._lock:
                self._connections.append(found)
        return found

    @contextlib.contextmanager
    def request(self):
        """The request that is being answered stays on this file."""
        with self._lock:
            self.requests += 1
        token = pinned.set(self)
        try:
            yield self
        finally:
            pinned.reset(token)
            with self._lock:
                self.requests -= 1
            self.close_if_done()

    def retire(self):
        """Close when the last request has ended: at once if there is none."""
        self.retired = True
        self.close_if_done()

    def close_if_done(self):
        with self._lock:
            if not self.retired or self.requests:
                return
            for connection in self._connections:
                connection.close()
            self._connections.clear()


class EditionDatabase(Database):
    """The database that readers see: whatever edition is current, or the one their request began on."""

    def __init__(self, ds, find_path):
        super().__init__(ds, path=NAME, is_mutable=False)
        self._find_path = find_path
        self._file = EditionFile(ds, find_path())
        self._swapping = threading.Lock()

    @property
    def file(self):
        return pinned.get() or self._file

    def begin(self):
        """The file that a new request is answered from; looks whether there is a newer one."""
        path = self._find_path()
        if path is not None and path != self._file.path:
            with self._swapping:
                if path != self._file.path:
                    old, self._file = self._file, EditionFile(self.ds, path)
                    old.retire()
        return self._file

    async def execute_fn(self, fn):
        file = self.file
        return await asyncio.get_running_loop().run_in_executor(self.ds.executor, lambda: fn(file.connection()))

    async def execute(self, sql, params=None, truncate=False, custom_time_limit=None, page_size=None, **rest):
        """As the library does it; a reader's query (`truncate`) also ends when its rows have grown to ANSWER bytes."""
        if not truncate:
            try:
                return await super().execute(sql, params, False, custom_time_limit, page_size, **rest)
            except sqlite3.DatabaseError as error:
                raise _plain(error) from error
        most = self.ds.max_returned_rows + (self.ds.max_returned_rows == (page_size or self.ds.page_size))

        def read(connection):
            limit = min(custom_time_limit or self.ds.sql_time_limit_ms, self.ds.sql_time_limit_ms)
            with sqlite_timelimit(connection, limit):
                try:
                    cursor = connection.execute(sql, params if params is not None else {})
                    kept, size = [], 0
                    for row in cursor:
                        if len(kept) == most or size > ANSWER:
                            return Results(kept, True, cursor.description)
                        kept.append(row)
                        size += sum(len(cell) for cell in row if isinstance(cell, str | bytes))
                    return Results(kept, False, cursor.description)
                except sqlite3.DatabaseError as error:
                    if error.args == ("interrupted",):
                        raise QueryInterrupted(error, sql, params) from error
                    raise _plain(error) from error

        return await self.execute_fn(read)

    def close(self):
        self._file.retire()

    async def attached_databases(self):
        return []

    @property
    def facts(self):
        return self.file.facts

    @property
    def cached_table_counts(self):
        return {name: told["count"] for name, told in self.facts["tables"].items()}

    @property
    def hash(self):
        return self.facts["sha256"]

    @property
    def size(self):
        return self.facts["size"]

    @property
    def mtime_ns(self):
        return None


def _plain(error):
    """What the guards refuse is the reader's mistake: the library answers 400 to an OperationalError, else 500."""
    return error if isinstance(error, sqlite3.OperationalError) else sqlite3.OperationalError(str(error))


def find_path(facts):
    """The file of the edition to serve; None while the link is being mended by hand."""
    if facts.pinned is not None:
        return facts.pinned
    link = facts.editions / "current.db"
    try:
        path = facts.editions / link.readlink()
    except OSError:
        return None
    return path if path.is_file() and path.with_suffix(".json").is_file() else None


def authorize(action, first, second, _database, _trigger):
    if action == sqlite3.SQLITE_FUNCTION and second and second.lower() in FUNCTIONS:
        return sqlite3.SQLITE_DENY
    if action == sqlite3.SQLITE_PRAGMA and first and first.lower() not in PRAGMAS:
        return sqlite3.SQLITE_DENY
    if action == sqlite3.SQLITE_READ and first and first.lower() in TABLES:
        return sqlite3.SQLITE_DENY
    if action in (sqlite3.SQLITE_ATTACH, sqlite3.SQLITE_DETACH):
        return sqlite3.SQLITE_DENY
    return sqlite3.SQLITE_OK


def _linear(function):
    """As SQLite's functions behave: no value in, no value out."""

    def guarded(*values):
        if any(value is None for value in values):
            return None
        return function(*(value if isinstance(value, bytes) else str(value) for value in values))

    return guarded


def _replace(text, old, new):
    if not old:
        return text
    if len(text) + text.count(old) * (len(new) - len(old)) > LENGTH:
        return TOO_LONG
    return text.replace(old, new)


FASTER = {
    ("instr", 2): lambda text, part: text.find(part) + 1 if type(text) is type(part) else 0,
    ("replace", 3): _replace,
    ("trim", 2): lambda text, signs: text.strip(signs) if signs else text,
    ("ltrim", 2): lambda text, signs: text.lstrip(signs) if signs else text,
    ("rtrim", 2): lambda text, signs: text.rstrip(signs) if signs else text,
}


@hookimpl
def prepare_connection(conn, database):
    if database != NAME:
        return
    for (name, arguments), function in FASTER.items():
        conn.create_function(name, arguments, _linear(function), deterministic=True)
    for limit, value in LIMITS.items():
        conn.setlimit(limit, value)
    conn.execute("PRAGMA query_only = 1")
    conn.set_authorizer(authorize)


@hookimpl
def startup(datasette):
    facts = getattr(datasette, "stemwire", None)
    if facts is None:
        raise RuntimeError("start the site with `pipeline.py serve`: it says where the editions are")
    database = EditionDatabase(datasette, lambda: find_path(facts))
    database.name = database.route = NAME
    # no _memory database: readers' SQL has one place to run
    datasette.databases = {"_internal": datasette.databases["_internal"], NAME: database}


@hookimpl
def get_metadata(datasette, key, database, table):
    """Descriptions of tables and columns are the comments of the schema, by way of the sidecar."""
    found = datasette.databases.get(NAME)
    if not isinstance(found, EditionDatabase):
        return {}
    about, columns = found.facts["about"], found.facts["columns"]
    tables = {name: {"description": text, "columns": columns[name]} for name, text in about.items()}
    return {"databases": {NAME: {"tables": tables}}}
