"""What every request of the desk passes before a page sees it: limits of time, size and number, and where it came from.

In this order:
1. a POST that a page of another site sent is refused (403). The browser says so in Sec-Fetch-Site, an older one in
   Origin, which must be the host that was asked or the public one. Addresses that are `free` take every POST: a mail
   program's one click (RFC 8058) comes from anywhere;
2. a request with a body is answered 503 while MOST_BODIES others are being read;
3. the body is read whole: one that is longer than its address allows is answered 413, one that takes longer than
   PATIENCE seconds 408. No page waits for a slow sender, and no page reads a stream.
Every answer gets the same strict headers. Nothing is logged.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MAX_BODY = 8192  # bytes, where an address allows no more
MOST_BODIES = 20  # that are read at the same time
PATIENCE = 30.0  # seconds for a whole body

Refuse = Callable[[int], ASGIApp]


class Guard:
    """The ASGI application around the pages.

    `sizes`: bytes of a body by the beginning of the address; `free`: beginnings that take a POST from everywhere;
    `refuse(status)`: the page that says no; `host`: the desk's public host and port, which a proxy may hide from it.
    """

    def __init__(
        self, app: ASGIApp, headers: Mapping[str, str], sizes: Mapping[str, int], free: tuple[str, ...], refuse: Refuse,
        *, host: str = "", patience: float = PATIENCE,
    ) -> None:  # fmt: skip
        self._app, self._headers, self._sizes, self._free, self._refuse = app, headers, sizes, free, refuse
        self._host, self._patience, self._reading = host, patience, 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = self._headers

        async def strict(message: Message) -> None:
            if message["type"] == "http.response.start":
                sent = MutableHeaders(scope=message)
                for name, value in headers.items():
                    sent.setdefault(name, value)
            await send(message)

        if (
            scope["method"] == "POST"
            and not scope["path"].startswith(self._free)
            and not self._is_own(Headers(scope=scope))
        ):
            await self._refuse(403)(scope, receive, strict)
            return
        if scope["method"] in ("GET", "HEAD"):
            await self._app(scope, receive, strict)
            return
        body = await self._read(scope, receive)
        if isinstance(body, int):
            await self._refuse(body)(scope, receive, strict)
        else:
            await self._app(scope, _replay(body, receive), strict)

    def _is_own(self, headers: Headers) -> bool:
        """Whether a form was sent by a page of this server, as far as the browser says."""
        site = headers.get("sec-fetch-site")
        if site is not None:
            return site in ("same-origin", "none")
        origin = headers.get("origin")
        return origin is None or urlsplit(origin).netloc in (headers.get("host"), self._host or None)

    async def _read(self, scope: Scope, receive: Receive) -> bytes | int:
        """The whole body, or the status that says why it is not there."""
        if self._reading >= MOST_BODIES:
            return 503
        most = next((size for beginning, size in self._sizes.items() if scope["path"].startswith(beginning)), MAX_BODY)
        self._reading += 1
        try:
            async with asyncio.timeout(self._patience):
                return await _read_whole(receive, most)
        except TimeoutError:
            return 408
        finally:
            self._reading -= 1


async def _read_whole(receive: Receive, most: int) -> bytes | int:
    body = bytearray()
    while len(body) <= most:
        message = await receive()
        if message["type"] == "http.disconnect":
            return 400
        body += message.get("body", b"")
        if not message.get("more_body", False):
            break
    return bytes(body) if len(body) <= most else 413


def _replay(body: bytes, receive: Receive) -> Receive:
    """What gives a body that was read already, once; then what comes after it."""
    left = [body]

    async def again() -> Message:
        if left:
            return {"type": "http.request", "body": left.pop(), "more_body": False}
        return await receive()

    return again
