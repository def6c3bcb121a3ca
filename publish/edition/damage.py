"""Whether an edition is still the file that was published, and which one to serve where it is not.

The sidecar has the size and the sha256 that the file had when it was published. `find_damage` compares, in order:

1. the sidecar: it must be there, readable, and of this edition;
2. the file: it must be there and have its size (this is all that a request can afford: two looks at the folder);
3. with `whole`, its sha256: publishing, `check` and the start of `serve` do this. It takes some seconds a gigabyte, far
   less than building an edition does.

`find_servable` gives the current edition, else the newest stored one that is not damaged.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection
from functools import lru_cache
from pathlib import Path
from typing import Any

CURRENT = "current.db"


def sidecar_of(path: Path) -> Path:
    """The JSON file with the description of an edition."""
    return path.with_suffix(".json")


def read_sidecar(path: Path) -> dict[str, Any]:
    """The description of an edition. Raises OSError, ValueError."""
    said = json.loads(sidecar_of(path).read_text("utf-8"))
    if not isinstance(said, dict):
        raise ValueError("no object")
    return said


def find_damage(path: Path, *, whole: bool = False) -> str:
    """What is wrong with a stored edition, in words; empty: nothing."""
    try:
        file, sidecar = path.stat(), sidecar_of(path).stat()
    except FileNotFoundError as error:
        return f"there is no file {Path(str(error.filename)).name}"
    except OSError as error:
        return f"it cannot be read: {error.strerror}"
    wrong = _compare_size(path, file.st_size, sidecar.st_mtime_ns, sidecar.st_size)
    if wrong or not whole:
        return wrong
    try:
        same = find_sha256(path) == read_sidecar(path)["sha256"]
    except OSError as error:
        return f"it cannot be read: {error.strerror}"
    return "" if same else "its bytes differ from what was published"


@lru_cache(maxsize=64)
def _compare_size(path: Path, size: int, _changed: int, _sidecar: int) -> str:
    """Sidecar and size. The other arguments are there so that a changed sidecar is read again."""
    try:
        said = read_sidecar(path)
    except (OSError, ValueError):
        return f"its description {sidecar_of(path).name} cannot be read"
    if said.get("name") != path.stem or not all(said.get(key) for key in ("sha256", "size", "content", "built")):
        return f"its description {sidecar_of(path).name} is not of this edition"
    return "" if size == said["size"] else f"it has {size:,} bytes, {said['size']:,} were published"


def find_linked(folder: Path) -> Path | None:
    """The file that `current.db` names, whether it exists or not; None without a link."""
    try:
        return folder / (folder / CURRENT).readlink()
    except OSError:
        return None


def find_servable(folder: Path, refused: Collection[Path] = (), *, whole: bool = False) -> Path | None:
    """The current edition, or else the newest stored one that is neither damaged nor refused."""
    linked = find_linked(folder)
    if linked is not None and linked not in refused and not find_damage(linked, whole=whole):
        return linked
    for path in sorted(folder.glob("stemwire-*.db"), reverse=True):
        if path != linked and path not in refused and not find_damage(path, whole=whole):
            return path
    return None


def find_sha256(path: Path) -> str:
    """Raises OSError."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
