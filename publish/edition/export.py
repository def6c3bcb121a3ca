"""An edition as a Frictionless data package: a folder of CSV files and `datapackage.json`, which describes them.

What is in it is what the edition holds, and an edition holds only what may be shown: no text beyond its licence. The
index of words is left out, and so are its lists of words, which come from whole texts. Descriptions of tables and
columns are the comments of the schema, by way of the sidecar. In order:

1. an edition that is not what was published is refused, and so is a folder that has something in it;
2. each table is read and written row by row, in the order of its key, and its bytes, hash and rows are counted;
3. `README.md`; then `datapackage.json`, last: a folder that has it is whole.

An empty cell means "nothing is known" (NULL) and, in a column that is never NULL, the empty text. Such a column is not
called required, because readers of Table Schema take an empty cell for a missing value. Nothing is escaped for
spreadsheets here: the files are for programs, and read back they are the tables.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from core.errors import PublishError, UsageError
from publish.edition.damage import find_damage, read_sidecar

TABLES = """
SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'
    AND name NOT IN (SELECT name FROM pragma_table_list WHERE type IN ('virtual', 'shadow'))
    AND name NOT IN ('word', 'word_near') ORDER BY name"""
COLUMNS = 'SELECT name, type, "notnull", pk FROM pragma_table_info(?) ORDER BY cid'
KEYS = 'SELECT "from", "table", "to" FROM pragma_foreign_key_list(?) ORDER BY id DESC'
TYPES = {"INTEGER": "integer", "REAL": "number", "TEXT": "string"}
RIGHTS = (
    "Texts belong to those who wrote them. Each document says under which licence it is shown (document.licence);"
    " without an open licence only its headline, its link and short quotations are here."
)

Data = dict[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column. `place`: in the primary key, from 1; 0 for none."""

    name: str
    type: str
    required: bool
    place: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A file that was written: `blank` are columns in which some cell is empty."""

    path: str
    rows: int
    size: int
    sha256: str
    blank: frozenset[str]


def export(path: Path, folder: Path, *, title: str, home: str) -> int:
    """Write an edition into a folder. Returns the number of tables. Raises PublishError, UsageError."""
    if damage := find_damage(path, whole=True):
        raise PublishError(f"the edition is damaged: {damage}", where=path.name, hint="pipeline.py publish")
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UsageError("the folder is not empty", where=str(folder), hint="name a new one")
    (folder / "data").mkdir(parents=True)
    facts = read_sidecar(path)
    address = f"file:{quote(str(path.resolve()))}?mode=ro&immutable=1"
    with closing(sqlite3.connect(address, uri=True)) as edition:
        resources = [_export_table(edition, name, folder, facts) for (name,) in edition.execute(TABLES).fetchall()]
    package = describe(facts, resources, title=title, home=home)
    (folder / "README.md").write_text(write_readme(facts, title=title, home=home), "utf-8")
    text = json.dumps(package, ensure_ascii=False, indent=1)
    (folder / "datapackage.json").write_text(f"{text}\n", "utf-8")
    return len(resources)


def describe(facts: Data, resources: Sequence[Data], *, title: str, home: str) -> Data:
    """The package; `facts` is the sidecar of the edition."""
    return {
        "profile": "tabular-data-package",
        "name": str(facts["name"]).lower(),
        "id": str(facts["content"]),
        "title": f"{title}, edition of {str(facts['built'])[:10]}",
        "description": RIGHTS,
        "homepage": home,
        "version": str(facts["built"]),
        "created": str(facts["built"]),
        "sources": [{"title": title, "path": home}],
        "resources": list(resources),
    }


def _export_table(edition: sqlite3.Connection, name: str, folder: Path, facts: Data) -> Data:
    columns = [
        Column(name=column, type=type_, required=bool(required) or bool(place), place=place)
        for column, type_, required, place in edition.execute(COLUMNS, (name,))
    ]
    keys = edition.execute(KEYS, (name,)).fetchall()
    written = write_table(edition, name, columns, folder)
    about, said = facts.get("about"), facts.get("columns")
    return describe_table(
        name, columns, keys, written,
        about=str(about.get(name, "")) if isinstance(about, dict) else "",
        comments=said.get(name, {}) if isinstance(said, dict) else {},
    )  # fmt: skip


def write_table(edition: sqlite3.Connection, name: str, columns: Sequence[Column], folder: Path) -> Written:
    """One table as CSV, row by row."""
    order = [f'"{one.name}"' for one in sorted(columns, key=lambda one: one.place) if one.place]
    names = ", ".join(f'"{one.name}"' for one in columns)
    found = edition.execute(f'SELECT {names} FROM "{name}" ORDER BY {", ".join(order) or "rowid"}')
    path, total, size, rows = f"data/{name}.csv", hashlib.sha256(), 0, 0
    blank: set[str] = set()
    with (folder / path).open("wb") as file:
        for line in _lines([one.name for one in columns], found, columns, blank):
            raw = line.encode("utf-8")
            total.update(raw)
            size += file.write(raw)
            rows += 1
    return Written(path=path, rows=rows - 1, size=size, sha256=total.hexdigest(), blank=frozenset(blank))


def _lines(
    heading: Sequence[str], rows: sqlite3.Cursor, columns: Sequence[Column], blank: set[str]
) -> Iterator[str]:  # fmt: skip
    line = io.StringIO()
    writer = csv.writer(line)
    writer.writerow(heading)
    yield line.getvalue()
    for row in rows:
        blank |= {one.name for one, cell in zip(columns, row, strict=True) if cell is None or cell == ""}
        line.seek(0)
        line.truncate()
        writer.writerow(row)
        yield line.getvalue()


def describe_table(
    name: str, columns: Sequence[Column], keys: Sequence[tuple[str, str, str]], written: Written, *, about: str,
    comments: dict[str, str],
) -> Data:  # fmt: skip
    """A resource of the package, with its schema."""
    schema: Data = {
        "fields": [_describe_column(one, comments.get(one.name, ""), written.blank) for one in columns],
        "missingValues": [""],
    }
    primary = [one.name for one in sorted(columns, key=lambda one: one.place) if one.place]
    if primary and not set(primary) & written.blank:
        schema["primaryKey"] = primary
    if keys:
        schema["foreignKeys"] = [
            {"fields": [column], "reference": {"resource": table, "fields": [other]}} for column, table, other in keys
        ]
    return {
        "name": name, "profile": "tabular-data-resource", "path": written.path, "description": about, "format": "csv",
        "mediatype": "text/csv", "encoding": "utf-8", "bytes": written.size, "hash": f"sha256:{written.sha256}",
        "rowcount": written.rows, "schema": schema,
    }  # fmt: skip


def _describe_column(one: Column, comment: str, blank: frozenset[str]) -> Data:
    listed = one.type == "TEXT" and comment.startswith("JSON array")
    field: Data = {"name": one.name, "type": "array" if listed else TYPES[one.type], "description": comment}
    if one.required and one.name not in blank:
        field["constraints"] = {"required": True}
    return field


def write_readme(facts: Data, *, title: str, home: str) -> str:
    """What a person reads first."""
    return f"""# {title}: {facts["name"]}

An edition of {home}, made on {facts["built"]}: {facts["documents"]} documents. Fingerprint of its content:
`{facts["content"]}`.

`datapackage.json` describes every table and column (Frictionless Data Package, Table Schema); the tables are in `data/`
as CSV (RFC 4180, UTF-8). Begin with `document.csv`; other tables name a document by its `id`.

{RIGHTS}

Cite: {title}, edition {facts["name"]}, {home}.
"""
