"""How far a long piece of work has come: a bar on a terminal, a plain line now and then elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from core import clock

EVERY = 10.0  # seconds between plain lines


class Bar:
    """One piece of work: `advance` as rows end; the total may still grow."""

    def __init__(self, label: str, total: int, rich: Progress | None) -> None:
        self.label, self.total, self.done = label, total, 0
        self._rich = rich
        self._task = rich.add_task(label, total=total) if rich else None
        self._said = clock.seconds()

    def grow(self, more: int) -> None:
        self.total += more
        if self._rich and self._task is not None:
            self._rich.update(self._task, total=self.total)

    def advance(self, rows: int = 1) -> None:
        self.done += rows
        if self._rich and self._task is not None:
            self._rich.update(self._task, advance=rows)
        elif clock.seconds() - self._said > EVERY:
            self._said = clock.seconds()
            print(f"{self.label}: {self.done} of {self.total}", file=sys.stderr, flush=True)


@contextmanager
def bar(label: str, total: int) -> Iterator[Bar]:
    """A bar on stderr while the block runs; where that is no terminal, a line every ten seconds and at the end."""
    console = Console(stderr=True)
    if console.is_terminal:
        columns = (
            TextColumn("{task.description:<10}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
        )
        with Progress(*columns, console=console) as rich:
            yield Bar(label, total, rich)
        return
    started = clock.seconds()
    plain = Bar(label, total, None)
    yield plain
    print(
        f"{label}: {plain.done} of {plain.total} in {clock.seconds() - started:.1f} s",
        file=sys.stderr,
        flush=True,
    )
