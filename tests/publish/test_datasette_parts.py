"""Datasette's inside is touched in one module, so that its next major version is the work of a day."""

from __future__ import annotations

import ast
from pathlib import Path

from core.config import ROOT

ADAPTER = ROOT / "publish" / "pages" / "datasette_parts.py"


def imports_of_the_library(path: Path) -> list[int]:
    """Lines that import Datasette."""
    found = []
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        names = (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else []
        )
        found += [node.lineno for name in names if name.split(".")[0] == "datasette"]  # type: ignore[attr-defined]
    return found


def test_one_module_imports_datasette() -> None:
    files = [*(ROOT / "publish").rglob("*.py"), *(ROOT / "datasette").rglob("*.py"), ROOT / "pipeline.py"]
    assert len(files) > 60
    assert [path for path in files if imports_of_the_library(path)] == [ADAPTER]
