"""A batch of rows on its way to a step, completed with what each needs of other rows (`Stage.complete`)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from core import workers
from core.records import Json
from core.store import Store

Complete = Callable[[Store, Any], Mapping[str, object]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Rows with what they need from others; `broken`: key -> why that could not be read."""

    rows: list[Json]
    whole: list[Json]
    broken: dict[str, str]


def complete_rows(complete: Complete | None, store: Store, rows: list[Json]) -> Batch:
    """The batch of these rows. A row that `complete` raises on is broken alone."""
    if complete is None:
        return Batch(rows=rows, whole=rows, broken={})
    whole, broken = [], {}
    for row in rows:
        more = workers.attempt(complete, store, row)
        if isinstance(more, workers.Failed):
            broken[row["key"]] = more.text
        else:
            whole.append({**row, **more})
    return Batch(rows=rows, whole=whole, broken=broken)
