"""Lists are read in a separate process that can be killed, because a few kilobytes can keep a parser busy without end.

If reading a list exceeds its time or its memory, or kills the process, only that list fails.
"""

from __future__ import annotations

import asyncio

from core.config import Extract
from core.errors import StemwireError
from core.workers import Child, Failed, Limits
from crawlers.lists.model import ListResult, ListTask
from crawlers.lists.read_list import read_list


class ReadError(StemwireError):
    """A list could not be read: the parser failed, or exceeded its limits."""


def limits_of(extract: Extract) -> Limits:
    """Limits of the worker that reads lists: the same as for pages."""
    return Limits(wall=extract.wall, cpu=extract.cpu, memory=extract.memory, tasks=extract.recycle)


class Reader:
    """`await reader(task)` inside the crawl's event loop, which goes on meanwhile."""

    def __init__(self, child: Child[ListResult]) -> None:
        self.child = child

    async def __call__(self, task: ListTask) -> ListResult:
        """Raises ReadError, and what `read_list` raises on purpose."""
        outcome = await asyncio.to_thread(self.child.run, read_list, task)
        if isinstance(outcome, Failed):
            raise as_error(outcome, task.url)
        return outcome


def as_error(failed: Failed, url: str) -> StemwireError:
    """The error for a list that could not be read: a StemwireError as raised, anything else as ReadError."""
    if failed.error is not None:
        return failed.error
    if failed.kind == "raised":
        return ReadError(f"the parser failed: {failed.text}", where=url)
    return ReadError(f"not read: the parser {failed.text}", where=url)
