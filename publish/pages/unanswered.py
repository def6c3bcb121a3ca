"""Searches that found nothing, counted for the operator (`pipeline.py unanswered`).

`note` adds a line to `searches.tsv` in the folder of the data: the day and the folded words, nothing of who searched.
Searches that could be of a person's own things are left out: with an address of mail, or a number of six digits and
more. The file is bounded: at LARGEST bytes it becomes `searches.1.tsv`, in place of an older one. The line is written
apart from the request, in a thread of the loop; a disk that is full or read-only costs the line, never the answer.
"""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from core import clock, log
from core.config import Config
from publish.search.fold import fold_words

NAME = "searches.tsv"
LARGEST = 1_000_000  # bytes of the file
LONGEST = 120  # characters of a search that is kept
PRIVATE = re.compile(r"@|\d[\d\s.-]{4,}\d")


def path_of(config: Config) -> Path:
    return config.data(NAME)


def note(path: Path | None, written: str) -> None:
    """Count a search, without waiting for the disk. To be called inside of the event loop."""
    words = fold_words(written)
    if path is None or not words or len(words) > LONGEST or PRIVATE.search(written):
        return
    asyncio.get_running_loop().run_in_executor(None, add, path, f"{clock.now():%Y-%m-%d}\t{words}\n")


def add(path: Path, line: str) -> None:
    """Write a line at the end of the file."""
    try:
        if path.exists() and path.stat().st_size + len(line) > LARGEST:
            path.replace(path.with_suffix(".1.tsv"))
        with path.open("a", encoding="utf-8") as file:
            file.write(line)
    except OSError as error:
        log.get_log(__name__).warning("search_not_counted", path=str(path), reason=error.strerror)


def read(path: Path) -> list[tuple[str, int]]:
    """Searches and how often each found nothing, the most frequent first."""
    return Counter(_words(path)).most_common()


def _words(path: Path) -> Iterator[str]:
    for one in (path.with_suffix(".1.tsv"), path):
        if one.exists():
            for line in one.read_text("utf-8", "replace").splitlines():
                yield line.partition("\t")[2]
