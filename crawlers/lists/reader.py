"""Lists are read in a process of their own that can be killed: a few kilobytes can keep a parser busy for ever.

What exceeds its time or its memory, or kills the process, is an error of that list alone.
"""

from __future__ import annotations

import asyncio

from core.config import Extract
from core.errors import StemwireError
from core.workers import Child, Failed, Limits
from crawlers.lists.model import ListResult, ListTask
from crawlers.lists.read_list import read_list


class ReadError(StemwireError):
    """A list could not be read: it broke its reader, or asked too much of it."""


def limits_of(extract: Extract) -> Limits:
    """Of the worker that reads lists: those of a page."""
    return Limits(wall=extract.wall, cpu=extract.cpu, memory=extract.memory, tasks=extract.recycle)


class Reader:
    """`await reader(task)` in the crawl's own loop, which goes on meanwhile."""

    def __init__(self, child: Child[ListResult]) -> None:
        self.child = child

    async def __call__(self, task: ListTask) -> ListResult:
        """Raises ReadError, and what `read_list` raises on purpose."""
        outcome = await asyncio.to_thread(self.child.run, read_list, task)
        if isinstance(outcome, Failed):
            raise as_error(outcome, task.url)
        return outcome


def as_error(failed: Failed, url: str) -> StemwireError:
    """What a reading that gave nothing means: the error that was raised on purpose, or a ReadError."""
    if failed.error is not None:
        return failed.error
    if failed.kind == "raised":
        return ReadError(f"its reader broke on it: {failed.text}", where=url)
    return ReadError(f"put aside: reading it {failed.text}", where=url)
