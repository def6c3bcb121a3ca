"""The application of the desk: its addresses, and how it is served.

It is a process of its own on its own port, separate from the site, and alone opens the file that has addresses.
Applications of their own may be served with it (`more`): the box to check a text, the received letters of the demo.

| address | what it does |
|---|---|
| `/follow`, `/own` | the forms to follow a search, a story, or works and trials of one's own |
| `/confirm/T` | begins what was asked for, once the button is pressed |
| `/m/T` | the one signed page of a person: change, pause, add, stop, export, delete |
| `/stop/T`, `/unsubscribe/T` | the links of letters that end them; one click of a mail program |
| `/feed/T.atom`, `/l/T`, `/letters` | a feed, a letter's own page, the public letters |

* GET and HEAD change nothing. Only a POST does, from a page of this desk (`guard`).
* For an address of mail that we know and one that we do not, the answer and the work are the same; so they are for
  every token of `/stop` and `/unsubscribe`. Nobody learns by trying who follows what.
* There is no access log: the requested addresses are secrets.
"""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, closing
from urllib.parse import urlsplit

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from core import log
from core.config import Config
from core.errors import StemwireError, UsageError
from publish.letters.desk.confirm import confirm_routes
from publish.letters.desk.follow import follow_routes
from publish.letters.desk.guard import Guard
from publish.letters.desk.manage import manage_routes
from publish.letters.desk.own import own_routes
from publish.letters.desk.pages import REFUSALS, Pages, show_mark, show_style
from publish.letters.desk.parts import Parts
from publish.letters.desk.reading import reading_routes
from publish.letters.desk.stop import stop_routes
from publish.letters.desk.worker import Worker

SIZES = {"/own": 8_000_000, "/follow": 600_000, "/m/": 600_000}  # bytes of a body by the beginning of the address
FREE = ("/stop/", "/unsubscribe/")
MOST_CONNECTIONS = 50


class Desk:
    """The ASGI application. `more`: other applications that it serves, by the beginning of their addresses."""

    def __init__(self, config: Config, more: Mapping[str, ASGIApp] | None = None) -> None:
        self._more = dict(more or {})
        pages = Pages(config, tuple(self._more))
        self._parts = Parts(config=config, pages=pages, mail=Worker("confirmations"), first=Worker("first letters"))
        self._app = Starlette(
            routes=[
                Route("/site.css", lambda request: show_style()),
                Route("/mark.svg", lambda request: show_mark()),
                *follow_routes(self._parts),
                *own_routes(self._parts),
                *confirm_routes(self._parts),
                *manage_routes(self._parts),
                *stop_routes(self._parts),
                *reading_routes(self._parts),
            ],
            exception_handlers={
                HTTPException: self._refused,
                StemwireError: self._failed,
                Exception: lambda request, error: pages.refuse(500),
            },
            lifespan=self._live,
        )
        self._app.router.redirect_slashes = False
        host = urlsplit(config.letters.desk).netloc
        self._guard = Guard(self._app, pages.headers, SIZES, FREE, pages.refuse, host=host)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] != "http":
            raise ValueError(f"the desk does not support {scope['type']}")
        for beginning, app in self._more.items():
            if scope["path"] == beginning or scope["path"].startswith(f"{beginning}/"):
                await app(scope, receive, send)
                return
        await self._guard(scope, receive, send)

    @asynccontextmanager
    async def _live(self, app: Starlette) -> AsyncIterator[None]:
        yield
        self._parts.mail.close()
        self._parts.first.close()

    def _refused(self, request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        answer = self._parts.pages.refuse(error.status_code if error.status_code in REFUSALS else 400)
        if allowed := (error.headers or {}).get("Allow"):
            answer.headers["allow"] = ", ".join(sorted(allowed.replace(" ", "").split(",")))
        return answer

    def _failed(self, request: Request, error: Exception) -> Response:
        """For a store that cannot be read or written just now."""
        log.get_log(__name__).error("desk_failed", reason=str(error))
        return self._parts.pages.say(
            "That did not work", "It could not be noted just now. Please try again in a few minutes.",
            status=503, headers={"retry-after": "300"},
        )  # fmt: skip


def run_desk(
    config: Config, *, host: str = "127.0.0.1", port: int = 8002, more: Mapping[str, ASGIApp] | None = None
) -> None:
    """Serve until interrupted, without an access log. `more` is as for `Desk`. Raises UsageError if the port is taken.

    Networks are counted by the address that asks; behind a proxy on this machine, by what its X-Forwarded-For says.
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
            Desk(config, more), access_log=False, server_header=False, log_level="warning",
            limit_concurrency=MOST_CONNECTIONS, timeout_keep_alive=5, timeout_graceful_shutdown=5, ws="none",
        )  # fmt: skip
        uvicorn.Server(settings).run(sockets=[listener])
