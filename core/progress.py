"""A progress bar on a terminal, removed when the work ends; without a terminal nothing is printed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn


class Bar:
    """The bar of one piece of work: `advance` when rows end; `grow` raises the total."""

    def __init__(self, label: str, total: int, screen: Progress) -> None:
        self.total = total
        self._screen = screen
        self._task = screen.add_task(label, total=total)

    def grow(self, more: int) -> None:
        self.total += more
        self._screen.update(self._task, total=self.total)

    def advance(self, rows: int = 1) -> None:
        self._screen.update(self._task, advance=rows)


@contextmanager
def bar(label: str, total: int) -> Iterator[Bar]:
    """A bar on stderr while the block runs. A log file gets no lines from it."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description:<10}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as screen:
        yield Bar(label, total, screen)
