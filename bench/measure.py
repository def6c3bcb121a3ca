"""What every measurement shares: where the inputs are, and how a figure is printed.

A bench is a command. It reads sets (folders whose names begin with a number) under `--inputs`, and prints one
line a figure as it is reached: for people a row of a table, with `--json` one object
`{"set", "measure", "value", "anchor", "n"}`. `anchor` is what the best single library alone reaches in the same
run (None if there is no such library), `n` how many items were counted. Notes about the run (a missing set)
go to stderr, so that stdout holds figures only. Exit code 2 when no set was there at all.

    board = Board.start("feeds read in the wild", argv)
    folder = board.find("11")            # None, and one line on stderr, when the set is missing
    board.show(Measure(set=folder.name, measure="entry_recall", value=1.0, anchor=1.0, n=267))
    return board.finish()
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
INPUTS = ROOT.parent / "shared" / "inputs"


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """One figure: ours, the anchor's in the same run, and how many items it was counted over."""

    set: str  # begins with the set's number: the folder's name
    measure: str
    value: float | None  # None when nothing could be counted (n = 0)
    anchor: float | None
    n: int


@dataclass(slots=True, kw_only=True)
class Board:
    """One run of a bench: its options, and the figures shown so far."""

    inputs: Path
    as_json: bool
    options: argparse.Namespace
    shown: list[Measure] = field(default_factory=list)
    found: int = 0

    @classmethod
    def start(
        cls, about: str, argv: Sequence[str] | None = None, parser: argparse.ArgumentParser | None = None
    ) -> Board:
        """Read the command line (a bench may bring a parser with options of its own)."""
        parser = parser or argparse.ArgumentParser(description=about)
        parser.add_argument("--inputs", type=Path, default=INPUTS, help="folder of the sets (default: %(default)s)")
        parser.add_argument("--json", action="store_true", help="one object a line")
        options = parser.parse_args(argv)
        board = cls(inputs=options.inputs, as_json=options.json, options=options)
        if not board.as_json:
            print(f"{'set':<34} {'measure':<22} {'value':>8} {'anchor':>8} {'n':>6}", flush=True)
        return board

    def find(self, number: str) -> Path | None:
        """The set's folder, or None after one line that says it is missing or empty."""
        folder = find_set(self.inputs, number)
        if folder is None:
            self.say(f"set {number}: not in {self.inputs}")
        else:
            self.found += 1
        return folder

    def say(self, line: str) -> None:
        """Something about the run that is not a figure."""
        print(line, file=sys.stderr, flush=True)

    def show(self, measure: Measure) -> None:
        """Print one figure."""
        self.shown.append(measure)
        if self.as_json:
            print(json.dumps(asdict(measure), ensure_ascii=False), flush=True)
            return
        value, anchor = (f"{x:8.4f}" if x is not None else f"{'-':>8}" for x in (measure.value, measure.anchor))
        print(f"{measure.set:<34} {measure.measure:<22} {value} {anchor} {measure.n:>6}", flush=True)

    def finish(self) -> int:
        """The exit code: 2 when not one set was there, else 0."""
        return 0 if self.found else 2


def find_set(inputs: Path, number: str) -> Path | None:
    """The folder under `inputs` whose name begins with `number` and an underscore, if it holds anything."""
    if not inputs.is_dir():
        return None
    for folder in sorted(inputs.iterdir()):
        if folder.is_dir() and folder.name.startswith(f"{number}_") and any(folder.iterdir()):
            return folder
    return None


def fingerprint_files(paths: Iterable[Path], root: Path) -> str:
    """sha256 over names and bytes: says which corpus a pinned floor was measured on."""
    total = hashlib.sha256()
    for path in sorted(paths):
        total.update(str(path.relative_to(root)).encode())
        total.update(b"\0")
        total.update(hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()
