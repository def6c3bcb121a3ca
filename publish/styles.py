"""The one stylesheet of the site and of what is served next to it: `datasette/styles/*.css`, joined.

`site.css` comes first, because it sets the variables and the base that all others build on, then the others by name.
Adding a file is all it takes.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path

from core.config import ROOT

STYLES = ROOT / "datasette" / "styles"
BASE = "site.css"


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
    """The part after the `?` of the address of the stylesheet: a browser asks again only when it has changed."""
    return hashlib.sha256(join_styles().encode()).hexdigest()[:12]
