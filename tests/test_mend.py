"""What a person does about a wrong value, on a night of the bundled newsroom."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import pipeline
from core.config import ROOT, Config, load_config
from core.executors import open_executor
from core.replay import compare_result, run_step
from core.stage import Executor, lay_gathered
from core.store import Store, open_to_read
from tests.checkout import copy_checkout

FEW = 8  # rows of each stage
NEWSROOM = ROOT / "demo" / "newsroom"
KONKUK = "doi:10.5555/demo.an.2025.0527"


@pytest.fixture(scope="module")
def config_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The configuration of two demo nights that have run."""
    folder = tmp_path_factory.mktemp("mend")
    path = folder / "config.toml"
    path.write_text(
        f'[crawl]\ncontact = "mailto:desk@stemwire.example"\ndelay = 0.0\n'
        f'[paths]\ndata = "{folder}/data"\nsources = "demo/sources"\neditions = "{folder}/editions"\n',
        "utf-8",
    )
    for _ in range(2):  # the second night finds what was edited
        done = run(path, "nightly", "--recorded", str(NEWSROOM))
        assert done.exit_code == 1, done.output  # one source is broken on purpose
    return path


def run(config: Path, *arguments: str) -> Result:
    return CliRunner().invoke(pipeline.main, ["--config", str(config), *arguments])


@pytest.fixture(scope="module")
def config(config_path: Path) -> Config:
    return load_config(config_path)


@pytest.fixture(scope="module")
def work(config: Config) -> Iterator[Store]:
    with open_to_read(config.data("work.db"), "work", attach={"raw": config.data("raw.db")}) as store:
        yield store


@pytest.fixture(scope="module")
def executor(config: Config) -> Iterator[Executor]:
    with open_executor(config) as opened:
        yield opened


@pytest.mark.parametrize("name", pipeline.STEPS)
def test_a_stage_replays_as_it_was(config: Config, work: Store, executor: Executor, name: str) -> None:
    stage = pipeline.STEPS[name].stage(config)
    lay_gathered(stage, work)
    keys = [row["k"] for row in work.rows(f'SELECT "key" AS k FROM ({stage.work})')]
    assert keys
    differ = {
        key: found
        for key in keys[:12]
        if (found := compare_result(stage, work, key, run_step(stage, work, key, executor)))
    }
    assert not differ


def test_the_commands_say_so(config_path: Path) -> None:
    done = run(config_path, "replay", "extract", KONKUK, "--json")
    assert (done.exit_code, done.output) == (0, "")
    said = [json.loads(line) for line in run(config_path, "explain", KONKUK, "--json").output.splitlines()]
    outcomes = [row["outcome"] for row in said if "outcome" in row]
    assert {row["stage"] for row in outcomes} >= {"identify", "extract", "enrich", "classify"}
    assert {row["due_now"] for row in outcomes} == {None}


GUIDE = ROOT / "docs" / "how-to" / "mend-a-wrong-value.md"
BLOCK = re.compile(r"^```(sh|tsv)\n(.*?)^```$", re.M | re.S)
EXIT = re.compile(r"  # exit code (\d)$")


def test_the_guide_works_as_it_is_written(tmp_path: Path) -> None:
    text = GUIDE.read_text("utf-8")
    root = copy_checkout(tmp_path / "checkout")
    (table,) = re.findall(r"Add a line to `([^`]+)`:\n\n```tsv", text)
    for kind, block in BLOCK.findall(text):
        if kind == "tsv":
            with (root / table).open("a", encoding="utf-8") as file:
                file.write(block)
            continue
        for line in block.splitlines():
            wanted = EXIT.search(line)
            program, *arguments = shlex.split(EXIT.sub("", line))
            assert program == "python", line
            command = [sys.executable, *arguments]
            done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
            assert done.returncode == (int(wanted[1]) if wanted else 0), f"{line}\n{done.stdout}\n{done.stderr}"
