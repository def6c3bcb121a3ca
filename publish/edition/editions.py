"""Builds editions from work.db and switches the site to them, so that no reader ever sees half of one.

An edition is a new file `stemwire-<UTC>.db` with a JSON sidecar of the same name (counts, fingerprints). In order:
1. It is built under a temporary name that nothing serves. If its content equals the current edition's, and that one is
   not damaged (`damage.py`), it is deleted.
2. An edition without documents, or with fewer than half of the current one's, is refused unless forced.
3. It is indexed, analysed and checked (`integrity_check`; documents = index = meta). Every kind of page is requested.
4. Its bytes and the folder's entries are written to the disk.
5. The symbolic link `current.db` is pointed at it in one rename.
6. The newest `keep` editions stay, so that an operator can go back; older ones are deleted.
If the process dies at any point, the link still names a whole edition, and the next build deletes unfinished files.
The `edition` table of work.db is only a log: the files in the folder are the editions that exist.
"""

from __future__ import annotations

import json
import os
import re
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path

from core import clock
from core.config import Config
from core.corrections import Correction
from core.errors import PublishError, UsageError
from core.records import Edition
from core.store import Store
from publish.edition import build
from publish.edition.damage import CURRENT, find_damage, find_sha256, read_sidecar, sidecar_of

_NAME = re.compile(r"stemwire-\d{8}T\d{6}Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredEdition:
    """An edition in the folder."""

    edition: Edition
    current: bool
    damage: str = ""  # what is wrong with its file, without a look at every byte

    def __str__(self) -> str:
        mark = "*" if self.current else " "
        end = f", damaged: {self.damage}" if self.damage else ""
        return f"{mark} {self.edition.name}  {self.edition.documents} documents, built {self.edition.built}{end}"


def use_edition(config: Config, name: str) -> Edition:
    """Switch the site to a stored edition. Raises UsageError if it does not exist, PublishError if it is damaged."""
    name = name.removesuffix(".db")
    path = config.editions / f"{name}.db"
    if not _NAME.fullmatch(name) or not path.is_file():
        stored = ", ".join(one.edition.name for one in list_editions(config)) or "none"
        raise UsageError(f"no edition {name}", where=str(config.editions), hint=f"stored: {stored}")
    edition = _read_sidecar(path)
    if edition is None or find_sha256(path) != edition.sha256:
        raise PublishError("the file differs from what was published", where=str(path), hint="choose another edition")
    switch_to(config.editions, name)
    return edition


def list_editions(config: Config) -> list[StoredEdition]:
    """The editions in the folder, newest first."""
    current = find_current(config)
    paths = sorted(config.editions.glob("stemwire-*.db"), reverse=True)
    return [
        StoredEdition(
            edition=edition, current=current is not None and edition.name == current.name, damage=find_damage(path)
        )
        for path in paths
        if (edition := _read_sidecar(path))
    ]


def find_current(config: Config) -> Edition | None:
    """The edition that is served, or None."""
    path = current_path(config)
    return _read_sidecar(path) if path else None


def current_path(config: Config) -> Path | None:
    """The file that `current.db` points to, or None."""
    link = config.editions / CURRENT
    return link.resolve() if link.is_file() else None


def build_edition(
    path: Path,
    work: Store,
    before: Edition | None,
    *,
    force: bool,
    damaged: bool = False,
    corrections: tuple[Correction, ...] = (),
) -> Edition | None:
    """Build and check an edition at `path`, with its sidecar under the final name. None if nothing has changed.

    `damaged`: the one `before` is no longer what was published, so an equal one is needed, too.
    """
    remove(path)
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.executescript("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA page_size = 4096;")
        filled = build.fill(connection, work, corrections)
        if before and filled.content == before.content and not force and not damaged:
            return None
        if not force:
            if not filled.documents:
                raise PublishError("no documents; an empty edition is not published", where=str(work.path))
            if before and filled.documents * 2 < before.documents:
                raise PublishError(
                    f"only {filled.documents} documents; the edition before has {before.documents}",
                    where=str(work.path),
                    hint="if that is right, run `publish --force` once",
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
        description = build.describe(connection)
    _fsync(path)
    edition = Edition(
        name=name, built=built, content=filled.content, documents=filled.documents, sha256=find_sha256(path)
    )
    _write_sidecar(path.parent / f"{name}.json", {**asdict(edition), "size": path.stat().st_size, **description})
    return edition


def _examine(connection: sqlite3.Connection, documents: int) -> None:
    """Check that the file is whole and its counts agree. Raises PublishError."""
    verdict = connection.execute("PRAGMA integrity_check").fetchone()[0]
    if verdict != "ok":
        raise PublishError(f"integrity_check: {verdict}")
    counts = {
        "documents": connection.execute("SELECT count(*) FROM document").fetchone()[0],
        "indexed": connection.execute("SELECT count(*) FROM search WHERE search MATCH 'tags : all_'").fetchone()[0],
        "meta": int(build.read_meta(connection)["documents"]),
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
    """Point `current.db` at an edition. The change is on the disk when this returns."""
    _fsync(folder)
    fresh = folder / f".current-{os.getpid()}"
    fresh.unlink(missing_ok=True)
    fresh.symlink_to(f"{name}.db")
    fresh.replace(folder / CURRENT)
    _fsync(folder)


def prune(config: Config) -> None:
    """Delete old editions, but never the one before: requests that began on it may still be open."""
    stored = list_editions(config)
    for old in stored[max(config.publish.keep, 2) :]:
        if not old.current:
            path = config.editions / f"{old.edition.name}.db"
            path.unlink()
            sidecar_of(path).unlink()


def sweep(folder: Path) -> None:
    """Delete what a build that died left: unfinished files, editions without sidecar, sidecars without edition."""
    serving = (folder / CURRENT).resolve().name
    for path in [*folder.glob(".building-*"), *folder.glob(".current-*"), *folder.glob(".sidecar-*")]:
        remove(path)
    for path in folder.glob("stemwire-*.*"):
        other = path.with_suffix(".json" if path.suffix == ".db" else ".db")
        if not other.exists() and path.name != serving:
            path.unlink()


def remove(path: Path) -> None:
    """Delete a database and the other files of SQLite."""
    for suffix in ("", "-journal", "-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)


def _free_name(folder: Path) -> str:
    """A name that sorts after all others, even within the same second or after the clock stepped back."""
    moment = clock.now()
    newest = max((path.stem for path in folder.glob("stemwire-*.db")), default="")
    if _NAME.fullmatch(newest):
        moment = max(moment, clock.parse(newest.removeprefix("stemwire-")) + timedelta(seconds=1))
    return f"stemwire-{clock.compact(moment)}"


def _read_sidecar(path: Path) -> Edition | None:
    try:
        description = read_sidecar(path)
        return Edition(**{field: description[field] for field in ("name", "built", "content", "documents", "sha256")})
    except (OSError, ValueError, KeyError):
        return None


def _write_sidecar(path: Path, description: Mapping[str, object]) -> None:
    fresh = path.with_name(f".sidecar-{os.getpid()}")
    fresh.write_text(json.dumps(description, ensure_ascii=False, indent=1), "utf-8")
    _fsync(fresh)
    fresh.replace(path)


def _fsync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
