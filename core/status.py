"""What an operator reads: how a run went, and what waits for a person."""

from __future__ import annotations

import json
from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from core.night import Night
from core.records import Report
from core.store import Store, as_row


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


def _table(*columns: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    for number, column in enumerate(columns):
        table.add_column(column, justify="left" if number == 0 else "right")
    return table
