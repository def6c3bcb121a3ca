"""A real HTTP server on loopback for tests: routes are plain data, every request is remembered.

It listens on 127.0.0.1 to 127.0.0.9 so that one server can be many hosts, each with its own politeness; nothing else
can reach it. A route is a list of `Reply`s: the k-th request of an address gets the k-th, the
last one stays.
"""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from collections.abc import Iterator
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
    delay: float = 0  # seconds before the first byte
    chunks: int = 0  # endless-looking: so many times `body`, without a length


@dataclass(frozen=True)
class Seen:
    host: str
    path: str
    headers: dict[str, str]
    at: float


class Wire:
    """`wire.route("/feed", Reply(...), ...)`, `wire.url("/feed", host="127.0.0.2")`, `wire.paths()`."""

    def __init__(self) -> None:
        self.routes: dict[str, list[Reply]] = {}
        self.seen: list[Seen] = []
        self.most_at_once: dict[str, int] = defaultdict(int)  # host -> requests that were open together
        self._open: dict[str, int] = defaultdict(int)
        self._count: dict[str, int] = defaultdict(int)
        self._lock = threading.Lock()
        first = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.port: int = first.server_address[1]
        more = [ThreadingHTTPServer((host, self.port), self._handler()) for host in HOSTS[1:]]
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
            self.seen.append(Seen(host, path, headers, time.monotonic()))
            key = f"{host}|{path}" if f"{host}|{path}" in self.routes else path
            replies = self.routes.get(key)
            if not replies:
                return Reply(404, b"nothing here")
            reply = replies[min(self._count[key], len(replies) - 1)]
            self._count[key] += 1
        if reply.etag and headers.get("if-none-match") == reply.etag:
            return Reply(304, headers={"etag": reply.etag})
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
                if reply.etag and reply.status != 304:
                    self.send_header("etag", reply.etag)
                if reply.chunks:
                    self.send_header("connection", "close")
                    self.end_headers()
                    for _ in range(reply.chunks):
                        self.wfile.write(reply.body)
                    self.close_connection = True
                    return
                if reply.status != 304:
                    self.send_header("content-length", str(len(reply.body)))
                self.end_headers()
                self.wfile.write(reply.body)

            def log_message(self, *_: object) -> None:
                pass

        return Handler
