"""The demo's two nights, run as a person runs them, and somebody who follows a search from the first to the second."""

from __future__ import annotations

import socket
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

import pytest

from core.config import ROOT, Config, load_config
from core.demo import configure_demo
from core.store import open_store
from publish.letters.mail_sink import receiving
from publish.letters.outbox import send_first
from publish.letters.subscriptions import subscribe
from publish.letters.wanted import Wanted

ADDRESS, SEARCH = "ada@lab.example", "mesenchymal"  # README names the search
Done = tuple[Path, subprocess.CompletedProcess[str]]


def find_ports(many: int) -> int:
    """The first of so many ports in a row that nobody listens on."""
    for first in range(18_700, 19_700, many):
        with ExitStack() as tried:
            try:
                for port in range(first, first + many):
                    tried.enter_context(socket.socket()).bind(("127.0.0.1", port))
            except OSError:
                continue
        return first
    raise AssertionError("no free ports")


PORT = find_ports(3)
SITE = f"http://127.0.0.1:{PORT}"


def kept_in(folder: Path) -> Config:
    """The settings of the demo that writes into a folder."""
    return configure_demo(load_config(ROOT / "demo" / "config.toml"), PORT, folder)


def run_demo(folder: Path, *options: str) -> Done:
    command = [sys.executable, "pipeline.py", "demo", "--once", *options, "--port", str(PORT), "--data", str(folder)]
    return folder, subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


@pytest.fixture(scope="package")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Done:
    """Where the first night is, and how it ended."""
    return run_demo(tmp_path_factory.mktemp("demo"))


@pytest.fixture(scope="package")
def followed(demo: Done) -> int:
    """The number of a person who follows SEARCH daily since the first night, and has had the first letter."""
    config = kept_in(demo[0])
    with open_store(config.data("letters.db"), "letters") as letters:
        person, _ = subscribe(config, letters, "mail", ADDRESS, Wanted(query=SEARCH, every="daily"))
    with receiving(config.data("received"), PORT + 2):
        assert send_first(config, person.id)
    return person.id


@pytest.fixture(scope="package")
def second_night(demo: Done, followed: int) -> Done:
    """The same folder after the next night, and how that ended."""
    return run_demo(demo[0], "--next-night")
