"""Which pages to ask for tonight.

An entry's page is due when we have none yet; when the entry itself has changed; on the night after a 410, until the
page counts as gone; and else at intervals that double: as long after the last visit as the last visit was after the
first (a tenth of `revisit_hours` sooner, since no two nights begin at the same second), at least `revisit_hours`, for
`revisit_days`. Pages that were never asked for come first, then the others, each newest first. What exceeds `max_pages`
waits for the next night.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from core import clock
from core.config import Crawl
from core.records import Entry, Page


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Pages to ask for tonight, in order, and how many more are due but wait."""

    due: tuple[tuple[Entry, Page | None], ...]
    waiting: int


def plan_pages(
    entries: Iterable[Entry],
    changed: frozenset[str],
    pages: Mapping[str, Page],
    crawl: Crawl,
    now: datetime,
) -> Plan:
    """`changed` are the ids of entries that changed tonight; `pages` are the pages we hold, by entry."""
    due = [
        (entry, pages.get(entry.id))
        for entry in entries
        if entry.url and _is_due(pages.get(entry.id), entry.id in changed, crawl, now)
    ]
    due.sort(key=lambda pair: pair[0].id)
    due.sort(key=lambda pair: pair[0].published or pair[0].first_seen, reverse=True)
    due.sort(key=lambda pair: pair[1] is not None)
    return Plan(due=tuple(due[: crawl.max_pages]), waiting=max(0, len(due) - crawl.max_pages))


def _is_due(page: Page | None, changed: bool, crawl: Crawl, now: datetime) -> bool:
    if page is None or changed:
        return True
    first, last = clock.parse(page.first_visit), clock.parse(page.last_visit)
    if 0 < page.gone_nights < crawl.gone_nights:
        return now - last >= timedelta(hours=crawl.revisit_hours)
    return is_due_again(first, last, crawl, now)


def is_due_again(first: datetime, last: datetime, crawl: Crawl, now: datetime) -> bool:
    """Whether something should be asked for again: at intervals that double, for `revisit_days`."""
    shortest = timedelta(hours=crawl.revisit_hours)
    return now - last >= max(shortest, last - first - shortest / 10) and now - first <= timedelta(
        days=crawl.revisit_days
    )
