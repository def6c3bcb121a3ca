"""Everything that we take from inside Datasette, with types: no other module of the project imports the library.

Datasette 0.65 is what the site runs on; the next major version changes most of what is used here, so it is kept in one
place. In order:
1. names that others import from here: responses, exceptions, the class of databases;
2. `Site`: the parts of the application object that we use. We put `stemwire` there, because a setting of Datasette
   would be shown to readers;
3. `make_application`, `without_time_limits` and `keep_quiet`: how the application is made and set;
4. `find_fault`: what is wrong with a reader's request, where Datasette's own pages ended in an exception;
5. `TableRows`: the rows of a table or query as its pages give them, a part at a time, for CSV.
"""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import datasette.app  # first: it registers handle_exception, which has lost its hooks when it is imported before
import datasette.handle_exception
import jinja2
from datasette import NotFound, Response
from datasette.app import Datasette as Application
from datasette.database import Database, QueryInterrupted, Results
from datasette.utils import InvalidSql
from datasette.utils.asgi import AsgiStream, BadRequest, Base400, Forbidden
from datasette.utils.asgi import Request as Asked
from datasette.views.base import DatasetteError
from datasette.views.database import DatabaseView
from datasette.views.table import TableView

__all__ = [
    "NAME",
    "Application",
    "AsgiStream",
    "AskedFor",
    "BadRequest",
    "Database",
    "Environment",
    "Fault",
    "NotFound",
    "QueryInterrupted",
    "Response",
    "Results",
    "Site",
    "SiteSettings",
    "TableRows",
    "Writer",
    "find_fault",
    "keep_quiet",
    "make_application",
    "without_time_limits",
]  # fmt: skip
Environment = jinja2.Environment
NAME = "stemwire"  # what readers call the database, whichever file it is
HOURS = 12 * 3_600_000  # milliseconds: no limit, and yet an end
TOOK_TOO_LONG = (
    "This query took longer than one second, so it was ended. A condition on an indexed column, or a smaller LIMIT,"
    " makes it quick."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteSettings:
    """Where the editions are, and what the site is called. `pinned`: serve this edition and no other.

    `reports` is where readers say that something is wrong (`publish/pages/reports.py`).
    `notice` and `questions`: what the front page says first, as texts and addresses.
    `refused`: editions that were found damaged when the site was started.
    `paste`: the address of the box to check a text, which the letters desk serves; empty: there is no box.
    `desk`: the address of the letters desk, where readers follow things by mail; empty: they cannot.
    `searches`: where searches that find nothing are counted (`publish/pages/unanswered.py`); None: nowhere.
    """

    editions: Path
    pinned: Path | None
    name: str
    url: str
    about: str
    reports: str
    notice: str = ""
    questions: tuple[tuple[str, str], ...] = ()
    refused: frozenset[Path] = frozenset()
    searches: Path | None = None
    paste: str = ""
    desk: str = ""


class AskedFor(Protocol):
    """A request: `args` are its parameters, a name may have several."""

    path: str
    query_string: str
    scope: Any
    receive: Any
    url_vars: Mapping[str, str]
    args: Any


class Writer(Protocol):
    """Where an answer in pieces goes."""

    async def write(self, chunk: str) -> None: ...


class Site(Protocol):
    """The application."""

    stemwire: SiteSettings
    databases: dict[str, Any]
    jinja_env: Environment
    executor: Executor
    max_returned_rows: int
    page_size: int
    sql_time_limit_ms: int

    def _prepare_connection(self, connection: sqlite3.Connection, database: str) -> None: ...

    def app_css_hash(self) -> str: ...

    async def render_template(
        self, templates: str, context: Mapping[str, object], *, request: AskedFor | None = None
    ) -> str: ...

    async def get_canned_queries(self, database: str, actor: None) -> Mapping[str, Mapping[str, Any]]: ...


def make_application(folder: Path, settings: SiteSettings) -> Application:
    """The application with the plugins, templates and settings of a folder."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    site = Application([], config_dir=folder)
    root.handlers[:] = handlers  # the library of MCP installs a log of its own, of every request, for the whole process
    root.setLevel(level)
    site.stemwire = settings
    return site


def without_time_limits(site: Application) -> None:
    """Let every query end: for a check of pages, which must not depend on how busy the machine is."""
    site.sql_time_limit_ms = HOURS
    site._settings |= {"sql_time_limit_ms": HOURS, "facet_time_limit_ms": HOURS}


def keep_quiet() -> None:
    """Datasette prints every 404 with all local variables where rich is installed; a log line is uvicorn's to write."""
    datasette.handle_exception.rich = None


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a request, and the status that says so."""

    status: int
    text: str


def find_fault(error: Exception) -> Fault | None:
    """The reader's fault behind an exception of a page that Datasette makes itself; None: the fault is ours.

    What these pages do is decided by the parameters of the address alone: a column that is not there, a number that
    SQLite cannot hold, a place in a list that does not exist. Datasette 0.65 answers many of them with 500.
    """
    if isinstance(error, QueryInterrupted) or (isinstance(error, DatasetteError) and error.message_is_html):
        return Fault(400, TOOK_TOO_LONG)
    if isinstance(error, Forbidden):
        return Fault(403, one_line(error))
    if isinstance(error, DatasetteError):
        return Fault(400 if error.status >= 500 else error.status, one_line(error.message))
    if isinstance(error, Base400):
        return Fault(error.status, one_line(error))
    if isinstance(error, sqlite3.Error | sqlite3.Warning | InvalidSql):
        return Fault(400, f"SQL: {one_line(error)}")
    if isinstance(error, OverflowError):
        return Fault(400, "A number in this address is too large.")
    if isinstance(error, ValueError | LookupError | AssertionError):
        return Fault(400, "A parameter in this address has a value that does not fit.")
    return None


def one_line(error: object) -> str:
    """The message of an exception on one line."""
    return " ".join(str(error).split()) or "This cannot be answered."


class TableRows:
    """The rows of a table, a view, SQL or a ready-made question, as its address asks for them."""

    def __init__(self, site: Site, request: AskedFor, *, page: int) -> None:
        """`page`: rows of a part, where the address does not say."""
        given = request.query_string
        quiet = "&".join(("_nofacet=1", "_nocount=1", *([] if request.args.get("_size") else [f"_size={page}"])))
        scope = dict(request.scope, query_string=f"{given}&{quiet}".lstrip("&").encode("latin-1"))
        self._request = Asked(scope, request.receive)
        self._view = (TableView if request.url_vars.get("table") else DatabaseView)(site)
        self.whole = request.args.get("_size") in (None, "", "max") and not request.args.get("_next")

    async def part(self, after: str | None = None) -> Part | Response:
        """One part of the rows. Raises what `find_fault` explains, and NotFound."""
        found = await (self._view.data(self._request, _next=after) if after else self._view.data(self._request))
        if isinstance(found, Response):
            return found
        data, status = found[0], found[3] if len(found) == 4 else 200
        if status != 200:
            raise DatasetteError(data.get("error") or "This cannot be answered.", status=status)
        if "columns" not in data:
            raise BadRequest("Only tables and queries can be had as CSV.")
        return Part(
            columns=data["columns"],
            rows=data["rows"],
            next=data.get("next"),
            cut=bool(data.get("truncated")) and not data.get("table"),
            expanded=frozenset(data.get("expanded_columns") or ()),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Rows, and how to ask for those after them. `cut`: there are more, and no way to them.

    Columns that are `expanded` hold {"value", "label"}.
    """

    columns: Sequence[str]
    rows: Sequence[Sequence[Any]]
    next: str | None
    cut: bool
    expanded: frozenset[str]
