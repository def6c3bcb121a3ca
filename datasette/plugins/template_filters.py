"""Registers the filters and functions of the templates."""

from pluggy import HookimplMarker

from publish.pages import template_filters
from publish.pages.datasette_parts import Environment, Site

hookimpl = HookimplMarker("datasette")  # `datasette.hookimpl`, with types


@hookimpl
def prepare_jinja2_environment(env: Environment, datasette: Site) -> None:
    template_filters.add_to(env, datasette)
