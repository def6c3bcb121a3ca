"""Every part of the measures of letters is a command that starts by itself, from any folder."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from bench.letters import HERE, PART, TAKES, find_parts


@pytest.mark.parametrize("part", find_parts())
def test_a_part_starts_by_itself(part: str, tmp_path: Path) -> None:
    command = [sys.executable, str(HERE / f"{PART}{part}.py"), "--help"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    for option, takers in TAKES.items():
        assert (f"--{option} " in done.stdout) or part not in takers
