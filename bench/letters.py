"""Measures of letters: every part, or those that are named.

    ./run.sh bench letters [--only saga,sentences] [--recorded DIR] [--edition DIR] [--json]

A part is a module `bench/letter_NAME.py` with `main(argv)`, which prints its figures and gives an exit code; `--json`,
`--recorded` and `--edition` are passed on to parts that know them. Each part says in its docstring what it measures
and with what. The parts run one after the other in processes of their own, so that none sees the memory or the clock of
another.
Exit code: the highest of theirs.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

HERE = Path(__file__).resolve().parent
PART = "letter_"
TAKES = {"recorded": ("saga",), "edition": ("matching", "rendering", "sentences")}  # option -> the parts that know it


def find_parts() -> list[str]:
    """The names of all parts, in the order of the alphabet."""
    return sorted(path.stem.removeprefix(PART) for path in HERE.glob(f"{PART}*.py"))


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default="", help="names of parts, with commas between them")
    parser.add_argument("--recorded", type=Path, help="another recording of several nights, for the saga")
    parser.add_argument("--edition", type=Path, help="folder of an edition that bench/edition.py made")
    parser.add_argument("--json", action="store_true", help="one object a line")
    options = parser.parse_args(argv)
    parts = find_parts()
    wanted = [name for name in options.only.split(",") if name] or parts
    unknown = sorted(set(wanted) - set(parts))
    if unknown:
        print(f"no such part: {', '.join(unknown)}; known: {', '.join(parts)}", file=sys.stderr)
        return 2
    codes = []
    for name in wanted:
        command = [sys.executable, str(HERE / f"{PART}{name}.py"), *(["--json"] if options.json else [])]
        for option, takers in TAKES.items():
            if name in takers and (given := getattr(options, option)):
                command += [f"--{option}", str(given)]
        if not options.json:
            print(f"\n{name}", flush=True)
        codes.append(subprocess.run(command, check=False).returncode)
    return max(codes)


if __name__ == "__main__":
    sys.exit(main())
