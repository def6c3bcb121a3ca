"""Clean text from outside: one line, no invisible characters, none that change the reading direction."""

from __future__ import annotations

import re
import unicodedata

# C0 and C1 controls, bidi embeddings, overrides and isolates, lone surrogates, soft hyphens, zero-width spaces.
_UNWANTED = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\xad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060\u2066-\u2069\ufeff\ufff9-\ufffb\ufffe\uffff\ud800-\udfff]"
)
_WORD = re.compile(r"\w+")
_NO_WORD = re.compile(r"[\W_]+")


def clean_line(text: str) -> str:
    """One line of composed (NFC) text without controls, direction marks, lone surrogates and soft hyphens."""
    line = " ".join(text.split())
    if line.isascii() and line.isprintable():
        return line
    if not line.isprintable():
        line = " ".join(_UNWANTED.sub("", line).split())
    return line if unicodedata.is_normalized("NFC", line) else unicodedata.normalize("NFC", line)


def comparable_words(text: str) -> str:
    """The words in lower case with one space between: to compare texts that look the same."""
    return " ".join(_WORD.findall(text.lower()))


def comparable_letters(text: str) -> str:
    """Letters and digits only, in lower case: to compare texts with different spacing."""
    return _NO_WORD.sub("", text.lower())
