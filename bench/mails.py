"""Mails as a reader has them: the sections and entries of their text, and the pages that those lead to.

A heading is a line over a row of equal signs; an entry begins with a star, and what belongs to it
is indented. What is wrapped is one text again.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import policy
from email.parser import BytesParser
from pathlib import Path

CHANGES = ("About what we told you", "Changed")  # the sections of updates
END = "-- "  # what follows is about the letters, not of the letter
_ROW = re.compile(r"^=+$")
_PAGE = re.compile(r"/(?P<kind>[ds])/(?P<key>[0-9a-f]{12})\b")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One entry of a mail. `pages`: the kind (d: a document, s: a story) and key of what it leads to, in order."""

    section: str
    text: str
    pages: tuple[tuple[str, str], ...]

    @property
    def is_update(self) -> bool:
        return self.section in CHANGES


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """A mail that arrived."""

    to: str
    subject: str
    text: str
    entries: tuple[Entry, ...]


def read_mails(folder: Path) -> list[Mail]:
    """The mails of a folder, in the order in which they came."""
    return [read_mail(path.read_bytes()) for path in sorted(folder.glob("*.eml"))]


def read_mail(wire: bytes) -> Mail:
    """A mail as it was received. Raises ValueError for one without a plain text."""
    message = BytesParser(policy=policy.default).parsebytes(wire)
    body = message.get_body(("plain",))
    if body is None:
        raise ValueError("a mail without a plain text")
    text = body.get_content()
    return Mail(
        to=str(message["To"]), subject=str(message["Subject"]), text=text, entries=tuple(split_entries(text))
    )  # fmt: skip


def split_entries(text: str) -> Iterator[Entry]:
    """The entries of a text under their headings.

    >>> [(one.section, one.text) for one in split_entries("Changed\\n=======\\n\\n* Update: a\\n  b\\n\\nEnd\\n===\\n")]
    [('Changed', 'Update: a b')]
    """
    section, before = "", ""
    lines: list[str] = []
    for line in [*text.splitlines(), END]:
        if line.startswith("  ") and lines:
            lines.append(line)
        elif line:
            if lines:
                yield _make_entry(section, lines)
            section = before if _ROW.match(line) else section
            lines, before = [line.removeprefix("* ")] if line.startswith("* ") else [], line
        if line == END:
            return


def _make_entry(section: str, lines: list[str]) -> Entry:
    text = " ".join(" ".join(lines).split())
    return Entry(section=section, text=text, pages=tuple((one["kind"], one["key"]) for one in _PAGE.finditer(text)))
