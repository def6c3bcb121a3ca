"""`present(value)`: a value that may be None and must be there, as `publish(config, work).edition`."""

from __future__ import annotations

from typing import TypeVar

T = TypeVar("T")


def present(value: T | None) -> T:
    assert value is not None
    return value
