"""An index of spans: answers in constant time, however many there are, which of them a new span overlaps."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

STRETCH = 64  # characters


class SpanIndex:
    """Spans (end exclusive), by the stretches of the text that they touch."""

    __slots__ = ("_near",)

    def __init__(self, spans: Iterable[tuple[int, int]] = ()) -> None:
        self._near: defaultdict[int, list[tuple[int, int]]] = defaultdict(list)
        for start, end in spans:
            self.add(start, end)

    def add(self, start: int, end: int) -> None:
        """Add one span."""
        for number in range(start // STRETCH, max(start, end - 1) // STRETCH + 1):
            self._near[number].append((start, end))

    def find_overlapping(self, start: int, end: int) -> Iterator[tuple[int, int]]:
        """Spans that share a character with this one. Long ones come several times."""
        for number in range(start // STRETCH, max(start, end - 1) // STRETCH + 1):
            for span in self._near.get(number, ()):
                if span[0] < end and start < span[1]:
                    yield span

    def overlaps(self, start: int, end: int) -> bool:
        """True when a span shares a character with this one."""
        return any(True for _ in self.find_overlapping(start, end))

    def covers(self, start: int, end: int) -> bool:
        """True when one span holds all of this one."""
        return any(one[0] <= start and end <= one[1] for one in self.find_overlapping(start, end))
