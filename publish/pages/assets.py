"""Static files, the one stylesheet, the one script, and addresses that name their content, which stay valid for a year.

The stylesheet is `datasette/styles/*.css`, joined: `site.css` first, because it sets the variables and the base that
all others build on, then the others by name. Adding a file is all it takes. The address of a file has a digest of its
content after the `?`, so a browser asks for it again only when it has changed.

The script (`datasette/scripts/find.js`) is part of every page. The policy names its hash, so nothing else is run.
"""

from __future__ import annotations

import base64
import hashlib
from functools import cache, lru_cache
from pathlib import Path

from core.config import ROOT
from publish.pages.datasette_parts import Site

FOLDER = ROOT / "datasette" / "static"
STYLES = ROOT / "datasette" / "styles"
SCRIPT = ROOT / "datasette" / "scripts" / "find.js"
BASE = "site.css"
OURS, DATASETTES = "/static/", "/-/static/app.css"
STYLESHEET = f"{OURS}{BASE}"  # where the joined styles are served


def list_styles() -> list[Path]:
    """The files of the stylesheet, in their order."""
    return sorted(STYLES.glob("*.css"), key=lambda path: (path.name != BASE, path.name))


def join_styles() -> str:
    """The stylesheet."""
    return _join(tuple((path, path.stat().st_mtime_ns) for path in list_styles()))


@lru_cache(maxsize=4)
def _join(files: tuple[tuple[Path, int], ...]) -> str:
    return "\n".join(path.read_text("utf-8") for path, _ in files)


def styles_digest() -> str:
    """The part after the `?` of the address of the stylesheet."""
    return hashlib.sha256(join_styles().encode()).hexdigest()[:12]


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
