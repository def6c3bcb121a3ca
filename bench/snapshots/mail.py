"""A mail server on loopback that keeps what it is given, and its mails as rows."""

from __future__ import annotations

import email
import email.policy
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller

from bench.snapshots.pages import free_port
from bench.snapshots.tables import Plain, Row, Table


class Inbox:
    """Handler of aiosmtpd; `mails` holds (recipients, message) in the order of arrival."""

    def __init__(self) -> None:
        self.mails: list[tuple[tuple[str, ...], bytes]] = []

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        self.mails.append((tuple(envelope.rcpt_tos), bytes(envelope.content)))
        return "250 taken"

    def take(self) -> list[tuple[tuple[str, ...], bytes]]:
        """The mails since the last call."""
        taken, self.mails = self.mails, []
        return taken


@contextmanager
def mail_server() -> Iterator[tuple[int, Inbox]]:
    """Yields (port, inbox)."""
    inbox = Inbox()
    controller = Controller(inbox, hostname="127.0.0.1", port=free_port())
    controller.start()
    try:
        yield controller.port, inbox
    finally:
        controller.stop()


def mail_table(mails: Sequence[tuple[tuple[str, ...], bytes]], plain: Plain) -> Table:
    """One row per mail: recipients, headers without the boundary, and the decoded text of each part."""
    columns = ("to", "headers", "parts")
    return Table(name="mail", columns=columns, rows=[_row(to, data, plain) for to, data in mails])


def _row(to: tuple[str, ...], data: bytes, plain: Plain) -> Row:
    message = email.message_from_bytes(data, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    headers = {name: str(value) for name, value in message.items() if name.lower() != "content-type"}
    parts = [(part.get_content_type(), part.get_content()) for part in message.walk() if not part.is_multipart()]
    return {
        "to": " ".join(to),
        "headers": plain.text(json.dumps(headers, ensure_ascii=False, sort_keys=True)),
        "parts": plain.text(json.dumps(parts, ensure_ascii=False)),
    }
