"""Static files, the one stylesheet, the one script, and addresses that name their content, which stay valid for a year.

`publish/styles.py` makes the stylesheet. The address of a file has a digest of its content after the `?`, so a browser
asks for it again only when it has changed.

The script (`datasette/scripts/find.js`) is part of every page. The policy names its hash, so nothing else is run.
"""

from __future__ import annotations

import base64
import hashlib
from functools import cache, lru_cache
from pathlib import Path

from core.config import ROOT
from publish.pages.datasette_parts import Site
from publish.styles import BASE, styles_digest

FOLDER = ROOT / "datasette" / "static"
SCRIPT = ROOT / "datasette" / "scripts" / "find.js"
OURS, DATASETTES = "/static/", "/-/static/app.css"
STYLESHEET = f"{OURS}{BASE}"  # where the joined styles are served


@cache
def find_script() -> str:
    """The script that shows names under the search field."""
    return SCRIPT.read_text("utf-8")


def script_hash() -> str:
    """The hash of the script as a policy names it."""
    return f"sha256-{base64.b64encode(hashlib.sha256(find_script().encode()).digest()).decode()}"


def digest(path: Path) -> str:
    """The part after the `?` of the address of a static file."""
    return _digest(path, path.stat().st_mtime_ns)


@lru_cache(maxsize=64)
def _digest(path: Path, changed: int) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]


def is_lasting(site: Site, path: str, query: str) -> bool:
    """Whether an address names the content that it has now."""
    if path == DATASETTES:
        return query == site.app_css_hash()
    if path == STYLESHEET:
        return query == styles_digest()
    name = path.removeprefix(OURS)
    file = FOLDER / name
    return path.startswith(OURS) and "/" not in name and file.is_file() and query == digest(file)
