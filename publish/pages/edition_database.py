"""The database that readers see, in the place of Datasette's own.

Readers see one database, `stemwire`. Which file it is, is decided at the beginning of each request: if `current.db`
points elsewhere than before, the new file and its sidecar are opened and take the place of the old in one assignment.
An edition that has lost its size or its sidecar is not opened: the newest that is whole takes its place. Counts and
sizes come from the sidecar, so that nothing is counted. No page says where the file is: `Database.path` is only the
name.

How long a query may run depends on who wrote it:
1. a reader's ends after `sql_time_limit_ms` of the clock, or when its rows have grown to ANSWER characters
   (`publish.pages.sql_guard` does the rest). It runs in a thread of low priority;
2. one of our own pages ends after `sql_time_limit_ms` of processor, or PATIENCE times that of the clock: a busy
   machine is not the fault of the page.
"""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import os
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

from publish.edition.damage import find_servable
from publish.pages.datasette_parts import (
    NAME,
    Database,
    QueryInterrupted,
    Results,
    Site,
    SiteSettings,
    keep_quiet,
)
from publish.pages.edition_file import EditionFile, Job, of_readers, pinned

ANSWER = 8_000_000  # characters of all rows of one answer; a thousand rows of a megabyte would be too many
PATIENCE = 8  # times the limit of one of our own pages, by the clock
STEPS = 10_000  # of SQLite's machine between two looks at the clock: about a millisecond
THREADS, LOW = 3, 10  # for readers' SQL: how many, and how nice they are
T = TypeVar("T")

most_rows: contextvars.ContextVar[int] = contextvars.ContextVar("rows that a reader's query may give", default=0)


@contextlib.contextmanager
def more_rows(number: int) -> Iterator[None]:
    """Readers' queries may give `number` rows here, where Datasette's setting is lower."""
    token = most_rows.set(number)
    try:
        yield
    finally:
        most_rows.reset(token)


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
        self._of_readers = ThreadPoolExecutor(THREADS, "readers", initializer=step_back)

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
        """The result of work in a thread."""
        return await self.run(fn, of_readers.get())

    async def run(self, work: Callable[[sqlite3.Connection], T], readers: bool) -> T:
        """The result of work in a thread. When nobody waits for it any more, it is interrupted."""
        job = Job(self.file, work)
        executor = self._of_readers if readers else self.site.executor
        try:
            return await asyncio.get_running_loop().run_in_executor(executor, job)
        except asyncio.CancelledError:
            job.end()
            raise

    async def execute(
        self,
        sql: str,
        params: Mapping[str, object] | None = None,
        truncate: bool = False,
        custom_time_limit: int | None = None,
        page_size: int | None = None,
        **rest: object,
    ) -> Results:
        """The rows of a query, of one that a reader wrote (`truncate`) only so many.

        Raises QueryInterrupted, OperationalError.
        """
        site = self.site
        limit = min(custom_time_limit or site.sql_time_limit_ms, site.sql_time_limit_ms) / 1000
        most = None
        if truncate:
            most = site.max_returned_rows + (site.max_returned_rows == (page_size or site.page_size))
            most = max(most, most_rows.get())
        readers = truncate or of_readers.get()
        by_clock = limit if readers else limit * PATIENCE
        return await self.run(lambda db: _read(db, sql, params or {}, most, limit, by_clock), readers)

    def close(self) -> None:
        self._of_readers.shutdown()
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


def step_back() -> None:
    """Let this thread run only when nobody else wants the processor, where the system can do that."""
    with contextlib.suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), LOW)


@contextlib.contextmanager
def time_limit(connection: sqlite3.Connection, *, processor: float, clock: float) -> Iterator[None]:
    """End what runs on a connection after so many seconds of this thread's processor, or of the clock."""
    until, enough = time.perf_counter() + clock, time.thread_time() + processor

    def look() -> bool:
        return time.perf_counter() >= until or time.thread_time() >= enough

    connection.set_progress_handler(look, STEPS if clock > 0.1 else STEPS // 10)
    try:
        yield
    finally:
        connection.set_progress_handler(None, 0)


def _read(
    connection: sqlite3.Connection,
    sql: str,
    params: Mapping[str, object],
    most: int | None,
    processor: float,
    clock: float,
) -> Results:
    """The rows within the limits, at most `most`. Raises QueryInterrupted, OperationalError."""
    with time_limit(connection, processor=processor, clock=clock):
        try:
            cursor = connection.execute(sql, params)
            if most is None:
                return Results(cursor.fetchall(), False, cursor.description)
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
    keep_quiet()


def describe_tables(site: Site) -> dict[str, Any]:
    """Descriptions of tables and columns for Datasette: the comments of the schema, by way of the sidecar."""
    found = site.databases.get(NAME)
    if not isinstance(found, EditionDatabase):
        return {}
    columns = found.facts["columns"]
    tables = {name: {"description": text, "columns": columns[name]} for name, text in found.facts["about"].items()}
    return {"databases": {NAME: {"tables": tables}}}
