"""Stories: the list of stories with several documents, and the page of one story with its documents and roles.

What a story rests on is what its documents rest on: their labels, papers, notices and speakers, counted together.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar
from urllib.parse import quote

from core.facets import Facet, facets
from publish.pages.feeds import feeds_of, find_story
from publish.pages.flags import Flag, FlagRow, flag_facets, to_flags
from publish.pages.formats import query_of, record_of
from publish.pages.formats_documents import FoundList, Listing, citations_of
from publish.pages.line_data import pick, to_line, to_link
from publish.pages.meta import Head, list_data
from publish.pages.page import Context, Field, Link, Page, PageMissing, Redirect, Request, Sample, to_named
from publish.pages.paper_links import PaperLink, find_documents
from publish.pages.rows import OpenEdition, Params, listed
from publish.pages.story_numbers import Differing, Figure, Member, find_differing
from publish.pages.template_filters import day, document_url, story_url

STORIES_SHOWN = 30  # on a page of the list
MEMBERS_SHOWN = 300  # on the page of a story
EVERY = -1

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
    Field("outlets", "sources; papers and registries are not counted"),
    Field("copies", "documents that repeat the origin or a release"),
    Field("why", "why the origin is the origin"),
)
TOTALS = """
SELECT coalesce(max(n) FILTER (WHERE value = 'stories'), 0) AS stories,
    coalesce(max(n) FILTER (WHERE value = 'articles'), 0) AS articles,
    coalesce(max(n) FILTER (WHERE value = 'told'), 0) AS told FROM counted WHERE what = 'story'"""
ONE = 'SELECT * FROM story WHERE "key" = :key'
MEMBERS = """
SELECT m.*, d.* FROM member m JOIN card d ON d.id = m.document
WHERE m.story = :id ORDER BY m.role <> 'origin', m.role <> 'release', d.day, d.id LIMIT :most"""
NUMBERS = """
SELECT d.id FROM member m JOIN document d ON d.id = m.document
WHERE m.story = :id ORDER BY m.role <> 'origin', m.role <> 'release', d.day, d.id"""
LABELS = """
SELECT facet, value, count(*) AS n FROM label
WHERE facet IN (SELECT value FROM json_each(:facets)) AND document IN (SELECT value FROM json_each(:ids))
GROUP BY 1, 2 ORDER BY n DESC, 2"""
PAPERS = """
SELECT ident, relation, max(other) AS other, '' AS why FROM link
WHERE document IN (SELECT value FROM json_each(:ids)) AND ident <> '' GROUP BY 2, 1 LIMIT 20"""
BANNERS = """
SELECT about, status, day, text, url, max(own) FROM banner
WHERE document IN (SELECT value FROM json_each(:ids)) GROUP BY about ORDER BY day DESC"""
TRIAL_STATUSES = """
SELECT trial, other, status, day, reason, text, max(own) FROM trial_status
WHERE document IN (SELECT value FROM json_each(:ids)) GROUP BY trial ORDER BY day DESC LIMIT 20"""
SPEAKERS = """
SELECT name, max(affiliation) AS affiliation, max(independent) AS independent, sum(quotations) AS n
FROM speaker WHERE document IN (SELECT value FROM json_each(:ids)) GROUP BY 1 ORDER BY n DESC, 1 LIMIT 20"""
FIGURES = """
SELECT subject, unit, period, place, series, value, document FROM figure
WHERE subject <> '' AND period IS NOT NULL AND modifier = 'exact' AND high IS NULL
    AND document IN (SELECT value FROM json_each(:ids)) ORDER BY period, subject, document, number"""
SAMPLES = """SELECT slug || '-' || "key" FROM story ORDER BY documents DESC, id LIMIT 30"""


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
class LabelCount:
    facet: str
    value: str
    n: int


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Speaker:
    name: str
    affiliation: str | None
    independent: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldStory:
    """Everything that the edition says of a story."""

    story: Story
    members: Sequence[Member]
    labels: Sequence[tuple[Facet, LabelCount]]
    papers: Sequence[PaperLink]
    banners: Sequence[Banner]
    trial_statuses: Sequence[TrialStatus]
    speakers: Sequence[Speaker]
    differing: Sequence[Differing]


FIELDS = (
    Field("story", "key, url, title, first and last day, outlets, copies, and why its origin is the origin"),
    Field("labels", "what its documents are held to be: facet, value, in how many documents"),
    Field("papers", "what its documents rest on: relation, ident, link, document (if it is here)"),
    Field("notices", "retractions and corrections of these: about, status, day, text, url"),
    Field("trial_statuses", "status of the trials in their registry"),
    Field("speakers", "who is quoted: name, affiliation, independent"),
    Field("differing", "numbers that its documents give differently: subject, period, given"),
    Field("count", "how many documents tell it"),
    Field("documents", "each with its role (origin, release, copy, coverage), why, kept, added, dropped"),
)


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


async def find(edition: OpenEdition, request: Request) -> Story | Redirect:
    """The story of an address. Raises PageMissing."""
    story = await edition.first(Story, ONE, {"key": request.key})
    if story is None:
        raise PageMissing("There is no such story in this edition.")
    return to_named("/story", story.slug, story.key, request.parts["name"], request.suffix) or story


async def show_one(edition: OpenEdition, request: Request) -> Context | Redirect:
    story = await find(edition, request)
    if isinstance(story, Redirect):
        return story
    told = await find_told(edition, story, MEMBERS_SHOWN)
    return {
        "story": told.story,
        "members": told.members,
        "labels": told.labels,
        "papers": told.papers,
        "banners": told.banners,
        "trial_statuses": told.trial_statuses,
        "speakers": told.speakers,
        "differing": told.differing,
        "head": story_head(story, told.members, request.site),
    }


async def find_told(edition: OpenEdition, story: Story, most: int) -> ToldStory:
    """Everything that the edition says of a story, by at most so many of its documents."""
    members = await edition.rows(Member, MEMBERS, {"id": story.id, "most": most})
    marks = listed([member.document for member in members])
    return ToldStory(
        story=(await find_flagged(edition, [story]))[0],
        members=members,
        labels=await find_labels(edition, marks),
        papers=await find_documents(edition, await edition.rows(PaperLink, PAPERS, marks)),
        banners=await edition.rows(Banner, BANNERS, marks),
        trial_statuses=await edition.rows(TrialStatus, TRIAL_STATUSES, marks),
        speakers=await edition.rows(Speaker, SPEAKERS, marks),
        differing=find_differing(await edition.rows(Figure, FIGURES, marks), members),
    )


async def find_record(edition: OpenEdition, request: Request) -> Mapping[str, object] | Redirect:
    """The story as JSON."""
    story = await find(edition, request)
    if isinstance(story, Redirect):
        return story
    told, site = await find_told(edition, story, EVERY), request.site
    return {
        "story": {
            "key": story.key, "url": f"{site}{story_url(story)}", "title": story.title, "first": story.first,
            "last": story.last, "outlets": story.outlets, "copies": story.copies, "why": story.why,
        },
        "labels": [{"facet": one.facet, "value": one.value, "documents": one.n} for _, one in told.labels],
        "papers": [to_link(link, site) for link in told.papers],
        "notices": pick(told.banners, "about status day text url"),
        "trial_statuses": pick(told.trial_statuses, "trial status day reason text"),
        "speakers": pick(told.speakers, "name affiliation independent"),
        "differing": [
            {
                "subject": one.subject, "period": one.period,
                "given": [
                    {"value": value, "unit": unit, "documents": [to_line(member, site) for member in sayers]}
                    for value, unit, sayers in one.given
                ],
            }
            for one in told.differing
        ],
        "count": len(told.members),
        "documents": [
            {**to_line(one, site), "role": one.role, "why": one.why, "kept": one.kept, "added": one.added,
             "dropped": one.dropped}
            for one in told.members
        ],
    }  # fmt: skip


async def find_cited(edition: OpenEdition, request: Request) -> FoundList | Redirect:
    """The documents of the story, to cite them."""
    story = await find(edition, request)
    if isinstance(story, Redirect):
        return story
    ids = await edition.numbers(NUMBERS, {"id": story.id})
    return Listing(name=f"{story.slug}-{story.key}", ids=ids)


def story_head(story: Story, members: Sequence[Member], site: str) -> Head:
    """What the page says of itself to programs: a list of its documents."""
    many = f"{story.documents} documents of {story.outlets} sources tell it" if story.documents > 1 else "Told once"
    places = [(f"{site}{document_url(member)}", member.title) for member in members]
    return Head(
        description=f"{story.title}. {many}, {day(story.first)} to {day(story.last)}.",
        data=list_data(f"{site}{story_url(story)}", story.title, places),
    )


async def find_labels(edition: OpenEdition, marks: Params) -> list[tuple[Facet, LabelCount]]:
    """What the documents of a story are held to be, the commonest first, each with its facet."""
    shown = {facet.name: facet for facet in facets().shown_in("story", "label")}
    counts = await edition.rows(LabelCount, LABELS, {**marks, "facets": json.dumps(list(shown))})
    return [(shown[count.facet], count) for count in counts if count.value != shown[count.facet].absent]


async def find_flagged(edition: OpenEdition, stories: Sequence[S]) -> list[S]:
    """The stories with their flags."""
    marks = {**listed([story.id for story in stories]), "facets": flag_facets()}
    flags = to_flags(await edition.rows(FlagRow, FLAGS, marks))
    return [replace(story, flags=flags.get(story.id, ())) for story in stories]


def samples(edition: sqlite3.Connection) -> Iterator[Sample]:
    for (name,) in edition.execute(SAMPLES):
        yield Sample(f"/story/{quote(name)}")
    yield Sample("/story/none-000000000000", 404)


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
    Page(
        route="/story/(?P<name>[^/]+)",
        template="story.html",
        within="/stories",
        show=show_one,
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
