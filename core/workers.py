"""A worker process that may be killed: where everything runs that reads bytes of strangers.

lxml, feedparser and trafilatura are superlinear on hostile input, and a limit inside the same process cannot stop
them. So a function and its arguments go to a worker (pebble, spawned, recycled after some tasks), which runs under

- a wall limit for the task: pebble kills the worker and starts another;
- a CPU limit for the task: `RLIMIT_CPU` is moved up before each task, the kernel kills what passes it;
- a memory limit for the worker: `RLIMIT_AS`; what asks for more gets a MemoryError, or dies trying.

What comes back is the function's result or a `Failed` that names what happened; nothing that a task does ends the
parent. The function must be importable (spawned workers share no memory), its arguments and its result picklable.
"""

from __future__ import annotations

import multiprocessing
import resource
import signal
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Generic, TypeVar

from pebble import ProcessExpired, ProcessPool

from core.errors import StemwireError

Result = TypeVar("Result")
REOPENED = 3  # times that a task may meet a pool that breaks under it


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Of one task: wall and CPU seconds. Of one worker: bytes of address space, tasks until it is replaced.

    Measured: a worker that has used every page reader once (py3langid's and dateparser's tables included) has 300
    MiB of address space, so 1 GiB leaves a page some 700.
    """

    wall: float = 15.0
    cpu: int = 10
    memory: int = 1 << 30
    tasks: int = 200
    workers: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """A task that gave no result. kind: timeout | cpu | memory | died | raised; `error` is what it raised."""

    kind: str
    text: str
    error: BaseException | None = None


class Child(Generic[Result]):
    """A small pool of killable workers; use it as a context manager.

    with Child() as child:
        page = child.run(read_page, body, url=url, content_type=None, fetched=fetched)
    """

    def __init__(self, limits: Limits | None = None) -> None:
        self.limits = limits or Limits()
        self._pool: Any = None

    def __enter__(self) -> Child[Result]:
        self._open()
        return self

    def _open(self) -> None:
        self._pool = ProcessPool(
            max_workers=self.limits.workers,
            max_tasks=self.limits.tasks,
            initializer=_limit_memory,
            initargs=(self.limits.memory,),
            context=multiprocessing.get_context("spawn"),
        )

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        pool, self._pool = self._pool, None
        if kind is None:
            pool.close()
        else:
            pool.stop()
        pool.join()

    def run(self, function: Callable[..., Result], *args: Any, **kwargs: Any) -> Result | Failed:
        """The function's result, or what became of it."""
        return self._finish(self._schedule(function, args, kwargs), function, args, kwargs)

    def map(self, function: Callable[..., Result], items: Iterable[tuple[Any, ...]]) -> Iterator[Result | Failed]:
        """One outcome for each tuple of arguments, in their order; only a few wait in the workers' queue."""
        waiting: deque[tuple[Future[Result], tuple[Any, ...]]] = deque()
        for args in items:
            waiting.append((self._schedule(function, args, {}), args))
            if len(waiting) > 2 * self.limits.workers:
                future, given = waiting.popleft()
                yield self._finish(future, function, given, {})
        while waiting:
            future, given = waiting.popleft()
            yield self._finish(future, function, given, {})

    def _finish(
        self, future: Future[Result], function: Callable[..., Result], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> Result | Failed:
        """The outcome; a task that a breaking pool took along, through no fault of its own, runs again."""
        for _ in range(REOPENED):
            wait([future])
            if not (future.cancelled() or isinstance(future.exception(), BrokenProcessPool)):
                break
            future = self._schedule(function, args, kwargs)
        return self._outcome(future)

    def _schedule(
        self, function: Callable[..., Result], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> Future[Result]:
        if self._pool is None:
            raise StemwireError("the worker pool is not open", hint="use Child() in a with statement")
        if not self._pool.active:  # pebble gives a pool up when a worker dies between two tasks
            self._pool.stop()
            self._pool.join()
            self._open()
        future: Future[Result] = self._pool.schedule(
            _call, args=(function, self.limits.cpu, args, kwargs), timeout=self.limits.wall
        )
        return future

    def _outcome(self, future: Future[Result]) -> Result | Failed:
        error = future.exception()
        if error is None:
            return future.result()
        if isinstance(error, MemoryError):
            return Failed(kind="memory", text=f"needed more than {self.limits.memory >> 20} MiB", error=error)
        if isinstance(error, ProcessExpired):
            if error.exitcode == -signal.SIGXCPU:
                return Failed(kind="cpu", text=f"took more than {self.limits.cpu} s of CPU")
            return Failed(kind="died", text=f"the worker ended with exit code {error.exitcode}")
        if isinstance(error, TimeoutError):
            return Failed(kind="timeout", text=f"took more than {self.limits.wall:g} s")
        return Failed(kind="raised", text=f"{type(error).__name__}: {error}", error=error)


def _limit_memory(most: int) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a killed worker leaves no dump


def _call(function: Callable[..., Result], cpu: int, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Result:
    """In the worker: the CPU limit counts from here, not from the worker's start."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    used = int(usage.ru_utime + usage.ru_stime) + 1
    _soft, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (used + cpu, hard))
    return function(*args, **kwargs)
