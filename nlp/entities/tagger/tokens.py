"""Text -> tokens and what can be read off a token's letters. Training and use share this one module.

A token is a run of letters and digits, or one other mark: hyphens, slashes and brackets part words, because
names begin and end there ("T-cell-derived", "CD34+"). What is before a token (nothing, a blank, a line
break) is a feature of its own.
"""

from __future__ import annotations

import re

TOKEN = re.compile(r"[^\W_]+|[^\w\s]|_")
GLUED, SPACED, BROKEN = 0, 1, 2  # what is before the token
SHAPES = 64
_DIGITS = re.compile(r"\d")
_RUNS = re.compile(r"(.)\1{2,}")


def find_tokens(text: str) -> tuple[list[str], list[int], list[int], list[int]]:
    """Surfaces, starts, ends, and what is before each token."""
    words: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    before: list[int] = []
    last = 0
    for match in TOKEN.finditer(text):
        start = match.start()
        words.append(match.group())
        starts.append(start)
        ends.append(match.end())
        if start == last:
            before.append(GLUED if start else BROKEN)
        else:
            before.append(BROKEN if "\n" in text[last:start] else SPACED)
        last = match.end()
    return words, starts, ends, before


def norm(word: str) -> str:
    """The form under which a word has its vector: small letters, every digit 0, at most 30 characters."""
    return _DIGITS.sub("0", word.lower())[:30]


def shape(word: str) -> str:
    """Letters as x and X, digits as 0, other marks as they are; runs of more than two are cut to two."""
    outline = "".join("X" if c.isupper() else "x" if c.isalpha() else "0" if c.isdigit() else c for c in word[:20])
    return _RUNS.sub(r"\1\1", outline)


def affixes(word: str) -> tuple[str, str, str, str]:
    """First three and four, last three and four characters of the normed word, marked with their place."""
    w = norm(word)
    return "^" + w[:3], "^^" + w[:4], w[-3:] + "$", w[-4:] + "$$"
