"""What each table and column means, read from the comments of the schemas.

`python -m core.dictionary` prints `docs/data-dictionary.md`; the site takes its column descriptions from the same
function, so there is one place to write them: beside the column.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from core.migrations import SCHEMAS

_TABLE = re.compile(r"((?:^--[^\n]*\n)*)^CREATE (?:VIRTUAL )?TABLE (\w+)[^\n]*\(\n(.*?)^\)", re.M | re.S)
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
    """The tables of a schema text, in its order."""
    tables = []
    for comment, name, body in _TABLE.findall(sql):
        about = " ".join(line.removeprefix("--").strip() for line in comment.splitlines())
        columns = tuple(
            Column(name=column, type=kind, required="NOT NULL" in rest or "PRIMARY KEY" in rest, about=text.strip())
            for column, kind, rest, text in _COLUMN.findall(body)
        )
        tables.append(TableText(name=name, about=about, columns=columns))
    return tuple(tables)


def render_dictionary(folder: Path = SCHEMAS) -> str:
    """All schemas as one page of Markdown."""
    made = "Made by `python -m core.dictionary`; the words stand in `core/schema/*.sql`."
    lines = ["# Data dictionary", "", made, ""]
    for path in sorted(folder.glob("*.sql")):
        text = path.read_text("utf-8")
        lines += [f"## {path.stem}.db", "", text.splitlines()[0].removeprefix("--").strip(), ""]
        for table in parse_schema(text):
            lines += [f"### {table.name}", "", table.about, "", "| column | type | |", "|---|---|---|"]
            for column in table.columns:
                kind = column.type.lower() + ("" if column.required else ", may be empty")
                lines.append(f"| {column.name} | {kind} | {column.about.replace('|', chr(92) + '|')} |")
            lines.append("")
    return "\n".join(lines)


if __name__ == "__main__":
    print(render_dictionary(), end="")
