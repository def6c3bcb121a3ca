"""The meaning of each table, column and facet, read from the comments of the schemas and from the table of facets.

`python -m core.dictionary` prints `docs/data-dictionary.md`. The site's descriptions of tables and columns come from
`parse_schema` too, so each description is written once: on the line of its column. A comment on a table comes before it
(`core/schema/*.sql`) or, in an edition, as its first lines, because Datasette shows the stored text to readers.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from core.config import ROOT
from core.facets import Facet, Facets, facets
from core.migrations import SCHEMAS

EDITION = ROOT / "publish" / "edition" / "edition.sql"

_TABLE = re.compile(r"((?:^--[^\n]*\n)*)^CREATE (?:VIRTUAL )?TABLE (\w+)[^\n]*\(\n(.*?)^\)", re.M | re.S)
_VIEW = re.compile(r"^CREATE VIEW (\w+) AS\n((?:\s+--[^\n]*\n)+)", re.M)
_INSIDE = re.compile(r"^\s+--\s*(.*)$", re.M)
_COLUMN = re.compile(r'^\s+"?(\w+)"?\s+(TEXT|INTEGER|REAL|BLOB)\b([^\n]*?)(?:--\s*(.*))?$', re.M)


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    name: str
    type: str
    required: bool
    about: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TableText:
    name: str
    about: str
    columns: tuple[Column, ...]


def parse_schema(sql: str) -> tuple[TableText, ...]:
    """The tables of a schema text, in its order. The index of words has columns without a type: their type is empty."""
    tables = []
    for comment, name, body in _TABLE.findall(sql):
        before = [line.removeprefix("--").strip() for line in comment.splitlines()]
        columns = tuple(
            Column(name=column, type=kind, required="NOT NULL" in rest or "PRIMARY KEY" in rest, about=text.strip())
            for column, kind, rest, text in _COLUMN.findall(body)
        )
        tables.append(TableText(name=name, about=" ".join(before or _INSIDE.findall(body)), columns=columns))
    return tuple(tables)


def parse_views(sql: str) -> tuple[TableText, ...]:
    """The views of a schema text; their columns are those of tables."""
    found = _VIEW.findall(sql)
    return tuple(TableText(name=name, about=" ".join(_INSIDE.findall(body)), columns=()) for name, body in found)


def render_dictionary() -> str:
    """All schemas and the table of facets as one page of Markdown."""
    lines = [
        "# Data dictionary",
        "",
        "Made by `python -m core.dictionary` from the comments in `core/schema/*.sql` and",
    ]
    lines += ["`publish/edition/edition.sql` and from the table of facets (`core/facets.py`).", ""]
    for path in sorted(SCHEMAS.glob("*.sql")):
        lines += [f"## {path.stem}.db", "", *_schema(path)]
    lines += ["## An edition", "", *_schema(EDITION), *_facets(facets())]
    return "\n".join(lines)


def _schema(path: Path) -> list[str]:
    text = path.read_text("utf-8")
    head = re.match(r"(?:--[^\n]*\n)+", text)
    lines = [" ".join(line.removeprefix("--").strip() for line in head[0].splitlines()), ""] if head else []
    for table in parse_schema(text):
        lines += [f"### {table.name}", "", table.about, ""]
        if table.columns:
            lines += ["| column | type | |", "|---|---|---|"]
        for column in table.columns:
            kind = column.type.lower() + ("" if column.required else ", may be empty")
            lines.append(f"| {column.name} | {kind} | {_cell(column.about)} |")
        lines += [""] * bool(table.columns)
    for view in parse_views(text):
        lines += [f"### {view.name} (a view)", "", view.about, ""]
    return lines


def _facets(table: Facets) -> list[str]:
    lines = ["## Facets and types", ""]
    lines += [
        "What a search filters by, and what it reads. `filter` is the name in a search, in the column `facet.facet` of"
    ]
    lines += ["an edition and at the beginning of `facet.tag`; `rows` says where the values come from.", ""]
    lines += ["| filter | rows | title | what it says | values, registers | declared |", "|---|---|---|---|---|---|"]
    for facet in table.all:
        names = ", ".join(f"`{name}:`" for name in (facet.filter, *facet.aliases) if name)
        about = " ".join(filter(None, [facet.about, _threshold(facet)]))
        cells = [names or "(none)", _rows(facet), facet.title, about, _values(facet), f"`{facet.file}`"]
        lines.append(f"| {' | '.join(map(_cell, cells))} |")
    return [*lines, ""]


def _rows(facet: Facet) -> str:
    match facet.kind:
        case "column" | "date":
            return f"`document.{'day' if facet.kind == 'date' else facet.name}`"
        case "status":
            return "`banner.status`" if facet.name == "status" else f"`{facet.name}.status`"
        case "scheme":
            return f"`identifier`, scheme {facet.name}"
        case "type":
            return f"`mention`, `entity`, type {facet.name}"
        case "label":
            return f"`label`, facet {facet.name}"
        case "link":
            return f"`link`, relation {facet.name}"


def _threshold(facet: Facet) -> str:
    """From which score a value is shown."""
    own = [f"{value} from {score:g}" for value, score in facet.thresholds.items()]
    every = [f"shown from a score of {facet.threshold:g}"] if facet.threshold or own else []
    return f"({', '.join([*every, *own])})" if every else ""


def _values(facet: Facet) -> str:
    if facet.vocabulary:
        return f"codes, named in `core/facets.toml` [vocabulary.{facet.vocabulary}]"
    named = {prefix: register.name for prefix, register in facet.registers.items()} if facet.kind == "type" else {}
    words = facet.values or named
    return ", ".join(value if said == value else f"{value} ({said})" for value, said in words.items())


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


if __name__ == "__main__":
    print(render_dictionary(), end="")
