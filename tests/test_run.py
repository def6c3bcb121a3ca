"""run.sh: an environment is built next to the old one, and nothing that fails takes the old one away.

Real environments by the real pip, without an index. A lock that includes a named pipe holds pip up for as long as a
test needs: opening the pipe waits for pip, and pip waits for what is written.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
NOT_THERE = "nothing-of-this-name==1 --hash=sha256:" + "0" * 64 + "\n"


class Checkout:
    """A folder with run.sh, two locks that need no package, and a command that says where it runs."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        shutil.copy(ROOT / "run.sh", folder)
        self.lock("first")
        (folder / "requirements-test.txt").write_text("# tools\n", "utf-8")
        (folder / "pipeline.py").write_text("import sys\nprint('ran', *sys.argv[1:], sys.prefix)\n", "utf-8")
        (folder / "bench").mkdir()
        shutil.copy(folder / "pipeline.py", folder / "bench" / "speed.py")

    def lock(self, name: str, more: str = "") -> None:
        (self.folder / "requirements.txt").write_text(f"# {name}\n{more}", "utf-8")

    def hold_up(self) -> Path:
        """A lock that pip reads from a pipe; returns the pipe."""
        pipe = self.folder / "pipe.txt"
        os.mkfifo(pipe)
        self.lock("slow", f"-r {pipe}\n")
        return pipe

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            ["/bin/sh", "run.sh", *arguments], cwd=self.folder, text=True, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, env={**os.environ, "PIP_NO_INDEX": "1"},
        )  # fmt: skip

    def run(self, *arguments: str) -> tuple[int, str, list[str]]:
        """Exit code, what was printed, and the lines for people."""
        process = self.start(*arguments)
        out, errors = process.communicate()
        return process.returncode, out, errors.splitlines()

    @property
    def link(self) -> str:
        return str((self.folder / ".venv").readlink())

    @property
    def environments(self) -> set[str]:
        return {f".venvs/{path.name}" for path in (self.folder / ".venvs").iterdir() if path.is_dir()}


@contextmanager
def held_up(process: subprocess.Popen[str], pipe: Path) -> Iterator[None]:
    """Begins when pip reads the pipe; pip goes on when it ends."""
    while True:
        assert process.poll() is None, process.communicate()
        try:
            held = os.open(pipe, os.O_WRONLY | os.O_NONBLOCK)
            break
        except OSError:  # nobody reads yet
            time.sleep(0.05)
    yield
    os.close(held)


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    return Checkout(tmp_path)


def test_a_changed_lock_is_built_beside_the_old_one_and_swapped_in(checkout: Checkout) -> None:
    (checkout.folder / ".venv").mkdir()  # as run.sh made it before .venv was a link
    code, out, lines = checkout.run("hello", "you")
    first = checkout.link
    assert (code, out) == (0, f"ran hello you {checkout.folder / first}\n")
    assert len(lines) == 1 and "installing" in lines[0]
    assert checkout.run("hello") == (0, f"ran hello {checkout.folder / first}\n", [])
    checkout.lock("second")
    assert checkout.run("hello")[0] == 0
    second = checkout.link
    assert second != first and checkout.environments == {first, second}, "the one before may still be in use"
    code, out, _ = checkout.run("bench", "speed")
    third = checkout.link
    assert (code, out) == (0, f"ran {checkout.folder / third}\n")
    assert checkout.environments == {second, third}
    assert checkout.run("hello")[2] == [], "with the tools of tests there is all that runs"
    shutil.rmtree(checkout.folder / third / "lib")
    assert checkout.run("hello")[0] == 0, "a damaged environment is built again"
    assert checkout.link != third


def test_packages_that_cannot_be_had_leave_the_old_environment(checkout: Checkout) -> None:
    assert checkout.run("hello")[0] == 0
    before = checkout.link
    checkout.lock("second", NOT_THERE)
    code, out, lines = checkout.run("hello")
    assert (code, out, len(lines)) == (1, "", 2)
    assert "unchanged" in lines[1] and "No matching distribution found for nothing-of-this-name" in lines[1]
    assert checkout.link == before and checkout.environments == {before}
    checkout.lock("first")
    assert checkout.run("hello") == (0, f"ran hello {checkout.folder / before}\n", [])


def test_an_interrupted_build_leaves_the_old_environment(checkout: Checkout) -> None:
    assert checkout.run("hello")[0] == 0
    before = checkout.link
    pipe = checkout.hold_up()
    process = checkout.start("hello")
    with held_up(process, pipe):
        process.terminate()
        _, errors = process.communicate()
    assert process.returncode == 1 and "interrupted" in errors.splitlines()[-1]
    assert checkout.link == before and checkout.environments == {before}
    process = checkout.start("hello")
    with held_up(process, pipe):
        process.kill()  # pip lives on until it has read its lock
        process.wait()
        assert checkout.link == before and len(checkout.environments) == 2
    process.communicate()
    checkout.lock("second")
    assert checkout.run("hello")[0] == 0
    assert checkout.environments == {before, checkout.link}, "nothing half built is left"


def test_a_second_run_waits_for_the_first_and_installs_nothing_itself(checkout: Checkout) -> None:
    pipe = checkout.hold_up()
    first = checkout.start("hello")
    with held_up(first, pipe):
        second = checkout.start("hello")
        assert second.stderr is not None
        assert "waiting for another" in second.stderr.readline()
    out, errors = first.communicate()
    assert (first.returncode, out) == (0, f"ran hello {checkout.folder / checkout.link}\n"), errors
    assert second.communicate() == (out, "")
    assert second.returncode == 0 and checkout.environments == {checkout.link}


def test_what_runs_and_what_tests_are_locked_alike() -> None:
    runs, tests = (
        {line.split(" \\")[0] for line in (ROOT / name).read_text("utf-8").splitlines() if re.match(r"\w\S*==", line)}
        for name in ("requirements.txt", "requirements-test.txt")
    )
    assert {pin.split("==")[0] for pin in tests} >= {"pytest", "mypy", "ruff", "hypothesis"}
    shared = {pin.split("==")[0] for pin in runs} & {pin.split("==")[0] for pin in tests}
    assert shared and not {pin for pin in runs ^ tests if pin.split("==")[0] in shared}
    assert not {"pytest", "mypy", "ruff", "hypothesis", "freezegun"} & {pin.split("==")[0] for pin in runs}
