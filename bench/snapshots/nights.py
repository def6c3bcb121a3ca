"""The sets of recorded nights, and how one of them is run with the code of a checkout.

newsroom: the checkout's own `demo/newsroom`, two nights. saga: four nights that `cases/letters/saga.py` makes of the
frozen newsroom, with two subscribers whose mails are kept. real: the recorded night of `bench/night.py`, one night.
Each set runs in a folder of its own with a config of its own. Each night is a process of the checkout's own Python
for which it is 03:00 of that night throughout (`still/sitecustomize.py`).
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from bench.measure import INPUTS
from bench.recording import make_recording
from bench.snapshots.mail import Inbox, mail_server, mail_table
from bench.snapshots.pages import read_pages
from bench.snapshots.tables import Plain, Table, read_tables

FIRST = date(2026, 11, 22)
CASES = INPUTS.parent / "cases"
SUBSCRIBERS = (("ann@example.org", "retina", "--daily"), ("ben@example.org", "stem cells", "--daily"))
STILL = Path(__file__).resolve().parent / "still"
DATABASES = ("work", "raw", "letters")


class RunFailed(Exception):
    """A command of the checkout did not end well, or a set lacks its inputs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """A set in its folder: config.toml, the recording, and how many nights it has."""

    recording: Path
    nights: int
    config: dict[str, Any]
    sources: Path
    subscribers: tuple[tuple[str, str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Night:
    """What one night left behind."""

    set: str
    number: int
    tables: list[Table]


def _newsroom(checkout: Path, folder: Path) -> Prepared:
    demo = checkout / "demo"
    config = tomllib.loads((demo / "config.toml").read_text("utf-8"))
    return Prepared(recording=demo / "newsroom", nights=2, config=config, sources=demo / "sources")


def _saga(checkout: Path, folder: Path) -> Prepared:
    frozen, script = CASES / "desk" / "newsroom", CASES / "letters" / "saga.py"
    if not script.is_file() or not frozen.is_dir():
        raise RunFailed(f"{script} and {frozen} are not both there; --nights leaves the set out")
    recording = folder / "newsroom"
    _call([sys.executable, script, frozen / "newsroom", recording], cwd=folder, env=dict(os.environ))
    config = tomllib.loads((frozen / "config.toml").read_text("utf-8"))
    return Prepared(
        recording=recording, nights=4, config=config, sources=frozen / "sources", subscribers=SUBSCRIBERS
    )  # fmt: skip


def _real(checkout: Path, folder: Path) -> Prepared:
    made = make_recording(INPUTS, folder)
    if not made.publishers:
        raise RunFailed(f"no sets in {INPUTS}; --nights leaves the set out")
    config = tomllib.loads((folder / "config.toml").read_text("utf-8"))
    return Prepared(recording=folder / "newsroom", nights=1, config=config, sources=folder / "sources")


SETS: dict[str, Callable[[Path, Path], Prepared]] = {"newsroom": _newsroom, "saga": _saga, "real": _real}


def run_set(name: str, checkout: Path, folder: Path, say: Callable[[str], None]) -> Iterator[Night]:
    """Run the nights of a set in `folder` (made anew). Raises RunFailed, RuntimeError if the site does not start."""
    if not (checkout / "core" / "clock.py").is_file():
        raise RunFailed(f"{checkout} has no core/clock.py: the clock of a night cannot be stopped")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    prepared = SETS[name](checkout, folder)
    days = [FIRST + timedelta(days=number) for number in range(prepared.nights)]
    plain = Plain(days)
    plain.replace(str(folder), "<folder>")
    plain.replace(str(checkout), "<checkout>")
    with ExitStack() as stack:
        port, inbox = stack.enter_context(mail_server())
        plain.replace(f"127.0.0.1:{port}", "<mail>")
        runner = _Runner(checkout, folder, prepared, port)
        for address, query, every in prepared.subscribers:
            runner.run("subscribe", address, query, every, at=f"{days[0]}T02:00:00Z")
        for number, day in enumerate(days, start=1):
            say(f"{name}: night {number} of {prepared.nights}")
            runner.run("nightly", "--recorded", str(prepared.recording), at=f"{day}T03:00:00Z", good=(0, 1))
            yield Night(set=name, number=number, tables=list(runner.tables(plain, inbox, f"{day}T05:00:00Z")))


class _Runner:
    """Commands of one checkout over one data folder."""

    def __init__(self, checkout: Path, folder: Path, prepared: Prepared, port: int) -> None:
        self.checkout, self.folder = checkout, folder
        self.config = folder / "same-rows.toml"
        paths = {"data": folder / "data", "sources": prepared.sources, "editions": folder / "editions"}
        mail = {"host": "127.0.0.1", "port": port, "sender": "stemwire@localhost"}
        config = {
            **prepared.config, "paths": {key: str(path) for key, path in paths.items()}, "letters": {"mail": mail}
        }  # fmt: skip
        self.config.write_text(_toml(config), "utf-8")

    def command(self, *arguments: str) -> list[str | Path]:
        return [self.checkout / ".venv" / "bin" / "python", "pipeline.py", "--config", self.config, *arguments]

    def env(self, at: str) -> dict[str, str]:
        still = {"PYTHONPATH": str(STILL), "STEMWIRE_NOW": at}
        return {**os.environ, **still, "STEMWIRE_LETTERS_KEY": "a key for the same rows"}

    def run(self, *arguments: str, at: str, good: tuple[int, ...] = (0,)) -> None:
        _call(self.command(*arguments), cwd=self.checkout, env=self.env(at), good=good)

    def tables(self, plain: Plain, inbox: Inbox, at: str) -> Iterator[Table]:
        """All tables of all databases, the mails of the night, and the pages of the edition."""
        for digest in self._digests():
            plain.replace(digest, "<digest of an edition>")
        for database in DATABASES:
            yield from read_tables(self.folder / "data" / f"{database}.db", database, plain)
        yield mail_table(inbox.take(), plain)
        edition = list(read_tables((self.folder / "editions" / "current.db").resolve(), "edition", plain))
        yield from edition
        names = [table.name.partition(".")[2] for table in edition]
        yield read_pages(self.command("serve"), self.checkout, self.env(at), names, plain)

    def _digests(self) -> Iterator[str]:
        """Fingerprints in the sidecars of editions: they depend on times, and so differ from run to run."""
        for path in sorted((self.folder / "editions").glob("*.json")):
            for value in json.loads(path.read_text("utf-8")).values():
                if isinstance(value, str) and re.fullmatch("[0-9a-f]{16,64}", value):
                    yield value


def _call(command: list[str | Path], *, cwd: Path, env: dict[str, str], good: tuple[int, ...] = (0,)) -> None:
    done = subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True, check=False)
    if done.returncode not in good:
        said = "\n".join(done.stderr.splitlines()[-15:])
        raise RunFailed(f"{' '.join(map(str, command))} ended with {done.returncode}:\n{said}")


def _toml(table: dict[str, Any], prefix: str = "") -> str:
    """A config as TOML: values first, then its tables. JSON's way to write a value is TOML's for those used here."""
    lines = [f"{key} = {json.dumps(value)}" for key, value in table.items() if not isinstance(value, dict)]
    for key, value in table.items():
        if isinstance(value, dict):
            lines += [f"[{prefix}{key}]", _toml(value, f"{prefix}{key}.")]
    return "\n".join(lines)
