"""A mail server on this machine that delivers nothing: it takes every letter and writes it into a folder.

The demo sends to it. A letter is one file, `0001.eml` and so on, byte for byte as it came, numbered in the order in
which letters came; a file is whole as soon as it has its name. It listens on the loopback address only.
"""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path

from aiosmtpd.smtp import SMTP, Envelope, Session

from core.errors import UsageError

HOST = "127.0.0.1"
MOST_BYTES = 4_000_000  # of one letter


class Sink:
    """Writes what comes. `folder` is made where it is not there."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """The answer to a letter."""
        content = envelope.original_content or b""
        number = max(list_numbers(self._folder), default=0) + 1
        part = self._folder / f"{number:04d}.part"
        part.write_bytes(content)
        part.replace(self._folder / f"{number:04d}.eml")
        return "250 taken"


def list_numbers(folder: Path) -> list[int]:
    """The numbers of the letters in a folder, in their order."""
    return sorted(int(path.stem) for path in folder.glob("*.eml") if path.stem.isascii() and path.stem.isdigit())


@contextmanager
def receiving(folder: Path, port: int) -> Iterator[int]:
    """Take letters for as long as the block runs; gives the port, which is chosen for 0. Raises UsageError."""
    sink, loop = Sink(folder), asyncio.new_event_loop()
    with closing(loop), socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((HOST, port))
        except OSError as error:
            raise UsageError(f"cannot listen on {HOST}:{port}", hint="--port takes another") from error
        protocol = partial(SMTP, sink, data_size_limit=MOST_BYTES, decode_data=False, loop=loop)
        server = loop.run_until_complete(loop.create_server(protocol, sock=listener))
        thread = threading.Thread(target=loop.run_forever, name="sink", daemon=True)
        thread.start()
        try:
            yield listener.getsockname()[1]
        finally:
            loop.call_soon_threadsafe(loop.stop)
            thread.join()
            loop.run_until_complete(_end(server))


async def _end(server: asyncio.Server) -> None:
    """Take no more, and end the talks that go on."""
    server.close()
    talks = asyncio.all_tasks() - {asyncio.current_task()}
    for talk in talks:
        talk.cancel()
    await asyncio.gather(*talks, return_exceptions=True)
