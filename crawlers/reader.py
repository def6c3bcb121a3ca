"""Lists are read in a process of their own that can be killed: a few kilobytes can keep a parser busy for ever.

What exceeds its wall time or its memory, or kills the process, is an error of that list alone.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import resource
from concurrent.futures import TimeoutError as FutureTimeout

from pebble import ProcessExpired, ProcessPool

from core.config import Extract
from core.errors import StemwireError
from crawlers.index import read_index
from crawlers.messages import Index, IndexTask


class ReadError(StemwireError):
    """A list could not be read: it broke its reader, or took too long."""


class Reader:
    """`await reader(task)` in the crawl's own loop; `close()` at the end."""

    def __init__(self, limits: Extract) -> None:
        self.limits = limits
        self.pool = ProcessPool(
            max_workers=1,
            max_tasks=limits.recycle,
            initializer=_limit,
            initargs=(limits.memory,),
            context=multiprocessing.get_context("spawn"),
        )

    async def __call__(self, task: IndexTask) -> Index:
        """Raises ReadError, and what `read_index` raises on purpose."""
        future = asyncio.wrap_future(self.pool.schedule(read_index, args=(task,), timeout=self.limits.wall))
        await asyncio.wait([future])
        error = future.exception()
        match error:
            case None:
                index: Index = future.result()
                return index
            case StemwireError():
                raise error
            case FutureTimeout():
                raise ReadError(f"not read within {self.limits.wall:g} s; put aside", where=task.url)
            case MemoryError():
                raise ReadError(
                    f"reading it takes more than {self.limits.memory // 2**20} MiB; put aside", where=task.url
                )
            case ProcessExpired():
                raise ReadError("its reader was killed; put aside", where=task.url)
            case _:
                raise ReadError(f"its reader broke on it: {type(error).__name__}: {error}", where=task.url)

    def close(self) -> None:
        self.pool.stop()
        self.pool.join()


def _limit(memory: int) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
