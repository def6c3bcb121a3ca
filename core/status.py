"""The reports that an operator reads: how a run went, and which issues are open."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TypedDict

from rich.console import Console
from rich.table import Table

from core.night import Night
from core.records import Report
from core.store import Store, as_row


class RunRow(TypedDict):
    """A run and how it ended."""

    id: str
    command: str
    started: str
    finished: str | None
    exit_code: int | None


class IssueRow(TypedDict):
    """An open issue."""

    kind: str
    source: str | None
    subject: str
    text: str
    first_seen: str
    last_seen: str


def show_reports(night: Night, reports: Sequence[Report], screen: Console, as_json: bool) -> None:
    """Print the report of each stage, notes, and the sources that failed."""
    if as_json:
        for report in reports:
            print(json.dumps(as_row(report)))
        print(json.dumps({"failed_sources": night.failed, "said": night.notes}, ensure_ascii=False))
        return
    table = _table("stage", "due", "done", "skipped", "failed", "seconds", "why due")
    for r in reports:
        table.add_row(r.stage, *map(str, (r.seen, r.done, r.skipped, r.failed)), f"{r.seconds:.1f}", _why_due(r))
    screen.print(table)
    for line in night.notes:
        screen.print(line, markup=False)
    for source, reason in sorted(night.failed.items()):
        screen.print(f"failed: {source}: {reason}", style="red", markup=False)


def _why_due(report: Report) -> str:
    """The reasons why rows were due, such as `12 new, 3 of another version`."""
    counts = {
        "new": report.due_new, "changed": report.due_changed, "of another version": report.due_version,
        "tried again": report.due_retry,
    }  # fmt: skip
    return ", ".join(f"{count} {why}" for why, count in counts.items() if count)


def show_status(work: Store, screen: Console, as_json: bool, waiting: Sequence[str] = ()) -> None:
    """Print the last runs, the open issues, oldest first, and a line for each correction that is `waiting`."""
    runs = work.select(RunRow, "SELECT id, command, started, finished, exit_code FROM run ORDER BY id DESC LIMIT 7")
    issues = work.select(
        IssueRow,
        "SELECT kind, source, subject, text, first_seen, last_seen FROM issue WHERE resolved IS NULL"
        " ORDER BY first_seen, kind, source",
    )
    if as_json:
        for row in runs:
            print(json.dumps({"run": row}))
        for issue in issues:
            print(json.dumps({"issue": issue}, ensure_ascii=False))
        for line in waiting:
            print(json.dumps({"correction": line}, ensure_ascii=False))
        return
    table = _table("run", "command", "finished", "exit")
    for row in runs:
        table.add_row(row["id"], row["command"], row["finished"] or "did not finish", str(row["exit_code"] or 0))
    screen.print(table)
    tables = {"source": "sources", "entry": "entries", "document": "documents"}
    counts = [f"{work.value(f'SELECT count(*) FROM {table}')} {plural}" for table, plural in tables.items()]
    screen.print(", ".join(counts) + f", {len(issues)} open issues", markup=False)
    for issue in issues:
        place = issue["source"] or issue["subject"]
        screen.print(f"{issue['kind']}: {place}: {issue['text']} (since {issue['first_seen']})", markup=False)
    for line in waiting:
        screen.print(f"correction: {line}", markup=False)


def _table(*columns: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    for number, column in enumerate(columns):
        table.add_column(column, justify="left" if number == 0 else "right")
    return table
