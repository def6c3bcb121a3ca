"""A copy of the checkout, for tests that change files of it: small files are copied, big ones linked."""

from __future__ import annotations

import shutil
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
COPIED = (
    "core", "crawlers", "nlp", "relations", "publish", "datasette", "demo", "docs", "tests", "pipeline.py",
    "config.toml", "pyproject.toml", "README.md",
)  # fmt: skip
BIG = 200_000  # bytes; larger files are links


def copy_checkout(root: Path) -> Path:
    """Copy what runs, and its tests, to the folder `root`. Returns it."""
    skipped = shutil.ignore_patterns("__pycache__", "compiled", "editions", "upgrade", "recorded")
    for name in COPIED:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, root / name, copy_function=_copy_file, ignore=skipped)
        else:
            _copy_file(str(ROOT / name), str(root / name))
    return root


def _copy_file(source: str, target: str) -> None:
    if Path(source).stat().st_size > BIG:
        Path(target).symlink_to(source)
    else:
        shutil.copyfile(source, target)
