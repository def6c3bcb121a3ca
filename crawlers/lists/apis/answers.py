"""How to look into answers of an uncertain shape: JSON (`Said`), XML by local names, days with parts missing.

No interface itself, so no TOML names it: it is what several of them share. In JSON a part may be missing or of
another type than documented, and then reads as empty; in XML a namespace may be missing or another one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import date
from typing import Any

from lxml import etree

from core.text import one_line
from crawlers.lists.apis import ApiError
from crawlers.lists.feeds.model import FeedEntry

_MONTHS = {
    name: number
    for number, name in enumerate(
        ("january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
         "december"),
        start=1,
    )
}  # fmt: skip
_HALVES = re.compile("[\ud800-\udfff]")
PLACEHOLDER = 1900  # the year that databases write for "not known"


class Said:
    """A JSON object in which anything may be missing or of another shape than documented: then it reads as empty."""

    __slots__ = ("held",)

    def __init__(self, value: Any) -> None:
        self.held: dict[str, Any] = value if isinstance(value, dict) else {}

    def __bool__(self) -> bool:
        return bool(self.held)

    def has(self, name: str) -> bool:
        return name in self.held

    def value(self, name: str) -> Any:
        return self.held.get(name)

    def part(self, name: str) -> Said:
        return Said(self.held.get(name))

    def text(self, name: str) -> str:
        """A text or number as text; of a list its first; else empty. Half characters that JSON can name are dropped."""
        value = self.held.get(name)
        if isinstance(value, list):
            value = value[0] if value else None
        if isinstance(value, str):
            return value if value.isascii() else _HALVES.sub("", value)
        return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else ""

    def line(self, name: str) -> str:
        return one_line(self.text(name))

    def items(self, name: str) -> list[Any]:
        value = self.held.get(name)
        return value if isinstance(value, list) else []

    def parts(self, name: str) -> list[Said]:
        return [Said(item) for item in self.items(name) if isinstance(item, dict)]

    def lines(self, name: str) -> list[str]:
        """The texts of a list, each on one line, none empty, none twice."""
        return unique(one_line(item) for item in self.items(name) if isinstance(item, str))

    def number(self, name: str) -> int | None:
        value = self.held.get(name)
        if isinstance(value, list):
            value = value[0] if value else None
        if isinstance(value, str) and value.strip().isascii() and value.strip().isdigit():
            return int(value)
        return value if isinstance(value, int) and not isinstance(value, bool) else None


def unique(values: Iterable[str | None]) -> list[str]:
    """In order, each once, nothing empty."""
    return list(dict.fromkeys(value for value in values if value))


def filled(extra: dict[str, Any]) -> dict[str, Any]:
    """Without what is empty: a key that is there says something. `False` and 0 do."""
    return {key: value for key, value in extra.items() if value not in ("", None) and value != [] and value != {}}


def child(node: etree._Element | None, *path: str) -> etree._Element | None:
    """The first descendant by local names, whatever the namespaces: repositories forget to declare theirs."""
    for name in path:
        if node is None:
            return None
        node = next((below for below in node if isinstance(below.tag, str) and local(below) == name), None)
    return node


def children(node: etree._Element | None, *path: str) -> list[etree._Element]:
    above = child(node, *path[:-1])
    if above is None:
        return []
    return [below for below in above if isinstance(below.tag, str) and local(below) == path[-1]]


def local(node: etree._Element) -> str:
    return str(node.tag).rpartition("}")[2]


def text(node: etree._Element | None, *path: str) -> str:
    """All text of a descendant on one line, inline markup flattened; empty where there is none."""
    found = child(node, *path)
    return "" if found is None else one_line("".join(found.itertext()))


def texts(node: etree._Element | None, *path: str) -> list[str]:
    """The texts of all children of that name, each once."""
    return unique(one_line("".join(found.itertext())) for found in children(node, *path))


def partial_day(raw: str) -> str | None:
    """`2021-05-03`, `2021-05`, `2021`, `May 3, 2021`, `May 2021` as `YYYY-MM-DD`, `YYYY-MM` or `YYYY`.

    None for what is none of these, for a day that no calendar has, and for 1900, which means "not known".
    """
    raw = one_line(raw).replace("/", "-")
    if found := re.fullmatch(r"(\d{4})(?:-(\d{1,2}))?(?:-(\d{1,2}))?(?:T.*)?", raw):
        year, month, day = int(found[1]), int(found[2] or 0), int(found[3] or 0)
    elif found := re.fullmatch(r"([A-Za-z]{3,9})\.?\s+(?:(\d{1,2}),\s*)?(\d{4})", raw):
        name = found[1].lower()
        month = next((number for full, number in _MONTHS.items() if full.startswith(name)), 0)
        year, day = int(found[3]), int(found[2] or 0)
        if not month:
            return None
    else:
        return None
    if year <= PLACEHOLDER:
        return None
    try:
        date(year, month or 1, day or 1)
    except ValueError:
        return None
    return f"{year}-{month:02}-{day:02}" if day else f"{year}-{month:02}" if month else str(year)


def read_each(
    records: Iterable[Any], read: Callable[[Any], FeedEntry], url: str
) -> tuple[tuple[FeedEntry, ...], tuple[str, ...]]:
    """The entries that `read` makes of the records, and a line for each that it refuses with an ApiError.

    One bad record takes no other with it; but where none at all can be read, the answer is not what it should be.
    Raises ApiError.
    """
    entries: list[FeedEntry] = []
    problems: list[str] = []
    number = 0
    for number, record in enumerate(records, start=1):
        try:
            entries.append(read(record))
        except ApiError as error:
            problems.append(f"record {number}: {error.what}")
    if problems and not entries:
        raise ApiError(f"none of {number} records can be read; {problems[0]}", where=url)
    return tuple(entries), tuple(problems)
