"""Lanes: how many requests of one kind are worked on at once. What does not fit is refused at once, not after a while.

In order:
1. a request takes a place in the lane of its kind, or waits for one: at most QUEUE wait, each at most PATIENCE
   seconds. Anyone beyond that is asked at once to come back (LaneFull);
2. an answer that grows too long to be held moves to the lane of long answers, which has no queue: its place in the
   first lane is free again, however slowly its reader reads.
"""

from __future__ import annotations

import asyncio
from collections import deque

AT_ONCE = {"sql": 2, "search": 2, "long": 4}  # requests
QUEUE = {"sql": 8, "search": 12, "long": 0}  # requests
PATIENCE = 4.0  # seconds


class LaneFull(Exception):
    """Too many requests wait already, or this one has waited too long."""


class Lane:
    """A place for AT_ONCE requests; QUEUE more wait."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._free = AT_ONCE[name]
        self._waiting: deque[asyncio.Future[None]] = deque()

    async def take(self) -> None:
        """Take one of the places. Raises LaneFull."""
        if self._free:
            self._free -= 1
            return
        if len(self._waiting) >= QUEUE[self.name]:
            raise LaneFull
        turn = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        try:
            async with asyncio.timeout(PATIENCE):
                await turn
        except TimeoutError as error:
            self._leave(turn)
            raise LaneFull from error
        except asyncio.CancelledError:
            self._leave(turn)
            raise

    def _leave(self, turn: asyncio.Future[None]) -> None:
        """Wait no more. Who was given a place at the same moment passes it on."""
        if turn in self._waiting:
            self._waiting.remove(turn)
        elif not turn.cancelled():
            self.give_back()

    def give_back(self) -> None:
        """Leave a place to the next one who waits."""
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                return
        self._free += 1


class Place:
    """The place of one request: in a lane, in another after it moved, or in none."""

    def __init__(self) -> None:
        self._lane: Lane | None = None

    async def move(self, lane: Lane | None) -> None:
        """Take a place in a lane, then give back the one held before. Raises LaneFull; then nothing has changed."""
        if lane is not None:
            await lane.take()
        self.give_back()
        self._lane = lane

    def give_back(self) -> None:
        if self._lane is not None:
            self._lane.give_back()
        self._lane = None
