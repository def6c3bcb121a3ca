"""The letters that the demo has received, to read in a browser: an application that the letters desk serves.

| address | answer |
|---|---|
| `/received` | the letters in the folder, newest first |
| `/received/N` | letter N: its headers, its text with the addresses as links, and its HTML in a frame |
| `/received/N/html` | the HTML alone |
| `/received/site.css` | the site's stylesheet |

A letter is shown as a mail program shows it, and with less trust. The frame has no rights but to open a link in a
window of its own, and the policy of the HTML lets it load nothing: no script, no picture, no style from elsewhere. Only
names of this machine are answered, so that no page elsewhere can read letters through a name of its own.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from core.config import Config
from publish.letters.mail_sink import list_numbers
from publish.styles import join_styles, styles_digest

PATH = "/received"
SHOWN = 200  # letters in the list
NAMED = ("From", "To", "Subject", "Date")  # the others are in a part that opens
ADDRESS = re.compile(r"https?://[^\s<>\"]+[^\s<>\".,;:!?)\]]")
FRAME = "allow-popups allow-popups-to-escape-sandbox"  # links open in a window of their own, and nothing else
COMMON = {"x-content-type-options": "nosniff", "referrer-policy": "no-referrer", "cache-control": "no-store"}
PAGE = COMMON | {
    "content-security-policy": "default-src 'none'; style-src 'self'; frame-src 'self'; form-action 'none';"
    " base-uri 'none'; frame-ancestors 'none'",
}
HTML = COMMON | {
    "content-security-policy": f"default-src 'none'; style-src 'unsafe-inline'; form-action 'none'; base-uri 'none';"
    f" frame-ancestors 'self'; sandbox {FRAME}",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """A letter; `html` is empty where it has none."""

    number: int
    headers: Mapping[str, str]
    others: tuple[tuple[str, str], ...]
    text: str
    html: str


def read_letter(folder: Path, number: int) -> Received:
    """Letter `number` of a folder. Raises FileNotFoundError."""
    message = BytesParser(policy=policy.default).parsebytes((folder / f"{number:04d}.eml").read_bytes())
    return Received(
        number=number,
        headers={name: str(message.get(name, "")) for name in NAMED},
        others=tuple((name, str(value)) for name, value in message.items() if name not in NAMED),
        text=_body(message, "plain"),
        html=_body(message, "html"),
    )


def _body(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    return str(part.get_content()) if part is not None else ""


def link_addresses(text: str) -> Markup:
    """A text with every address of the web as a link that opens in a window of its own."""
    parts, at = [], 0
    for found in ADDRESS.finditer(text):
        link = Markup('<a href="{0}" rel="noopener noreferrer" target="_blank">{0}</a>').format(found[0])
        parts += [escape(text[at : found.start()]), link]
        at = found.end()
    return Markup("").join([*parts, escape(text[at:])])


def _open_links_apart(html: str) -> str:
    """HTML whose links open in a window of their own: the pages that they lead to may not be framed."""
    base = '<base target="_blank">'
    changed, heads = re.subn(r"(?i)(<head(?:\s[^>]*)?>)", rf"\1{base}", html, count=1)
    return changed if heads else f"{base}{html}"


def make_pages(config: Config, folder: Path) -> Starlette:
    """The application, for letters in `folder`."""
    templates = Environment(
        loader=FileSystemLoader(Path(__file__).with_name("templates")), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    shared = {"site": config.site.name, "home": config.site.url.rstrip("/"), "path": PATH, "styles": styles_digest()}

    def find(request: Request) -> Received:
        try:
            return read_letter(folder, request.path_params["number"])
        except FileNotFoundError:
            raise HTTPException(404, "There is no such letter.") from None

    def show_all(request: Request) -> Response:
        letters = [read_letter(folder, number) for number in reversed(list_numbers(folder)[-SHOWN:])]
        return HTMLResponse(templates.get_template("received.html").render(letters=letters, **shared), headers=PAGE)

    def show_one(request: Request) -> Response:
        letter = find(request)
        page = templates.get_template("received_letter.html").render(
            letter=letter, text=link_addresses(letter.text), frame=FRAME, **shared
        )
        return HTMLResponse(page, headers=PAGE)

    def show_html(request: Request) -> Response:
        return HTMLResponse(_open_links_apart(find(request).html), headers=HTML)

    def show_styles(request: Request) -> Response:
        return Response(join_styles(), media_type="text/css", headers={"cache-control": "public, max-age=3600"})

    return Starlette(
        routes=[
            Route(PATH, show_all),
            Route(f"{PATH}/site.css", show_styles),
            Route(f"{PATH}/{{number:int}}", show_one),
            Route(f"{PATH}/{{number:int}}/html", show_html),
        ],
        middleware=[Middleware(TrustedHostMiddleware, allowed_hosts=["127.0.0.1", "localhost"])],
    )
