"""The parts of Datasette that we use, with types: the library has none.

`Site` is its application object. We put `stemwire` there, because a setting of Datasette would be shown to readers.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import jinja2

Environment = jinja2.Environment
NAME = "stemwire"  # what readers call the database, whichever file it is


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteSettings:
    """Where the editions are, and what the site is called. `pinned`: serve this edition and no other.

    `reports` is where readers say that something is wrong (`publish/pages/reports.py`).
    `refused`: editions that were found damaged when the site was started.
    """

    editions: Path
    pinned: Path | None
    name: str
    url: str
    about: str
    reports: str
    refused: frozenset[Path] = frozenset()


class Results(Protocol):
    """The answer to a query."""

    rows: Sequence[sqlite3.Row]


class AnyDatabase(Protocol):
    async def execute(self, sql: str, params: Mapping[str, object]) -> Results: ...


class AskedFor(Protocol):
    """A request: `args` are its parameters, a name may have several."""

    url_vars: Mapping[str, str]
    args: Any
    path: str


class Writer(Protocol):
    """Where an answer in pieces goes."""

    async def write(self, chunk: str) -> None: ...


class Site(Protocol):
    """The application."""

    stemwire: SiteSettings
    databases: dict[str, Any]
    jinja_env: Environment
    executor: ThreadPoolExecutor
    max_returned_rows: int
    page_size: int
    sql_time_limit_ms: int

    def _prepare_connection(self, connection: sqlite3.Connection, database: str) -> None: ...

    async def render_template(
        self, templates: str, context: Mapping[str, object], *, request: AskedFor | None = None
    ) -> str: ...

    async def get_canned_queries(self, database: str, actor: None) -> Mapping[str, Mapping[str, Any]]: ...
