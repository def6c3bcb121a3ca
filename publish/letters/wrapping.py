"""Plain text in columns of a terminal: how wide it is there, and where its lines break.

Letters of East Asian scripts and emoji take two columns, combining marks and joiners none. A line breaks between words,
in Chinese and Japanese between any two signs (not before a full stop or a closing bracket). A word that is wider than a
whole line, such as a long identifier, breaks between its letters.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

COLUMNS = 70
_NO_WIDTH = {"Mn", "Me", "Cf", "Cc"}
_JOINED = (("\u1160", "\u11ff"), ("\ud7b0", "\ud7ff"))  # Korean vowels and finals that are written into the sign before
_SIGN = "\u3005-\u3007\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_STAYS = "\u3001\u3002\uff0c\uff0e\uff01\uff1f\uff1a\uff1b\uff09\u300d\u300f\u3011\u300b\u201d\u2019)\\].,;:!?*"
_PIECE = re.compile(f"[{_SIGN}][{_STAYS}\u0300-\u036f\u3099\u309a\ufe00-\ufe0f]*|[^{_SIGN}]+")


def columns_of(text: str) -> int:
    """How many columns of a terminal `text` takes.

    >>> columns_of("cell"), columns_of("세포"), columns_of("e\\u0301")
    (4, 4, 1)
    """
    return len(text) if text.isascii() and text.isprintable() else sum(_width(char) for char in text)


def _width(char: str) -> int:
    if unicodedata.category(char) in _NO_WIDTH or any(first <= char <= last for first, last in _JOINED):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def wrap(text: str, *, first: str = "", rest: str | None = None, width: int = COLUMNS) -> str:
    """`text` in lines of at most `width` columns. `first` begins the first line, `rest` the others.

    `rest` is as many spaces as `first` takes columns, unless it is given.

    >>> print(wrap("one two three", first="* ", width=9))
    * one two
      three
    """
    rest = " " * columns_of(first) if rest is None else rest
    lines: list[str] = []
    line, left, fresh = first, width - columns_of(first), True
    for gap, piece in _pieces(text):
        between = "" if fresh else gap
        if len(between) + columns_of(piece) > left and not fresh:
            lines.append(line)
            line, left, between = rest, width - columns_of(rest), ""
        while columns_of(piece) > left:
            start = _start_of(piece, left)
            lines.append(line + start)
            piece, line, left = piece[len(start) :], rest, width - columns_of(rest)
            between = ""
        line, left = line + between + piece, left - len(between) - columns_of(piece)
        fresh = False
    return "\n".join(one.rstrip() for one in [*lines, line])


def _pieces(text: str) -> Iterator[tuple[str, str]]:
    """(what comes before, piece): between two pieces a line may break."""
    for word in text.split():
        for place, piece in enumerate(_PIECE.findall(word)):
            yield "" if place else " ", piece


def _start_of(word: str, left: int) -> str:
    """The start of a word that fits `left` columns, at least one letter, whole with the marks that join it."""
    used = end = 0
    for place, char in enumerate(word):
        used += _width(char)
        if used > left and place:
            break
        end = place + 1
    return word[:end]
