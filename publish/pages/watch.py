"""Watch: the lists that an editor looks at in the morning, and one page a list, with feed and CSV.

The lists are declared in `publish/edition/watch` (`watch_lists.py`), which also fills the table `watch`; the pages only
read it, a page of rows at a time. A feed has an entry for each document of a page of rows, with what is notable of it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from publish.edition.watch_lists import WatchList, watch_lists
from publish.pages.feed_entries import PAGE, Entry, Feed, find_entries, with_entries
from publish.pages.feeds import feeds_of
from publish.pages.formats import PART, Row, Table, csv_of, json_of
from publish.pages.page import Context, Field, Link, Page, PageMissing, Request, Sample
from publish.pages.precision import load_precision
from publish.pages.rows import Count, DocumentLine, OpenEdition, listed
from publish.pages.template_filters import document_url, ours
from publish.pages.warnings import WarningLine, find_warnings

FIRST_PLACE = 310  # of the lists in the navigation
SHOWN = 3  # rows of each list on the page of all lists
ROWS = """
SELECT w.place, w.document, w.other, w.night, w.told, w.sentence, w.why, w.page, d.* FROM watch w
JOIN card d ON d.id = w.document WHERE w.list = :list AND w.place > :skip AND w.place <= :skip + :most
ORDER BY w.place"""
OTHERS = "SELECT * FROM card WHERE id IN (SELECT value FROM json_each(:ids))"
COUNTS = "SELECT value, n FROM counted WHERE what = 'watch'"
COUNT = "SELECT coalesce((SELECT n FROM counted WHERE what = 'watch' AND value = :list), 0)"
FIELDS = (
    Field("noticed", "night in which it was noticed, YYYY-MM-DD"),
    Field("title", "title of the document"),
    Field("source", "name of its source"),
    Field("kind", "news, release, explainer …"),
    Field("day", "day of the document"),
    Field("page", "its page here"),
    Field("told", "what is notable, in a few words"),
    Field("sentence", "the sentence that shows it (shortened where its text may not be shown)"),
    Field("why", "the reason"),
    Field("other_title", "title of the document that it is compared with, or rests on"),
    Field("other_page", "its page here"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchRow(DocumentLine):
    """A row of a list: a document, what is notable of it, and the document that it is compared with or rests on."""

    place: int
    document: int
    other: int | None
    night: str
    told: str
    sentence: str
    why: str
    page: str
    second: DocumentLine | None = None
    warnings: tuple[WarningLine, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """A list, how many rows it has, and the first of them."""

    list: WatchList
    n: int
    rows: Sequence[WatchRow]


async def find_rows(edition: OpenEdition, one: WatchList, *, most: int, skip: int = 0) -> list[WatchRow]:
    """Rows of a list, with both documents and, where the list is of a warning, its words."""
    rows = await edition.rows(WatchRow, ROWS, {"list": one.name, "most": most, "skip": skip})
    others = sorted({row.other for row in rows if row.other})
    lines = {line.id: line for line in await edition.rows(DocumentLine, OTHERS, listed(others))} if others else {}
    warnings = await find_warnings(edition, [row.document for row in rows]) if one.warning and rows else {}
    return [add_to_row(row, one, lines, warnings) for row in rows]


def add_to_row(
    row: WatchRow,
    one: WatchList,
    lines: Mapping[int, DocumentLine],
    warnings: Mapping[int, tuple[WarningLine, ...]],
) -> WatchRow:
    """A row with its second document and its warnings; a list of warnings tells of each in its words."""
    own = warnings.get(row.document, ())
    told = row.told or next((warning.words for warning in own if warning.kind == one.warning), "")
    return replace(row, told=told, second=lines.get(row.other or 0), warnings=own)


def get_list(request: Request) -> WatchList:
    """The list that is asked for. Raises PageMissing."""
    found = next((one for one in watch_lists() if one.name == request.parts["list"]), None)
    if found is None:
        raise PageMissing("There is no such list.")
    return found


async def show_all(edition: OpenEdition, request: Request) -> Context:
    counts = {row.value: row.n for row in await edition.rows(Count, COUNTS)}
    lists = [
        Counted(list=one, n=counts.get(one.name, 0), rows=await find_rows(edition, one, most=SHOWN))
        for one in watch_lists()
    ]
    return {"lists": lists}


async def show_one(edition: OpenEdition, request: Request) -> Context:
    one = get_list(request)
    total = await edition.number(COUNT, {"list": one.name})
    rows = await find_rows(edition, one, most=PAGE, skip=request.skipped(PAGE))
    return {
        "one": one,
        "measured": load_precision().of(one.measured) if one.measured else None,
        "rows": rows,
        "total": total,
        "page": request.number,
        "more": total > request.skipped(PAGE) + len(rows) and not request.last,
    }


async def find_feed(edition: OpenEdition, request: Request) -> Feed:
    """The feed of a list."""
    one = get_list(request)
    rows = await find_rows(edition, one, most=PAGE, skip=request.skipped(PAGE))
    entries = await find_entries(edition, list(dict.fromkeys(row.document for row in rows)))
    feed = Feed(
        ident=f"watch/{one.name}", title=one.title, address=one.address, entries=(), updated="",
        number=request.number, total=await edition.number(COUNT, {"list": one.name}), note=one.about,
    )  # fmt: skip
    told: dict[str, list[WatchRow]] = {}
    for row in rows:
        told.setdefault(document_url(row), []).append(row)
    return await with_entries(edition, feed, [to_entry(one, entry, told[entry.address]) for entry in entries])


def to_entry(one: WatchList, entry: Entry, rows: Sequence[WatchRow]) -> Entry:
    """The entry of a document in the feed of a list: what is notable of it, and since when."""
    summary = " ".join(f"[{row.told}] {ours(row.why)}" if row.told else ours(row.why) for row in rows)
    noticed = max(f"{row.night}T00:00:00Z" for row in rows)
    return replace(entry, ident=f"watch/{one.name}/{entry.ident}", summary=summary, updated=max(entry.updated, noticed))


async def find_table(edition: OpenEdition, request: Request) -> Table:
    """A list to take away."""
    one = get_list(request)
    return Table(
        name="rows", file=one.name, fields=FIELDS, rows=read_rows(edition, one, request.site),
        count=await edition.number(COUNT, {"list": one.name}), facts={"list": one.title, "about": one.about},
    )  # fmt: skip


async def read_rows(edition: OpenEdition, one: WatchList, site: str) -> AsyncIterator[Row]:
    """Every row of a list, PART at a time."""
    skip = 0
    while rows := await find_rows(edition, one, most=PART, skip=skip):
        for row in rows:
            yield (
                row.night, row.title, row.source_name, row.kind, row.day, f"{site}{document_url(row)}", row.told,
                row.sentence, row.why, row.second.title if row.second else None,
                f"{site}{document_url(row.second)}" if row.second else None,
            )  # fmt: skip
        skip += PART


def links() -> Iterator[Link]:
    """The place in the head of each page, and an entry for each list."""
    yield Link("Watch", 30)
    for place, one in enumerate(watch_lists(), FIRST_PLACE):
        yield Link(one.short or one.title, place, address=one.address, under="Watch", about=one.about)


def samples(edition: sqlite3.Connection) -> Iterator[Sample]:
    for one in watch_lists():
        yield Sample(one.address)
    yield Sample("/watch/nothing", 404)


PAGES = (
    Page(route="/watch", template="watch.html", show=show_all, links=links, schema="CollectionPage"),
    Page(
        route="/watch/(?P<list>[a-z-]+)",
        template="watch_list.html",
        show=show_one,
        samples=samples,
        formats=(
            *feeds_of(find_feed),
            json_of(find_table, FIELDS, "All rows of a list."),
            csv_of(find_table, FIELDS, "All rows of a list."),
        ),
        about="A list to watch: status changes, headlines that leave out animals, numbers that disagree and others.",
        example="SELECT '/watch/' || list FROM watch LIMIT 1",
        schema="CollectionPage",
    ),
)
