"""Feeds, in Atom and as JSON Feed 1.1: of everything, a search, a story, a thing (of nights: `nights.py`).

A feed has the address of its page, with `.atom` or `.jsonfeed`: `/search.atom?q=nerve`, `/story/….jsonfeed`.
A page offers it by `formats=(…, *feeds_of(find_story))`. Every feed is in the order of arrival (`arrivals.py`) and has
pages (`feed_entries.py`). That of a search is read as its page is, without the hits that match only some of it.

/feeds says in plain words what can be followed, /feeds.opml lists it for a feed reader to import.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from email.utils import format_datetime

from core import clock
from core.facets import facets
from core.text import fingerprint
from publish.edition.watch_lists import watch_lists
from publish.pages.arrivals import KNOWN, OF_STORY, OF_THING, find_arrivals
from publish.pages.feed_entries import (
    ATOM_TYPE,
    JSON_TYPE,
    PAGE,
    Feed,
    FindFeed,
    feed_context,
    make_feed,
)
from publish.pages.page import Context, Format, Link, Page, PageMissing, Redirect, Request, Sample, Text, to_named
from publish.pages.rows import OpenEdition, ReadyQuery
from publish.pages.template_filters import address, entity_url, story_url
from publish.search.query import Filter, Query, describe, to_params, to_text
from publish.search.reading import Reading

OPML_TYPE = "text/x-opml; charset=utf-8"
OF_TYPE = 8  # things of each type that /feeds lists

STORY = 'SELECT id, "key", slug, title, documents FROM story WHERE "key" = :key'
THING = "SELECT id, type, concept, name, documents FROM entity WHERE concept = :concept AND type = :type"
SOURCES = "SELECT id, name FROM source WHERE documents > 0 ORDER BY name COLLATE NOCASE"
THINGS = """
SELECT id, type, concept, name, documents FROM entity WHERE type = :type AND documents > 0
ORDER BY documents DESC, id LIMIT :most"""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryRow:
    id: int
    key: str
    slug: str
    title: str
    documents: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ThingRow:
    id: int
    type: str
    concept: str
    name: str
    documents: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceRow:
    id: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Followed:
    """Something that can be followed: its name, and the address of its page."""

    name: str
    path: str
    params: Sequence[tuple[str, str]] = ()
    about: str = ""

    def feed(self, suffix: str) -> str:
        """The address of its feed."""
        return address(f"{self.path}.{suffix}", self.params)

    @property
    def page(self) -> str:
        return address(self.path, self.params)


def feeds_of(find: FindFeed) -> tuple[Format, ...]:
    """The two forms of a feed."""
    return (
        _form(find, "atom", "Atom feed", ATOM_TYPE, "feed.xml"),
        _form(find, "jsonfeed", "JSON feed", JSON_TYPE, "feed.json"),
    )


def _form(find: FindFeed, suffix: str, title: str, content_type: str, template: str) -> Format:
    async def show(edition: OpenEdition, request: Request) -> Context | Redirect | Text:
        found = await find(edition, request)
        return feed_context(found, f".{suffix}") if isinstance(found, Feed) else found

    return Format(suffix=suffix, title=title, content_type=content_type, show=show, template=template, about=ABOUT)


ABOUT = f"What came in, the latest arrival first, {PAGE} entries to a page (RFC 5005)."


async def search_feed(
    edition: OpenEdition, reading: Reading, names: Mapping[tuple[str, str], str], request: Request
) -> Feed:
    """The feed of a search: the first group of its page; names of what it asks for."""
    asked, meant = reading.asked, reading.query
    found = await find_arrivals(edition, reading if reading.landing else meant, most=PAGE, skip=request.skipped(PAGE))
    feed = Feed(
        ident=f"search/{fingerprint(to_text(asked))}", title="" if asked.empty else describe(asked, names),
        address="/search", entries=(), updated="", params=to_params(asked), number=request.number, total=found.total,
        note=f"The latest {KNOWN:,} documents of this search." if found.total >= KNOWN and not asked.empty else "",
    )  # fmt: skip
    return await make_feed(edition, feed, found.ids)


async def find_story(edition: OpenEdition, request: Request) -> Feed | Redirect:
    """The feed of a story."""
    story = await edition.first(StoryRow, STORY, {"key": request.key})
    if story is None:
        raise PageMissing("There is no such story in this edition.")
    if moved := to_named("/story", story.slug, story.key, request.parts["name"], request.suffix):
        return moved
    ids = await edition.numbers(OF_STORY, {"id": story.id, "most": PAGE, "skip": request.skipped(PAGE)})
    feed = Feed(
        ident=f"story/{story.key}", title=story.title, address=story_url(story), entries=(), updated="",
        number=request.number, total=story.documents,
    )  # fmt: skip
    return await make_feed(edition, feed, ids)


async def find_thing(edition: OpenEdition, request: Request) -> Feed:
    """The feed of a disease, cell type, institution …"""
    thing = await edition.first(ThingRow, THING, request.parts)
    if thing is None:
        raise PageMissing("Nothing of that name is in this edition.")
    facet = facets().find("type", thing.type)
    if thing.documents > KNOWN and facet and facet.filter:  # the index has the latest of it at hand
        one = Query(filters=(Filter(name=facet.filter, value=thing.concept),))
        ids = (await find_arrivals(edition, one, most=PAGE, skip=request.skipped(PAGE))).ids
    else:
        ids = await edition.numbers(OF_THING, {"id": thing.id, "most": PAGE, "skip": request.skipped(PAGE)})
    feed = Feed(
        ident=f"thing/{thing.concept}", title=thing.name, address=entity_url(thing), entries=(), updated="",
        number=request.number, total=min(thing.documents, KNOWN),
    )  # fmt: skip
    return await make_feed(edition, feed, ids)


async def find_followed(edition: OpenEdition) -> list[tuple[str, list[Followed]]]:
    """(heading, what can be followed) in the order of /feeds."""
    questions: list[ReadyQuery] = [one for one in await edition.ready_queries() if one.feed]
    standing = facets().by_name["status", "status"]
    groups = [
        (
            "What comes in",
            [
                Followed(name="Everything", path="/search"),
                Followed(name="Nights", path="/nights", about="one entry each morning"),
            ],
        ),
        (
            "What changes",
            [
                Followed(name=words[:1].upper() + words[1:], path="/search", params=(("status", value),))
                for value, words in standing.flags.items()
            ],
        ),
        ("Lists to watch", [Followed(name=one.title, path=one.address, about=one.about) for one in watch_lists()]),
        (
            "Ready-made questions",
            [Followed(name=one.title, path=f"/stemwire/{one.name}", about=one.about) for one in questions],
        ),
    ]
    for facet in facets().shown_in("card", "type"):
        things = await edition.rows(ThingRow, THINGS, {"type": facet.name, "most": OF_TYPE})
        groups.append((facet.plural, [Followed(name=one.name, path=entity_url(one)) for one in things]))
    sources = await edition.rows(SourceRow, SOURCES)
    groups.append(
        ("Sources", [Followed(name=one.name, path="/search", params=(("source", one.id),)) for one in sources])
    )
    return [(title, some) for title, some in groups if some]


async def show_list(edition: OpenEdition, request: Request) -> Context:
    return {"groups": await find_followed(edition), "page": PAGE}


async def show_opml(edition: OpenEdition, request: Request) -> Context:
    """The list for a feed reader. OPML wants its date as mail writes it."""
    built = clock.parse((await edition.meta())["built"])
    return {"groups": await find_followed(edition), "built": format_datetime(built, usegmt=True)}


async def show_atom(edition: OpenEdition, request: Request) -> Redirect:
    """`/feed`, which people guess."""
    return Redirect("/search.atom", status=302)


async def show_json(edition: OpenEdition, request: Request) -> Redirect:
    """`/feed.json`, which people guess."""
    return Redirect("/search.jsonfeed", status=302)


PAGES = (
    Page(
        route="/feeds",
        template="feeds.html",
        show=show_list,
        links=(Link("Follow", 460, under="Data", about="Feeds of searches, stories, things and nights, and letters."),),
    ),
    Page(route=r"/feeds\.opml", template="feeds.opml", show=show_opml, content_type=OPML_TYPE),
    Page(route="/feed", show=show_atom, samples=(Sample("/feed", 302), Sample("/search.atom?q=contry:KR", 400))),
    Page(route=r"/feed\.json", show=show_json, samples=(Sample("/feed.json", 302),)),
)
