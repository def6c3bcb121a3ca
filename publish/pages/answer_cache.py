"""Answers of one edition that were given before, bounded by their bytes: an edition never changes, so neither do they.

A request that is made while the same one is being answered waits for that answer. The longest unused goes first. The
answers are kept with the file of the edition (`publish.pages.edition_file`), and go with it.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

BYTES = 32_000_000
HEAD = 1_000  # bytes that an answer takes in addition to its body

Key = tuple[bytes, bytes, bool]  # path, query, whether the reader takes packed answers


@dataclass(frozen=True, slots=True)
class Kept:
    """The messages of an answer: the head, and the parts of the body."""

    messages: Sequence[Mapping[str, Any]]
    size: int


class AnswerCache:
    def __init__(self, most: int = BYTES) -> None:
        self._most, self._size = most, 0
        self._kept: OrderedDict[Key, Kept] = OrderedDict()
        self._begun: dict[Key, asyncio.Event] = {}

    def __len__(self) -> int:
        return len(self._kept)

    def clear(self) -> None:
        self._kept.clear()
        self._size = 0

    def find(self, key: Key) -> Kept | None:
        kept = self._kept.get(key)
        if kept is not None:
            self._kept.move_to_end(key)
        return kept

    def keep(self, key: Key, kept: Kept) -> None:
        self._size += kept.size + HEAD
        before = self._kept.pop(key, None)
        self._kept[key] = kept
        if before is not None:
            self._size -= before.size + HEAD
        while self._size > self._most:
            _, oldest = self._kept.popitem(last=False)
            self._size -= oldest.size + HEAD

    async def begin(self, key: Key) -> Kept | None:
        """The answer, if there is one or will be soon. None: the caller makes it, and calls `end` whatever happens."""
        while True:
            if kept := self.find(key):
                return kept
            begun = self._begun.get(key)
            if begun is None:
                self._begun[key] = asyncio.Event()
                return None
            await begun.wait()

    def end(self, key: Key) -> None:
        self._begun.pop(key).set()
