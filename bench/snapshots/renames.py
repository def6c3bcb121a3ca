"""The map of names between two snapshots: A's rows are rewritten to B's names before they are compared.

[tables]                      # old = new; "kin", or "work.kin" for the table of one database
kin = "near_duplicate"
[columns.kin]                 # by the old table; "*" for every table
against = "other_hash"
[values."outcome.stage"]      # by the old table and column; old value = new value
kin = "near_duplicates"
[pages]                       # old path = new path; "/old/*" = "/new/*" for all that begin so
"/about" = "/about-us"
[text]                        # literal replacements in the bodies of A's pages and mails, in this order
"class='kin'" = "class='near-duplicate'"
[ignore]                      # patterns of fnmatch, in B's names
tables = ["work.outcome"]
columns = ["work.outcome.version"]
pages = ["/stemwire/outcome*"]
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from bench.snapshots.tables import Row, Value

KEYS = {"tables", "columns", "values", "pages", "text", "ignore"}
ALWAYS_IGNORED = ("work.outcome.version",)  # a stage's version says that results may change; the rows say whether


@dataclass(frozen=True, slots=True)
class Renames:
    """An empty one changes nothing."""

    tables: dict[str, str] = field(default_factory=dict)
    columns: dict[str, dict[str, str]] = field(default_factory=dict)
    values: dict[str, dict[str, str]] = field(default_factory=dict)
    pages: dict[str, str] = field(default_factory=dict)
    text: dict[str, str] = field(default_factory=dict)
    ignore: dict[str, list[str]] = field(default_factory=dict)

    @classmethod
    def read(cls, path: Path) -> Renames:
        """Raises OSError, tomllib.TOMLDecodeError, or ValueError for an unknown section."""
        said: dict[str, Any] = tomllib.loads(path.read_text("utf-8"))
        if unknown := set(said) - KEYS:
            raise ValueError(f"{path}: unknown section {', '.join(sorted(unknown))}; known: {', '.join(sorted(KEYS))}")
        return cls(**said)

    def table(self, name: str) -> str:
        """B's name of A's table."""
        database, _, bare = name.rpartition(".")
        new = self.tables.get(name) or self.tables.get(bare, bare)
        return new if "." in new or not database else f"{database}.{new}"

    def row(self, table: str, row: Row) -> Row:
        """A row of A's `table` in B's names and values."""
        bare = table.rpartition(".")[2]
        columns = {**self.columns.get("*", {}), **self.columns.get(bare, {}), **self.columns.get(table, {})}
        return {columns.get(column, column): self._value(table, column, value) for column, value in row.items()}

    def _value(self, table: str, column: str, value: Value) -> Value:
        if not isinstance(value, str):
            return value
        if table == "pages" and column in ("path", "location"):
            return self.page(value)
        if table in ("pages", "mail"):
            for old, new in self.text.items():
                value = value.replace(old, new)
            return value
        for key in (f"{table}.{column}", f"{table.rpartition('.')[2]}.{column}", f"*.{column}"):
            if value in self.values.get(key, {}):
                return self.values[key][value]
        return value

    def page(self, path: str) -> str:
        """B's address of A's page."""
        if path in self.pages:
            return self.pages[path]
        for old, new in self.pages.items():
            if old.endswith("*") and path.startswith(old[:-1]):
                return new.removesuffix("*") + path[len(old) - 1 :]
        return path

    def ignores(self, what: str, name: str) -> bool:
        """Whether a table, column ("work.entry.hash") or page is left out of the comparison."""
        patterns = [*self.ignore.get(what, ()), *(ALWAYS_IGNORED if what == "columns" else ())]
        return any(fnmatchcase(name, pattern) for pattern in patterns)
