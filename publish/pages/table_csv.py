"""Tables, SQL and ready-made questions as CSV: all of it, or a last line that says where it was cut.

Datasette's own CSV answers bad SQL with 200 and nothing, gives the first page of a table only, and cuts in silence.
In order:
1. the first part is asked for before anything is sent, so that what is wrong with the address gets its status;
2. of a table every row is sent, a part at a time, unless the address asks for one page (`_size`, `_next`);
3. a text that a spreadsheet would run as a formula gets an apostrophe before it, as in every CSV here;
4. SQL may give ROWS_OF_SQL rows. Where it would give more, the header `x-cut` and the last line say so.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from publish.pages.datasette_parts import NAME, AsgiStream, AskedFor, Part, Response, Site, TableRows, Writer
from publish.pages.edition_database import more_rows
from publish.pages.formats import to_cell

ROUTE = rf"^/(?P<database>{NAME})(/(?P<table>[^/\.]+))?\.csv$"
TEXT = "text/plain; charset=utf-8"  # a browser shows it
FILE = "text/csv; charset=utf-8"  # with `_dl`
ROWS = 1000  # of a table that are read at a time
ROWS_OF_SQL = 50_000
CUT = "(cut: more than {:,} rows or 8 MB; ask for less, or for a part at a time with LIMIT and OFFSET)"


def routes() -> list[tuple[str, Callable[..., Any]]]:
    """As Datasette wants them."""
    return [(ROUTE, answer)]


async def answer(datasette: Site, request: AskedFor) -> Response | AsgiStream:
    """The rows as CSV. Raises what `find_fault` explains."""
    wanted = TableRows(datasette, request, page=ROWS)
    with more_rows(ROWS_OF_SQL):
        first = await wanted.part()
    if isinstance(first, Response):  # Datasette redirects some addresses
        return first
    headers = {"x-cut": "yes"} if first.cut else {}
    if request.args.get("_dl"):
        headers["content-disposition"] = f'attachment; filename="{request.url_vars.get("table") or NAME}.csv"'

    async def stream(out: Writer) -> None:
        part = first
        if request.args.get("_header") != "off":
            await out.write(to_csv([headings(part)]))
        sent = 0
        while True:
            await out.write(to_csv(cells(part)))
            sent += len(part.rows)
            if part.cut:
                await out.write(to_csv([[CUT.format(sent)]]))
            if not part.next or not wanted.whole:
                return
            following = await wanted.part(part.next)
            if isinstance(following, Response):
                return
            part = following

    return AsgiStream(
        stream, headers=headers, content_type="text/csv; charset=utf-8" if request.args.get("_dl") else TEXT
    )


def headings(part: Part) -> Iterator[str]:
    """The names of the columns, of an expanded one twice."""
    for column in part.columns:
        yield column
        if column in part.expanded:
            yield f"{column}_label"


def cells(part: Part) -> Iterator[list[object]]:
    """The rows, an expanded column as value and label, bytes as hexadecimal digits."""
    for row in part.rows:
        found: list[object] = []
        for column, cell in zip(part.columns, row, strict=True):
            if column in part.expanded:
                found += [cell["value"], cell["label"]] if isinstance(cell, dict) else [cell, ""]
            else:
                found.append(cell.hex() if isinstance(cell, bytes) else to_cell(cell))
        yield found


class _Lines(list[str]):
    """What the library of CSV writes to."""

    def write(self, text: str) -> None:
        self.append(text)


def to_csv(rows: Iterable[Iterable[object]]) -> str:
    """Rows as CSV."""
    lines = _Lines()
    csv.writer(lines).writerows(rows)
    return "".join(lines)
