"""What the API modules share: days with missing parts, records read one by one, lists and dicts without empty values.

This is not an interface itself, so no TOML names it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import date
from typing import Any

from core.text import one_line
from crawlers.lists.apis import ApiError
from crawlers.lists.model import ListEntry

_MONTHS = {
    name: number
    for number, name in enumerate(
        ("january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
         "december"),
        start=1,
    )
}  # fmt: skip
PLACEHOLDER = 1900  # the year that databases write for "not known"


def drop_repeats(values: Iterable[str | None]) -> list[str]:
    """In order, each once, nothing empty."""
    return list(dict.fromkeys(value for value in values if value))


def drop_empty(extra: dict[str, Any]) -> dict[str, Any]:
    """Without empty values. `False` and 0 are not empty."""
    return {key: value for key, value in extra.items() if value not in ("", None) and value != [] and value != {}}


def parse_partial_day(raw: str) -> str | None:
    """`2021-05-03`, `2021-05`, `2021`, `May 3, 2021`, `May 2021` as `YYYY-MM-DD`, `YYYY-MM` or `YYYY`.

    None for anything else, for a day that does not exist, and for 1900, which means "not known".
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
    records: Iterable[Any], read: Callable[[Any], ListEntry], url: str
) -> tuple[tuple[ListEntry, ...], tuple[str, ...]]:
    """The entries that `read` makes of the records, and a line for each record that it refuses with an ApiError.

    One bad record does not affect the others. If no record can be read, the answer itself is wrong. Raises ApiError.
    """
    entries: list[ListEntry] = []
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
