"""Which stretches of a text are taken: answers in constant time, however many there are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

STRETCH = 64  # characters


class Ground:
    """Spans (end exclusive) by the stretch of text they lie in."""

    __slots__ = ("_near",)

    def __init__(self, spans: Iterable[tuple[int, int]] = ()) -> None:
        self._near: defaultdict[int, list[tuple[int, int]]] = defaultdict(list)
        for start, end in spans:
            self.add(start, end)

    def add(self, start: int, end: int) -> None:
        for number in range(start // STRETCH, max(start, end - 1) // STRETCH + 1):
            self._near[number].append((start, end))

    def touching(self, start: int, end: int) -> Iterator[tuple[int, int]]:
        """Spans that share a character with this one (some of them twice, if they are long)."""
        for number in range(start // STRETCH, max(start, end - 1) // STRETCH + 1):
            for span in self._near.get(number, ()):
                if span[0] < end and start < span[1]:
                    yield span

    def crosses(self, start: int, end: int) -> bool:
        return any(True for _ in self.touching(start, end))

    def covers(self, start: int, end: int) -> bool:
        """True when one span holds all of this one."""
        return any(one[0] <= start and end <= one[1] for one in self.touching(start, end))
