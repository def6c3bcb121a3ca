"""What came in: the archive of nights, and the page of one night with its documents, each story once.

A night has what Today had of it (`mornings.py`), below that everything that came in then, whenever it was published, by
kind; documents of one story are one line under the kind of the first of them (the origin, if it came that night).
Long lists are cut; the search `night:2026-11-29` has all of it.
"""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, astuple, dataclass, replace

from publish.pages.arrivals import KNOWN, OF_NIGHT
from publish.pages.feed_entries import PAGE, Entry, Feed, make_feed, with_entries
from publish.pages.feeds import feeds_of
from publish.pages.flags import Flag, FlagRow, flag_facets, to_flags
from publish.pages.formats import Table, csv_of, json_of, listed_rows
from publish.pages.formats_documents import Listing, documents_of
from publish.pages.mornings import find_morning
from publish.pages.page import Context, Field, Link, Page, PageMissing, Request, Sample
from publish.pages.rows import DocumentLine, OpenEdition, listed
from publish.pages.template_filters import day, plural

NIGHTS_SHOWN = 60  # on a page of the archive
OF_KIND = 200  # lines of one kind
OTHERS_SHOWN = 8  # other documents of a story

ORDER = {kind: place for place, kind in enumerate(("news", "release", "paper", "preprint", "trial", "explainer"))}

NIGHT = "SELECT * FROM night WHERE day = :day"
NIGHTS = "SELECT * FROM night ORDER BY day DESC LIMIT :most OFFSET :skip"
NIGHT_COUNT = "SELECT count(*) FROM night"
NIGHT_BEFORE = "SELECT max(day) AS day FROM night WHERE day < :day"
NIGHT_AFTER = "SELECT min(day) AS day FROM night WHERE day > :day"
CAME = f"""
SELECT d.id, d.kind, m.story, coalesce(m.role, '') AS role FROM document d LEFT JOIN member m ON m.document = d.id
WHERE d.night = :day GROUP BY d.id ORDER BY d.arrived DESC LIMIT {KNOWN}"""
LINES = """
SELECT d.*, s.name AS source_name FROM document d JOIN source s ON s.id = d.source
WHERE d.id IN (SELECT value FROM json_each(:ids))"""
FLAGS = """
SELECT document AS owner, 'status' AS facet, status AS value, 1 AS n, '' AS rule FROM banner
WHERE document IN (SELECT value FROM json_each(:ids))
UNION SELECT document, facet, value, 1, rule FROM label
WHERE document IN (SELECT value FROM json_each(:ids)) AND facet IN (SELECT value FROM json_each(:facets))"""
FIELDS = (
    Field("day", "day on which the run of the night began"),
    Field("ended", "when the last of it came in or became known, UTC"),
    Field("documents", "that came in"),
    Field("sources", "that they came from"),
    Field("stories", "that they tell"),
    Field("late", "documents that had been published more than seven days before"),
    Field("works", "that were found to be retracted, corrected or in doubt"),
    Field("trials", "known before, whose status changed"),
)
SAMPLES = "SELECT day FROM night ORDER BY day DESC LIMIT 3"


@dataclass(frozen=True, slots=True, kw_only=True)
class Came:
    """A document that came in, and its place in its story."""

    id: int
    kind: str
    story: int | None
    role: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NightDocument(DocumentLine):
    """A document as a line of a night shows it."""

    basis: str
    published: str | None
    flags: tuple[Flag, ...] = ()

    @property
    def dated(self) -> bool:
        return bool(self.published)


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    day: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NightRow:
    """What came in in one night."""

    day: str
    ended: str
    documents: int
    sources: int
    stories: int
    late: int
    works: int
    trials: int

    def __str__(self) -> str:
        """`48 documents of 12 sources, 9 stories, 3 late finds, 1 work retracted, corrected or in doubt`."""
        parts = [
            f"{plural(self.documents, 'document')} of {plural(self.sources, 'source')}",
            plural(self.stories, "story", "stories") if self.stories else "",
            f"{self.late:,} published more than a week before" if self.late else "",
            f"{plural(self.works, 'work')} found retracted, corrected or in doubt" if self.works else "",
            f"{plural(self.trials, 'trial')} with a new status" if self.trials else "",
        ]
        return ", ".join(part for part in parts if part)


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A line of a night: the leading document of a story, and the others of it that came in."""

    lead: int
    others: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """The same with what is shown."""

    doc: NightDocument
    others: tuple[NightDocument, ...]
    more: int  # others that are not listed


@dataclass(frozen=True, slots=True, kw_only=True)
class KindList:
    """What came in of one kind: documents in all, lines in all, and those that are shown."""

    kind: str
    documents: int
    lines: int
    shown: tuple[Line, ...]


def fold(came: Iterable[Came]) -> dict[str, list[Told]]:
    """Kind -> its lines: each story once, under the kind of its origin or of the first of it that came in."""
    groups: dict[object, list[Came]] = defaultdict(list)
    for one in came:
        groups[("alone", one.id) if one.story is None else one.story].append(one)
    lines: dict[str, list[Told]] = defaultdict(list)
    for group in groups.values():
        first = next((one for one in group if one.role == "origin"), group[-1])
        others = tuple(one.id for one in reversed(group) if one.id != first.id)
        lines[first.kind].append(Told(lead=first.id, others=others))
    return {kind: lines[kind] for kind in sorted(lines, key=lambda kind: ORDER.get(kind, len(ORDER)))}


async def show_list(edition: OpenEdition, request: Request) -> Context:
    limits = {"most": NIGHTS_SHOWN + 1, "skip": request.skipped(NIGHTS_SHOWN)}
    found = await edition.rows(NightRow, NIGHTS, limits)
    return {
        "found": found[:NIGHTS_SHOWN],
        "page": request.number,
        "more": len(found) > NIGHTS_SHOWN and not request.last,
    }


async def show_one(edition: OpenEdition, request: Request) -> Context:
    night = await edition.first(NightRow, NIGHT, request.parts)
    if night is None:
        raise PageMissing("In that night nothing came in.")
    when = {"day": night.day}
    came = await edition.rows(Came, CAME, when)
    return {
        "night": night,
        "kinds": await find_lines(edition, came),
        "m": await find_morning(edition, night.day, one_night=True),
        "before": await edition.first(Day, NIGHT_BEFORE, when),
        "after": await edition.first(Day, NIGHT_AFTER, when),
    }


async def find_lines(edition: OpenEdition, came: Sequence[Came]) -> list[KindList]:
    """What came in by kind, with what is shown of it."""
    folded = fold(came)
    shown = {kind: lines[:OF_KIND] for kind, lines in folded.items()}
    ids = [one for lines in shown.values() for told in lines for one in (told.lead, *told.others[:OTHERS_SHOWN])]
    flags = to_flags(await edition.rows(FlagRow, FLAGS, {**listed(ids), "facets": flag_facets()}))
    rows = {
        row.id: replace(row, flags=flags.get(row.id, ()))
        for row in await edition.rows(NightDocument, LINES, listed(ids))
    }
    return [
        KindList(
            kind=kind,
            documents=sum(1 for one in came if one.kind == kind),
            lines=len(folded[kind]),
            shown=tuple(to_line(told, rows) for told in lines),
        )
        for kind, lines in shown.items()
    ]


def to_line(told: Told, rows: Mapping[int, NightDocument]) -> Line:
    others = tuple(rows[one] for one in told.others[:OTHERS_SHOWN])
    return Line(doc=rows[told.lead], others=others, more=len(told.others) - len(others))


async def find_night(edition: OpenEdition, request: Request) -> Feed:
    """The feed of one night: what came in then."""
    night = await edition.first(NightRow, NIGHT, request.parts)
    if night is None:
        raise PageMissing("In that night nothing came in.")
    ids = await edition.numbers(OF_NIGHT, {"day": night.day, "most": PAGE, "skip": request.skipped(PAGE)})
    feed = Feed(
        ident=f"night/{night.day}", title=f"Night of {day(night.day)}", address=f"/night/{night.day}", entries=(),
        updated="", number=request.number, total=night.documents, note=f"{night}.",
    )  # fmt: skip
    return await make_feed(edition, feed, ids)


async def find_nights(edition: OpenEdition, request: Request) -> Feed:
    """The feed of the nights: one entry for each."""
    nights = await edition.rows(NightRow, NIGHTS, {"most": PAGE, "skip": request.skipped(PAGE)})
    feed = Feed(
        ident="nights", title="Nights", address="/nights", entries=(), updated="", number=request.number,
        total=await edition.number(NIGHT_COUNT), note="One entry for each night: what came in.",
    )  # fmt: skip
    entries = [
        Entry(
            ident=f"night/{night.day}", title=f"{day(night.day)}: {plural(night.documents, 'document')}",
            address=f"/night/{night.day}", updated=night.ended, published=f"{night.day}T00:00:00Z",
            summary=f"{night}.",
        )
        for night in nights
    ]  # fmt: skip
    return await with_entries(edition, feed, entries)


async def find_listing(edition: OpenEdition, request: Request) -> Listing:
    """All documents of one night, to take away."""
    night = await edition.first(NightRow, NIGHT, request.parts)
    if night is None:
        raise PageMissing("In that night nothing came in.")
    ids = await edition.numbers(OF_NIGHT, {"day": night.day, "most": -1, "skip": 0})
    return Listing(name=f"night-{night.day}", ids=ids, facts={"night": asdict(night)})


async def find_table(edition: OpenEdition, request: Request) -> Table:
    """All nights, to take away."""
    nights = await edition.rows(NightRow, NIGHTS, {"most": -1, "skip": 0})
    rows = [astuple(night) for night in nights]
    return Table(name="nights", file="nights", fields=FIELDS, rows=listed_rows(rows), count=len(rows))


def samples(edition: sqlite3.Connection) -> Iterator[Sample]:
    for (day_,) in edition.execute(SAMPLES):
        yield Sample(f"/night/{day_}")
    yield Sample("/night/1900-01-01", 404)


PAGES = (
    Page(
        route="/nights",
        template="nights.html",
        show=show_list,
        links=(Link("Nights", 120, under="Today", about="The archive: what came in, night by night."),),
        formats=(*feeds_of(find_nights), json_of(find_table, FIELDS), csv_of(find_table, FIELDS)),
        about="The archive of nights: what came in, by night.",
    ),
    Page(
        route=r"/night/(?P<day>\d{4}-\d\d-\d\d)",
        template="night.html",
        within="/nights",
        show=show_one,
        samples=samples,
        formats=(*feeds_of(find_night), *documents_of(find_listing, about="All that came in in one night.")),
        about="What came in in one night, whenever it was published.",
        example="SELECT '/night/' || day FROM night ORDER BY day DESC LIMIT 1",
    ),
)
