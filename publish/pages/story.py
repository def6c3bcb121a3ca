"""The page of one story: what it says in a box, who tells it and how, its numbers, and what was there before.

Its parts are put together in `story_told.py`; a part that has nothing to say is not shown.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from urllib.parse import quote

from publish.pages.feeds import feeds_of, find_story
from publish.pages.formats import record_of
from publish.pages.formats_documents import FoundList, Listing, citations_of
from publish.pages.meta import Head, list_data
from publish.pages.page import Context, Page, PageMissing, Redirect, Request, Sample, to_named
from publish.pages.rows import OpenEdition
from publish.pages.stories import Story
from publish.pages.story_members import EVERY, Member, Reach, in_time
from publish.pages.story_record import FIELDS, to_record
from publish.pages.story_told import find_told
from publish.pages.template_filters import day, document_url, plural, story_url
from publish.pages.timeline import draw_timeline

MEMBERS_SHOWN = 300
RECORDS = ("paper", "preprint", "trial")  # they are in the part on what it rests on

ONE = 'SELECT * FROM story WHERE "key" = :key'
NUMBERS = """
SELECT d.id FROM member m JOIN document d ON d.id = m.document
WHERE m.story = :id ORDER BY m.role <> 'origin', m.role <> 'release', d.day, d.id"""
SAMPLES = """SELECT slug || '-' || "key" FROM story ORDER BY documents DESC, id LIMIT 30"""


async def find(edition: OpenEdition, request: Request) -> Story | Redirect:
    """The story of an address. Raises PageMissing."""
    story = await edition.first(Story, ONE, {"key": request.key})
    if story is None:
        raise PageMissing("There is no such story in this edition.")
    return to_named("/story", story.slug, story.key, request.parts["name"], request.suffix) or story


async def show(edition: OpenEdition, request: Request) -> Context | Redirect:
    story = await find(edition, request)
    if isinstance(story, Redirect):
        return story
    told = await find_told(edition, story, MEMBERS_SHOWN)
    return {
        "told": told,
        "story": told.story,
        "timeline": draw_timeline(told.members),
        "tellers": [member for member in in_time(told.members) if member.kind not in RECORDS],
        "head": story_head(story, told.members, told.reach, request.site),
    }


async def find_record(edition: OpenEdition, request: Request) -> Mapping[str, object] | Redirect:
    """The story as JSON."""
    story = await find(edition, request)
    if isinstance(story, Redirect):
        return story
    return to_record(await find_told(edition, story, EVERY), request.site)


async def find_cited(edition: OpenEdition, request: Request) -> FoundList | Redirect:
    """The documents of the story, to cite them."""
    story = await find(edition, request)
    if isinstance(story, Redirect):
        return story
    ids = await edition.numbers(NUMBERS, {"id": story.id})
    return Listing(name=f"{story.slug}-{story.key}", ids=ids)


def story_head(story: Story, members: Sequence[Member], reach: Reach, site: str) -> Head:
    """What the page says of itself to programs: a list of its documents."""
    outlets = f", {plural(reach.outlets, 'outlet')}" if reach.outlets else ""
    many = f"{plural(story.documents, 'document')}{outlets}" if story.documents > 1 else "Told once"
    places = [(f"{site}{document_url(member)}", member.title) for member in members]
    return Head(
        description=f"{story.title}. {many}, {day(story.first)} to {day(story.last)}.",
        data=list_data(f"{site}{story_url(story)}", story.title, places),
    )


def samples(edition: sqlite3.Connection) -> Iterator[Sample]:
    for (name,) in edition.execute(SAMPLES):
        yield Sample(f"/story/{quote(name)}")
    yield Sample("/story/none-000000000000", 404)


PAGES = (
    Page(
        route="/story/(?P<name>[^/]+)",
        template="story.html",
        within="/stories",
        show=show,
        samples=samples,
        formats=(
            record_of(find_record, FIELDS, "The story, who tells it, and how."),
            *feeds_of(find_story),
            *citations_of(find_cited, every=True, about="All its documents."),
        ),
        about="A story: one thing that happened, in however many documents.",
        example="""SELECT '/story/' || slug || '-' || "key" FROM story ORDER BY documents DESC, last DESC LIMIT 1""",
    ),
)
