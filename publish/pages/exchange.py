"""One request and its answer on the wire: what is asked for, and the headers that every answer gets.

In order:
1. host and scheme become those of the site's own address: nothing a reader sends ends up in a link;
2. the kind of the address decides what may be done with it: our own pages, Datasette's pages about the data, static
   files, and /-/mcp for assistants;
3. an answer with status 200 gets an ETag (edition and code) and may be kept for a minute, a file whose address names
   its content for a year; all others are not kept. Where a browser holds what 200 would bring, it gets 304 instead;
4. security headers: a strict policy on our pages (one script, by its hash; nothing from elsewhere), a looser one on
   Datasette's.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterator, MutableMapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from publish.pages.answer_cache import Key
from publish.pages.assets import script_hash
from publish.pages.datasette_parts import NAME
from publish.pages.edition_file import EditionFile

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Message, Receive, Send], Awaitable[None]]

STRICT = (
    f"default-src 'none'; script-src '{script_hash()}'; connect-src 'self'; style-src 'self'; img-src 'self';"
    " form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
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
    b"vary": b"Accept-Encoding",  # nothing else that a reader sends changes an answer
}
MINUTE, YEAR = b"public, max-age=60", b"public, max-age=31536000, immutable"
INDEX = re.compile(r"search_(data|idx|content|docsize|config)", re.IGNORECASE)
SEARCH = re.compile(r"/(search|feed)([./]|$)")
STATIC = ("/static/", "/-/static/", "/-/static-plugins/", "/favicon.ico")
ASSISTANTS = "/-/mcp"
OPEN = re.compile(r"/-/(metadata(\.json)?|mcp|static/.*|static-plugins/.*)$")  # of the pages below /-/
PACKED = (b"image/png", b"image/jpeg", b"image/x-icon", b"image/vnd", b"font/", b"application/zip", b"application/gzip")


class Exchange:
    """One request under the policy: what is asked, the edition that answers, and the headers of the answer.

    `lasting`: whether the address names its content, so that it can never change.
    """

    def __init__(
        self, scope: Message, send: Send, file: EditionFile, *, home: str, look: str, lasting: bool = False
    ) -> None:
        self._send, self.file, self._lasting = send, file, lasting
        self.path: str = scope["path"]
        self.method: str = scope["method"]
        in_data = self.path == f"/{NAME}" or self.path.startswith((f"/{NAME}/", f"/{NAME}."))
        self.static = self.path.startswith(STATIC)
        self.of_assistants = self.path == ASSISTANTS
        self.runs_sql = in_data or self.of_assistants
        self.searches = SEARCH.match(self.path) is not None
        self.of_datasette = in_data or self.path.startswith("/-/")
        sent = dict(scope["headers"])
        self._packs = takes_gzip(sent.get(b"accept-encoding", b""))
        self.etag = f'W/"{file.facts["content"][:12]}-{file.facts["name"][9:]}-{look}"'.encode()
        self._held = _names(sent.get(b"if-none-match", b""), self.etag)
        self._empty = False  # whether what the application sends is dropped
        self.scope = _at_home(scope, home, self._packs)

    @property
    def methods(self) -> tuple[str, ...]:
        """The methods that the address takes."""
        return ("POST",) if self.of_assistants else ("GET", "HEAD")

    @property
    def closed(self) -> bool:
        """Whether it asks for one of Datasette's pages about the machine."""
        return self.path.startswith("/-/") and not OPEN.match(self.path)

    @property
    def names_index(self) -> bool:
        """Whether one of Datasette's pages is asked for the tables of the index of words."""
        pairs = parse_qsl(self.scope["query_string"].decode("latin-1"))
        return self.of_datasette and any(
            INDEX.search(text) for text in (self.path, *(t for pair in pairs for t in pair))
        )

    @property
    def key(self) -> Key | None:
        """What the answer is kept under; None for what readers' SQL decides, and for files."""
        if self.of_datasette or self.static:
            return None
        return self.scope.get("raw_path") or self.path.encode(), self.scope["query_string"], self._packs

    async def send(self, message: Message) -> None:
        """Pass a message on; the first one gets the headers."""
        if message["type"] == "http.response.start":
            message = dict(message, headers=list(self._headers(message)))
            if message["status"] == 200 and self._held:
                message["status"], self._empty = 304, True
        elif self._empty:
            if message.get("more_body"):
                return
            message = dict(message, body=b"")
        await self._send(message)

    def _headers(self, message: Message) -> Iterator[tuple[bytes, bytes]]:
        kept = {name.lower(): value for name, value in message.get("headers", [])} | ALWAYS
        kept[b"content-security-policy"] = (LOOSE if self.of_datasette else STRICT).encode()
        if kept.get(b"content-encoding") == b"identity":
            del kept[b"content-encoding"]
        if message["status"] == 200 and self.method in ("GET", "HEAD") and b"set-cookie" not in kept:
            kept |= {b"cache-control": YEAR if self._lasting else MINUTE, b"etag": self.etag}
            if self._held:
                kept = {name: value for name, value in kept.items() if not name.startswith(b"content-l")}
        else:
            kept[b"cache-control"] = b"no-store"
        yield from kept.items()


def leave_packed(app: App) -> App:
    """Mark answers that are packed already, so that they are not packed again."""

    async def marked(scope: Message, receive: Receive, send: Send) -> None:
        async def mark(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = list(message.get("headers", []))
                if any(name.lower() == b"content-type" and value.startswith(PACKED) for name, value in headers):
                    message = dict(message, headers=[*headers, (b"content-encoding", b"identity")])
            await send(message)

        await app(scope, receive, mark)

    return marked


def takes_gzip(accepted: bytes) -> bool:
    """Whether a header Accept-Encoding allows gzip.

    >>> takes_gzip(b"br, gzip;q=0.5"), takes_gzip(b"gzip;q=0, br"), takes_gzip(b"")
    (True, False, False)
    """
    for one in accepted.lower().split(b","):
        name, _, weight = one.partition(b";")
        if name.strip() in (b"gzip", b"x-gzip"):
            return not re.fullmatch(rb"\s*q\s*=\s*0(\.0*)?\s*", weight)
    return False


def _names(condition: bytes, etag: bytes) -> bool:
    """Whether a header If-None-Match names an ETag, strong or weak."""
    plain = etag.removeprefix(b"W/")
    return condition.strip() == b"*" or plain in (one.strip().removeprefix(b"W/") for one in condition.split(b","))


def _at_home(scope: Message, home: str, packs: bool) -> Message:
    """The request with the host and scheme of the site's own address."""
    address = urlsplit(home)
    dropped = (b"host", b"x-forwarded-host", b"accept-encoding")
    headers = [(name, value) for name, value in scope["headers"] if name not in dropped]
    headers += [(b"host", address.netloc.encode()), (b"accept-encoding", b"gzip" if packs else b"identity")]
    return dict(scope, headers=headers, scheme=address.scheme)
