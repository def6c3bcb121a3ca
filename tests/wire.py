"""A real HTTP server on loopback for tests: routes are plain data, every request is remembered.

It listens on 127.0.0.1 to 127.0.0.9 so that one server can be many hosts, each with its own politeness; nothing else
can reach it. (`hosts` says otherwise: several servers on one address, each with a port, are many hosts, too.) A
route is a list of `Reply`s: the k-th request of an address gets the k-th, the last one stays.
"""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

HOSTS = tuple(f"127.0.0.{number}" for number in range(1, 10))


@dataclass(frozen=True)
class Reply:
    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    etag: str | None = None  # answers 304 to a request that carries it
    modified: str | None = None  # the same for If-Modified-Since, if no ETag was sent along
    delay: float = 0  # seconds before the first byte
    chunks: int = 0  # endless-looking: so many times `body`, without a length
    pieces: int = 0  # HTTP's own chunked coding: `body` in about so many pieces

    def is_known_to(self, headers: dict[str, str]) -> bool:
        """Whether the request says that it holds this answer already (RFC 9110, 13.2.2: an ETag decides alone)."""
        if self.status != 200:
            return False
        if self.etag and "if-none-match" in headers:
            return headers["if-none-match"] == self.etag
        return self.modified is not None and headers.get("if-modified-since") == self.modified


@dataclass(frozen=True)
class Seen:
    host: str
    path: str
    headers: dict[str, str]
    status: int  # that was answered


class Wire:
    """`wire.route("/feed", Reply(...), ...)`, `wire.url("/feed", host="127.0.0.2")`, `wire.paths()`."""

    def __init__(self, hosts: Sequence[str] = HOSTS) -> None:
        self.routes: dict[str, list[Reply]] = {}
        self.seen: list[Seen] = []
        self.most_at_once: dict[str, int] = defaultdict(int)  # host -> requests that were open together
        self._open: dict[str, int] = defaultdict(int)
        self._count: dict[str, int] = defaultdict(int)
        self._lock = threading.Lock()
        first = ThreadingHTTPServer((hosts[0], 0), self._handler())
        self.port: int = first.server_address[1]
        more = [ThreadingHTTPServer((host, self.port), self._handler()) for host in hosts[1:]]
        self._servers = [first, *more]
        for server in self._servers:
            server.daemon_threads = True
            server.handle_error = lambda *_: None  # type: ignore[method-assign]  # clients that hang up are the point
            threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def close(self) -> None:
        for server in self._servers:
            server.shutdown()
            server.server_close()

    def url(self, path: str, host: str = "127.0.0.1") -> str:
        return f"http://{host}:{self.port}{path}"

    def route(self, path: str, *replies: Reply) -> None:
        """Replace what an address answers; `host|path` for one host only."""
        with self._lock:
            self.routes[path] = list(replies)
            self._count[path] = 0

    def paths(self, *, robots: bool = False) -> list[str]:
        return [seen.path for seen in self.seen if robots or seen.path != "/robots.txt"]

    def forget(self) -> None:
        self.seen.clear()

    def _reply(self, host: str, path: str, headers: dict[str, str]) -> Reply:
        with self._lock:
            key = f"{host}|{path}" if f"{host}|{path}" in self.routes else path
            replies = self.routes.get(key) or [Reply(404, b"nothing here")]
            reply = replies[min(self._count[key], len(replies) - 1)]
            self._count[key] += 1
            if reply.is_known_to(headers):
                reply = Reply(304, etag=reply.etag, modified=reply.modified)
            self.seen.append(Seen(host, path, headers, reply.status))
        return reply

    @contextmanager
    def _counted(self, host: str) -> Iterator[None]:
        with self._lock:
            self._open[host] += 1
            self.most_at_once[host] = max(self.most_at_once[host], self._open[host])
        try:
            yield
        finally:
            with self._lock:
                self._open[host] -= 1

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        wire = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                headers = {name.lower(): value for name, value in self.headers.items()}
                host = headers.get("host", "").rpartition(":")[0]
                with wire._counted(host):  # until the answer begins: what the client does then is its next request
                    reply = wire._reply(host, self.path, headers)
                    time.sleep(reply.delay or 0.005)
                try:
                    self._answer(reply)
                except (BrokenPipeError, ConnectionResetError):
                    self.close_connection = True

            def _answer(self, reply: Reply) -> None:
                self.send_response(reply.status)
                for name, value in reply.headers.items():
                    self.send_header(name, value)
                for name, validator in (("etag", reply.etag), ("last-modified", reply.modified)):
                    if validator:
                        self.send_header(name, validator)
                if reply.chunks:
                    self.send_header("connection", "close")
                    self.end_headers()
                    for _ in range(reply.chunks):
                        self.wfile.write(reply.body)
                    self.close_connection = True
                    return
                if reply.pieces:
                    self._answer_in_pieces(reply)
                    return
                if reply.status != 304:
                    self.send_header("content-length", str(len(reply.body)))
                self.end_headers()
                self.wfile.write(reply.body)

            def _answer_in_pieces(self, reply: Reply) -> None:
                self.send_header("transfer-encoding", "chunked")
                self.end_headers()
                size = max(1, len(reply.body) // reply.pieces)
                for start in range(0, len(reply.body), size):
                    piece = reply.body[start : start + size]
                    self.wfile.write(f"{len(piece):x}\r\n".encode() + piece + b"\r\n")
                self.wfile.write(b"0\r\n\r\n")

            def log_message(self, *_: object) -> None:
                pass

        return Handler
