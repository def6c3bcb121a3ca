"""Tables in files of comma-separated values: bytes to rows, each a dict by the names of the columns.

This is not an interface itself: the CSV files of registries share it. UTF-8, else Windows-1252 (older exports); comma,
semicolon or tab, whichever the first line has most of. Column names are compared by their letters and digits only
(`Original Paper DOI`, `OriginalPaperDOI`, `originalpaperdoi`). A row with fewer cells than the head is broken (the last
one of a file cut off), one with more has a stray quotation mark: both become a problem, and the rest is read.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Collection, Iterator

from core.text import one_line
from crawlers.lists.apis import ApiError, describe_start

MAX_CELL = 1_000_000
_NAME = re.compile(r"[^a-z0-9]+")


def make_key(column: str) -> str:
    return _NAME.sub("", column.lower())


def parse_rows(body: bytes, url: str, wanted: Collection[str]) -> Iterator[tuple[int, dict[str, str] | None, str]]:
    """(number of the row, the row or None, what is wrong with it).

    At least one of the columns `wanted` must exist. Raises ApiError for a body that is not such a table.
    """
    if not body.strip():
        raise ApiError("an empty answer", where=url)
    if instead := {b"<": "a page of HTML", b"{": "JSON", b"[": "JSON"}.get(body.lstrip()[:1]):
        raise ApiError(f"{instead} in place of a table: {describe_start(body)}", where=url)
    text = _decode(body)
    first = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=first.count)
    csv.field_size_limit(MAX_CELL)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        head = [make_key(column) for column in next(reader)]
    except (csv.Error, StopIteration) as error:
        raise ApiError(f"no table: {describe_start(body)}", where=url) from error
    if not set(head) & set(wanted):
        raise ApiError(
            f"a table without any of the columns {', '.join(sorted(wanted))}: {describe_start(body)}", where=url
        )
    number = 0
    while True:
        number += 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield number, None, f"row {number}: {error}"
            continue
        if not cells or not any(cell.strip() for cell in cells):
            continue
        if len(cells) != len(head):
            what = "breaks off" if len(cells) < len(head) else "has too many cells"
            yield number, None, f"row {number} {what}: {len(cells)} of {len(head)}, {one_line(' '.join(cells))[:60]}"
            continue
        yield number, dict(zip(head, cells, strict=True)), ""


def _decode(body: bytes) -> str:
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError:
        return body.decode("cp1252", "replace")


def first_filled(row: dict[str, str], *names: str) -> str:
    """The first of these cells that is not empty."""
    return next((value for name in names if (value := one_line(row.get(name, "")))), "")


_QUOTED = re.compile(r"'((?:[^'\\]|\\.)*)'|\"((?:[^\"\\]|\\.)*)\"")


def split_cell(cell: str, separator: str = ";") -> list[str]:
    """A list in a cell: `a;b;`, or as Python or NumPy print one: `['a' "b's"]`, `['a', 'b']`, `[None]`.

    >>> split_cell("+Duplication;+Euphemisms;"), split_cell("['a b'\\n \\"c's\\"]"), split_cell("[None]")
    (['+Duplication', '+Euphemisms'], ['a b', "c's"], [])
    """
    cell = cell.strip()
    if cell.startswith("[") and cell.endswith("]"):
        parts = [re.sub(r"\\(.)", r"\1", one or two) for one, two in _QUOTED.findall(cell[1:-1])]
    else:
        parts = cell.split(separator)
    return list(dict.fromkeys(part for raw in parts if (part := one_line(raw)) and part.lower() not in NOTHING))


NOTHING = frozenset({"none", "null", "nan", "n/a", "na", "unavailable", "unknown", "-"})


def drop_placeholder(value: str) -> str:
    """`value`, or nothing where a database writes a word for "nothing" (`Unavailable`, `None`)."""
    value = one_line(value)
    return "" if value.lower() in NOTHING else value
