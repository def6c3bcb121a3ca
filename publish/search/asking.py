"""Questions to an edition, asked by code that opens no database.

A function that needs rows is a generator: it yields an `Ask` and is sent the rows. So the site (`ask_later`) and the
letters (`ask_now`) run the same code.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Awaitable, Callable, Generator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar


@dataclass(frozen=True, slots=True)
class Ask:
    """A question to the edition; the generator is sent its rows."""

    sql: str
    params: Mapping[str, object]


T = TypeVar("T")
Rows = Sequence[sqlite3.Row]
Steps = Generator[Ask, Rows, T]


def ask_now(steps: Steps[T], execute: Callable[[str, Mapping[str, object]], Rows]) -> T:
    """The result of steps whose questions are answered at once."""
    try:
        asked = next(steps)
        while True:
            asked = steps.send(execute(asked.sql, asked.params))
    except StopIteration as done:
        result: T = done.value
        return result


async def ask_later(steps: Steps[T], execute: Callable[[str, Mapping[str, object]], Awaitable[Rows]]) -> T:
    """The same where answers have to be waited for."""
    try:
        asked = next(steps)
        while True:
            asked = steps.send(await execute(asked.sql, asked.params))
    except StopIteration as done:
        result: T = done.value
        return result
