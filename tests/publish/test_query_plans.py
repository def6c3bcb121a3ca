"""No page reads a whole table that grows with the number of documents: the plan of every statement of every page.

A scan is allowed where it stops early: rows in the order of an index, up to a LIMIT, without a sort or a count.
"""

from __future__ import annotations

import re
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing

import pytest

from publish.earlier_formats import complete
from publish.edition.counts import COUNTED
from publish.pages.datasette_parts import Results
from publish.pages.edition_database import EditionDatabase
from publish.pages.serve import list_pages
from tests.publish.reader import Newsroom, Reader

FIXED = {  # tables whose size is decided by sources, lexicons or the calendar, not by the number of documents
    "meta", "source", "source_night", "source_health", "night", "trial_count",
    "facet", "json_each", "series", "figure_value", "counted", "country_newest", "correction",
}  # fmt: skip
NAMED = re.compile(
    r"\b(?:from|join|,)\s+\"?(\w+)\"?(?:\s+(?:as\s+)?(?!on\b|where\b|join\b|left\b|cross\b|group\b)(\w+))?", re.I
)
LARGER = 10_000
Params = dict[str, object]


def find_scans(edition: sqlite3.Connection, sql: str, params: Params) -> Iterator[str]:
    """The tables that a statement reads from end to end although they grow."""
    named = {alias or table: table for table, alias in NAMED.findall(sql)} | {t: t for t, _ in NAMED.findall(sql)}
    plan = edition.execute(f"EXPLAIN QUERY PLAN {sql}", params).fetchall()
    sorts = {parent for _, parent, _, detail in plan if detail.startswith("USE TEMP B-TREE")}
    counts = re.search(r"\b(count|sum|max|min|group_concat|json_group_array)\s*\(|\bgroup by\b|\bdistinct\b", sql, re.I)
    parts = {number for number, _, _, detail in plan if detail.startswith(("CO-ROUTINE", "MATERIALIZE"))}
    for _, parent, _, detail in plan:
        found = re.match(r"SCAN (\w+)(.*)", detail)
        if not found or re.search(r"VIRTUAL TABLE INDEX \d+:\S*M\d", found[2]):
            continue
        table = named.get(found[1], found[1])
        if (
            table in FIXED
            or "CONSTANT ROW" in detail
            or (re.search(r"\blimit\b", sql, re.I) and parent not in sorts and (parent in parts or not counts))
        ):
            continue
        if edition.execute("SELECT 1 FROM sqlite_master WHERE name = ? AND type <> 'index'", (table,)).fetchone():
            yield f"{detail}: {' '.join(sql.split())}"


@pytest.fixture(scope="module")
def statements(newsroom: Newsroom, reader: Reader) -> dict[str, Params]:
    """Every statement of our own pages at all addresses that are tried before an edition goes live."""
    asked: dict[str, Params] = {}
    real = EditionDatabase.execute

    async def note(self: EditionDatabase, sql: str, params: Params | None = None, truncate: bool = False) -> Results:
        asked.setdefault(sql, dict(params or {}))
        return await real(self, sql, params, truncate)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(EditionDatabase, "execute", note)
        for sample in list_pages(newsroom[1]):
            if sample.status == 200 and not sample.address.startswith(("/stemwire", "/static", "/-/")):
                reader.get(sample.address)
    return asked


@pytest.fixture(scope="module")
def edition(newsroom: Newsroom, tmp_path_factory: pytest.TempPathFactory) -> Iterator[sqlite3.Connection]:
    """The edition, with statistics that call its growing tables LARGER: of a few rows, SQLite reads all."""
    path = tmp_path_factory.mktemp("plans") / "large.db"
    shutil.copyfile(newsroom[1], path)
    with closing(sqlite3.connect(path)) as connection:
        for rowid, table, stat in connection.execute("SELECT rowid, tbl, stat FROM sqlite_stat1").fetchall():
            rows, *rest = stat.split()
            if table not in FIXED:
                larger = " ".join([str(int(rows) * LARGER), *rest])
                connection.execute("UPDATE sqlite_stat1 SET stat = ? WHERE rowid = ?", (larger, rowid))
        connection.commit()
    with closing(sqlite3.connect(f"file:{path}?mode=ro&immutable=1", uri=True)) as connection:
        complete(connection)
        yield connection


def test_no_page_scans_a_table_that_grows(statements: dict[str, Params], edition: sqlite3.Connection) -> None:
    assert len(statements) > 60
    scans = [scan for sql, params in statements.items() for scan in find_scans(edition, sql, params)]
    assert not scans, "\n".join(sorted(scans))


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT licence, count(*) FROM document GROUP BY 1",
        "SELECT d.title FROM document d ORDER BY d.title LIMIT 5",
        "SELECT rowid FROM search",
        "SELECT surface FROM mention m WHERE m.surface = 'x'",
        "SELECT * FROM source s JOIN label l WHERE l.rule = s.id",
    ],
)
def test_a_scan_is_found(edition: sqlite3.Connection, sql: str) -> None:
    assert list(find_scans(edition, sql, {}))


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT id FROM document ORDER BY id DESC LIMIT 8",
        "SELECT rowid FROM search WHERE search MATCH 'stem'",
        "SELECT * FROM source ORDER BY name",
        "SELECT count(*) FROM document WHERE tonight = 1",
    ],
)
def test_what_stops_early_is_no_scan(edition: sqlite3.Connection, sql: str) -> None:
    assert not list(find_scans(edition, sql, {}))


def test_counts_made_at_build_are_those_of_the_tables(edition: sqlite3.Connection) -> None:
    for what, sql in COUNTED.items():
        kept = edition.execute("SELECT value, n FROM counted WHERE what = ? ORDER BY 1", (what,)).fetchall()
        assert (kept or what == "trial_status") and kept == sorted(edition.execute(sql).fetchall()), what
    most = "SELECT surface, count(*) FROM mention WHERE entity = ? GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 12"
    spelt = "SELECT surface, mentions FROM spelling WHERE entity = ? ORDER BY place"
    for one in edition.execute("SELECT id FROM entity").fetchall():
        assert edition.execute(spelt, one).fetchall() == edition.execute(most, one).fetchall()
    newest = "SELECT document FROM label WHERE facet = 'country' AND value = ? ORDER BY document DESC LIMIT 3"
    listed = "SELECT document FROM country_newest WHERE country = ? ORDER BY place"
    countries = edition.execute("SELECT DISTINCT country FROM country_newest").fetchall()
    assert countries
    for one in countries:
        assert edition.execute(listed, one).fetchall() == edition.execute(newest, one).fetchall()
