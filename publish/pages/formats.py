"""JSON and CSV of what pages show, streamed: a row is read, written and forgotten.

A page that can be taken away gives a `Table` (its rows, what each column says, how many there are, and facts on the
whole) or a `Record` (one thing with all that is known of it). `json_of` and `csv_of` make formats of either.

JSON: `{"version": 1, "edition": …, "content": …, facts …, "count": …, "documents": [ … ]}`. `count` is of the whole,
never of a part; where rows are left out, `cut` says how many are given and where the rest is. `version` is raised when
a name goes or changes its meaning; names may be added at any time.

CSV: RFC 4180, UTF-8 with the mark (BOM) without which Excel does not read Korean; other programs skip it (`utf-8-sig`
in Python). A cell that a spreadsheet would run as a formula (it begins with = + - @, a tab or a line end) gets an
apostrophe before it. Several values in a cell are separated by `; `. A cut table says so in a last line, whose first
cell begins with `#`.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from publish.pages.page import Field, Format, Redirect, Request, Stream, Text
from publish.pages.rows import OpenEdition

VERSION = 1
BOM = "\ufeff"
PART = 500  # rows that are read together
PIECE = 16_000  # characters that are sent together
RISKY = ("=", "+", "-", "@", "\t", "\r", "\n")
JSON_TYPE = "application/json; charset=utf-8"
CSV_TYPE = "text/csv; charset=utf-8"

Row = Sequence[object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Rows under one heading. `name` is that of the list in JSON; `count` None: not counted."""

    name: str
    file: str  # name of the file, without its ending
    fields: tuple[Field, ...]
    rows: AsyncIterator[Row]
    count: int | None = None
    facts: Mapping[str, object] = field(default_factory=dict)
    cut: str = ""  # what is left out, and where it is


Found = Table | Redirect | Text
FindTable = Callable[[OpenEdition, Request], Awaitable[Found]]
FindRecord = Callable[[OpenEdition, Request], Awaitable[Mapping[str, object] | Redirect | Text]]


def json_of(find: FindTable, fields: tuple[Field, ...], about: str = "") -> Format:
    """A table as JSON."""

    async def show(edition: OpenEdition, request: Request) -> Stream | Redirect | Text:
        found = await find(edition, request)
        if not isinstance(found, Table):
            return found
        return Stream(pieces=gather(_write_json(found, await _opening(edition))), content_type=JSON_TYPE)

    return Format(suffix="json", title="JSON", content_type=JSON_TYPE, show=show, about=about, fields=fields)


def csv_of(find: FindTable, fields: tuple[Field, ...], about: str = "") -> Format:
    """A table as CSV."""

    async def show(edition: OpenEdition, request: Request) -> Stream | Redirect | Text:
        found = await find(edition, request)
        if not isinstance(found, Table):
            return found
        return Stream(pieces=gather(_write_csv(found)), content_type=CSV_TYPE, name=f"{found.file}.csv")

    return Format(suffix="csv", title="CSV", content_type=CSV_TYPE, show=show, about=about, fields=fields)


def record_of(find: FindRecord, fields: tuple[Field, ...], about: str = "") -> Format:
    """One thing as JSON."""

    async def show(edition: OpenEdition, request: Request) -> Stream | Redirect | Text:
        found = await find(edition, request)
        if not isinstance(found, Mapping):
            return found
        whole = json.dumps({**await _opening(edition), **found}, ensure_ascii=False)
        return Stream(pieces=one_piece(f"{whole}\n"), content_type=JSON_TYPE)

    return Format(suffix="json", title="JSON", content_type=JSON_TYPE, show=show, about=about, fields=fields)


def query_of(name: str, sql: str, fields: tuple[Field, ...], about: str = "") -> tuple[Format, ...]:
    """JSON and CSV of a query whose columns are named as the fields; `page` is the path of a page here.

    Its rows are read PART at a time: SQL takes `:most` and `:skip`.
    """

    async def read(edition: OpenEdition, site: str) -> AsyncIterator[Row]:
        skip = 0
        while found := await edition.execute(sql, {"most": PART, "skip": skip}):
            for row in found:
                yield [
                    f"{site}{row[one.name]}" if one.name == "page" and row[one.name] else row[one.name]
                    for one in fields
                ]
            skip += PART

    async def find(edition: OpenEdition, request: Request) -> Table:
        return Table(name=name, file=name, fields=fields, rows=read(edition, request.site))

    return json_of(find, fields, about), csv_of(find, fields, about)


async def _opening(edition: OpenEdition) -> dict[str, object]:
    """What every JSON begins with."""
    meta = await edition.meta()
    return {"version": VERSION, "edition": meta.get("name", ""), "content": meta.get("content", "")}


async def _write_json(table: Table, opening: Mapping[str, object]) -> AsyncIterator[str]:
    facts = {**opening, **table.facts, **({} if table.count is None else {"count": table.count})}
    if table.cut:
        facts["cut"] = table.cut
    head = json.dumps(facts, ensure_ascii=False)
    yield f"{head[:-1]}, {json.dumps(table.name)}: ["
    before = "\n"
    names = [one.name for one in table.fields]
    async for row in table.rows:
        yield before + json.dumps(dict(zip(names, row, strict=True)), ensure_ascii=False)
        before = ",\n"
    yield "\n]}\n"


async def _write_csv(table: Table) -> AsyncIterator[str]:
    yield BOM + write_row([one.name for one in table.fields])
    async for row in table.rows:
        yield write_row([to_cell(value) for value in row])
    if table.cut:
        yield write_row([f"# {table.cut}", *[""] * (len(table.fields) - 1)])


def write_row(cells: Iterable[object]) -> str:
    """One line of CSV."""
    line = io.StringIO()
    csv.writer(line).writerow(cells)
    return line.getvalue()


def to_cell(value: object) -> object:
    """A value as a cell that no spreadsheet runs. Numbers stay numbers."""
    if value is None or isinstance(value, int | float):
        return value
    text = "; ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
    return f"'{text}" if text.startswith(RISKY) else text


async def gather(pieces: AsyncIterator[str]) -> AsyncIterator[str]:
    """Pieces put together to PIECE characters, so that a row is no packet of its own."""
    held: list[str] = []
    size = 0
    async for piece in pieces:
        held.append(piece)
        size += len(piece)
        if size >= PIECE:
            yield "".join(held)
            held, size = [], 0
    if held:
        yield "".join(held)


async def one_piece(text: str) -> AsyncIterator[str]:
    """A text as a stream."""
    yield text


async def listed_rows(rows: Iterable[Row]) -> AsyncIterator[Row]:
    """Rows that are in memory already."""
    for row in rows:
        yield row
