"""How a record came about: every row that names it, from the answer of a source to the ledger.

Which rows there are is read from the schema, so the table of a new stage appears by itself. In order:

1. the record is found by any of its names: the id of a document, entry or story, an address at the source or on our
   site, an identifier of the literature (DOI, PMID …);
2. a column refers to a document, an entry or a story when it is declared so (`REFERENCES`), when it has the name of
   that table, or one of the names in `COLUMNS`. The primary key `id` of these tables counts, too. A column of such a
   name that holds something else matches no id;
3. the rows of all tables with such a column are taken, tables that no stage writes first, the others in the order
   of the stages; before them come the sources and captures that these rows name;
4. the ledger follows: for each stage that has a row of this record the version that was used and the one of today,
   how it ended, and why it would be due now (new, version, changed, retry); then the open issues about it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from rich.console import Console

from core.errors import UsageError
from core.facets import facets
from core.ids import SCHEMES, normalise
from core.records import Json
from core.stage import Stage, find_reasons
from core.store import TABLE_OF, Store

COLUMNS = {  # what a column refers to when it is not named after that table
    "work": "document", "src": "document", "dst": "document", "other": "document", "about": "document",
    "origin": "document",
}  # fmt: skip
REFERRED = ("document", "entry", "story")
NAMED = ("source", "capture")  # tables whose rows are shown because a row of the record names them
LEDGER = {"outcome", "issue"}
SHOWN = 12  # rows of a table on the screen

STORIES = "SELECT id FROM story WHERE id = :ident OR substr(fingerprint(id), 2, 12) = :name"
DOCUMENTS = """
SELECT id FROM document WHERE id = :ident OR url = :ident OR entry = :ident
UNION ALL SELECT document FROM former_id WHERE id = :ident
UNION ALL SELECT work FROM identity WHERE identifier IN (SELECT value FROM json_each(:numbers))
UNION ALL SELECT id FROM document WHERE id IN (SELECT value FROM json_each(:numbers))
UNION ALL SELECT document FROM appearance WHERE entry = :ident OR url = :ident
UNION ALL SELECT id FROM document WHERE length(:name) = 12 AND substr(fingerprint(id), 2, 12) = :name"""
IDENTIFIERS = "SELECT identifier FROM identity WHERE work = ? AND identifier NOT LIKE 'entry:%' ORDER BY identifier"

Rows = list[tuple[str, list[Json]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """What a record is called in the tables: of each of `REFERRED`, the ids that refer to it."""

    ids: Mapping[str, tuple[str, ...]]

    @property
    def keys(self) -> tuple[str, ...]:
        """As a stage may know it."""
        return tuple(ident for table in REFERRED for ident in self.ids[table])


def find_names(work: Store, ident: str) -> Names:
    """The record that `ident` names. Raises UsageError when there is none."""
    numbers = [ident, *(f"{scheme}:{value}" for scheme in SCHEMES if (value := normalise(scheme, ident)))]
    name = ident.rpartition("/")[2].rpartition("-")[2]
    said = {"ident": ident, "name": name, "numbers": json.dumps(numbers)}
    if ident.startswith("story:") or "/story/" in ident:
        story = work.one(STORIES, said)
        if story is not None:
            return Names(ids={"document": (), "entry": (), "story": (story["id"],)})
    found = work.one(DOCUMENTS, said)
    document = work.one("SELECT id, entry FROM document WHERE id = ?", (found["id"],)) if found else None
    entry = work.one("SELECT id FROM entry WHERE id = ? OR url = ?", (document["entry"] if document else ident, ident))
    if entry is None and document is None:
        raise UsageError(f"no document, entry or address {ident!r}", hint="`status` counts what there is")
    documents: tuple[str, ...] = ()
    if document is not None:
        more = (row["identifier"] for row in work.rows(IDENTIFIERS, (document["id"],)))
        documents = tuple(dict.fromkeys((document["id"], *more)))
    entries = (entry["id"],) if entry else (document["entry"],) if document else ()
    return Names(ids={"document": documents, "entry": entries, "story": ()})


def find_references(work: Store, database: str, table: str) -> dict[str, str]:
    """Columns of a table -> which of `REFERRED` they refer to."""
    declared = {
        row["from"]: row["table"] for row in work.rows(f'PRAGMA "{database}".foreign_key_list("{table}")')
    }  # fmt: skip
    found = {}
    for row in work.rows(f'PRAGMA "{database}".table_info("{table}")'):
        column = row["name"]
        own = table if column == "id" else column
        goal = declared.get(column) or (own if own in REFERRED else COLUMNS.get(column))
        if goal in REFERRED:
            found[column] = goal
    return found


def find_rows(work: Store, names: Names, stages: Sequence[Stage]) -> Rows:
    """The rows of the record by table, without the ledger."""
    writers = {TABLE_OF[writes.record]: place for place, stage in enumerate(stages) for writes in stage.writes}
    tables = [("work", table) for table in _tables(work, "main")] + [("raw", table) for table in _tables(work, "raw")]
    found: Rows = []
    for database, table in sorted(tables, key=lambda one: writers.get(one[1], -1)):
        schema = "main" if database == "work" else database
        references = find_references(work, schema, table) if table not in LEDGER else {}
        tests = {column: names.ids[goal] for column, goal in references.items() if names.ids[goal]}
        if tests:
            where = " OR ".join(f'"{column}" IN ({_marks(ids)})' for column, ids in tests.items())
            values = [ident for ids in tests.values() for ident in ids]
            found.append((table, _select(work, schema, table, where, values)))
    return [*_named(work, found), *found]


def find_ledger(work: Store, names: Names, stages: Sequence[Stage]) -> Rows:
    """How each stage ended with the record, what it would do now, and the open issues."""
    marks, keys = _marks(names.keys), names.keys
    outcomes: list[Json] = []
    subjects = list(keys)
    known = {
        (row["stage"], row["key"]): row
        for row in work.rows(f'SELECT * FROM outcome WHERE "key" IN ({marks}) ORDER BY stage, "key"', keys)
    }
    for stage in stages:
        for key, why in find_reasons(stage, work, keys).items():
            row = known.pop((stage.name, key), None) or {"stage": stage.name, "key": key, "state": "not worked yet"}
            outcomes.append({**row, "version_now": stage.version, "due_now": why})
            subjects.append(f"{stage.name} {key}")
    issues = work.rows(f"SELECT * FROM issue WHERE resolved IS NULL AND subject IN ({_marks(subjects)})", subjects)
    gone = [{**row, "due_now": "its input is gone"} for row in known.values()]
    return [("outcome", outcomes + gone), ("issue", issues)]


def show_explanation(work: Store, ident: str, stages: Sequence[Stage], screen: Console, as_json: bool) -> None:
    """All rows of a record. `work` has raw.db attached. Raises UsageError."""
    names = find_names(work, ident)
    for table, rows in [*find_rows(work, names, stages), *find_ledger(work, names, stages)]:
        for row in rows if as_json else rows[:SHOWN]:
            if as_json:
                print(json.dumps({table: row}, ensure_ascii=False))
                continue
            screen.print(f"{table}{_title(table, row)}", style="bold", markup=False)
            for name, value in row.items():
                text = str(value)
                screen.print(f"  {name:<15} {text[:200]}{'…' if len(text) > 200 else ''}", markup=False)
        if not as_json and len(rows) > SHOWN:
            screen.print(f"{len(rows) - SHOWN} more rows of {table}; --json shows all", style="dim")


def _title(table: str, row: Json) -> str:
    """Of a label or mention, how pages name its facet or type: `, Species studied`."""
    name = {"label": "facet", "mention": "type"}.get(table)
    facet = facets().find("label" if table == "label" else "type", str(row[name]).lower()) if name else None
    return f", {facet.title}" if facet else ""


def _tables(work: Store, schema: str) -> list[str]:
    """In the order of the schema's file."""
    sql = f"SELECT name FROM {schema}.sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%' ORDER BY rowid"
    return [row["name"] for row in work.rows(sql)]


def _named(work: Store, found: Rows) -> Rows:
    """The sources and captures that rows of the record name."""
    given: Rows = []
    for table in NAMED:
        ids = sorted({row[table] for _, rows in found for row in rows if row.get(table)})
        schema = "raw" if table in _tables(work, "raw") else "main"
        given.append((table, _select(work, schema, table, f"id IN ({_marks(ids)})", ids)))
    return given


def _select(work: Store, schema: str, table: str, where: str, values: Sequence[str]) -> list[Json]:
    """Rows in the order of the table; of bytes only their number."""
    info = work.rows(f'PRAGMA "{schema}".table_info("{table}")')
    columns = (
        f'length("{row["name"]}") AS "{row["name"]}"' if row["type"] == "BLOB" else f'"{row["name"]}"' for row in info
    )
    order = ", ".join(f'"{row["name"]}"' for row in sorted(info, key=lambda row: row["pk"]) if row["pk"]) or "rowid"
    return work.rows(f'SELECT {", ".join(columns)} FROM {schema}."{table}" WHERE {where} ORDER BY {order}', values)


def _marks(values: Iterable[object]) -> str:
    return ", ".join("?" for _ in values)
