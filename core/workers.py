"""Worker processes that may be killed: everything that reads text from outside runs in one.

Parsers and regular expressions can be superlinear on hostile input, and a limit inside the same process cannot stop
them. So a function and its arguments go to a spawned process. In order, for each task:

1. the worker prepares what many tasks share (a model), without a limit; where that fails, no task is tried;
2. it moves its limits up: `RLIMIT_CPU` to what it has used plus `cpu` seconds, `RLIMIT_AS` to `memory` bytes. The
   kernel ends what passes the first; what asks for more than the second gets a MemoryError, or dies of it;
3. the parent waits for the answer. Wall time alone ends nothing: a busy machine makes every task slow. Only seconds
   in which the worker neither runs nor waits for a processor count, and after `wall` of them it is killed;
4. a worker that died of something else (the kernel was short of memory, somebody killed it) gets one more try, by a
   fresh worker, from the task that it was at. What kills two workers has failed, alone;
5. a worker is replaced when it has run `tasks` tasks, is out of memory, or gets tasks whose worker has other limits
   (so what reads pages does not stay in memory together with the models).

What comes back is the function's result or a `Failed` that names what happened; nothing that a task does ends the
parent. The function must be importable (spawned workers share no memory), its arguments and its result picklable.
A worker starts with its first task, a second one only when the first has enough waiting.
"""

from __future__ import annotations

import multiprocessing
import os
import pickle
import resource
import signal
import threading
import time
import traceback
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from itertools import islice
from multiprocessing.connection import Connection
from pathlib import Path
from types import TracebackType
from typing import Any, Generic, TypeVar

from core.errors import StemwireError

Result = TypeVar("Result")
WAITING = 2  # groups of tasks that a worker has at once: the one it works on, and the next
TICK = 1.0  # seconds between two looks at a worker that does not answer
IDLE = 0.01  # a worker that used less than this share of a tick, and does not want a processor, is idle


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Of one task: seconds of CPU, idle seconds (`wall`). Of one worker: bytes of address space, tasks it runs.

    Measured: a worker that has used every page reader once (py3langid's and dateparser's tables included) has 300
    MiB of address space, so 1 GiB leaves a page some 700.
    """

    wall: float = 60.0
    cpu: int = 10
    memory: int = 1 << 30
    tasks: int = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """A task that gave no result; `error` is what it raised, if that was an error of the project.

    kind: timeout | cpu | memory | died | raised | unready (what it needs could not be prepared).
    """

    kind: str
    text: str
    error: StemwireError | None = None


def attempt(function: Callable[..., Result], *args: object) -> Result | Failed:
    """The function's result; whatever it raises becomes a value (one of the two broad excepts of the project)."""
    try:
        return function(*args)
    except StemwireError as error:
        return Failed(kind="raised", text=str(error), error=error)
    except MemoryError:
        return Failed(kind="memory", text="needed more memory than it may have")
    except Exception as error:  # noqa: BLE001  one bad task must not stop the others
        frame = traceback.extract_tb(error.__traceback__)[-1]
        text = f"{type(error).__name__}: {error} (at {frame.name}, line {frame.lineno})"
        return Failed(kind="raised", text=text)


class Child(Generic[Result]):
    """A few killable workers; use it as a context manager, from any thread.

    with Child() as child:
        page = child.run(read_page, body, url, None, fetched)
    """

    def __init__(self, limits: Limits | None = None, workers: int = 1) -> None:
        self.limits = limits or Limits()
        self._lanes = [_Lane() for _ in range(workers)]
        self._lock = threading.Lock()
        self._open = False

    def __enter__(self) -> Child[Result]:
        self._open = True
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open = False
        for lane in self._lanes:
            lane.close()

    def run(self, function: Callable[..., Result], *args: object) -> Result | Failed:
        """The function's result, or what became of it."""
        return self._submit(_Call(function=function, limits=self.limits), [args]).result()[0]

    def map(
        self,
        function: Callable[..., Result],
        items: Iterable[tuple[Any, ...]],
        *,
        limits: Limits | None = None,
        prepare: Callable[[], object] | None = None,
        group: int = 1,
        alone: bool = False,
    ) -> Iterator[Result | Failed]:
        """One outcome for each tuple of arguments, in their order. `items` is read only as far as workers can take.

        `prepare` is called before each group of `group` tasks, so it must remember what it has loaded. `alone`: all
        tasks in the same worker.
        """
        call = _Call(function=function, limits=limits or self.limits, prepare=prepare)
        most = WAITING * (1 if alone else len(self._lanes))
        rest = iter(items)
        flying: deque[Future[list[Result | Failed]]] = deque()
        while True:
            while len(flying) < most and (tasks := list(islice(rest, group))):
                flying.append(self._submit(call, tasks, alone))
            if not flying:
                return
            yield from flying.popleft().result()

    def _submit(
        self, call: _Call, tasks: Sequence[tuple[Any, ...]], alone: bool = False
    ) -> Future[list[Result | Failed]]:
        if not self._open:
            raise StemwireError("the worker pool is not open", hint="use Child() in a with statement")
        with self._lock:
            free = (lane for lane in self._lanes if alone or lane.waiting < WAITING)
            return next(free, min(self._lanes, key=lambda lane: lane.waiting)).submit(call, tasks)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Call:
    """What a worker does with each task of a group."""

    function: Callable[..., Any]
    limits: Limits
    prepare: Callable[[], object] | None = None


class _Lane:
    """One worker, the thread that talks to it, and how many groups wait for it. A dead worker is replaced."""

    def __init__(self) -> None:
        self.waiting = 0
        self._threads = ThreadPoolExecutor(max_workers=1)
        self._lock = threading.Lock()
        self._worker: _Worker | None = None
        self._closed = False

    def submit(self, call: _Call, tasks: Sequence[tuple[Any, ...]]) -> Future[list[Any]]:
        with self._lock:
            self.waiting += 1
        return self._threads.submit(self._work, call, tasks)

    def close(self) -> None:
        """End the worker, whatever it is at, and the thread."""
        self._closed = True
        worker = self._worker
        if worker is not None:
            worker.kill()
        self._threads.shutdown(cancel_futures=True)
        self._end()

    def _work(self, call: _Call, tasks: Sequence[tuple[Any, ...]]) -> list[Any]:
        """In the lane's thread: the outcomes of a group of tasks, however many workers it takes."""
        outcomes: list[Any] = []
        tried = -1  # the task that a worker died at
        try:
            while len(outcomes) < len(tasks):
                try:
                    for outcome in self._ready(call.limits).answers(call, tasks[len(outcomes) :]):
                        outcomes.append(outcome)
                        if isinstance(outcome, Failed) and outcome.kind == "memory":
                            self._end()
                            break
                except _Ended as ended:
                    self._end()
                    if ended.kind != "died" or tried == len(outcomes):
                        outcomes.append(Failed(kind=ended.kind, text=ended.text))
                    else:
                        tried = len(outcomes)
        finally:
            with self._lock:
                self.waiting -= 1
        return outcomes

    def _ready(self, limits: Limits) -> _Worker:
        if self._closed:
            raise StemwireError("the worker pool is closed")
        worker = self._worker
        if worker is not None and (worker.done >= limits.tasks or worker.limits != (limits.memory, limits.tasks)):
            self._end()
        if self._worker is None:
            self._worker = _Worker(limits)
        return self._worker

    def _end(self) -> None:
        worker, self._worker = self._worker, None
        if worker is not None:
            worker.end()


class _Ended(Exception):
    """A worker is no more. kind: timeout | cpu | died."""

    def __init__(self, kind: str, text: str) -> None:
        super().__init__(text)
        self.kind, self.text = kind, text


class _Worker:
    """A process that answers tasks, one message for each."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits.memory, limits.tasks
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(theirs,), daemon=True)
        self._process.start()
        theirs.close()
        self.done = 0

    def answers(self, call: _Call, tasks: Sequence[tuple[Any, ...]]) -> Iterator[Any]:
        """The outcome of each task, as it comes. Raises _Ended when the worker does not live to give one."""
        message = pickle.dumps((call, tasks))
        try:
            self._pipe.send_bytes(message)
        except OSError:
            raise self._ended(call.limits) from None
        for _ in tasks:
            self._wait(call.limits)
            try:
                answer = self._pipe.recv_bytes()
            except (EOFError, OSError):
                raise self._ended(call.limits) from None
            self.done += 1
            yield pickle.loads(answer)

    def kill(self) -> None:
        self._process.kill()

    def end(self) -> None:
        self._process.kill()
        self._process.join()
        self._pipe.close()

    def _wait(self, limits: Limits) -> None:
        """Until there is an answer, or the worker is dead. Raises _Ended when it has been idle for too long."""
        idle, (_, used), looked = 0.0, _look(self._process.pid), time.monotonic()
        while not self._pipe.poll(TICK):
            wants, now = _look(self._process.pid)
            moment = time.monotonic()
            if not wants and now - used < IDLE * (moment - looked):
                idle += moment - looked
            used, looked = now, moment
            if idle >= limits.wall:
                raise _Ended("timeout", f"waited {limits.wall:g} s without working")

    def _ended(self, limits: Limits) -> _Ended:
        self._process.join()
        code = self._process.exitcode
        if code == -signal.SIGXCPU:
            return _Ended("cpu", f"took more than {limits.cpu} s of CPU")
        return _Ended("died", f"its worker ended with exit code {code}")


def _look(pid: int | None) -> tuple[bool, float]:
    """(whether a process runs or waits for a processor, its CPU seconds). Where there is no /proc: (False, 0.0)."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text("ascii", "replace").rpartition(")")[2].split()
    except OSError:
        return False, 0.0
    return fields[0] == "R", (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _serve(pipe: Connection) -> None:
    """The life of a worker: it ends with its parent's end of the pipe."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to handle
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a killed worker leaves no dump
    while True:
        try:
            message = pipe.recv_bytes()
        except (EOFError, OSError):
            return
        call, tasks = pickle.loads(message)
        ready = attempt(call.prepare) if call.prepare else None
        for task in tasks:
            outcome = replace(ready, kind="unready") if isinstance(ready, Failed) else _limited(call, task)
            pipe.send_bytes(pickle.dumps(outcome))


def _limited(call: _Call, task: tuple[Any, ...]) -> object:
    """The outcome of one task under its limits."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    _limit(resource.RLIMIT_CPU, int(usage.ru_utime + usage.ru_stime) + 1 + call.limits.cpu)
    _limit(resource.RLIMIT_AS, call.limits.memory)
    try:
        return attempt(call.function, *task)
    finally:
        _limit(resource.RLIMIT_CPU, resource.RLIM_INFINITY)
        _limit(resource.RLIMIT_AS, resource.RLIM_INFINITY)


def _limit(what: int, most: int) -> None:
    """Up to what the system allows."""
    _soft, hard = resource.getrlimit(what)
    within = most if hard == resource.RLIM_INFINITY or 0 <= most < hard else hard
    resource.setrlimit(what, (within, hard))
