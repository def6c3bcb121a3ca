"""How the databases came to look as `core/schema/*.sql` says.

A new file is made from its schema at once, with every migration noted as applied; an older one gets the
missing functions below, in order, each in its transaction. A change of schema is therefore two edits: the
text in `core/schema/`, and a small named function here that takes yesterday's file there.
"""

from __future__ import annotations

import re
import sqlite3
from pathlib import Path

from sqlite_utils import Database, Migrations

from core import clock

SCHEMAS = Path(__file__).with_name("schema")

raw = Migrations("raw")
work = Migrations("work")
letters = Migrations("letters")
SETS: dict[str, Migrations] = {"raw": raw, "work": work, "letters": letters}


def bring_up(connection: sqlite3.Connection, schema: str) -> list[str]:
    """Make the schema in an empty file, or migrate an older one. Returns the names of what was applied."""
    database, migrations = Database(connection), SETS[schema]
    fresh = connection.execute("SELECT count(*) FROM sqlite_master WHERE name NOT LIKE 'sqlite_%'").fetchone()[0] == 0
    if fresh:
        connection.executescript(f"BEGIN IMMEDIATE;\n{(SCHEMAS / f'{schema}.sql').read_text('utf-8')}\nCOMMIT;")
        migrations.ensure_migrations_table(database)
        with connection:
            connection.executemany(
                f"INSERT INTO {migrations.migrations_table} (migration_set, name, applied_at) VALUES (?, ?, ?)",
                [(schema, m.name, clock.stamp()) for m in migrations.pending(database)],
            )
        return []
    pending = [m.name for m in migrations.pending(database)]
    if pending:
        migrations.apply(database)
    return pending


@work()  # type: ignore[untyped-decorator]  # the library has no types here
def tables_of_links_and_stories(database: Database) -> None:
    """Links, notices, figures, stories …: tables that an older file lacks, as the schema has them now."""
    text = (SCHEMAS / "work.sql").read_text("utf-8")
    for statement in re.findall(r"^CREATE (?:TABLE|INDEX) .*?;$", text, re.M | re.S):
        database.conn.execute(re.sub(r"^CREATE (TABLE|INDEX)", r"CREATE \1 IF NOT EXISTS", statement))


@work()  # type: ignore[untyped-decorator]  # the library has no types here
def duplicates_and_retractions(database: Database) -> None:
    """Stages kin and standing, and their tables, get new names."""
    text = (SCHEMAS / "migrations" / "work" / "0002_duplicates_and_retractions.sql").read_text("utf-8")
    for statement in re.findall(r"^(?:ALTER|DROP|CREATE|UPDATE) .*?;$", text, re.M | re.S):
        database.conn.execute(statement)
