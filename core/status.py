"""What an operator reads: how a run went, what waits for a person, and the rows of one record's life."""

from __future__ import annotations

import json
from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from core.errors import UsageError
from core.facets import facets
from core.ids import SCHEMES, normalise
from core.night import Night
from core.records import Json, Report
from core.store import Store, as_row

LIFE = """
SELECT 'capture' AS what, c.id, c.url, c.status, c.fetched, c.size, c.sha256 FROM raw.capture c
WHERE c.id IN (SELECT capture FROM document WHERE id = :id UNION SELECT capture FROM entry WHERE id = :entry)"""

STORIES = """
SELECT s.* FROM story s WHERE s.id = :ident OR substr(fingerprint(s.id), 2, 12) = :name"""
NAMED = """
SELECT id FROM document WHERE id = :ident OR url = :ident OR entry = :ident
UNION ALL SELECT work FROM identity WHERE identifier IN (SELECT value FROM json_each(:numbers))
UNION ALL SELECT id FROM document WHERE id IN (SELECT value FROM json_each(:numbers))
UNION ALL SELECT id FROM document WHERE length(:name) = 12 AND substr(fingerprint(id), 2, 12) = :name"""


def show_reports(night: Night, reports: Sequence[Report], screen: Console, as_json: bool) -> None:
    """What each stage did, what was said, which sources failed."""
    if as_json:
        for report in reports:
            print(json.dumps(as_row(report)))
        print(json.dumps({"failed_sources": night.failed, "said": night.said}, ensure_ascii=False))
        return
    table = _table("stage", "due", "done", "skipped", "failed", "seconds", "why due")
    for r in reports:
        table.add_row(r.stage, *map(str, (r.seen, r.done, r.skipped, r.failed)), f"{r.seconds:.1f}", _why_due(r))
    screen.print(table)
    for line in night.said:
        screen.print(line, markup=False)
    for source, reason in sorted(night.failed.items()):
        screen.print(f"failed: {source}: {reason}", style="red", markup=False)


def _why_due(report: Report) -> str:
    """`12 new, 3 of another version`."""
    counts = {
        "new": report.due_new, "changed": report.due_changed, "of another version": report.due_version,
        "tried again": report.due_retry,
    }  # fmt: skip
    return ", ".join(f"{count} {why}" for why, count in counts.items() if count)


def show_status(work: Store, screen: Console, as_json: bool) -> None:
    """The last runs and the open issues, oldest first."""
    runs = work.rows("SELECT id, command, started, finished, exit_code FROM run ORDER BY id DESC LIMIT 7")
    issues = work.rows(
        "SELECT kind, source, subject, text, first_seen, last_seen FROM issue WHERE resolved IS NULL"
        " ORDER BY first_seen, kind, source"
    )
    if as_json:
        for row in runs:
            print(json.dumps({"run": row}))
        for row in issues:
            print(json.dumps({"issue": row}, ensure_ascii=False))
        return
    table = _table("run", "command", "finished", "exit")
    for row in runs:
        table.add_row(row["id"], row["command"], row["finished"] or "did not finish", str(row["exit_code"] or 0))
    screen.print(table)
    tables = {"source": "sources", "entry": "entries", "document": "documents"}
    counts = [f"{work.value(f'SELECT count(*) FROM {table}')} {plural}" for table, plural in tables.items()]
    screen.print(", ".join(counts) + f", {len(issues)} open issues", markup=False)
    for row in issues:
        place = row["source"] or row["subject"]
        screen.print(f"{row['kind']}: {place}: {row['text']} (since {row['first_seen']})", markup=False)


def show_life(work: Store, ident: str, screen: Console, as_json: bool) -> None:
    """From wire to page: capture, entry, page, document, mentions, labels, and the ledger. Raises UsageError.

    `ident` is the id of a document or entry, an address here or there, an identifier (DOI, PMID …), or a story.
    """
    numbers = [ident, *(f"{scheme}:{value}" for scheme in SCHEMES if (value := normalise(scheme, ident)))]
    name = ident.rpartition("/")[2].rpartition("-")[2]
    said = {"ident": ident, "name": name, "numbers": json.dumps(numbers)}
    story = work.one(STORIES, said) if ident.startswith("story:") or "/story/" in ident else None
    if story is not None:
        told = {"id": story["id"]}
        rows = [("story", [story]), ("member", work.rows("SELECT * FROM member WHERE story = :id", told)),
                ("outcome", work.rows('SELECT * FROM outcome WHERE "key" = :id', told))]  # fmt: skip
        _show_rows(rows, screen, as_json)
        return
    found = work.one(NAMED, said)
    document = work.one("SELECT * FROM document WHERE id = ?", (found["id"],)) if found else None
    entry_id = document["entry"] if document else ident
    entry = work.one("SELECT * FROM entry WHERE id = ? OR url = ?", (entry_id, ident))
    if entry is None and document is None:
        raise UsageError(f"no document, entry or address {ident!r}", hint="`status` counts what there is")
    names = {"id": document["id"] if document else None, "entry": entry["id"] if entry else entry_id}
    life: list[tuple[str, list[Json]]] = [
        ("capture", work.rows(LIFE, names)),
        ("entry", [entry] if entry else []),
        ("page", work.rows("SELECT * FROM page WHERE entry = :entry", names)),
        ("document", [document] if document else []),
        ("version", work.rows("SELECT document, hash, replaced FROM version WHERE document = :id", names)),
        ("appearance", work.rows("SELECT * FROM appearance WHERE document = :id", names)),
        ("mention", work.rows("SELECT * FROM mention WHERE document = :id ORDER BY part DESC, start", names)),
        (
            "notice",
            work.rows("SELECT n.* FROM notice n JOIN identity i ON i.identifier = n.about WHERE i.work = :id", names),
        ),
        ("link", work.rows("SELECT * FROM link WHERE src = :id OR dst = :id", names)),
        ("work_status", work.rows("SELECT * FROM work_status WHERE document = :id", names)),
        ("fact", work.rows("SELECT * FROM fact WHERE document = :id", names)),
        ("label", work.rows("SELECT * FROM label WHERE document = :id", names)),
        ("figure", work.rows("SELECT * FROM figure WHERE document = :id", names)),
        ("quotation", work.rows("SELECT * FROM quotation WHERE document = :id", names)),
        ("promise", work.rows("SELECT * FROM promise WHERE document = :id", names)),
        (
            "near_duplicate",
            work.rows("SELECT * FROM near_duplicate WHERE document = :id OR other = :id", names),
        ),
        ("member", work.rows("SELECT * FROM member WHERE document = :id", names)),
        ("registry_check", work.rows("SELECT * FROM registry_check WHERE document = :id", names)),
        ("outcome", work.rows('SELECT * FROM outcome WHERE "key" IN (:id, :entry) ORDER BY stage', names)),
    ]
    _show_rows(life, screen, as_json)


def _show_rows(life: Sequence[tuple[str, list[Json]]], screen: Console, as_json: bool) -> None:
    for what, rows in life:
        for row in rows:
            row.pop("what", None)
            if as_json:
                print(json.dumps({what: row}, ensure_ascii=False))
                continue
            screen.print(f"{what}{_title(what, row)}", style="bold", markup=False)
            for name, value in row.items():
                text = str(value)
                screen.print(f"  {name:<15} {text[:200]}{'…' if len(text) > 200 else ''}", markup=False)


def _title(what: str, row: Json) -> str:
    """Of a label or mention, how pages name its facet or type: `, Species studied`."""
    name = {"label": "facet", "mention": "type"}.get(what)
    facet = facets().find("label" if what == "label" else "type", str(row[name]).lower()) if name else None
    return f", {facet.title}" if facet else ""


def _table(*columns: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    for number, column in enumerate(columns):
        table.add_column(column, justify="left" if number == 0 else "right")
    return table
