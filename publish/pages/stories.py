"""Stories: the list of stories with several documents, and the page of one story with its documents and roles.

What a story rests on is what its documents rest on: their labels, papers, notices and speakers, counted together.
"""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar
from urllib.parse import quote

from core.facets import Facet, facets
from publish.pages.flags import Flag, FlagRow, flag_facets, to_flags
from publish.pages.page import Context, Link, Page, PageMissing, Redirect, Request, Sample, to_named
from publish.pages.paper_links import PaperLink, find_documents
from publish.pages.rows import DocumentLine, OpenEdition, Params, listed

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
TOTALS = """
SELECT count(*) AS stories, coalesce(sum(documents), 0) AS articles, coalesce(sum(documents > 1), 0) AS told
FROM story"""
ONE = 'SELECT * FROM story WHERE "key" = :key'
MEMBERS = """
SELECT m.*, d.* FROM member m JOIN card d ON d.id = m.document
WHERE m.story = :id ORDER BY m.role <> 'origin', m.role <> 'release', d.day, d.id LIMIT 300"""
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
class Member(DocumentLine):
    """A document of a story, and how it tells it."""

    document: int
    role: str
    kept: float | None
    added: str
    dropped: str
    why: str


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
class Figure:
    """A number of a thing in a period, as one document gives it."""

    document: int
    subject: str
    unit: str
    period: str
    place: str | None
    series: str | None
    value: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Differing:
    """A number that documents give differently; `given` is a list of value, unit, and the documents that say so."""

    subject: str
    period: str
    given: tuple[tuple[float, str, tuple[Member, ...]], ...]


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


async def show_one(edition: OpenEdition, request: Request) -> Context | Redirect:
    story = await edition.first(Story, ONE, {"key": request.key})
    if story is None:
        raise PageMissing("There is no such story in this edition.")
    if moved := to_named("/story", story.slug, story.key, request.parts["name"]):
        return moved
    members = await edition.rows(Member, MEMBERS, {"id": story.id})
    marks = listed([member.document for member in members])
    return {
        "story": (await find_flagged(edition, [story]))[0],
        "members": members,
        "labels": await find_labels(edition, marks),
        "papers": await find_documents(edition, await edition.rows(PaperLink, PAPERS, marks)),
        "banners": await edition.rows(Banner, BANNERS, marks),
        "trial_statuses": await edition.rows(TrialStatus, TRIAL_STATUSES, marks),
        "speakers": await edition.rows(Speaker, SPEAKERS, marks),
        "differing": find_differing(await edition.rows(Figure, FIGURES, marks), members),
    }


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


def find_differing(figures: Iterable[Figure], members: Iterable[Member]) -> list[Differing]:
    """Numbers of one thing in one period that documents of a story give differently, at most twenty.

    A document that gives two numbers for it is left out: it speaks of two things.
    """
    things: dict[object, list[Figure]] = defaultdict(list)
    for figure in figures:
        thing = figure.series or (figure.subject.casefold(), figure.unit, figure.place)
        things[thing, figure.period].append(figure)
    documents = {member.document: member for member in members}
    found = []
    for some in things.values():
        given = _by_value(some)
        if len(given) > 1:
            most = sorted(given.items(), key=lambda item: (-len(item[1][1]), item[0]))
            found.append(
                Differing(
                    subject=some[0].subject,
                    period=some[0].period,
                    given=tuple(
                        (value, unit, tuple(documents[one] for one in sayers)) for value, (unit, sayers) in most
                    ),
                )
            )
    return found[:20]


def _by_value(figures: Iterable[Figure]) -> dict[float, tuple[str, list[int]]]:
    """value -> its unit and the documents that give this value and no other."""
    units: dict[int, dict[float, str]] = defaultdict(dict)
    for figure in figures:
        units[figure.document][figure.value] = figure.unit
    given: dict[float, tuple[str, list[int]]] = {}
    for document, values in units.items():
        if len(values) == 1:
            [(value, unit)] = values.items()
            given.setdefault(value, (unit, []))[1].append(document)
    return given


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
        links=(Link("Stories", place=20),),
    ),
    Page(route="/story/(?P<name>[^/]+)", template="story.html", show=show_one, samples=samples),
)
