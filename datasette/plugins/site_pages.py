"""Registers the pages of `publish/pages`, tables as CSV, and how exceptions are answered."""

from collections.abc import Awaitable, Callable, Generator
from typing import Any

from pluggy import HookimplMarker, Result

from publish.pages import table_csv, views
from publish.pages.datasette_parts import AskedFor, Site

hookimpl = HookimplMarker("datasette")  # `datasette.hookimpl`, with types


@hookimpl
def register_routes() -> list[tuple[str, Callable[..., Any]]]:
    return [*views.routes(), *table_csv.routes()]


@hookimpl
def extra_template_vars(datasette: Site) -> Awaitable[dict[str, object]]:
    return views.find_shared(datasette)


@hookimpl(hookwrapper=True)
def handle_exception(datasette: Site, request: AskedFor, exception: Exception) -> Generator[None, Result[Any], None]:
    outcome = yield
    answer = views.find_answer(datasette, request, exception)
    if answer is not None:  # instead of Datasette's answer, which would also print what it takes for a defect
        outcome.force_result([answer])
