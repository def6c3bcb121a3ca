"""Plugins of the site only register: few lines, and the measure sees when there are more."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bench import plugins


def test_plugins_only_register(capsys: pytest.CaptureFixture[str]) -> None:
    assert plugins.main(["--json"]) == 0
    total, longest = map(json.loads, capsys.readouterr().out.splitlines())
    assert (total["set"], total["measure"], total["anchor"]) == ("code", "plugin_lines", 400)
    assert 0 < longest["value"] <= total["value"] <= 400
    assert total["n"] == len(list(plugins.PLUGINS.glob("*.py")))


@pytest.mark.parametrize(("files", "code"), [([39] * 10, 0), ([39] * 11, 1), ([40], 1), ([], 2)])
def test_more_lines_are_seen(tmp_path: Path, files: list[int], code: int) -> None:
    for number, lines in enumerate(files):
        (tmp_path / f"p{number}.py").write_text("x\n" * lines, "utf-8")
    assert plugins.main(["--plugins", str(tmp_path), "--json"]) == code
