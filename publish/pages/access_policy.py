"""What happens to a request before a page sees it, and to its answer after: one edition, few at a time, headers.

For each request, in order:
1. The edition is chosen and kept to the end of the request.
2. Pages only read: another method than GET and HEAD is answered with 405 (assistants send POST to /-/mcp). Pages of
   Datasette's that tell about the machine do not exist here; the index of words has no table pages.
3. An answer of our own pages that was given before is given again (`answer_cache.py`).
4. Searches, and Datasette's own pages, which run readers' SQL, are worked on a few at a time (`lanes.py`); beyond a
   short queue the answer is 503, at once.
5. The answer is held until it is whole, so that a reader who does not read keeps no place. One that is too long to be
   held goes on in the lane of long answers. When the reader is gone, the work is ended.
6. Answers are packed, and get their headers (`exchange.py`).
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
from pathlib import Path

from asgi_gzip import GZipMiddleware

from core.config import ROOT
from core.facets import facets
from publish.pages.answer_cache import Kept
from publish.pages.assets import is_lasting
from publish.pages.datasette_parts import NAME, Site
from publish.pages.edition_database import EditionDatabase
from publish.pages.error_page import error_page
from publish.pages.exchange import INDEX, App, Exchange, Message, Receive, Send, leave_packed
from publish.pages.lanes import Lane, LaneFull, Place

HELD = 1_000_000  # bytes of an answer that are held before it counts as long
PACKED_FROM, EFFORT = 500, 6  # bytes from which an answer is packed; zlib's level: 9 takes twice the time for 1 %
CODE = ("datasette", "publish", "core")
MADE = {"editions", "__pycache__"}
BUSY = {
    "sql": "Other readers' queries are running. Please try again in a few seconds.",
    "search": "Many people are searching just now. Please try again in a few seconds.",
}


class AccessPolicy:
    """Wraps the application."""

    def __init__(self, site: Site, app: App) -> None:
        self.site, self.plain, self.look = site, app, digest_of_code()
        self.app: App = GZipMiddleware(leave_packed(app), minimum_size=PACKED_FROM, compresslevel=EFFORT)
        self.lanes, self.long = {name: Lane(name) for name in BUSY}, Lane("long")

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        database = self.site.databases.get(NAME)
        if scope["type"] != "http":
            await self.plain(scope, receive, send)
        elif not isinstance(database, EditionDatabase):  # the first request of all: startup runs inside
            await self.plain(scope, _nothing_more, _swallow)
            await self(scope, receive, send)
        else:
            lasting = is_lasting(self.site, scope["path"], scope["query_string"].decode("latin-1"))
            home = self.site.stemwire.url
            exchange = Exchange(scope, send, database.begin(), home=home, look=self.look, lasting=lasting)
            await self._answer(exchange, receive)

    async def _answer(self, exchange: Exchange, receive: Receive) -> None:
        if exchange.closed:
            await self._say(exchange, 404, "There is no such page.")
        elif exchange.method not in exchange.methods:
            allowed = ", ".join(exchange.methods)
            await self._say(exchange, 405, f"This address takes {allowed} only.", {"allow": allowed})
        elif exchange.names_index:
            await self._say(exchange, 403, "The index of words can be searched, not read.")
        else:
            with exchange.file.request(runs_sql=exchange.runs_sql):
                if exchange.static:
                    await self.app(exchange.scope, receive, exchange.send)
                elif exchange.of_assistants:
                    await self._work(exchange, receive)
                else:
                    await self._until_gone(exchange, receive)

    async def _until_gone(self, exchange: Exchange, receive: Receive) -> None:
        """Answer, or stop when the reader is gone."""
        gone = asyncio.ensure_future(_wait_until_gone(receive))
        work = asyncio.ensure_future(self._answer_once(exchange))
        try:
            await asyncio.wait({gone, work}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            gone.cancel()
            work.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await work  # raises what the work has raised

    async def _answer_once(self, exchange: Exchange) -> None:
        """Give an answer that was given before, or make it and keep it."""
        key, answers = exchange.key, exchange.file.answers
        if key is None:
            await self._work(exchange, _nothing_more)
            return
        kept = await answers.begin(key)
        if kept is None:
            try:
                kept = await self._work(exchange, _nothing_more)
                if kept is not None:
                    answers.keep(key, kept)
            finally:
                answers.end(key)
            return
        for message in kept.messages:
            await exchange.send(dict(message))

    async def _work(self, exchange: Exchange, receive: Receive) -> Kept | None:
        """Let the application answer, in its lane. Returns the answer if it may be kept."""
        place, name = Place(), "sql" if exchange.runs_sql else "search" if exchange.searches else ""
        answer = Answer(exchange, place, self.long)
        try:
            await place.move(self.lanes.get(name))
            await self.app(exchange.scope, receive, answer.collect)
            place.give_back()
            if not answer.refused:
                return await answer.finish()
        except LaneFull:
            pass
        finally:
            place.give_back()
        await self._say(exchange, 503, BUSY.get(name, BUSY["search"]), {"retry-after": "5"})
        return None

    async def _say(self, exchange: Exchange, status: int, text: str, headers: dict[str, str] | None = None) -> None:
        response = await error_page(self.site, status, text, headers)
        await response.asgi_send(exchange.send)


class Answer:
    """An answer, held until it is whole or too long to be held."""

    def __init__(self, exchange: Exchange, place: Place, long: Lane) -> None:
        self._exchange, self._place, self._long = exchange, place, long
        self._messages: list[Message] = []
        self._size, self._passes, self.refused = 0, False, False

    async def collect(self, message: Message) -> None:
        """A message of the application. Raises LaneFull if the answer is long and too many are."""
        if self.refused:
            return  # what the application says of the exception
        if self._passes:
            await self._exchange.send(message)
            return
        if message["type"] == "http.response.start":  # an error page may take the place of what was begun
            self._messages, self._size = [], 0
        self._messages.append(message)
        self._size += len(message.get("body", b""))
        if self._size > HELD and message.get("more_body"):
            try:
                await self._place.move(self._long)
            except LaneFull:
                self.refused = True
                raise
            self._passes = True
            await self._send()

    async def finish(self) -> Kept | None:
        """Send what is held. Returns it if the same request would get the same again."""
        if self._passes:
            return None
        await self._send()
        kept = Kept([dict(message) for message in self._messages], self._size)
        return kept if self._messages and self._messages[0]["status"] < 500 and self._size <= HELD else None

    async def _send(self) -> None:
        for message in self._messages:
            await self._exchange.send(message)


async def _wait_until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _nothing_more() -> Message:
    """What the application receives of a request without a body."""
    return {"type": "http.request", "body": b"", "more_body": False}


async def _swallow(message: Message) -> None:
    """What the application sends to nobody."""


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
