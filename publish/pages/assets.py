"""Static files, and the addresses that name their content: those may be kept for a year, because they never change."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path

from core.config import ROOT
from publish.pages.datasette_parts import Site

FOLDER = ROOT / "datasette" / "static"
STYLES = FOLDER / "site.css"
OURS, DATASETTES = "/static/", "/-/static/app.css"


def digest(path: Path) -> str:
    """The part after the `?` of the address of a file."""
    return _digest(path, path.stat().st_mtime_ns)


@lru_cache(maxsize=64)
def _digest(path: Path, changed: int) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]


def is_lasting(site: Site, path: str, query: str) -> bool:
    """Whether an address names the content that it has now."""
    if path == DATASETTES:
        return query == site.app_css_hash()
    name = path.removeprefix(OURS)
    file = FOLDER / name
    return path.startswith(OURS) and "/" not in name and file.is_file() and query == digest(file)
