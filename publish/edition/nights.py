"""Nights and the order of arrival: when each document came in, when it last changed, and what came in each night.

A document may be published in March and found tonight. Lists of what is new follow the arrival, not the publication.

1. The night of a moment is the day (UTC) on which the run began that was under way: a run that begins before midnight
   has one night. Where no run began in the day before it (a work.db made otherwise), it is the day of the moment.
2. A document came in in the night of its `first_seen`. `arrived` numbers all documents in that order; those of one
   second by their id.
3. `changed` is the last moment at which something about a document became different for a reader: it came in; its
   text was replaced; in a later night than its own, what became of its paper or of its trial was first known here, or
   another document of its story came in (statuses of the first night that has any were not changes); a person
   corrected it (of that only the day is known). work.db does not hold when a link, a label or the membership of a
   story was first found: those move it only together with one of the above.
4. `moved` is the latest night in which it came in, or in which what became of its paper or its trial was first known.
   Feeds list by it, so that a retraction brings a document up again; within a night they list by arrival.
5. The table `night` has a row for each night in which something came in or became known.
"""

from __future__ import annotations

import sqlite3
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TypedDict

from core import clock
from core.store import Store

LONGEST = timedelta(days=1)  # of a run
KNOWN_SINCE = frozenset({"night", "noticed", "changed", "moved"})  # columns: when something became known here
LATE = 7  # days between publication and arrival from which on a document is a late find

CHANGED = """
UPDATE document SET changed = max(changed,
    coalesce((SELECT max(replaced) FROM version v WHERE v.document = document.id), ''),
    coalesce((SELECT max(noticed) FROM banner b WHERE b.document = document.id AND b.night > document.night), ''),
    coalesce((SELECT max(noticed) FROM trial_status t WHERE t.document = document.id AND t.night > document.night
        AND t.night > (SELECT min(night) FROM trial_status)), ''),
    coalesce((SELECT max(day) || 'T00:00:00Z' FROM correction c WHERE c.document = document.id), ''),
    coalesce((SELECT max(other.first_seen) FROM member m JOIN member n ON n.story = m.story
        JOIN document other ON other.id = n.document
        WHERE m.document = document.id AND other.night > document.night), ''))"""
MOVED = """
UPDATE document SET moved = max(night,
    coalesce((SELECT max(night) FROM banner b WHERE b.document = document.id), ''),
    coalesce((SELECT max(night) FROM trial_status t WHERE t.document = document.id
        AND t.night > (SELECT min(night) FROM trial_status)), ''))"""
STORIES = """
UPDATE story SET changed = coalesce(
    (SELECT max(d.first_seen) FROM member m JOIN document d ON d.id = m.document WHERE m.story = story.id), '')"""
NIGHTS = f"""
INSERT INTO night
SELECT n.day, max(coalesce(max(d.first_seen), ''), coalesce(n.noticed, '')), count(d.id),
    count(DISTINCT d.source), count(DISTINCT m.story),
    coalesce(sum(julianday(d.night) - julianday(d.published) > {LATE}), 0),
    (SELECT count(DISTINCT about) FROM banner b WHERE b.night = n.day),
    (SELECT count(DISTINCT t.trial) FROM trial_status t JOIN document o ON o.id = t.document
     WHERE t.night = n.day AND t.own AND o.night < t.night)
FROM (SELECT day, max(noticed) AS noticed FROM (SELECT DISTINCT night AS day, NULL AS noticed FROM document
    UNION ALL SELECT night, noticed FROM banner UNION ALL SELECT night, noticed FROM trial_status) GROUP BY day) n
LEFT JOIN document d ON d.night = n.day
LEFT JOIN (SELECT document, min(story) AS story FROM member GROUP BY 1) m ON m.document = d.id
GROUP BY 1"""


class OrderRow(TypedDict):
    """A document of the edition, in the order of its number."""

    id: str
    day: str
    first_seen: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceInTime:
    """When a document was published, and when it came in."""

    day: str
    night: str
    arrived: int  # number in the order of arrival
    tonight: bool


class RunRow(TypedDict):
    """When a run began, and what it did."""

    started: str
    command: str


class Nights:
    """The night of any moment, by the runs that there were; `rebuilds`: when runs began that built work.db again."""

    def __init__(self, started: Iterable[str], rebuilds: Iterable[str] = ()) -> None:
        self._started, self._rebuilds = sorted(started), frozenset(rebuilds)

    def known_from(self, moment: str, arrived: str) -> str:
        """When something became known of a document that came in at `arrived`, by what work.db says (`moment`).

        A rebuild finds everything at once: when it was known before is lost, and it is taken to have come with the
        document, so that nothing becomes new again.
        """
        place = bisect_right(self._started, moment)
        return arrived if place and self._started[place - 1] in self._rebuilds else moment

    def find(self, moment: str) -> str:
        """The night of a moment (`2026-11-30T00:20:00Z`), YYYY-MM-DD."""
        place = bisect_right(self._started, moment)
        if place:
            began = self._started[place - 1]
            if clock.parse(moment) - clock.parse(began) < LONGEST:
                return began[:10]
        return moment[:10]


def load_nights(work: Store) -> Nights:
    """By the runs of work.db."""
    runs = work.select(RunRow, "SELECT started, command FROM run")
    return Nights((run["started"] for run in runs), (run["started"] for run in runs if run["command"] == "rebuild"))


def find_places(order: Sequence[OrderRow], nights: Nights) -> dict[str, PlaceInTime]:
    """The place in time of each document, by its id."""
    night_of = {moment: nights.find(moment) for moment in {row["first_seen"] for row in order}}
    latest = max(night_of.values(), default="")
    return {
        row["id"]: PlaceInTime(
            day=row["day"], night=night_of[row["first_seen"]], arrived=arrived,
            tonight=night_of[row["first_seen"]] == latest,
        )
        for arrived, row in enumerate(sorted(order, key=lambda row: (row["first_seen"], row["id"])), 1)
    }  # fmt: skip


def fill_nights(edition: sqlite3.Connection) -> None:
    """What documents and stories changed by, and the table of nights. After all else of them is filled."""
    for sql in (STORIES, CHANGED, MOVED, NIGHTS):
        edition.execute(sql)
