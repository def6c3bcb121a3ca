"""Stories: the list of stories with several documents. The page of one story is `story.py`."""

from __future__ import annotations

from dataclasses import dataclass

from publish.pages.formats import query_of
from publish.pages.page import Context, Field, Link, Page, Request, Sample
from publish.pages.rows import OpenEdition
from publish.pages.story_cards import find_story_cards

STORIES_SHOWN = 30  # on a page of the list

LISTED = """
SELECT id FROM story WHERE :alone OR documents > 1 ORDER BY id DESC LIMIT :most OFFSET :skip"""
TABLE = """
SELECT s.*, '/story/' || s.slug || '-' || s."key" AS page FROM story s ORDER BY s.id DESC LIMIT :most OFFSET :skip"""
LIST_FIELDS = (
    Field("key", "stable name, the end of its address here"),
    Field("page", "its page here"),
    Field("title", "its headline"),
    Field("first", "day of its first document"),
    Field("last", "day of its newest document"),
    Field("documents", "how many tell it"),
    Field("outlets", "sources of its news and explainers; press desks, papers and registries do not count"),
    Field("copies", "documents that repeat the release or the text that it began with"),
    Field("why", "why the document that it began with is the first"),
)
TOTALS = """
SELECT coalesce(max(n) FILTER (WHERE value = 'stories'), 0) AS stories,
    coalesce(max(n) FILTER (WHERE value = 'articles'), 0) AS articles,
    coalesce(max(n) FILTER (WHERE value = 'told'), 0) AS told FROM counted WHERE what = 'story'"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """One thing that happened."""

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
    found = await edition.numbers(LISTED, limits)
    [totals] = await edition.rows(Totals, TOTALS)
    return {
        "found": await find_story_cards(edition, found[:STORIES_SHOWN]),
        "page": request.number,
        "more": len(found) > STORIES_SHOWN and not request.last,
        "counts": totals,
        "alone": alone,
    }


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
