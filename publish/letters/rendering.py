"""What every channel does with a letter: its subject, its words for days, and text from outside made safe.

* `tidy_letter` makes a letter safe to show: every text on one line, bounded, without control characters; every address
  http(s) or empty; marks where their words are then. Every renderer calls it first. A second call changes nothing.
* `subject_of` says what a letter is about: the name of the first search that has something, how many others have, and
  counts, the gravest first.
* `to_json` and `from_json` keep a letter in `letter.content`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import fields, is_dataclass, replace
from datetime import date
from functools import cache
from typing import Any, TypeVar, cast
from urllib.parse import urlsplit

from pydantic import TypeAdapter, ValidationError

from core.errors import StemwireError
from core.text import headline, one_line
from publish.letters.letter import Letter, Marked, Update

MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
RHYTHMS = {
    "daily": "A letter comes each night that has something new.",
    "weekly": "A letter comes once a week, when there is something new.",
    "at once": "A letter comes when the status of something changes.",
}
NAME_WIDTH = 60
MAX_ADDRESS = 2000
ADDRESSES = {"page", "url", "address", "home", "manage", "stop"}  # fields of a letter that hold one
WIDTHS = {"title": 300, "name": 120, "query": 600, "text": 600, "detail": 600, "site": 80, "covers": 600}
WIDTH = 300  # of every other text
GRAVITY = ("retraction", "concern", "correction", "story", "update")
COUNTED_AS = {"retraction": "retraction", "concern": "concern", "correction": "correction", "number": "correction"}
WORDS = {
    "retraction": ("retraction", "retractions"),
    "concern": ("expression of concern", "expressions of concern"),
    "correction": ("correction", "corrections"),
    "story": ("new story", "new stories"),
    "update": ("update", "updates"),
}
_DAY = re.compile(r"(\d{4})-(0[1-9]|1[0-2])-([012]\d|3[01])")
_LINKED = re.compile(r"://|\bwww\.|[^\s\d]\.[^\W\d_]{2,}|@", re.IGNORECASE)

T = TypeVar("T")


class ContentError(StemwireError):
    """What is kept of a letter cannot be read."""


def subject_of(letter: Letter) -> str:
    """`Retina cells: 1 retraction, 1 new story, 1 update`; `Retina cells and 2 more: …`. Never empty, one line."""
    names = _names_of(letter)
    about = headline(names[0], NAME_WIDTH) if names else ""
    if len(names) > 1:
        about = f"{about} and {len(names) - 1} more"
    counts = counts_of(letter)
    if counts:
        said = ", ".join(counts)
    elif letter.elsewhere:
        said = _count(sum(len(one.texts) for one in letter.elsewhere), "more text", "more texts")
    elif letter.first or any(part.first for part in letter.parts):
        said = "set up"
    else:
        said = "finds more now"
    return f"{about or one_line(letter.site) or 'Letter'}: {said}"


def counts_of(letter: Letter) -> list[str]:
    """What is in a letter, the gravest first: `1 retraction`, `2 new stories`, `1 update`."""
    counts: Counter[str] = Counter(COUNTED_AS.get(one.kind, "update") for one in (*letter.about, *letter.changed))
    counts["story"] = sum(len(part.lines) + part.more for part in letter.parts)
    return [_count(counts[what], *WORDS[what]) for what in GRAVITY if counts[what]]


def _names_of(letter: Letter) -> list[str]:
    """Names of the searches that the letter has something of, each once: those with a change first."""
    changes: tuple[Update, ...] = (*letter.about, *letter.changed)
    full = [part.name or part.query for part in letter.parts if part.lines or part.before or part.covers or part.first]
    named = [one_line(name) for name in (*(one.because for one in changes), *full)]
    return list(dict.fromkeys(name for name in named if name))


def _count(number: int, one: str, many: str) -> str:
    return f"{number:,} {one if number == 1 else many}"


# --- text from outside ------------------------------------------------------------------------------------------------


def tidy_letter(letter: Letter) -> Letter:
    """The letter, safe to show in any format that is escaped."""
    return _tidied(letter, "")


def _tidied(value: T, name: str) -> T:
    tidied: Any = value
    if isinstance(value, Marked):
        tidied = tidy_marked(value)
    elif isinstance(value, str):
        tidied = (web_address(value) or "") if name in ADDRESSES else clip(value, WIDTHS.get(name, WIDTH))
    elif isinstance(value, tuple):
        tidied = tuple(_tidied(one, name) for one in value)
    elif is_dataclass(value) and not isinstance(value, type):
        tidied = replace(cast(Any, value), **{f.name: _tidied(getattr(value, f.name), f.name) for f in fields(value)})
    return cast(T, tidied)


def clip(text: str, width: int) -> str:
    """`headline`, and what a cut leaves at the end (a joiner without its letter) removed."""
    return one_line(headline(text, width))


def tidy_marked(marked: Marked, width: int = WIDTHS["text"]) -> Marked:
    """A text made safe, with its marks where their words are then; a mark that was cut off is gone."""
    text = clip(marked.text, width)
    end = len(text) - (text != one_line(marked.text))  # the ellipsis is not part of any word
    marks: list[tuple[int, int]] = []
    place = 0
    for start, stop in sorted(marked.marks):
        if text == marked.text:
            found = start if place <= start < stop <= len(text) else -1
            length = stop - start
        else:
            words = one_line(marked.text[max(start, 0) : stop])
            found, length = (text.find(words, place, end) if words else -1), len(words)
        if found >= 0:
            marks.append((found, found + length))
            place = found + length
    return Marked(text=text, marks=tuple(marks))


def web_address(text: str | None) -> str | None:
    """`text` if it is an http(s) address that can be written as it is; else None."""
    if text is None or len(text) > MAX_ADDRESS or not text.isprintable() or set(text) & set(' "<>\\^`{|}'):
        return None
    try:
        parts = urlsplit(text)
        good = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        return None
    return text if good else None


def harmless(text: str, width: int = 160) -> str:
    """What one person wrote, for a message to another: empty if a mail program could make a link of it."""
    line = one_line(text)
    return "" if _LINKED.search(line) else clip(line, width)


# --- words ------------------------------------------------------------------------------------------------------------


def day_of(day: str | None, *, near: str | None = None) -> str:
    """`2026-11-22` in English words, whatever the locale; anything else unchanged. Without the year of `near`.

    >>> day_of("2026-11-02"), day_of("2026-11-02", near="2026-11-23"), day_of("2026"), day_of(None)
    ('2 November 2026', '2 November', '2026', 'no date given')
    """
    whole = _DAY.fullmatch(day or "")
    if not whole:
        return day or "no date given"
    words = f"{int(whole[3])} {MONTHS[int(whole[2]) - 1]}"
    return words if near and near[:4] == whole[1] else f"{words} {whole[1]}"


def days_of(days: Iterable[str], *, near: str | None = None) -> str:
    """Days, each once and in order, what is no day left out: `21 and 22 November`, `30 November, 1 and 2 December`.

    >>> days_of(["2026-11-22", "2026-11-21"], near="2026-11-23"), days_of(["2025-12-31", "2026-01-02"])
    ('21 and 22 November', '31 December 2025 and 2 January 2026')
    """
    dates = sorted({date.fromisoformat(day) for day in days if _DAY.fullmatch(day)})
    said = []
    for place, one in enumerate(dates):
        later = dates[place + 1] if place + 1 < len(dates) else None
        together = later is not None and (later.year, later.month) == (one.year, one.month)
        said.append(str(one.day) if together else day_of(one.isoformat(), near=near))
    return f"{', '.join(said[:-1])} and {said[-1]}" if len(said) > 1 else "".join(said)


# --- as data ----------------------------------------------------------------------------------------------------------


@cache
def _adapter() -> TypeAdapter[Letter]:
    return TypeAdapter(Letter)


def to_json(letter: Letter) -> str:
    """The letter as it is kept, tidied."""
    return _adapter().dump_json(tidy_letter(letter)).decode()


def from_json(content: str) -> Letter:
    """A letter that was kept. Raises ContentError."""
    try:
        return _adapter().validate_json(content)
    except ValidationError as error:
        place = ".".join(str(step) for step in error.errors()[0]["loc"])
        raise ContentError(f"a letter's content cannot be read: {place or 'not JSON'}") from error
