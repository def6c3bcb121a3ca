"""Registers the feeds of answers to SQL, and the functions that ready-made questions use."""

import sqlite3

from pluggy import HookimplMarker

from publish.pages.datasette_parts import NAME, Site
from publish.pages.questions import add_functions, renderers
from publish.pages.views import CurrentEdition

hookimpl = HookimplMarker("datasette")  # `datasette.hookimpl`, with types


@hookimpl
def register_output_renderer() -> list[dict[str, object]]:
    return renderers(CurrentEdition)


@hookimpl
def prepare_connection(conn: sqlite3.Connection, database: str, datasette: Site) -> None:
    if database == NAME:
        add_functions(conn, datasette.stemwire.url)
