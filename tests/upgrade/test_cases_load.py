"""Config and source files as earlier cases write them go on loading. The cases are in ../shared, if present."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.config import load_config, load_sources

ROOT = Path(__file__).resolve().parents[2]
CASES = ROOT.parent / "shared" / "cases"
pytestmark = pytest.mark.skipif(not CASES.is_dir(), reason="../shared/cases is not next to this checkout")


def inline_sources() -> Iterator[tuple[str, str, str]]:
    """(case, id of the source, text of its file) of every case that brings its own source files."""
    for path in sorted(CASES.glob("*/cases.jsonl")):
        for line in path.read_text("utf-8").splitlines():
            case = json.loads(line)
            call = case.get("call")
            if isinstance(call, dict):
                for ident, text in call.get("sources", {}).items():
                    yield case["id"], ident, text


def test_every_config_of_the_cases_loads() -> None:
    paths = sorted(CASES.rglob("config.toml"))
    assert paths
    for path in paths:
        load_config(path)


def test_every_folder_of_sources_of_the_cases_loads() -> None:
    folders = sorted(path for path in CASES.rglob("sources") if path.is_dir())
    assert len(folders) > 1
    for folder in folders:
        sources, broken = load_sources(folder)
        assert sources and not broken, [str(error) for error in broken]


def test_every_source_file_inside_a_case_loads(tmp_path: Path) -> None:
    texts = list(inline_sources())
    assert texts
    for number, (case, ident, text) in enumerate(texts):
        folder = tmp_path / str(number)
        folder.mkdir()
        (folder / f"{ident}.toml").write_text(text, "utf-8")
        sources, broken = load_sources(folder)
        assert [source.id for source in sources] == [ident], f"{case}: {[str(error) for error in broken]}"
