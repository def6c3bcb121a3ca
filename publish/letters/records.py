"""The rows of letters.db that several modules pass on (core/schema/letters.sql has the columns in words)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Every = Literal["daily", "weekly", "at once"]
Kind = Literal["search", "story", "own"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscriber:
    """A person, or a machine, that letters go to."""

    id: int
    channel: str
    address: str
    created: str
    state: Literal["active", "paused", "refused"]
    bounces: int
    links: int
    secret: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """What a person follows: a search, a story, or works and trials of their own."""

    id: int
    subscriber: int
    kind: Kind
    query: str
    name: str
    every: Every
    weekday: int | None  # 0 is Monday
    stages: tuple[str, ...]
    most: int
    created: str
    since: int  # newest item when it began
    began: int  # newest night when it began
    mark: int  # newest item at its last turn
    night: int | None  # of its last turn
    day: str | None
    state: Literal["active", "paused"]
    reading: str
    welcomed: str = ""  # the letter that said what it finds


@dataclass(frozen=True, slots=True, kw_only=True)
class Night:
    """A day on which letters are made. `number` is counted, never computed from the clock."""

    number: int
    day: str
    run: str
