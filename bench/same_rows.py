"""Whether two states of the code give the same rows and pages: the check that keeps a refactoring safe.

    bench/same_rows.py run --checkout DIR --out A.json [--nights newsroom,saga,real]
    bench/same_rows.py compare A.json B.json [--map MAP.toml] [--json]

`run` runs recorded nights with the code and Python of a checkout (`DIR/.venv`), each set in a temporary folder
(`snapshots/nights.py`). After each night it reads all tables of work.db, raw.db, letters.db and the current edition,
the mails of that night, and up to 400 pages of the served site. A.json holds a digest per table, A.rows/ the rows.
Replaced are folders, ports, and times within the hours of a night; left out are durations (`snapshots/tables.py`).

`compare` maps A's names to B's by MAP.toml (`snapshots/renames.py` has its form) and compares row by row. It prints
what differs with the first rows, a line per night otherwise (`--all`: a line per table and page). Exit code 0: equal,
1: something differs, 2: nothing could be run or compared. With `--json`, one object a table or page, `value` 1 for
equal and 0 for different, `n` the rows in B.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
import tomllib
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.measure import INPUTS, ROOT, Board, Measure
from bench.snapshots.compare import Verdict, compare
from bench.snapshots.nights import SETS, RunFailed, run_set
from bench.snapshots.renames import Renames
from bench.snapshots.store import Snapshot


def main(argv: Sequence[str] | None = None) -> int:
    options = _parser().parse_args(argv)
    try:
        return _run(options) if options.command == "run" else _compare(options)
    except (RunFailed, RuntimeError, OSError, ValueError, tomllib.TOMLDecodeError) as error:
        print(f"same_rows: {error}", file=sys.stderr, flush=True)
        return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    run = commands.add_parser("run", help="run the nights of a checkout and write a snapshot")
    run.add_argument("--checkout", type=Path, default=ROOT, help="(default: this one)")
    run.add_argument("--out", type=Path, required=True, help="A.json; the rows go to A.rows/ in the same folder")
    run.add_argument("--nights", default=",".join(SETS), help="sets, separated by commas (default: %(default)s)")
    run.add_argument("--keep", type=Path, help="run in this folder and leave it, instead of a temporary one")
    both = commands.add_parser("compare", help="compare two snapshots")
    both.add_argument("a", type=Path)
    both.add_argument("b", type=Path)
    both.add_argument("--map", type=Path, help="names that changed from A to B")
    both.add_argument("--all", action="store_true", help="also a line for each table and page that is equal")
    both.add_argument("--json", action="store_true", help="one object a line")
    return parser


def _run(options: argparse.Namespace) -> int:
    names = options.nights.split(",")
    if unknown := set(names) - set(SETS):
        raise RunFailed(f"no set {', '.join(sorted(unknown))}; there are {', '.join(SETS)}")
    checkout = options.checkout.resolve()
    snapshot = Snapshot(options.out, {"commit": _commit(checkout)})
    snapshot.begin()
    began = time.monotonic()

    def say(line: str) -> None:
        print(f"{time.monotonic() - began:7.1f} s  {line}", flush=True)

    with tempfile.TemporaryDirectory(prefix="same-rows-") as temporary:
        folder = options.keep or Path(temporary)
        for name in names:
            for night in run_set(name, checkout, folder.resolve() / name, say):
                snapshot.add(night)
                rows = sum(len(table.rows) for table in night.tables if table.name != "pages")
                pages = sum(len(table.rows) for table in night.tables if table.name == "pages")
                say(f"{name}: night {night.number} left {len(night.tables) - 1} tables, {rows} rows, {pages} pages")
    say(f"written: {options.out}")
    return 0


def _commit(checkout: Path) -> str:
    command = ["git", "-C", str(checkout), "describe", "--always", "--dirty"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.stdout.strip() or "no commit"


def _compare(options: argparse.Namespace) -> int:
    a, b = Snapshot.read(options.a), Snapshot.read(options.b)
    renames = Renames.read(options.map) if options.map else Renames()
    board = Board(inputs=INPUTS, as_json=options.json, options=options)
    verdicts: list[Verdict] = []
    printed: dict[tuple[str, ...], str] = {}
    for verdict in compare(a, b, renames):
        verdicts.append(verdict)
        if board.as_json:
            board.show(
                Measure(
                    set=verdict.night, measure=verdict.what, value=float(verdict.same), anchor=None, n=verdict.rows[1]
                )
            )
        elif options.all or not verdict.same:
            _print(verdict, printed)
    if not board.as_json:
        _print_summary(verdicts)
    if not verdicts:
        board.say("nothing to compare")
        return 2
    return 0 if all(verdict.same for verdict in verdicts) else 1


def _print(verdict: Verdict, printed: dict[tuple[str, ...], str]) -> None:
    """One line, and the difference unless an earlier page or table has the same one."""
    rows = "" if verdict.what.startswith("page ") else f"  {verdict.rows[0]} and {verdict.rows[1]} rows"
    print(f"{verdict.state:<10} {verdict.night:<12} {verdict.what}{rows}")
    if verdict.shown and (first := printed.setdefault(verdict.shown, verdict.what)) != verdict.what:
        print(f"             as {first}")
        return
    for line in verdict.shown:
        print(f"             {line}")


def _print_summary(verdicts: Sequence[Verdict]) -> None:
    counts: dict[str, Counter[str]] = {}
    for verdict in verdicts:
        kind = "pages" if verdict.what.startswith("page ") else "tables"
        counts.setdefault(verdict.night, Counter())[f"{kind} {verdict.state}"] += 1
    for night, counted in counts.items():
        print(f"{night:<12} {', '.join(f'{number} {what}' for what, number in sorted(counted.items()))}")


if __name__ == "__main__":
    sys.exit(main())
