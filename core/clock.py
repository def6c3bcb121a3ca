"""The only module that asks what time it is.

`STEMWIRE_NOW` (ISO 8601) sets the start time of the process; the clock then runs on as usual. So a recorded night can
run as of the day on which it was recorded.
"""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime, timedelta

_started = time.monotonic()


def now() -> datetime:
    """The current time in UTC."""
    given = os.environ.get("STEMWIRE_NOW")
    if given is None:
        return datetime.now(UTC)
    start = datetime.fromisoformat(given)
    start = start.replace(tzinfo=UTC) if start.tzinfo is None else start.astimezone(UTC)
    return start + timedelta(seconds=time.monotonic() - _started)


def stamp(moment: datetime | None = None) -> str:
    """ISO 8601 with seconds, as stored: `2026-11-22T04:51:00Z`."""
    return (moment or now()).strftime("%Y-%m-%dT%H:%M:%SZ")


def compact(moment: datetime | None = None) -> str:
    """For ids and file names: `20261122T045100Z`."""
    return (moment or now()).strftime("%Y%m%dT%H%M%SZ")


def parse(text: str) -> datetime:
    """A stored stamp or day as a moment in UTC. Raises ValueError."""
    moment = datetime.fromisoformat(text)
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def seconds() -> float:
    """A monotonic count of seconds, for durations only."""
    return time.perf_counter()
