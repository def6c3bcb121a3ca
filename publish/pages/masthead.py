"""What the head of every page says of the latest night in which something came in, counted once for each edition."""

from __future__ import annotations

from dataclasses import dataclass

from publish.pages.rows import OpenEdition

LATEST = """
SELECT day, documents, stories, (
  SELECT count(DISTINCT about) FROM banner WHERE banner.night = night.day AND status = 'retracted') AS retractions
FROM night WHERE documents > 0 ORDER BY day DESC LIMIT 1"""


@dataclass(frozen=True, slots=True, kw_only=True)
class LatestNight:
    """The day on which the night began, and what it brought."""

    day: str
    documents: int
    stories: int
    retractions: int  # works that were found to be retracted


async def find_latest(edition: OpenEdition) -> LatestNight | None:
    """None where nothing has come in yet."""
    return await edition.first(LatestNight, LATEST)
