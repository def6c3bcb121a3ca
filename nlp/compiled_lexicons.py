"""Keeps what is compiled from lexicons as a pickle, so that the next process starts quickly.

The name of a file contains the fingerprint of what it was compiled from. A file that cannot be read is compiled again:
a process may have ended while it wrote the file, or an earlier version of this program wrote it, with other classes.
"""

from __future__ import annotations

import gc
import os
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")
UNREADABLE = (pickle.UnpicklingError, EOFError, AttributeError, ImportError, IndexError, TypeError, ValueError)


def load_compiled(folder: Path, name: str, fingerprint: str, kind: type[T], compile_it: Callable[[], T]) -> T:
    """The object of `kind` kept as `name` under this fingerprint; else `compile_it()`, which is then kept.

    Files of the same name under other fingerprints are deleted. Raises what `compile_it` raises.
    """
    path = folder / f"{name}-{fingerprint[:16]}.pickle"
    kept = _read(path) if path.is_file() else None
    if isinstance(kept, kind):
        return kept
    compiled = compile_it()
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob(f"{name}-*.pickle"):
        old.unlink(missing_ok=True)
    aside = path.with_suffix(f".{os.getpid()}")
    with aside.open("wb") as file:
        pickle.dump(compiled, file, protocol=5)
    aside.replace(path)
    return compiled


def _read(path: Path) -> object:
    """The object in a file that this program wrote, or None when it cannot be read."""
    collecting = gc.isenabled()
    gc.disable()  # half a million small tuples: collecting among them doubles the time
    try:
        with path.open("rb") as file:
            return pickle.load(file)
    except UNREADABLE:
        return None
    finally:
        if collecting:
            gc.enable()
