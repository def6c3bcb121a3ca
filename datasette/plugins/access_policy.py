"""Registers the access policy: headers, one edition per request, few queries at a time, what is closed."""

from collections.abc import Callable
from functools import partial

from pluggy import HookimplMarker

from publish.pages.access_policy import AccessPolicy, may
from publish.pages.datasette_parts import Site
from publish.pages.exchange import App

hookimpl = HookimplMarker("datasette")  # `datasette.hookimpl`, with types


@hookimpl
def asgi_wrapper(datasette: Site) -> Callable[[App], AccessPolicy]:
    return partial(AccessPolicy, datasette)


@hookimpl
def permission_allowed(action: str, resource: object) -> bool | None:
    return may(action, resource)
