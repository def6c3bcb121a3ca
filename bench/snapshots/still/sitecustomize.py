"""Stops the clock of a night: Python imports this at its start when the folder is on PYTHONPATH.

Documents of one day are ordered by the second in which they were first seen, so two runs of the same code would number
them differently on a busy machine. Here `core/clock.py` of the checkout reads no time after the start, and
durations are 0: the crawl adds them to its start. Child processes load this as well.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType, SimpleNamespace

CLOCK = "core.clock"


class StillClock(MetaPathFinder):
    """Finds the clock as usual and replaces the time that it reads."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        spec = PathFinder.find_spec(fullname, path, target) if fullname == CLOCK else None
        if spec is None or spec.loader is None:
            return None
        execute = spec.loader.exec_module

        def execute_and_stop(module: ModuleType) -> None:
            execute(module)
            module.__dict__["time"] = SimpleNamespace(
                monotonic=lambda: module.__dict__["_started"], perf_counter=lambda: 0.0
            )

        spec.loader.__dict__["exec_module"] = execute_and_stop
        return spec


sys.meta_path.insert(0, StillClock())
