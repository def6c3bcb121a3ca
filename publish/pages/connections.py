"""Connections of the site: what a client may take its time with, and when it has taken too long.

uvicorn sets no limit to the time that the rest of a request takes, nor to that of a client that does not read. In
order:
1. a request must be there, headers and body, HALF_SENT seconds after its first byte (or after the connection was made);
2. what waits to be read by the client must shrink within NOT_READ seconds. Otherwise the connection is cut, and the
   work for it ends (`publish.pages.access_policy`);
3. at most CONNECTIONS are open; one more is answered with 503.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

HALF_SENT, NOT_READ, IDLE = 10.0, 15.0, 5  # seconds
CONNECTIONS = 400  # of 1,024 files that a process may open by default


class Connection(H11Protocol):
    """A connection that is cut when its client keeps it waiting."""

    _rest: asyncio.TimerHandle | None = None  # until the rest of a request must be there
    _read: asyncio.TimerHandle | None = None  # until something must have been read

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._wait_for_rest()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        self._wait_for_rest()

    def pause_writing(self) -> None:
        super().pause_writing()
        self._read = self.loop.call_later(NOT_READ, self.transport.abort)

    def resume_writing(self) -> None:
        super().resume_writing()
        cancel(self._read)

    def connection_lost(self, exc: Exception | None) -> None:
        cancel(self._rest)
        cancel(self._read)
        super().connection_lost(exc)

    def _wait_for_rest(self) -> None:
        """Set the clock where a request is awaited or has begun, and stop it where all of it is there."""
        whole = self.cycle is not None and not self.cycle.response_complete and not self.cycle.more_body
        if whole:
            cancel(self._rest)
            self._rest = None
        elif self._rest is None:
            self._rest = self.loop.call_later(HALF_SENT, self.transport.abort)


def cancel(timer: asyncio.TimerHandle | None) -> None:
    """Stop a clock."""
    if timer is not None:
        timer.cancel()


def make_server(app: Callable[..., Any]) -> uvicorn.Server:
    """A server of an application, with these limits. It is started with `run(sockets=[…])`."""
    return uvicorn.Server(
        uvicorn.Config(
            app, http=Connection, ws="none", log_level="warning", lifespan="on", server_header=False,
            timeout_keep_alive=IDLE, timeout_graceful_shutdown=5, limit_concurrency=CONNECTIONS,
        )
    )  # fmt: skip
