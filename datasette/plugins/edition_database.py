"""Registers the database that readers see, the guard of its connections, and the descriptions of its tables."""

import sqlite3
from typing import Any

from pluggy import HookimplMarker

from publish.pages.datasette_parts import NAME, Site
from publish.pages.edition_database import describe_tables, install
from publish.pages.sql_guard import guard

hookimpl = HookimplMarker("datasette")  # `datasette.hookimpl`, with types


@hookimpl
def startup(datasette: Site) -> None:
    install(datasette)


@hookimpl
def prepare_connection(conn: sqlite3.Connection, database: str) -> None:
    if database == NAME:
        guard(conn)


@hookimpl
def get_metadata(datasette: Site) -> dict[str, Any]:
    return describe_tables(datasette)
