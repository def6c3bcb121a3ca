"""The database that readers see. This module is the one that reaches into Datasette's own parts.

Readers see one database, `stemwire`. Which file it is, is decided at the beginning of each request: if `current.db`
points elsewhere than before, the new file and its sidecar are opened and take the place of the old in one assignment.
An edition that has lost its size or its sidecar is not opened: the newest that is whole takes its place.
A request (a page of many queries, a long CSV) stays on the file it began on; when the last request on a replaced file
has ended, its connections are closed. Counts and sizes come from the sidecar, so that nothing is counted. No page
says where the file is: `Database.path` is only the name.

A reader's query also ends when its rows have grown to ANSWER characters; `publish.pages.sql_guard` does the rest.
"""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import json
import sqlite3
import threading
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote

import datasette.app  # first: it registers handle_exception, which has lost its hooks when it is imported before
import datasette.handle_exception
from datasette.database import Database, QueryInterrupted, Results
from datasette.utils import sqlite_timelimit

from publish.earlier_formats import complete
from publish.edition.damage import find_servable
from publish.pages.datasette_parts import NAME, Site, SiteSettings

ANSWER = 8_000_000  # characters of all rows of one answer; a thousand rows of a megabyte would be too many
T = TypeVar("T")

pinned: contextvars.ContextVar[EditionFile | None] = contextvars.ContextVar("edition of this request", default=None)


class EditionFile:
    """One file: its facts, its connections (one per thread), and how many requests are on it."""

    def __init__(self, site: Site, path: Path) -> None:
        self.site, self.path = site, path
        self.facts: dict[str, Any] = json.loads(path.with_suffix(".json").read_text("utf-8"))
        self.requests, self.retired = 0, False
        self._local, self._lock = threading.local(), threading.Lock()
        self._connections: list[sqlite3.Connection] = []

    def connection(self) -> sqlite3.Connection:
        """This thread's connection."""
        found: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if found is None:
            address = f"file:{quote(str(self.path))}?mode=ro&immutable=1"
            found = sqlite3.connect(address, uri=True, check_same_thread=False)
            complete(found)
            self.site._prepare_connection(found, NAME)
            self._local.connection = found
            with self._lock:
                self._connections.append(found)
        return found

    @contextlib.contextmanager
    def request(self) -> Iterator[EditionFile]:
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

    def retire(self) -> None:
        """Close when the last request has ended, or immediately if no request is open."""
        self.retired = True
        self.close_if_done()

    def close_if_done(self) -> None:
        with self._lock:
            if not self.retired or self.requests:
                return
            for connection in self._connections:
                connection.close()
            self._connections.clear()


class EditionDatabase(Database):
    """The database that readers see: whatever edition is current, or the one their request began on."""

    def __init__(self, site: Site) -> None:
        super().__init__(site, path=NAME, is_mutable=False)
        self.name = self.route = NAME
        self.site = site
        path = find_path(site.stemwire)
        if path is None:
            raise RuntimeError("there is no edition to serve")  # make_site has looked
        self._file = EditionFile(site, path)
        self._swapping = threading.Lock()

    @property
    def file(self) -> EditionFile:
        return pinned.get() or self._file

    def begin(self) -> EditionFile:
        """The file that a new request is answered from; looks whether there is a newer one."""
        path = find_path(self.site.stemwire)
        if path is not None and path != self._file.path:
            with self._swapping:
                if path != self._file.path:
                    old, self._file = self._file, EditionFile(self.site, path)
                    old.retire()
        return self._file

    async def execute_fn(self, fn: Callable[[sqlite3.Connection], T]) -> T:
        file = self.file
        return await asyncio.get_running_loop().run_in_executor(self.site.executor, lambda: fn(file.connection()))

    async def execute(
        self,
        sql: str,
        params: Mapping[str, object] | None = None,
        truncate: bool = False,
        custom_time_limit: int | None = None,
        page_size: int | None = None,
        **rest: object,
    ) -> Results:
        """As the library does it; a reader's query (`truncate`) also ends when its rows have grown to ANSWER."""
        if not truncate:
            try:
                return await super().execute(sql, params, False, custom_time_limit, page_size, **rest)
            except sqlite3.DatabaseError as error:
                raise _plain(error) from error
        site = self.site
        most = site.max_returned_rows + (site.max_returned_rows == (page_size or site.page_size))
        limit = min(custom_time_limit or site.sql_time_limit_ms, site.sql_time_limit_ms)
        return await self.execute_fn(lambda connection: _read(connection, sql, params or {}, most, limit))

    def close(self) -> None:
        self._file.retire()

    async def attached_databases(self) -> list[object]:
        return []

    @property
    def facts(self) -> dict[str, Any]:
        """What the sidecar says."""
        return self.file.facts

    @property
    def cached_table_counts(self) -> dict[str, int]:
        return {name: table["count"] for name, table in self.facts["tables"].items()}

    @property
    def hash(self) -> str:
        return str(self.facts["sha256"])

    @property
    def size(self) -> int:
        return int(self.facts["size"])

    @property
    def mtime_ns(self) -> None:
        return None


def _read(connection: sqlite3.Connection, sql: str, params: Mapping[str, object], most: int, limit: int) -> Results:
    """At most `most` rows within `limit` milliseconds. Raises QueryInterrupted, OperationalError."""
    with sqlite_timelimit(connection, limit):
        try:
            cursor = connection.execute(sql, params)
            kept: list[sqlite3.Row] = []
            size = 0
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


def _plain(error: sqlite3.DatabaseError) -> sqlite3.OperationalError:
    """What the guard refuses is the reader's mistake: the library answers 400 to an OperationalError, else 500."""
    return error if isinstance(error, sqlite3.OperationalError) else sqlite3.OperationalError(str(error))


def find_path(settings: SiteSettings) -> Path | None:
    """The file of the edition to serve; None while no stored one is whole."""
    return settings.pinned or find_servable(settings.editions, settings.refused)


def install(site: Site) -> None:
    """Put the edition in the place of Datasette's databases. Raises RuntimeError without settings."""
    if not hasattr(site, "stemwire"):
        raise RuntimeError("start the site with `pipeline.py serve`: it says where the editions are")
    # no _memory database: readers' SQL has one place to run
    site.databases = {"_internal": site.databases["_internal"], NAME: EditionDatabase(site)}
    # Datasette prints every 404 with all local variables where rich is installed; a log line is uvicorn's to write
    datasette.handle_exception.rich = None


def describe_tables(site: Site) -> dict[str, Any]:
    """Descriptions of tables and columns for Datasette: the comments of the schema, by way of the sidecar."""
    found = site.databases.get(NAME)
    if not isinstance(found, EditionDatabase):
        return {}
    columns = found.facts["columns"]
    tables = {name: {"description": text, "columns": columns[name]} for name, text in found.facts["about"].items()}
    return {"databases": {NAME: {"tables": tables}}}
