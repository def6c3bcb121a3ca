"""A new database file and an old one that was migrated have the same schema; a migration is all or nothing."""

from __future__ import annotations

import re
import sqlite3
import tarfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from core.errors import StoreError
from core.migrations import SCHEMAS, bring_up, find_migrations
from core.records import Run
from core.store import open_store
from core.text import fingerprint

ARCHIVE = Path(__file__).with_name("store-235f18d.tar.xz")
NAMES = sorted(path.stem for path in SCHEMAS.glob("*.sql"))

OLD = """
CREATE TABLE kin (document TEXT NOT NULL, other TEXT NOT NULL, PRIMARY KEY (document, other)) STRICT, WITHOUT ROWID;
CREATE INDEX kin_other ON kin (other);
CREATE TABLE outcome (stage TEXT NOT NULL, "key" TEXT NOT NULL, PRIMARY KEY (stage, "key")) STRICT, WITHOUT ROWID;
"""
NEW = """
-- Pairs of documents that say the same.
CREATE TABLE near_duplicate (
    document TEXT NOT NULL,  -- the later one
    other    TEXT NOT NULL,
    why      TEXT,           -- the reason; in words
    PRIMARY KEY (document, other)
) STRICT, WITHOUT ROWID;
CREATE INDEX near_duplicate_other ON near_duplicate (other);
CREATE VIEW kin AS SELECT document, other FROM near_duplicate;
CREATE TABLE outcome (stage TEXT NOT NULL, "key" TEXT NOT NULL, PRIMARY KEY (stage, "key")) STRICT, WITHOUT ROWID;
"""
RENAME = """
-- The table gets the field's name; its stage too.
ALTER TABLE kin RENAME TO near_duplicate;
DROP INDEX kin_other;
CREATE INDEX near_duplicate_other ON near_duplicate (other);
ALTER TABLE near_duplicate
    ADD COLUMN why TEXT;
CREATE VIEW kin AS SELECT document, other FROM near_duplicate;
UPDATE outcome SET stage = 'duplicates' WHERE stage = 'kin';
-- done
"""


def schema_of(path: Path) -> dict[str, str]:
    """Name of each table, index, view and trigger -> its statement without comments, quotes and spacing."""
    with closing(sqlite3.connect(path)) as database:
        rows = database.execute(
            "SELECT type, name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite\\_%' ESCAPE '\\'"
        )
        return {f"{kind} {name}": normalised(sql) for kind, name, sql in rows}


def normalised(sql: str) -> str:
    bare = re.sub(r"--[^\n]*", " ", sql)
    bare = re.sub(r'"(\w+)"', r"\1", bare)
    return re.sub(r"\s*([(),])\s*", r"\1", " ".join(bare.split()))


@pytest.fixture
def toy(tmp_path: Path) -> Path:
    """A folder of schemas with one migration, which renames."""
    folder = tmp_path / "schema"
    (folder / "migrations" / "toy").mkdir(parents=True)
    (folder / "toy.sql").write_text(NEW, "utf-8")
    (folder / "migrations" / "toy" / "0001_rename.sql").write_text(RENAME, "utf-8")
    return folder


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """A file from before the toy's migration."""
    path = tmp_path / "toy.db"
    with closing(sqlite3.connect(path)) as database, database:
        database.executescript(OLD)
        database.execute("INSERT INTO kin VALUES ('a', 'b')")
        database.execute("INSERT INTO outcome VALUES ('kin', 'a'), ('stories', 'a')")
    return path


def bring_up_file(path: Path, folder: Path) -> list[str]:
    with closing(sqlite3.connect(path, isolation_level=None, timeout=30)) as connection:
        connection.create_function("fingerprint", -1, fingerprint, deterministic=True)
        return bring_up(connection, "toy", folder)


def test_migrations_lie_in_the_folder_of_a_schema_and_are_numbered_without_gaps() -> None:
    assert {path.name for path in (SCHEMAS / "migrations").iterdir()} <= set(NAMES)
    for name in NAMES:
        numbers = [path.name[:5] for path in find_migrations(name)]
        assert numbers == [f"{number:04d}_" for number in range(1, len(numbers) + 1)]


@pytest.mark.parametrize("name", NAMES)
def test_a_new_file_and_a_migrated_one_have_the_same_schema(name: str, tmp_path: Path) -> None:
    with tarfile.open(ARCHIVE) as tar:
        tar.extract(f"data/{name}.db", tmp_path, filter="data")
    old, new = tmp_path / "data" / f"{name}.db", tmp_path / f"{name}.db"
    for path in (old, new):
        open_store(path, name).__exit__()
    assert schema_of(old) == schema_of(new)


def test_an_attached_file_is_migrated_too(tmp_path: Path) -> None:
    with tarfile.open(ARCHIVE) as tar:
        tar.extract("data/raw.db", tmp_path, filter="data")
    raw = tmp_path / "data" / "raw.db"
    with open_store(tmp_path / "work.db", "work", attach={"raw": raw}) as work:
        assert work.value("PRAGMA raw.user_version") == len(find_migrations("raw"))
        assert work.value("SELECT count(*) FROM raw.capture")


def test_a_file_without_the_later_tables_gets_them(tmp_path: Path) -> None:
    old, new = tmp_path / "old.db", tmp_path / "new.db"
    with tarfile.open(ARCHIVE) as tar:
        tar.extract("data/work.db", tmp_path, filter="data")
    (tmp_path / "data" / "work.db").rename(old)
    with closing(sqlite3.connect(old)) as database, database:
        for table in re.findall(r"EXISTS (\w+) \(", find_migrations("work")[0].read_text("utf-8")):
            database.execute(f"DROP TABLE {table}")
    for path in (old, new):
        open_store(path, "work").__exit__()
    assert schema_of(old) == schema_of(new)


def test_a_table_and_a_stage_get_other_names_and_the_old_one_still_answers(
    toy: Path, old: Path, tmp_path: Path
) -> None:
    assert bring_up_file(old, toy) == ["0001_rename"]
    assert bring_up_file(old, toy) == []
    new = tmp_path / "new.db"
    assert bring_up_file(new, toy) == bring_up_file(new, toy) == []
    assert schema_of(old) == schema_of(new)
    with closing(sqlite3.connect(old)) as database:
        assert database.execute("SELECT * FROM near_duplicate").fetchall() == [("a", "b", None)]
        assert database.execute("SELECT * FROM kin").fetchall() == [("a", "b")]
        assert database.execute("SELECT stage FROM outcome ORDER BY 1").fetchall() == [("duplicates",), ("stories",)]


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace("TEXT,  ", "TEXT NOT NULL,  "),
        lambda text: text.replace("(other);", "(document);"),
        lambda text: text.replace("CREATE VIEW kin AS SELECT document, other FROM near_duplicate;", ""),
    ],
)
def test_the_comparison_sees_a_difference(toy: Path, old: Path, tmp_path: Path, change: Callable[[str], str]) -> None:
    changed = change(NEW)
    assert changed != NEW
    (toy / "toy.sql").write_text(changed, "utf-8")
    bring_up_file(old, toy)
    bring_up_file(tmp_path / "new.db", toy)
    assert schema_of(old) != schema_of(tmp_path / "new.db")


def test_a_migration_that_fails_is_named_and_leaves_the_file_as_it_was(toy: Path, old: Path) -> None:
    before = schema_of(old)
    (toy / "migrations" / "toy" / "0002_wrong.sql").write_text("DELETE FROM outcome;\nDROP TABLE absent;\n", "utf-8")
    with pytest.raises(sqlite3.OperationalError, match=r"toy/0002_wrong\.sql: no such table: absent"):
        bring_up_file(old, toy)
    assert schema_of(old) == before
    with closing(sqlite3.connect(old)) as database:
        assert database.execute("SELECT count(*) FROM outcome").fetchone() == (2,)
        assert database.execute("PRAGMA user_version").fetchone() == (0,)


def test_processes_that_come_at_once_migrate_once(toy: Path, old: Path, tmp_path: Path) -> None:
    new = tmp_path / "new.db"
    with ThreadPoolExecutor(8) as pool:
        applied = list(pool.map(lambda _: bring_up_file(old, toy), range(8)))
        made = list(pool.map(lambda _: bring_up_file(new, toy), range(8)))
    assert sorted(applied) == [[]] * 7 + [["0001_rename"]] and made == [[]] * 8


def test_a_file_of_a_newer_version_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "work.db"
    open_store(path, "work").__exit__()
    with closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA user_version = 9999")
    with pytest.raises(StoreError, match=r"version 9999.*update the program"):
        open_store(path, "work")


def test_an_issue_of_a_renamed_stage_is_not_raised_a_second_time(tmp_path: Path) -> None:
    run = Run(id="20261120T040000Z", command="nightly", started="2026-11-20T04:00:00Z")
    later = Run(id="20261121T040000Z", command="nightly", started="2026-11-21T04:00:00Z")
    (renames,) = [path for path in find_migrations("work") if path.stem == "0002_duplicates_and_retractions"]
    statements = re.findall(r"^UPDATE issue .*?;", renames.read_text("utf-8"), re.M | re.S)
    assert len(statements) == 3
    with open_store(tmp_path / "work.db", "work") as work:
        with work.writing():
            work.raise_issue(run, kind="kin_failed", subject="kin doi:10.1/x", text="a reason", source=None)
            work.raise_issue(run, kind="kin_failed", subject="kin doi:10.1/y", text="a reason", source="s")
            for statement in statements:
                work.execute(statement)
            work.raise_issue(later, kind="duplicates_failed", subject="duplicates doi:10.1/x", text="a reason")
            work.raise_issue(later, kind="duplicates_failed", subject="duplicates doi:10.1/y", text="b", source="s")
        rows = work.rows("SELECT first_seen, last_seen FROM issue")
    assert rows == [{"first_seen": run.id, "last_seen": later.id}] * 2
