"""The letters desk: the one server that can change letters.db. It ends subscriptions.

It is a process of its own on its own port, separate from the site. Applications that
take what readers send (`publish.check.pages`) may be served with it. Its own address is `/unsubscribe/<token>`:
* GET and HEAD show a page with a button and change nothing, so that programs that open every link of a mail end no
  subscription. The page is served without reading the store.
* POST ends the subscription that the token names. The button does this, and so does a mail program's one-click button
  (RFC 8058), so it needs no cookie, no session and no body.
The reply is identical for a token that we signed, a token that we did not sign, and a token of a subscription that has
ended; so is the work. Nobody can learn anything by trying tokens. Tokens are never logged (there is no access log).
Pages are never cached, send no referrer, run no script and cannot be framed.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import re
import socket
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from contextlib import closing
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from core import log
from core.config import Config
from core.errors import StemwireError, UsageError
from core.store import open_store
from publish.letters.subscriptions import end_subscription, find_subscription, signing_keys

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Message, Receive, Send], Awaitable[None]]

MAX_BODY = 8192
_PATH = re.compile(r"/unsubscribe/([A-Za-z0-9_.-]{1,200})")
_STYLE = """
body{margin:0;background:#f3f5f4;color:#1d2a2d;font:17px/1.55 -apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif}
main{max-width:34rem;margin:12vh auto 0;padding:2rem 1.75rem;background:#fff}
h1{margin:0 0 .75rem;font-size:1.6rem;line-height:1.25}
p{margin:0 0 1rem}
button{padding:.7rem 1.3rem;border:0;border-radius:.25rem;background:#0b5563;color:#fff;font:inherit;font-weight:600;cursor:pointer}
button:focus-visible,a:focus-visible{outline:3px solid #d98e4a;outline-offset:2px}
a{color:#0b5563}
.home{margin:1.75rem 0 0;font-size:.9rem}
""".replace("\n", "")  # noqa: E501
_STYLE_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
_HEADERS = (
    ("content-type", "text/html; charset=utf-8"),
    (
        "content-security-policy",
        f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; form-action 'self'; base-uri 'none';"
        " frame-ancestors 'none'",
    ),
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    ("referrer-policy", "no-referrer"),
    ("cache-control", "no-store"),
    ("x-robots-tag", "noindex"),
)


class Desk:
    """The ASGI application."""

    def __init__(self, config: Config, more: Mapping[str, App] | None = None) -> None:
        """`more`: other applications that this server serves, by the beginning of their addresses."""
        self._config, self._more = config, dict(more or {})
        template = Environment(
            loader=FileSystemLoader(Path(__file__).with_name("templates")),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
        ).get_template("desk.html")

        def page(title: str, *lines: str, button: str = "") -> bytes:
            return template.render(
                title=title,
                lines=lines,
                button=button,
                site=config.site.name,
                home=config.site.url,
                style=Markup(_STYLE),  # our own constant; the policy lists its hash
            ).encode()

        self._ask = page(
            "No more of these letters?",
            "One click, and nothing more is sent for the search that this letter was about.",
            "Other searches that you subscribed to go on.",
            button="Stop these letters",
        )
        self._done = page(
            "These letters have stopped",
            "Your address and the search have been deleted. If you change your mind, subscribe again.",
        )
        self._nothing = page(
            "There is nothing at this address",
            "The letters desk ends subscriptions: follow the link at the end of a letter.",
            *(["It also checks texts: add /check to the address of this desk."] if "/check" in self._more else []),
        )
        self._refused = page("That is not possible here", "Please use the button on the page that the letter links to.")
        self._later = page(
            "That did not work", "Your click could not be noted just now. Please try again in a few minutes."
        )

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await _live(receive, send)
            return
        if scope["type"] != "http":
            raise ValueError(f"the desk does not support {scope['type']}")
        for beginning, app in self._more.items():
            if scope["path"] == beginning or scope["path"].startswith(f"{beginning}/"):
                await app(scope, receive, send)
                return
        method = scope["method"]
        known = _PATH.fullmatch(scope["path"])
        if known is None:
            await _answer(send, method, 404, self._nothing)
        elif method in ("GET", "HEAD"):
            await _answer(send, method, 200, self._ask)
        elif method != "POST":
            await _answer(send, method, 405, self._refused, ("allow", "GET, HEAD, POST"))
        elif not await _is_short(receive):
            await _answer(send, method, 413, self._refused)
        else:
            await self._end(send, known[1])

    async def _end(self, send: Send, token: str) -> None:
        try:
            await asyncio.to_thread(self._unsubscribe, token)
        except StemwireError as error:
            log.get_log(__name__).error("unsubscribe_failed", reason=str(error))
            await _answer(send, "POST", 503, self._later, ("retry-after", "300"))
            return
        await _answer(send, "POST", 200, self._done)

    def _unsubscribe(self, token: str) -> None:
        number = find_subscription(signing_keys(self._config), token)
        with open_store(self._config.data("letters.db"), "letters") as letters:
            end_subscription(letters, number)


def run_desk(
    config: Config, *, host: str = "127.0.0.1", port: int = 8002, more: Mapping[str, App] | None = None
) -> None:
    """Serve until interrupted, without an access log: the requested addresses are secrets. `more` is as for `Desk`.

    Raises UsageError if the port is taken.
    """
    import uvicorn

    with closing(socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, port))
            listener.listen(128)  # requests that come before uvicorn is ready wait and are not refused
        except OSError as error:
            raise UsageError(f"cannot listen on {host}:{port}", hint="--port takes another") from error
        print(f"the letters desk on http://{host}:{listener.getsockname()[1]} (Ctrl-C ends it)", flush=True)
        settings = uvicorn.Config(
            Desk(config, more), access_log=False, server_header=False, log_level="warning", limit_concurrency=50,
            timeout_keep_alive=5, timeout_graceful_shutdown=5, ws="none",
        )  # fmt: skip
        uvicorn.Server(settings).run(sockets=[listener])


async def _live(receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return


async def _is_short(receive: Receive) -> bool:
    """Read the body to its end. False if it is longer than MAX_BODY."""
    size = 0
    while size <= MAX_BODY:
        message = await receive()
        if message["type"] == "http.disconnect":
            return False
        size += len(message.get("body", b""))
        if not message.get("more_body", False):
            return size <= MAX_BODY
    return False


async def _answer(send: Send, method: str, status: int, page: bytes, *more: tuple[str, str]) -> None:
    headers = [*_HEADERS, ("content-length", str(len(page))), *more]
    await send(
        {
            "type": "http.response.start",
            "status": status,
            "headers": [(name.encode("ascii"), value.encode("ascii")) for name, value in headers],
        }
    )
    await send({"type": "http.response.body", "body": b"" if method == "HEAD" else page})
