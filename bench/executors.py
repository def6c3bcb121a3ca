"""The newsroom's night by one worker and by several: the tables must be the same, row for row.

The bundled newsroom's night runs twice with a stopped clock (`bench/snapshots/still`), once with `executor = "serial"`
and once with `"processes"`. Prints `equal` (1.0 or 0.0, over how many rows of work.db), and the seconds of CPU that
each night took. The tables that differ are named on stderr. Exit code 1 when one does.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import resource
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.measure import ROOT, Board, Measure

SET = "newsroom"
STILL = {"PYTHONPATH": str(ROOT / "bench" / "snapshots" / "still"), "STEMWIRE_NOW": "2026-11-22T04:51:00Z"}
UNLIKE = {"report": {"seconds"}}  # columns that no two nights share


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--workers", type=int, default=2, help="of processes (default: %(default)s)")
    board = Board.start("the same tables by every executor", argv, parser)
    tables = {}
    with tempfile.TemporaryDirectory() as folder:
        for executor in ("serial", "processes"):
            before = _used()
            data = Path(folder) / executor
            data.mkdir()
            _run_night(data, executor, board.options.workers)
            board.show(Measure(set=SET, measure=f"{executor}_cpu", value=round(_used() - before, 1), anchor=None, n=1))
            tables[executor] = _read(data / "work.db")
    serial, processes = tables["serial"], tables["processes"]
    differ = sorted(name for name in serial if serial[name] != processes[name])
    count = sum(map(len, serial.values()))
    board.show(Measure(set=SET, measure="equal", value=float(not differ), anchor=None, n=count))
    for name in differ:
        board.say(f"WRONG: {name} differs")
    return 1 if differ else 0


def _used() -> float:
    """Seconds of CPU of the commands that have ended."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def _run_night(data: Path, executor: str, workers: int) -> None:
    """Into `data`. Raises CalledProcessError when the night does not end well."""
    text = (ROOT / "demo" / "config.toml").read_text("utf-8")
    text = re.sub(r"^data = .*", f"data = {json.dumps(str(data))}", text, flags=re.M)
    text = re.sub(r"^editions = .*", f"editions = {json.dumps(str(data / 'editions'))}", text, flags=re.M)
    config = data / "config.toml"
    config.write_text(f'{text}\n[run]\nexecutor = "{executor}"\nworkers = {workers}\n', "utf-8")
    command = [sys.executable, "pipeline.py", "--config", str(config), "nightly", "--recorded", "demo/newsroom"]
    done = subprocess.run(command, cwd=ROOT, env={**os.environ, **STILL}, stdout=subprocess.DEVNULL, check=False)
    if done.returncode not in (0, 1):  # 1: the source that is broken on purpose
        raise subprocess.CalledProcessError(done.returncode, command)


def _read(path: Path) -> dict[str, list[str]]:
    """The rows of every table, sorted."""
    with closing(sqlite3.connect(path)) as work:
        work.row_factory = sqlite3.Row
        names = [row["name"] for row in work.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {
            name: sorted(
                json.dumps({key: row[key] for key in set(row.keys()) - UNLIKE.get(name, set())}, sort_keys=True)
                for row in work.execute(f'SELECT * FROM "{name}"')
            )
            for name in names
        }


if __name__ == "__main__":
    raise SystemExit(main())
