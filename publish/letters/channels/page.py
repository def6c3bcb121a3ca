"""The channel `page`: letters that nobody is sent. They are read at the letters desk, at /letters/ADDRESS.

It is for the questions that the site offers ready made: their letters are public. An address is a short name in lower
case, the part of the page's address. A letter counts as sent once it is written; its content is kept with it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime

from core.config import Strict
from core.errors import UsageError
from publish.letters.bodies import confirmation_of, html_of
from publish.letters.channels import Receipt
from publish.letters.letter import Letter

SUFFIX = ".html"
_NAME = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")


class Settings(Strict):
    """`[letters.page]`: nothing to set."""


def check_address(text: str) -> str:
    """The name of the page. Raises UsageError."""
    name = text.strip()
    if not _NAME.fullmatch(name) or len(name) > 80:
        raise UsageError(f"{name[:80]!r} is not the name of a page", hint="small letters, digits and hyphens")
    return name


def render(letter: Letter, *, ident: str, to: str, settings: Settings, moment: datetime) -> bytes:
    """The letter as a whole HTML page."""
    return html_of(letter).encode()


def render_confirmation(
    site: str,
    home: str,
    name: str,
    query: str,
    link: str,
    *,
    ident: str,
    to: str,
    settings: Settings,
    moment: datetime,
) -> bytes:
    """The question whether the letters are wanted, as a whole HTML page."""
    return confirmation_of(site, home, name, query, link)[1].encode()


def deliver(message: bytes, settings: Settings, *, to: str, secret: str, claim: Callable[[], bool]) -> Receipt:
    """Nothing leaves: the desk shows what is kept."""
    return Receipt(state="sent", reply="kept") if claim() else Receipt(state="withdrawn", reply="")
