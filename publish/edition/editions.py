"""work.db -> an edition of the site, switched on so that no reader ever sees half of one.

An edition is a new file `stemwire-<UTC>.db` with a sidecar of the same name in JSON (counts, digests). In order:
1. built aside under a name that nothing serves; if it says what the current edition says, it is thrown away;
2. an edition without documents, or with fewer than half of the current one's, is refused unless forced;
3. indexed, analysed, checked (`integrity_check`; documents = index = meta), every kind of page asked for;
4. its bytes and the folder's entries are on the disk before
5. `current.db`, a symbolic link, is pointed at it in one rename;
6. the newest `keep` editions stay for going back, older ones go.
Killed at any point, the link still names a whole edition; what lies about half-built is swept by the next build.
The `edition` table of work.db is a log: the folder decides what there is.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import sqlite3
from contextlib import closing
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from core import clock
from core.config import Config
from core.errors import PublishError, UsageError
from core.records import Edition
from core.store import Store
from publish.edition import build

CURRENT = "current.db"
_NAME = re.compile(r"stemwire-\d{8}T\d{6}Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """An edition in the folder."""

    edition: Edition
    current: bool

    def __str__(self) -> str:
        mark = "*" if self.current else " "
        return f"{mark} {self.edition.name}  {self.edition.documents} documents, built {self.edition.built}"


def use_edition(config: Config, name: str) -> Edition:
    """Go back (or forward) to a kept edition. Raises UsageError if it is not there, PublishError if it is damaged."""
    name = name.removesuffix(".db")
    path = config.editions / f"{name}.db"
    if not _NAME.fullmatch(name) or not path.is_file():
        kept = ", ".join(k.edition.name for k in list_editions(config)) or "none"
        raise UsageError(f"no edition {name}", where=str(config.editions), hint=f"kept: {kept}")
    edition = _read_sidecar(path)
    if edition is None or _sha256(path) != edition.sha256:
        raise PublishError("the file is not what was published", where=str(path), hint="choose another edition")
    switch_to(config.editions, name)
    return edition


def list_editions(config: Config) -> list[Kept]:
    """The editions in the folder, newest first."""
    current = find_current(config)
    editions = [_read_sidecar(path) for path in sorted(config.editions.glob("stemwire-*.db"), reverse=True)]
    return [Kept(edition=e, current=current is not None and e.name == current.name) for e in editions if e]


def find_current(config: Config) -> Edition | None:
    """The edition that is served, if there is one."""
    path = current_path(config)
    return _read_sidecar(path) if path else None


def current_path(config: Config) -> Path | None:
    """The file that `current.db` points to, if it is there."""
    link = config.editions / CURRENT
    return link.resolve() if link.is_file() else None


def build_edition(path: Path, work: Store, before: Edition | None, force: bool) -> Edition | None:
    """A checked edition at `path` with its sidecar under the final name; None if it says nothing new."""
    remove(path)
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.executescript("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA page_size = 4096;")
        filled = build.fill(connection, work)
        if before and filled.content == before.content and not force:
            return None
        if not force:
            if not filled.documents:
                raise PublishError("no documents: an empty edition is not published", where=str(work.path))
            if before and filled.documents * 2 < before.documents:
                raise PublishError(
                    f"{filled.documents} documents where there were {before.documents}",
                    where=str(work.path),
                    hint="if that is right, force it once",
                )
        name, built = _free_name(path.parent), clock.stamp()
        newest = connection.execute("SELECT max(day), max(first_seen) FROM document").fetchone()
        connection.executemany(
            "INSERT INTO meta VALUES (?, ?)",
            [("format", build.FORMAT), ("name", name), ("built", built), ("content", filled.content),
             ("documents", str(filled.documents)), ("newest", newest[0] or ""), ("night", newest[1] or "")],
        )  # fmt: skip
        build.index(connection, work)
        connection.executescript("ANALYZE; VACUUM; PRAGMA journal_mode = DELETE;")
        _examine(connection, filled.documents)
        told = build.describe(connection)
    _fsync(path)
    edition = Edition(name=name, built=built, content=filled.content, documents=filled.documents, sha256=_sha256(path))
    _write_sidecar(path.parent / f"{name}.json", {**asdict(edition), "size": path.stat().st_size, **told})
    return edition


def _examine(connection: sqlite3.Connection, documents: int) -> None:
    """Raises PublishError unless the file is whole and says one thing throughout."""
    verdict = connection.execute("PRAGMA integrity_check").fetchone()[0]
    if verdict != "ok":
        raise PublishError(f"integrity_check: {verdict}")
    counts = {
        "documents": connection.execute("SELECT count(*) FROM document").fetchone()[0],
        "indexed": connection.execute("SELECT count(*) FROM search WHERE search MATCH 'tags : all_'").fetchone()[0],
        "meta": int(build.facts(connection)["documents"]),
        "by kind": connection.execute("SELECT coalesce(sum(documents), 0) FROM facet WHERE facet = 'kind'").fetchone()[
            0
        ],
    }
    if set(counts.values()) != {documents}:
        raise PublishError(f"counts disagree: {counts}")
    shown = connection.execute(
        "SELECT count(*) FROM document_text t JOIN document d ON d.id = t.document"
        " WHERE d.licence NOT IN ('full', 'abstract')"
    ).fetchone()[0]
    if shown:
        raise PublishError(f"{shown} texts would be shown without a licence")


def switch_to(folder: Path, name: str) -> None:
    """Point `current.db` at an edition; on the disk when this returns."""
    _fsync(folder)
    fresh = folder / f".current-{os.getpid()}"
    fresh.unlink(missing_ok=True)
    fresh.symlink_to(f"{name}.db")
    fresh.replace(folder / CURRENT)
    _fsync(folder)


def prune(config: Config) -> None:
    """Keep the newest, and always the one before: requests that began on it may still be open."""
    kept = list_editions(config)
    for old in kept[max(config.publish.keep, 2) :]:
        if not old.current:
            path = config.editions / f"{old.edition.name}.db"
            path.unlink()
            sidecar_of(path).unlink()


def sweep(folder: Path) -> None:
    """What a killed build left: unfinished files, editions without sidecar and the reverse. Never the current one."""
    serving = (folder / CURRENT).resolve().name
    for path in [*folder.glob(".building-*"), *folder.glob(".current-*"), *folder.glob(".sidecar-*")]:
        remove(path)
    for path in folder.glob("stemwire-*.*"):
        other = path.with_suffix(".json" if path.suffix == ".db" else ".db")
        if not other.exists() and path.name != serving:
            path.unlink()


def remove(path: Path) -> None:
    for suffix in ("", "-journal", "-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)


def _free_name(folder: Path) -> str:
    """A name after all others there, even where two editions share a second or the clock has stepped back."""
    moment = clock.now()
    newest = max((path.stem for path in folder.glob("stemwire-*.db")), default="")
    if _NAME.fullmatch(newest):
        moment = max(moment, clock.parse(newest.removeprefix("stemwire-")) + timedelta(seconds=1))
    return f"stemwire-{clock.compact(moment)}"


def sidecar_of(path: Path) -> Path:
    return path.with_suffix(".json")


def _read_sidecar(path: Path) -> Edition | None:
    try:
        told: dict[str, Any] = json.loads(sidecar_of(path).read_text("utf-8"))
        return Edition(**{field: told[field] for field in ("name", "built", "content", "documents", "sha256")})
    except (OSError, ValueError, KeyError):
        return None


def _write_sidecar(path: Path, told: dict[str, Any]) -> None:
    fresh = path.with_name(f".sidecar-{os.getpid()}")
    fresh.write_text(json.dumps(told, ensure_ascii=False, indent=1), "utf-8")
    _fsync(fresh)
    fresh.replace(path)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _fsync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
