"""What happens to a request before a page sees it, and to its answer after: one edition, headers, few SQL at a time.

For each request, in order:
1. Host and scheme become those of the site's own address: nothing a reader sends ends up in a link.
2. The edition is chosen and kept to the end of the request.
3. A browser that holds this very page of this edition (ETag) gets 304, before any query.
4. Pages of Datasette's that tell about the machine do not exist here; the index of words has no table pages.
5. Datasette's own pages, which run readers' SQL, are answered a few at a time; a short queue waits, then 503.
6. Answers get security headers: a strict policy on our pages (no script, nothing from elsewhere), a looser one on
   Datasette's own.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, MutableMapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from core.config import ROOT
from core.facets import facets
from publish.pages.datasette_parts import NAME, Site
from publish.pages.edition_database import EditionDatabase, EditionFile
from publish.pages.error_page import error_page

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Message, Receive, Send], Awaitable[None]]

STRICT = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
LOOSE = (
    "default-src 'none'; style-src 'self' 'unsafe-inline'; script-src 'self' 'unsafe-inline'; img-src 'self' data:;"
    " connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
ALWAYS = {
    b"x-content-type-options": b"nosniff",
    b"referrer-policy": b"same-origin",
    b"cross-origin-opener-policy": b"same-origin",
    b"permissions-policy": b"camera=(), geolocation=(), microphone=(), interest-cohort=()",
}
CLOSED = re.compile(
    r"/-/(databases|threads|versions|plugins|actor|allow-debug|permissions|messages|patterns|logout|auth-token|settings)"
)
INDEX = re.compile(r"search_(data|idx|content|docsize|config)", re.IGNORECASE)
AT_ONCE, QUEUE, PATIENCE = 2, 8, 4.0  # requests; requests; seconds
CODE = ("datasette", "publish", "core")
MADE = {"editions", "__pycache__"}


class LaneFull(Exception):
    """Too many requests wait already, or this one has waited too long."""


class Lane:
    """A place for AT_ONCE requests; QUEUE more wait, each at most PATIENCE seconds."""

    def __init__(self) -> None:
        self._places, self._waiting = asyncio.Semaphore(AT_ONCE), 0

    @contextlib.asynccontextmanager
    async def enter(self) -> AsyncIterator[None]:
        """Hold one of the places. Raises LaneFull."""
        if self._waiting >= QUEUE:
            raise LaneFull
        self._waiting += 1
        try:
            await asyncio.wait_for(self._places.acquire(), PATIENCE)
        except TimeoutError as error:
            raise LaneFull from error
        finally:
            self._waiting -= 1
        try:
            yield
        finally:
            self._places.release()


class Exchange:
    """One request under the policy: what is asked, the edition that answers, and the headers of the answer."""

    def __init__(self, scope: Message, send: Send, file: EditionFile, look: str) -> None:
        self.scope, self._send, self.file = scope, send, file
        self.path: str = scope["path"]
        self.reads = scope["method"] in ("GET", "HEAD")
        in_data = self.path == f"/{NAME}" or self.path.startswith((f"/{NAME}/", f"/{NAME}."))
        self.runs_sql = in_data
        self.of_datasette = in_data or self.path.startswith("/-/")
        self.etag = f'"{file.facts["content"][:12]}-{file.facts["name"][9:]}-{look}"'.encode()

    @property
    def held(self) -> bool:
        """Whether the browser holds this page already."""
        return self.reads and self.etag in dict(self.scope["headers"]).get(b"if-none-match", b"")

    @property
    def names_index(self) -> bool:
        """Whether one of Datasette's pages is asked for the tables of the index of words."""
        pairs = parse_qsl(self.scope["query_string"].decode("latin-1"))
        return self.of_datasette and any(
            INDEX.search(text) for text in (self.path, *(t for pair in pairs for t in pair))
        )

    async def send(self, message: Message) -> None:
        """Pass a message on; the first one gets the headers."""
        if message["type"] == "http.response.start":
            message = dict(message, headers=list(self._headers(message)))
        await self._send(message)

    def _headers(self, message: Message) -> Iterator[tuple[bytes, bytes]]:
        kept = {name.lower(): value for name, value in message.get("headers", [])} | ALWAYS
        kept[b"content-security-policy"] = (LOOSE if self.of_datasette else STRICT).encode()
        if message["status"] == 200 and self.reads and b"set-cookie" not in kept:
            kept |= {b"cache-control": b"public, max-age=60", b"etag": self.etag}
        elif message["status"] != 304:
            kept[b"cache-control"] = b"no-store"
        yield from kept.items()

    async def send_unchanged(self) -> None:
        await self.send({"type": "http.response.start", "status": 304, "headers": [(b"etag", self.etag)]})
        await self.send({"type": "http.response.body", "body": b""})


class AccessPolicy:
    """Wraps the application."""

    def __init__(self, site: Site, app: App) -> None:
        self.site, self.app, self.lane, self.look = site, app, Lane(), digest_of_code()

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        database = self.site.databases.get(NAME)
        if scope["type"] != "http":
            await self.app(scope, receive, send)
        elif not isinstance(database, EditionDatabase):  # the first request of all: startup runs inside
            await self.app(self._at_home(scope), receive, send)
        else:
            await self._answer(Exchange(self._at_home(scope), send, database.begin(), self.look), receive)

    def _at_home(self, scope: Message) -> Message:
        """The request with the host and scheme of the site's own address."""
        home = urlsplit(self.site.stemwire.url)
        headers = [(name, value) for name, value in scope["headers"] if name not in (b"host", b"x-forwarded-host")]
        return dict(scope, headers=[*headers, (b"host", home.netloc.encode())], scheme=home.scheme)

    async def _answer(self, exchange: Exchange, receive: Receive) -> None:
        if exchange.held:
            await exchange.send_unchanged()
        elif CLOSED.match(exchange.path):
            await self._say(exchange, 404, "There is no such page.")
        elif exchange.names_index:
            await self._say(exchange, 403, "The index of words can be searched, not read.")
        else:
            with exchange.file.request():
                await self._pass_on(exchange, receive)

    async def _pass_on(self, exchange: Exchange, receive: Receive) -> None:
        if not exchange.runs_sql:
            await self.app(exchange.scope, receive, exchange.send)
            return
        try:
            async with self.lane.enter():
                await self.app(exchange.scope, receive, exchange.send)
        except LaneFull:
            text = "Other readers' queries are running. Please try again in a few seconds."
            await self._say(exchange, 503, text, {"retry-after": "5"})

    async def _say(self, exchange: Exchange, status: int, text: str, headers: dict[str, str] | None = None) -> None:
        response = await error_page(self.site, status, text, headers)
        await response.asgi_send(exchange.send)


def digest_of_code() -> str:
    """Digest of everything that decides how pages look; an ETag holds it."""
    total = hashlib.sha256()
    for path in find_code():
        total.update(path.read_bytes())
    return total.hexdigest()[:12]


def find_code() -> list[Path]:
    """The files that decide how pages look: CODE without what is made of it, and the declarations of facets."""
    found = {ROOT / facet.file for facet in facets().all}
    for folder in CODE:
        found |= {path for path in (ROOT / folder).rglob("*") if path.is_file() and not MADE & set(path.parts)}
    return sorted(found)


def may(action: str, resource: object) -> bool | None:
    """Datasette's question whether something is allowed: None leaves the answer to it.

    The index of words has no table pages, and nobody downloads the file.
    """
    if action == "view-table" and isinstance(resource, tuple | list) and INDEX.fullmatch(str(resource[1])):
        return False
    return False if action == "view-database-download" else None
