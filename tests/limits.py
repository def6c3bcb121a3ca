"""A limit of CPU time for a block of a test: what is quadratic is ended, and a busy machine changes nothing."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


class TooMuchWorkError(Exception):
    """The block took more CPU time than its limit."""


@contextmanager
def cpu_limit(seconds: int) -> Iterator[None]:
    """Raises TooMuchWorkError inside the block after so many CPU seconds of this process. In the main thread only."""

    def end(_number: int, _frame: FrameType | None) -> None:
        raise TooMuchWorkError(f"more than {seconds} s of CPU time")

    before = signal.signal(signal.SIGPROF, end)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)
