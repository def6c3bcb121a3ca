"""Work that the desk does after it has answered: one thread that runs jobs one by one, and again where they ask for it.

A job returns None when it is done, or the seconds after which it is to run again. Jobs are not kept over a restart:
whoever adds one makes sure that nothing is lost then. A job that fails is logged by the name of its error alone; a
mistake in our code ends the thread, and the next job begins another.
"""

from __future__ import annotations

import heapq
import threading
from collections.abc import Callable
from itertools import count

from core import clock, log
from core.errors import StemwireError

MOST_JOBS = 2000

Job = Callable[[], float | None]


class Worker:
    """Jobs, and the thread that runs them. It starts with the first job and ends with `close` or the process."""

    def __init__(self, name: str) -> None:
        self._name, self._changed, self._numbers = name, threading.Condition(), count()
        self._jobs: list[tuple[float, int, Job]] = []
        self._thread: threading.Thread | None = None
        self._closed = False

    def add(self, job: Job) -> bool:
        """Run a job soon. False if too many wait already, or the worker is closed."""
        with self._changed:
            if self._closed or len(self._jobs) >= MOST_JOBS:
                return False
            heapq.heappush(self._jobs, (clock.seconds(), next(self._numbers), job))
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._run, name=self._name, daemon=True)
                self._thread.start()
            self._changed.notify()
            return True

    def close(self) -> None:
        """Take no more jobs, and leave those that wait."""
        with self._changed:
            self._closed = True
            self._jobs.clear()
            self._changed.notify()

    def _run(self) -> None:
        while (job := self._next()) is not None:
            try:
                again = job()
            except StemwireError as error:
                log.get_log(__name__).error("desk_job_failed", worker=self._name, error=type(error).__name__)
                continue
            with self._changed:
                if again is not None and not self._closed:
                    heapq.heappush(self._jobs, (clock.seconds() + again, next(self._numbers), job))

    def _next(self) -> Job | None:
        """The next job, when it is due; None when the worker is closed."""
        with self._changed:
            while not self._closed:
                wait = self._jobs[0][0] - clock.seconds() if self._jobs else None
                if wait is not None and wait <= 0:
                    return heapq.heappop(self._jobs)[2]
                self._changed.wait(wait)
            return None
