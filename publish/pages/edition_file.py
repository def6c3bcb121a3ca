"""One file of an edition: what its sidecar says, its connections, and work on them that can be ended.

In order:
1. a request stays on the file that it began on (`request`);
2. a piece of work runs on its thread's connection (`Job`). When the reader is gone, the work is interrupted;
3. when the last request and the last work on a replaced file have ended, its connections are closed;
4. answers of our own pages are kept with the file (`publish.pages.answer_cache`), and go with it.
"""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import json
import sqlite3
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Generic, TypeVar
from urllib.parse import quote

from publish.earlier_formats import complete
from publish.pages.answer_cache import AnswerCache
from publish.pages.datasette_parts import NAME, Site

AGAIN = 0.1  # seconds between two interruptions of work that nobody waits for
T = TypeVar("T")

pinned: contextvars.ContextVar[EditionFile | None] = contextvars.ContextVar("edition of this request", default=None)
of_readers: contextvars.ContextVar[bool] = contextvars.ContextVar("runs readers' SQL", default=False)


class EditionFile:
    """One file: its facts, its connections (one per thread), and how many requests and jobs are on it."""

    def __init__(self, site: Site, path: Path) -> None:
        self.site, self.path = site, path
        self.facts: dict[str, Any] = json.loads(path.with_suffix(".json").read_text("utf-8"))
        self.requests, self.jobs, self.retired, self.answers = 0, 0, False, AnswerCache()
        self.noted: dict[str, object] = {}  # what is found out once for all pages
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
    def request(self, *, runs_sql: bool = False) -> Iterator[EditionFile]:
        """The request that is being answered stays on this file. `runs_sql`: what it runs is written by a reader."""
        with self._lock:
            self.requests += 1
        token, of = pinned.set(self), of_readers.set(runs_sql)
        try:
            yield self
        finally:
            pinned.reset(token)
            of_readers.reset(of)
            with self._lock:
                self.requests -= 1
            self.close_if_done()

    @contextlib.contextmanager
    def job(self) -> Iterator[sqlite3.Connection]:
        """This thread's connection; the file stays open until the work with it has ended."""
        with self._lock:
            self.jobs += 1
        try:
            yield self.connection()
        finally:
            with self._lock:
                self.jobs -= 1
            self.close_if_done()

    def retire(self) -> None:
        """Close when the last request has ended, or immediately if no request is open."""
        self.retired = True
        self.close_if_done()

    def close_if_done(self) -> None:
        with self._lock:
            if not self.retired or self.requests or self.jobs:
                return
            for connection in self._connections:
                connection.close()
            self._connections.clear()


class Job(Generic[T]):
    """A piece of work on a file, to be called in a thread; `end` interrupts it from another."""

    def __init__(self, file: EditionFile, work: Callable[[sqlite3.Connection], T]) -> None:
        self._file, self._work = file, work
        self._lock, self._ended = threading.Lock(), False
        self._at: sqlite3.Connection | None = None

    def __call__(self) -> T:
        with self._file.job() as connection:
            with self._lock:
                if self._ended:
                    raise sqlite3.OperationalError("interrupted")
                self._at = connection
            try:
                return self._work(connection)
            finally:
                with self._lock:
                    self._at = None

    def end(self) -> None:
        """Nobody waits for the result any more. Called in the loop of events."""
        with self._lock:
            self._ended = True
            if self._at is not None:
                self._at.interrupt()  # does nothing to a query that is just about to begin: said again until it ends
                asyncio.get_running_loop().call_later(AGAIN, self.end)
