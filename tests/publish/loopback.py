"""A site that listens on loopback, in a thread: for browsers, and for what the in-process client does not show."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import closing
from typing import Any, NamedTuple

from core.config import Config
from publish.pages.connections import make_server
from publish.pages.datasette_parts import without_time_limits
from publish.pages.serve import make_site


class Loopback(NamedTuple):
    """Where a site listens, and the connections that it holds open."""

    host: str
    port: int
    connections: set[Any]

    @property
    def url(self) -> str:
        return f"http://{self.host}:{self.port}"


def serve_on_loopback(config: Config) -> Iterator[Loopback]:
    site = make_site(config)
    without_time_limits(site)
    server = make_server(site.app())
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        thread = threading.Thread(target=lambda: server.run(sockets=[listener]))
        thread.start()
        try:
            host, port = listener.getsockname()
            yield Loopback(host, port, server.server_state.connections)
        finally:
            server.should_exit = True
            thread.join()
            site.get_database("stemwire").close()
            site.executor.shutdown()
