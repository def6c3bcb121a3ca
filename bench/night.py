"""A whole night over real feeds and pages, and a second one that must change nothing.

Makes a recording out of the inputs (`recording.py`), runs `pipeline.py nightly --recorded` on it twice, each in a
process of its own, and prints: sources, entries, documents, mentions, what was skipped and what failed by kind,
seconds by stage, peak memory; then whether every feed was read or its failure named, every page is a document or
a skip with its reason, and the edition answers a search. Exit code 1 when one of these does not hold.
"""

from __future__ import annotations

import argparse
import json
import resource
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.measure import ROOT, Board, Measure
from bench.recording import make_recording

SET = "night"
PLURAL = {"entry": "entries", "document": "documents", "mention": "mentions", "concept": "concepts"}
KEPT = {
    "raw": ("capture",),
    "work": ("entry", "page", "document", "version", "appearance", "mention", "concept", "label"),
}


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--keep", type=Path, help="make the night here and leave it")
    board = Board.start("a whole night over real input", argv, parser)
    with tempfile.TemporaryDirectory() as temporary:
        folder = board.options.keep or Path(temporary)
        recording = make_recording(board.inputs, folder)
        if not recording.publishers:
            board.say(f"no sets in {board.inputs}")
            return 2
        board.found = 1
        show = _shower(board)
        show("sources", recording.publishers)
        show("feeds", recording.feeds)
        show("pages", recording.pages)
        reports = run_night(folder)
        for report in reports:
            show(f"{report['stage']}_seconds", report["seconds"], report["seen"])
        show("peak_memory_mb", resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024)
        before = _content(folder)
        problems = _look(folder, show)
        again = run_night(folder)
        show("second_night_seconds", sum(report["seconds"] for report in again))
        after = _content(folder)
        changed = sorted(table for table in before if before[table] != after[table])
        show("second_night_changed_tables", len(changed))
        problems += [f"the second night changed {table}" for table in changed]
        for problem in problems:
            board.say(f"WRONG: {problem}")
        return 1 if problems else 0


def _shower(board: Board) -> Any:
    def show(measure: str, value: float, n: int = 1) -> None:
        board.show(Measure(set=SET, measure=measure, value=round(float(value), 3), anchor=None, n=n))

    return show


def run_night(folder: Path) -> list[dict[str, Any]]:
    """Carry out the night of a recording that was made into `folder`; what each stage reports."""
    command = [
        sys.executable, "pipeline.py", "--config", str(folder / "config.toml"), "nightly",
        "--recorded", str(folder / "newsroom"), "--json",
    ]  # fmt: skip
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode not in (0, 1) or not done.stdout:
        raise SystemExit(f"the night ended with {done.returncode}")
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    return [row for row in rows if "stage" in row]


def _open(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    connection.row_factory = sqlite3.Row
    return connection


def _content(folder: Path) -> dict[str, int]:
    """A number for what each table says, the edition's name among them."""
    found: dict[str, int] = {}
    for schema, tables in KEPT.items():
        with _open(folder / "data" / f"{schema}.db") as db:
            for table in tables:
                columns = "*" if table != "page" else "entry, url, capture, fetched, first_visit, state, gone_nights"
                rows = sorted(repr(tuple(row)) for row in db.execute(f"SELECT {columns} FROM {table}"))
                found[table] = hash(tuple(rows))
    found["edition"] = hash((folder / "editions" / "current.db").resolve().name)
    return found


def _look(folder: Path, show: Any) -> list[str]:
    """Print what the night holds; return what does not hold."""
    problems: list[str] = []
    with _open(folder / "data" / "work.db") as work, _open(folder / "data" / "raw.db") as raw:
        for table in PLURAL:
            show(PLURAL[table], work.execute(f"SELECT count(*) FROM {table}").fetchone()[0])
        for row in work.execute("SELECT value, count(*) AS n FROM label WHERE facet = 'scope' GROUP BY 1"):
            show(f"documents_{row['value']}_scope", row["n"])
        for row in work.execute("SELECT type, count(*) AS n, count(concept) AS linked FROM mention GROUP BY 1"):
            show(f"mentions_{row['type'].lower()}", row["n"], row["linked"])
        for row in raw.execute("SELECT role, outcome, count(*) AS n FROM visit GROUP BY 1, 2"):
            show(f"{row['role']}_{row['outcome']}", row["n"])
        for row in work.execute("SELECT stage, state, count(*) AS n FROM outcome GROUP BY 1, 2"):
            show(f"{row['stage']}_{row['state']}", row["n"])
        for row in work.execute("SELECT kind, count(*) AS n FROM issue WHERE resolved IS NULL GROUP BY 1"):
            show(f"issue_{row['kind']}", row["n"])
        unnamed = work.execute("SELECT count(*) FROM outcome WHERE state <> 'done' AND coalesce(reason, '') = ''")
        if n := unnamed.fetchone()[0]:
            problems.append(f"{n} rows were skipped or failed without a reason")
        lost = work.execute(
            "SELECT count(*) FROM entry WHERE id NOT IN (SELECT \"key\" FROM outcome WHERE stage = 'extract')"
        )
        if n := lost.fetchone()[0]:
            problems.append(f"{n} entries have no outcome")
        silent = raw.execute(
            "SELECT count(*) FROM visit WHERE outcome NOT IN ('fetched', 'unchanged') AND reason IS NULL"
        )
        if n := silent.fetchone()[0]:
            problems.append(f"{n} requests failed without a reason")
        if not work.execute("SELECT count(*) FROM mention").fetchone()[0]:
            problems.append("no entity was found")
    command = [sys.executable, "pipeline.py", "--config", str(folder / "config.toml"), "check"]
    checked = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    show("pages_checked_ok", checked.returncode == 0)
    if checked.returncode:
        problems.append(f"the site's pages: {checked.stderr.strip()}")
    return problems


if __name__ == "__main__":
    sys.exit(main())
