"""How the desk's pages are made: templates in the frame of the site, with the site's own style.

The same template and values give the same bytes. No page runs a script, sets a cookie, is kept by a cache, sends a
referrer or can be framed.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse, Response

from core.config import ROOT, Config
from publish.letters.rendering import day_of
from publish.styles import join_styles, styles_digest

MARK = ROOT / "datasette" / "static" / "mark.svg"
KEPT = {"cache-control": "public, max-age=3600"}


class Pages:
    """The pages of one desk. `places`: beginnings of the addresses that are served with it, such as `/check`."""

    def __init__(self, config: Config, places: tuple[str, ...] = ()) -> None:
        self._config, self._places = config, places

    def show(
        self, template: str, status: int = 200, headers: Mapping[str, str] | None = None, **values: object
    ) -> HTMLResponse:
        """A page. `values` are what its template names."""
        return HTMLResponse(self.render(template, **values), status, dict(headers or {}))

    def say(
        self, title: str, *lines: str, button: str = "", status: int = 200, headers: Mapping[str, str] | None = None
    ) -> HTMLResponse:
        """A page that says one thing, with a button that posts to its own address, or without."""
        return self.show("say.html", status, headers, title=title, lines=lines, button=button)

    def render(self, template: str, **values: object) -> str:
        """A page as HTML."""
        return _environment().get_template(template).render(
            site=self._config.site.name, about=self._config.site.about, home=self._config.site.url.rstrip("/"),
            styles=styles_digest(), path="", sign_up=self._config.letters.sign_up,
            archive=self._config.letters.archive, check="/check" in self._places,
            received="/received" in self._places,
            **values,
        )  # fmt: skip

    def refuse(self, status: int) -> HTMLResponse:
        """The page for a request that no page answers."""
        title, line = REFUSALS[status]
        also = ["It also checks texts: add /check to the address of this desk."] if "/check" in self._places else []
        more = {"retry-after": "60"} if status == 503 else {}
        return self.say(title, line, *(also if status == 404 else []), status=status, headers=more)

    @property
    def headers(self) -> dict[str, str]:
        """What every answer has, unless the page says otherwise."""
        site = urlsplit(self._config.site.url)
        return {
            "content-security-policy": "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none';"
            f" form-action 'self' {site.scheme}://{site.netloc}; frame-ancestors 'none'",
            "x-content-type-options": "nosniff",
            "x-frame-options": "DENY",
            "referrer-policy": "no-referrer",
            "cross-origin-opener-policy": "same-origin",
            "cache-control": "no-store",
            "x-robots-tag": "noindex",
        }


REFUSALS = {
    400: ("That cannot be read", "Please use the form on the page."),
    403: ("That is not possible from there", "Please use the button on the page of this desk."),
    404: (
        "There is nothing at this address",
        "Letters are followed, changed and ended here. The link at the end of a letter leads to the right page.",
    ),
    405: ("That is not possible here", "Please use the button on the page that the letter links to."),
    408: ("That took too long", "What you sent did not come whole. Please try again."),
    413: ("That is too long", "Please send less at once."),
    500: ("That did not work", "This is our mistake, and it has been noted."),
    503: ("Not just now", "Many people are here at the moment. Please try again in a minute."),
}


def show_style() -> Response:
    """The site's stylesheet."""
    return Response(join_styles(), headers=KEPT, media_type="text/css")


def show_mark() -> Response:
    """The site's sign."""
    return Response(MARK.read_bytes(), headers=KEPT, media_type="image/svg+xml")


@cache
def _environment() -> Environment:
    made = Environment(
        loader=FileSystemLoader([Path(__file__).with_name("templates"), ROOT / "datasette" / "templates"]),
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    made.filters["day"] = day_of
    return made
