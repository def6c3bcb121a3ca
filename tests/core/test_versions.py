"""A change of a stage's code is noticed, and nothing else is."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

import pipeline
from core import versions
from core.config import load_config
from core.errors import UsageError
from core.night import StepStage
from core.versions import fingerprint_stage, load_kept, save_kept

CONFIG = load_config(Path(pipeline.__file__).with_name("config.toml"))
STEPS = {name: stage for name, stage in pipeline.STAGES.items() if isinstance(stage, StepStage)}
FILES = {
    "nlp/__init__.py": '"""nlp."""\n',
    "nlp/shout.py": '''"""A stage."""
import re
from core.text import fold
from nlp import words
from nlp.families import find_all

WORK = "SELECT 1"

def stage(config):
    return WORK, config.nlp.max_chars

def build():
    return step

def step(row):
    """Says it loudly."""
    return fold(row) + words.end(row) + find_all()

def unused(row):
    return row
''',
    "nlp/words.py": """from pathlib import Path
TABLE = Path(__file__).with_name("words.tsv")

def end(row: str) -> str:
    return _mark() + TABLE.read_text()

def _mark():
    return "!"

def other():
    return "?"
""",
    "nlp/words.tsv": "a\tb\n",
    "nlp/families/__init__.py": """import pkgutil

def find_all():
    return [module for module in pkgutil.iter_modules(__path__)]
""",
    "nlp/families/one.py": "def find_labels(page):\n    return 1\n",
    "core/__init__.py": "",
    "core/text.py": "def fold(text):\n    return text.lower()\n\ndef tidy(text):\n    return text\n",
    "core/config.py": "class Nlp:\n    max_chars = 10\n\nclass Site:\n    name = ''\n",
    "core/stage.py": "def run_stage():\n    return 1\n",
}


def fingerprint_of(folder: Path, changes: dict[str, Callable[[str], str]] | None = None) -> str:
    for name, text in FILES.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text((changes or {}).get(name, str)(text), "utf-8")
    return fingerprint_stage("nlp.shout", ("nlp.shout", "build"), root=folder)


@pytest.mark.parametrize(
    ("file", "before", "after"),
    [
        ("nlp/shout.py", "fold(row) +", "fold(row) + ' ' +"),
        ("nlp/shout.py", '"SELECT 1"', '"SELECT 2"'),
        ("nlp/words.py", '"!"', '"!!"'),
        ("nlp/words.tsv", "a", "c"),
        ("nlp/families/one.py", "1", "2"),
        ("core/text.py", "lower", "upper"),
        ("core/config.py", "10", "20"),
    ],
)
def test_what_results_rest_on_changes_the_fingerprint(tmp_path: Path, file: str, before: str, after: str) -> None:
    assert fingerprint_of(tmp_path) != fingerprint_of(tmp_path, {file: lambda text: text.replace(before, after)})


@pytest.mark.parametrize(
    ("file", "before", "after"),
    [
        ("nlp/shout.py", '"""Says it loudly."""', '"""Shouts."""'),
        ("nlp/shout.py", "def step", "# a comment\n\n\ndef step"),
        ("nlp/shout.py", "def unused(row):\n    return row", "def unused(row):\n    return 7"),
        ("nlp/words.py", "row: str) -> str", "row: object) -> object"),
        ("nlp/shout.py", "return WORK, config", "return config.nlp.max_chars, WORK, config"),
        ("nlp/words.py", '"?"', '"??"'),
        ("core/text.py", "    return text\n", "    return text.strip()\n"),
        ("core/config.py", "''", "'x'"),
        ("core/stage.py", "1", "2"),
    ],
)
def test_what_they_do_not_rest_on_leaves_it(tmp_path: Path, file: str, before: str, after: str) -> None:
    assert fingerprint_of(tmp_path) == fingerprint_of(tmp_path, {file: lambda text: text.replace(before, after)})


def test_a_new_family_changes_it(tmp_path: Path) -> None:
    before = fingerprint_of(tmp_path)
    (tmp_path / "nlp/families/two.py").write_text("def find_labels(page):\n    return 2\n", "utf-8")
    assert fingerprint_of(tmp_path) != before


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the committed file."""
    path = tmp_path / "kept.toml"
    path.write_text(versions.KEPT.read_text("utf-8"), "utf-8")
    monkeypatch.setattr(versions, "KEPT", path)
    return path


def test_what_is_said_of_a_stage_is_kept(kept: Path) -> None:
    before = load_kept()["link"]
    assert save_kept("link", "abc", "", raised=True).version == before.version + 1
    assert save_kept("link", "abd", 'only "names" changed', raised=False).version == before.version + 1
    assert save_kept("whisper", "x", "new", raised=True).version == 1
    now = load_kept()
    assert (now["link"].fingerprint, now["link"].why) == ("abd", 'only "names" changed')
    assert {name for name in now if name not in STEPS} == {"whisper"}
    with pytest.raises(UsageError, match="why"):
        save_kept("link", "abe", "", raised=False)


@pytest.mark.full
def test_one_command_writes_it_down(kept: Path) -> None:
    version = save_kept("link", "of other code", "a test", raised=False).version
    said = CliRunner().invoke(pipeline.main, ["stages"])
    assert "changed" in next(line for line in said.output.splitlines() if line.startswith("link "))
    said = CliRunner().invoke(pipeline.main, ["stages", "--raise", "link"])
    assert said.exit_code == 0, said.output
    assert load_kept()["link"].version == version + 1
    assert "changed" not in next(line for line in said.output.splitlines() if line.startswith("link "))
    assert str(version + 1) in STEPS["link"].stage(CONFIG).version
    assert CliRunner().invoke(pipeline.main, ["stages", "--same", "link"]).exit_code == 2
    assert CliRunner().invoke(pipeline.main, ["stages", "--same", "lnik", "--why", "x"]).exit_code == 2


@pytest.mark.parametrize("name", STEPS)
def test_nobody_changes_a_stage_without_saying_what_becomes_of_its_results(name: str) -> None:
    kept, now = load_kept().get(name), STEPS[name].fingerprint(CONFIG)
    assert kept is not None and kept.fingerprint == now, (
        f"code, data or settings of {name} have changed. Do its results change? "
        f"Yes, stored rows are due again: pipeline.py stages --raise {name} --why '…'. "
        f"No: pipeline.py stages --same {name} --why '…'"
    )
