"""A page that says what went wrong, without a query: for what is refused before any page is asked."""

from __future__ import annotations

from collections.abc import Mapping

from publish.pages.datasette_parts import Response, Site


async def error_page(site: Site, status: int, text: str, headers: Mapping[str, str] | None = None) -> Response:
    """The response with `error.html`."""
    body = await site.jinja_env.get_template("error.html").render_async({"status": status, "error": text})
    return Response.html(body, status=status, headers=dict(headers or {}))
