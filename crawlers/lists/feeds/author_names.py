"""Authors' names as feeds write them: one per field, or several in one."""

from __future__ import annotations

import re
from collections.abc import Iterable

from crawlers.lists.feeds.html_text import html_to_line

_EMAIL_WITH_NAME = re.compile(r"^\S+@\S+\s+\((.+)\)$")  # RSS 2.0: someone@example.org (Some One)
_EMAIL = re.compile(r"^\S+@\S+$")
_INITIALS = re.compile(r"^(?:[^\W\d_]\.?[\s-]?){1,4}(?:\s?(?:Jr|Sr|II|III)\.?)?$")
_PLACE = re.compile(
    r"\b(?:university|institut\w*|department|hospital|cent(?:er|re)|school|college|faculty|laborator\w+|inc|ltd|news)\b",
    re.I,
)
_ET_AL = re.compile(r"[\s,;]*\bet al\.?$", re.I)
_BY = re.compile(r"^(?:by|written by)\s+", re.I)


def parse_authors(raw: Iterable[str]) -> tuple[str, ...]:
    """Every person once, in order. E-mail addresses are dropped."""
    people: dict[str, None] = {}
    for value in raw:
        for name in split_names(html_to_line(value)):
            people.setdefault(name, None)
    return tuple(people)


def split_names(line: str) -> list[str]:
    """Split one field into names: at semicolons; at commas between full names or between pairs of surname and initials.

    >>> split_names("Kim, J., Lee, S. H."), split_names("Ada Lovelace, Alan Turing and Grace Hopper")
    (['Kim, J.', 'Lee, S. H.'], ['Ada Lovelace', 'Alan Turing', 'Grace Hopper'])
    """
    line = _BY.sub("", line.strip())
    with_name = _EMAIL_WITH_NAME.match(line)
    line = with_name[1] if with_name else line
    line = _ET_AL.sub("", line)
    if not line or _EMAIL.match(line):
        return []
    if ";" in line:
        return [name for part in line.split(";") for name in split_names(part)]
    parts = [part for piece in line.split(",") if (part := piece.strip())]
    if len(parts) >= 2 and len(parts) % 2 == 0 and all(_INITIALS.match(part) for part in parts[1::2]):
        return [f"{last}, {first}" for last, first in zip(parts[::2], parts[1::2], strict=True)]
    if len(parts) >= 2:
        final = re.split(r"\s+(?:and|&)\s+", re.sub(r"^(?:and|&)\s+", "", parts[-1]))
        full = [*parts[:-1], *final]
        enough = len(full) > 2 or len(final) > 1  # `Some One, Some Place` is one person
        return full if enough and all(" " in name for name in full) and not _PLACE.search(line) else [line]
    pair = re.split(r"\s+(?:and|&)\s+", line)
    return pair if len(pair) == 2 and all(" " in name for name in pair) else [line]
