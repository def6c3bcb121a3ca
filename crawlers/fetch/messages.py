"""The messages between the collecting parent and the crawling child: frozen records over one pipe.

Parent to child: one `Job`; the end of the night is the end of the pipe. Child to parent: `Due` when requests are
planned, `Answer` for each request that ended, `Found` for each source whose lists were read, `SourceProblem` for what a
person should look at, `Finished` when a source has nothing left to do, `Ended` when the crawl is over.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from core.config import Config, SourceFile
from core.records import Capture, Entry, Page, Run, Visit


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """Everything the child needs to know. It reads the stores itself and writes to none."""

    config: Config
    sources: tuple[SourceFile, ...]
    run: Run
    now: datetime  # when the crawl begins; the child measures time from here
    work: Path
    raw: Path
    recorded: Path | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """So many more requests will be made; `waiting` more are due but wait for the next night."""

    source: str
    requests: int
    waiting: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One request has ended. `capture` only if the bytes are new to us, `page` only for an entry's page."""

    visit: Visit
    capture: Capture | None = None
    page: Page | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """All lists (feeds, sitemaps, listings, API answers) of a source have been read.

    `entries` are new or changed and are saved; `seen` are the ids of all that was listed.
    """

    source: str
    entries: tuple[Entry, ...]
    seen: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceProblem:
    """A person should look at this. `fatal`: the source failed tonight because of it."""

    source: str
    kind: str
    text: str
    fatal: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """Everything that was due for this source has ended. `lists`: how its lists ended, outcome -> number."""

    source: str
    lists: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """The crawl is over; `reason` as Scrapy names it (`finished`, `memusage_exceeded`, …)."""

    reason: str


Message = Due | Answer | Found | SourceProblem | Finished | Ended
