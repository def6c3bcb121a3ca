"""Registers the pages of `publish/pages`, and the answer to a search of the site that took too long."""

from collections.abc import Callable
from typing import Any

from pluggy import HookimplMarker

from publish.pages.datasette_parts import Site
from publish.pages.views import find_answer, routes

hookimpl = HookimplMarker("datasette")  # `datasette.hookimpl`, with types


@hookimpl
def register_routes() -> list[tuple[str, Callable[..., Any]]]:
    return routes()


@hookimpl
def handle_exception(datasette: Site, exception: Exception) -> Callable[[], Any] | None:
    return find_answer(datasette, exception)
