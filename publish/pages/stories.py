"""Stories: the list of stories with several documents. The page of one story is `story.py`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from publish.pages.flags import Flag, FlagRow, flag_facets, to_flags
from publish.pages.formats import query_of
from publish.pages.page import Context, Field, Link, Page, Request, Sample
from publish.pages.rows import OpenEdition, listed

STORIES_SHOWN = 30  # on a page of the list

# a status of a paper or of its only trial that any of its documents has, and labels that half of them have
FLAGS = """
SELECT m.story AS owner, 'status' AS facet, b.status AS value, 0 AS n, '' AS rule
FROM json_each(:ids) j CROSS JOIN member m ON m.story = j.value CROSS JOIN banner b ON b.document = m.document
GROUP BY 1, 3
UNION ALL
SELECT m.story, 'trial_status', s.status, 0, ''
FROM json_each(:ids) j CROSS JOIN member m ON m.story = j.value CROSS JOIN trial_status s ON s.document = m.document
WHERE s.alone = 1 GROUP BY 1, 3
UNION ALL
SELECT m.story, l.facet, l.value, count(*), ''
FROM json_each(:ids) j JOIN story t ON t.id = j.value JOIN member m ON m.story = t.id
    JOIN label l ON l.document = m.document AND l.facet IN (SELECT value FROM json_each(:facets))
GROUP BY m.story, l.facet, l.value HAVING 2 * count(*) >= t.documents"""

LISTED = """
SELECT t.*, d.source_name FROM story t JOIN card d ON d.id = t.origin
WHERE :alone OR t.documents > 1 ORDER BY t.id DESC LIMIT :most OFFSET :skip"""
TABLE = """
SELECT s.*, '/story/' || s.slug || '-' || s."key" AS page FROM story s ORDER BY s.id DESC LIMIT :most OFFSET :skip"""
LIST_FIELDS = (
    Field("key", "stable name, the end of its address here"),
    Field("page", "its page here"),
    Field("title", "title of the origin"),
    Field("first", "day of its first document"),
    Field("last", "day of its newest document"),
    Field("documents", "how many tell it"),
    Field("outlets", "sources of its news and explainers; press desks, papers and registries do not count"),
    Field("copies", "documents that repeat the origin or a release"),
    Field("why", "why the origin is the origin"),
)
TOTALS = """
SELECT coalesce(max(n) FILTER (WHERE value = 'stories'), 0) AS stories,
    coalesce(max(n) FILTER (WHERE value = 'articles'), 0) AS articles,
    coalesce(max(n) FILTER (WHERE value = 'told'), 0) AS told FROM counted WHERE what = 'story'"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """One thing that happened. `flags`: the status of a paper of any document, and labels that half of them have."""

    id: int
    key: str
    slug: str
    title: str
    first: str
    last: str
    documents: int
    outlets: int
    copies: int
    why: str
    flags: tuple[Flag, ...] = ()


S = TypeVar("S", bound=Story)


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedStory(Story):
    """A story with the source of its origin."""

    source_name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    stories: int
    articles: int
    told: int  # more than once


@dataclass(frozen=True, slots=True, kw_only=True)
class Banner:
    """A notice about a work that documents rest on."""

    about: str
    status: str
    day: str | None
    text: str
    url: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialStatus:
    """The status of a trial in its registry."""

    trial: str
    status: str
    day: str | None
    reason: str
    text: str


async def show_list(edition: OpenEdition, request: Request) -> Context:
    alone = request.get("all") == "1"
    limits = {"alone": alone, "most": STORIES_SHOWN + 1, "skip": request.skipped(STORIES_SHOWN)}
    found = await edition.rows(ListedStory, LISTED, limits)
    [totals] = await edition.rows(Totals, TOTALS)
    return {
        "found": await find_flagged(edition, found[:STORIES_SHOWN]),
        "page": request.number,
        "more": len(found) > STORIES_SHOWN and not request.last,
        "counts": totals,
        "alone": alone,
    }


async def find_flagged(edition: OpenEdition, stories: Sequence[S]) -> list[S]:
    """The stories with their flags."""
    marks = {**listed([story.id for story in stories]), "facets": flag_facets()}
    flags = to_flags(await edition.rows(FlagRow, FLAGS, marks))
    return [replace(story, flags=flags.get(story.id, ())) for story in stories]


PAGES = (
    Page(
        route="/stories",
        template="stories.html",
        show=show_list,
        samples=(Sample("/stories?all=1"),),
        links=(Link("Stories", 110, under="Today", about="What several documents tell, as one story."),),
        formats=query_of("stories", TABLE, LIST_FIELDS),
        about="Every story, those of one document included, the newest first.",
        schema="CollectionPage",
    ),
)
