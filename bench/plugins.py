"""How much code the plugins of the site have: they register what `publish/pages` defines, and nothing else.

Counted are all lines of `datasette/plugins/*.py`, docstrings and blank ones included. `value` is their sum, `anchor`
the most there may be, `n` the number of files; a line more tells the longest file, which may have 40.
Exit code 1 when there are more.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.measure import INPUTS, ROOT, Board, Measure

PLUGINS = ROOT / "datasette" / "plugins"
MOST, LONGEST = 400, 40  # lines of all; of one


def count_lines(folder: Path) -> dict[str, int]:
    """File -> its lines."""
    return {path.name: len(path.read_text("utf-8").splitlines()) for path in sorted(folder.glob("*.py"))}


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--plugins", type=Path, default=PLUGINS, help="their folder (default: %(default)s)")
    parser.add_argument("--json", action="store_true", help="one object a line")
    options = parser.parse_args(argv)
    board = Board(inputs=INPUTS, as_json=options.json, options=options)
    lines = count_lines(options.plugins)
    if not lines:
        board.say(f"no plugins in {options.plugins}")
        return 2
    total, longest = sum(lines.values()), max(lines.values())
    board.show(Measure(set="code", measure="plugin_lines", value=total, anchor=MOST, n=len(lines)))
    board.show(Measure(set="code", measure="longest_plugin", value=longest, anchor=LONGEST, n=len(lines)))
    return 0 if total <= MOST and longest < LONGEST else 1


if __name__ == "__main__":
    sys.exit(main())
