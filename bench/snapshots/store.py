"""A snapshot on disk: `X.json` with a digest per table, and `X.rows/` with the rows behind them.

`X.json`: {"checkout", "commit", "nights": {"newsroom/1": {table: {"columns", "count", "digest", "view"}}}}.
`X.rows/newsroom/1/work.entry.jsonl.gz`: one JSON object a row, keys by name, lines sorted.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypedDict

from bench.snapshots.nights import Night
from bench.snapshots.tables import Row, Table


class Summary(TypedDict):
    """What the JSON file says of one table."""

    columns: list[str]
    count: int
    digest: str  # SHA-256 over the sorted rows
    view: bool


Nights = dict[str, dict[str, Summary]]


@dataclass(slots=True)
class Snapshot:
    """A snapshot that is being written or was read."""

    path: Path
    about: dict[str, str] = field(default_factory=dict)
    nights: Nights = field(default_factory=dict)

    @classmethod
    def read(cls, path: Path) -> Snapshot:
        """Raises OSError or ValueError when it is not one."""
        said = json.loads(path.read_text("utf-8"))
        return cls(path, said["about"], said["nights"])

    @property
    def folder(self) -> Path:
        return self.path.with_suffix(".rows")

    def begin(self) -> None:
        """Remove the rows of an earlier run."""
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)

    def add(self, night: Night) -> None:
        """Write one night; the JSON file is whole after each."""
        key = f"{night.set}/{night.number}"
        (self.folder / key).mkdir(parents=True)
        self.nights[key] = {table.name: self._write(key, table) for table in night.tables}
        said = {"about": self.about, "nights": self.nights}
        self.path.write_text(json.dumps(said, ensure_ascii=False, indent=1, sort_keys=True), "utf-8")

    def rows(self, key: str, table: str) -> list[Row]:
        """The rows of a table after a night."""
        with gzip.open(self._file(key, table), "rt", encoding="utf-8", newline="\n") as file:
            return [json.loads(line) for line in file]

    def _file(self, key: str, table: str) -> Path:
        return self.folder / key / f"{table}.jsonl.gz"

    def _write(self, key: str, table: Table) -> Summary:
        lines = sorted(row_line(row) for row in table.rows)
        data = "".join(f"{line}\n" for line in lines).encode()
        self._file(key, table.name).write_bytes(gzip.compress(data, 5, mtime=0))
        return {
            "columns": sorted(table.columns), "count": len(lines), "digest": hashlib.sha256(data).hexdigest(),
            "view": table.view,
        }  # fmt: skip


def row_line(row: Row) -> str:
    """A row as one line that does not depend on the order of columns."""
    return json.dumps(row, ensure_ascii=True, sort_keys=True)
