"""Checks an installation for common problems and prints what to do about each."""

from __future__ import annotations

import importlib.util
import shutil
import sqlite3
import sys
from collections.abc import Iterable, Iterator
from importlib.metadata import PackageNotFoundError, version
from itertools import chain
from pathlib import Path

from rich.console import Console

from core.config import ROOT, Config, load_sources
from core.corrections import describe_lost, load_corrections
from core.errors import StemwireError
from core.store import Store, open_store

NEEDED = ("scrapy", "feedparser", "trafilatura", "htmldate", "spacy", "datasette", "sqlite-utils", "pydantic")


def examine(config: Config, screen: Console, more: Iterable[tuple[bool, str]] = ()) -> int:
    """Print one line per check; `more` are those of other packages. Returns 0 if all are good, else 1."""
    bad = 0
    for fine, text in chain(_check(config), more):
        screen.print(("ok   " if fine else "BAD  ") + text, markup=False, style=None if fine else "red")
        bad += not fine
    return 1 if bad else 0


def _check(config: Config) -> Iterator[tuple[bool, str]]:
    yield sys.version_info >= (3, 11), f"Python {sys.version.split()[0]} (3.11 or newer)"
    yield sqlite3.sqlite_version_info >= (3, 37), f"SQLite {sqlite3.sqlite_version} (3.37 or newer, for STRICT tables)"
    for name in NEEDED:
        try:
            yield True, f"{name} {version(name)}"
        except PackageNotFoundError:
            yield False, f"{name} is not installed: run ./run.sh test once"
    spec = importlib.util.find_spec("datasette")
    library = bool(spec and spec.origin and ROOT not in Path(spec.origin).parents)
    library = library or bool(spec and spec.origin and "site-packages" in spec.origin)
    yield library, "import datasette finds the library, not the folder of that name"
    sources, broken = load_sources(config.sources)
    yield not broken, f"{len(sources)} source files are valid" + "".join(f"; {error}" for error in broken)
    for schema in ("raw", "work"):
        path = config.data(f"{schema}.db")
        if not path.exists():
            yield True, f"{schema}.db does not exist yet"
            continue
        try:
            with open_store(path, schema) as store:
                state = store.value("PRAGMA quick_check")
                yield state == "ok", f"{schema}.db: {state}"
                if schema == "work":
                    yield from _check_corrections(config, store)
        except StemwireError as error:
            yield False, str(error)
    free = shutil.disk_usage(ROOT).free
    yield free > 2**30, f"{free / 2**30:.1f} GiB free on the disk"


def _check_corrections(config: Config, work: Store) -> Iterator[tuple[bool, str]]:
    """Whether the corrections can be read, and which of them match no document."""
    corrections = load_corrections(config.corrections)
    lost = describe_lost(work, corrections)
    if corrections:
        yield not lost, f"{len(corrections)} corrections; {len(lost)} in force match no document"
    for line in lost:
        yield False, f"correction: {line}"
