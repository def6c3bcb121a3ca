"""Rows of a lexicon as recipes write them, and the small readers that several recipes share."""

from __future__ import annotations

import gzip
import json
import unicodedata
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

Row = tuple[str, str, str, str, str, str]  # surface, concept, lang, source, licence, flags

COLUMNS = ("surface", "concept", "lang", "source", "licence", "flags")


def write_rows(path: Path, rows: Iterable[Row]) -> int:
    """Sort, drop exact repeats, write; returns the number of rows."""
    unique = sorted(set(rows), key=lambda row: (row[0].casefold(), row))
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write("\t".join(COLUMNS) + "\n")
        for row in unique:
            file.write("\t".join(row) + "\n")
    return len(unique)


def read_jsonl(path: Path) -> Iterator[dict[str, Any]]:
    with gzip.open(path, "rt", encoding="utf-8") as file:
        for line in file:
            yield json.loads(line)


def tidy(surface: str) -> str:
    """One line, composed characters, plain apostrophes."""
    text = unicodedata.normalize("NFC", surface).replace("’", "'").replace("‘", "'")
    return " ".join(text.split())
