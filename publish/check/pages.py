"""The paste box: an ASGI application that the letters desk serves at `/check`, since the site itself takes no text.

| address | answer |
|---|---|
| `/check` | GET: the box. POST: what is known of the text, list or address that was pasted |
| `/check/site.css`, `/check/mark.svg` | the site's own stylesheet and sign |

A POST changes nothing and keeps nothing, here or in the browser: there is no store, no cookie and no log of the text,
and no answer may be kept by a cache. One that comes from a page of another site is refused all the same, so that no
other site can have addresses fetched through its readers' browsers. Pages run no script.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from core.config import ROOT, Config
from core.errors import StemwireError, UsageError
from core.records import Json
from publish.check.checking import MOST_TEXT, WAITING, Busy, Checker, NotChecked
from publish.check.describing import describe
from publish.edition.steps import STEPS
from publish.styles import join_styles, styles_digest

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

PATH = "/check"
MOST_BODY = 9 * MOST_TEXT + 1000  # bytes: a Korean letter takes nine in a form
MARK = ROOT / "datasette" / "static" / "mark.svg"
HTML, CSS, SVG = "text/html; charset=utf-8", "text/css; charset=utf-8", "image/svg+xml"


class CheckPages:
    """The application. `checker` is open as long as it serves."""

    def __init__(self, config: Config, checker: Checker) -> None:
        self._config, self._checker = config, checker
        self._threads = ThreadPoolExecutor(WAITING + 2, thread_name_prefix="check")
        site = urlsplit(config.site.url)
        self._headers = (
            (
                "content-security-policy",
                "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; frame-ancestors 'none';"
                f" form-action 'self' {site.scheme}://{site.netloc}",
            ),
            ("x-content-type-options", "nosniff"),
            ("x-frame-options", "DENY"),
            ("referrer-policy", "same-origin"),
            ("cross-origin-opener-policy", "same-origin"),
            ("x-robots-tag", "noindex"),
        )
        self._template = Environment(
            loader=FileSystemLoader([Path(__file__).with_name("templates"), ROOT / "datasette" / "templates"]),
            autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True,
        ).get_template("check.html")  # fmt: skip

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        method, path = scope["method"], scope["path"]
        if path == f"{PATH}/site.css" and method in ("GET", "HEAD"):
            await self._answer(
                send, method, 200, join_styles().encode(), CSS, ("cache-control", "public, max-age=3600")
            )
        elif path == f"{PATH}/mark.svg" and method in ("GET", "HEAD"):
            await self._answer(send, method, 200, MARK.read_bytes(), SVG, ("cache-control", "public, max-age=3600"))
        elif path != PATH:
            await self._show(send, method, 404, problem="There is nothing at this address.")
        elif method in ("GET", "HEAD"):
            await self._show(send, method, 200)
        elif method != "POST":
            await self._show(send, method, 405, problem="This is not possible here.", more=("allow", "GET, HEAD, POST"))
        elif not _is_own(scope):
            await self._show(send, method, 403, problem="Please paste the text into the box on this page.")
        else:
            await self._check(receive, send)

    async def _check(self, receive: Receive, send: Send) -> None:
        body = await _read_body(receive)
        if body is None:
            long = f"This is too long. At most {MOST_TEXT:,} characters can be pasted."
            await self._show(send, "POST", 413, problem=long)
            return
        text = _read_form(body)
        if text is None or not text.strip():
            await self._show(send, "POST", 400, problem="There is no text in the box yet.")
            return
        if len(text) > MOST_TEXT:
            long = f"This is too long: {len(text):,} characters. At most {MOST_TEXT:,} can be pasted."
            await self._show(send, "POST", 413, problem=long)
            return
        given: dict[str, Any] = {"url": text.strip()} if is_address(text) else {"body": text.encode("utf-8", "replace")}
        try:
            result = await asyncio.get_running_loop().run_in_executor(
                self._threads, lambda: self._checker.check(**given)
            )
        except Busy:
            busy = "Others are being checked just now. Please try again in a minute."
            await self._show(send, "POST", 503, problem=busy, more=("retry-after", "60"))
        except NotChecked as error:
            await self._show(send, "POST", 422, problem=_in_words(error))
        except UsageError:
            await self._show(send, "POST", 503, problem="There is no edition to compare it with yet.")
        else:
            await self._show(send, "POST", 200, result=result)

    async def _show(
        self, send: Send, method: str, status: int, *, problem: str = "", result: Json | None = None,
        more: tuple[str, str] | None = None,
    ) -> None:  # fmt: skip
        page = self._template.render(
            site=self._config.site.name, about=self._config.site.about, home=self._config.site.url.rstrip("/"),
            styles=styles_digest(), path=PATH, problem=problem, most=MOST_TEXT,
            step=(result or {}).get("step"), step_names=STEPS,
            title=(result or {}).get("title", ""), address=(result or {}).get("address", ""),
            sections=describe(result) if result else [], listed=result is not None and result["kind"] == "list",
        )  # fmt: skip
        headers = [("cache-control", "no-store"), *([more] if more else [])]
        await self._answer(send, method, status, page.encode(), HTML, *headers)

    async def _answer(
        self, send: Send, method: str, status: int, body: bytes, content_type: str, *more: tuple[str, str]
    ) -> None:
        headers = [("content-type", content_type), *self._headers, ("content-length", str(len(body))), *more]
        await send(
            {
                "type": "http.response.start",
                "status": status,
                "headers": [(name.encode("ascii"), value.encode("ascii")) for name, value in headers],
            }
        )
        await send({"type": "http.response.body", "body": b"" if method == "HEAD" else body})


def is_address(text: str) -> bool:
    """Whether a text is nothing but an address of the web."""
    text = text.strip()
    return text.startswith(("http://", "https://")) and len(text.split()) == 1


def _is_own(scope: Message) -> bool:
    """Whether a form was sent by a page of this server, as far as the browser says."""
    headers = {name: value.decode("latin-1") for name, value in scope["headers"]}
    site = headers.get(b"sec-fetch-site")
    if site is not None:
        return site in ("same-origin", "none")
    origin = headers.get(b"origin")
    return origin is None or urlsplit(origin).netloc == headers.get(b"host")


async def _read_body(receive: Receive) -> bytes | None:
    """The whole body; None if it is longer than MOST_BODY, or never came."""
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        body += message.get("body", b"")
        if len(body) > MOST_BODY:
            return None
        if not message.get("more_body", False):
            return bytes(body)


def _read_form(body: bytes) -> str | None:
    """The field `text` of a form; None where there is no such field."""
    try:
        fields = parse_qs(body.decode("ascii", "replace"), max_num_fields=4, errors="replace")
    except ValueError:
        return None
    return next(iter(fields.get("text", ())), None)


def _in_words(error: StemwireError) -> str:
    """What could not be checked, for a page."""
    said = f"{error.where}: {error.what}" if error.where else error.what
    hint = f" ({error.hint})" if error.hint else ""
    return f"This could not be checked: {said}{hint}."
