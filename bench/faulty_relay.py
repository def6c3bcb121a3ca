"""A mail relay on loopback that puts off, refuses or loses what it is offered, by a plan that a seed gives.

`offered` is what happened, in order: to whom, how it ended, and the mail where it arrived. A `lost` one arrived, and
the connection broke before the relay said so.
"""

from __future__ import annotations

import random
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Literal

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

Fate = Literal["sent", "deferred", "refused", "lost"]


@dataclass(frozen=True, slots=True)
class Offer:
    """A letter that was offered. `wire`: empty where it did not arrive."""

    to: str
    fate: Fate
    wire: bytes = b""


@dataclass(slots=True)
class Relay:
    """What is done with letters. The shares are of all that is offered. `at`: called at each step of a delivery."""

    chance: random.Random
    deferred: float = 0.0
    refused: float = 0.0
    lost: float = 0.0
    offered: list[Offer] = field(default_factory=list)
    at: Callable[[str], None] = lambda step: None

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        self.at("RCPT")
        drawn = self.chance.random()
        if drawn < self.deferred:
            self.offered.append(Offer(address, "deferred"))
            return "451 4.7.1 greylisted, come back later"
        if drawn < self.deferred + self.refused:
            self.offered.append(Offer(address, "refused"))
            return "550 5.1.1 no such user"
        session.fate = "lost" if drawn < self.deferred + self.refused + self.lost else "sent"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        fate: Fate = "lost" if session.fate == "lost" else "sent"
        wire = envelope.original_content or b""
        self.offered += [Offer(address, fate, wire) for address in envelope.rcpt_tos]
        self.at("DATA")
        if fate == "lost":
            server.transport.abort()
        return "250 taken"


@contextmanager
def listening(relay: Relay) -> Iterator[int]:
    """The port on which the relay listens while the block lasts."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    controller = Controller(relay, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield port
    finally:
        controller.stop()
