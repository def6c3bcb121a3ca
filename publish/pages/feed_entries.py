"""What a feed is, in whichever form: entries, and links to its other pages.

Entries come in the order of arrival and carry the date of publication. `updated` is the moment at which something of
the document last changed for a reader: its text, what became of its paper or trial, its story, a correction
(`document.changed`). The identifier of an entry never changes: it is the first name that the document had here.

A feed of more than PAGE entries has pages, by RFC 5005, section 3: `first`, `previous`, `next`, `last`. It is not an
archive (section 4), because an archived page must never change, and ours are made anew with each edition.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from publish.pages.cards import Card, find_cards
from publish.pages.page import FURTHEST, Context, Redirect, Request, Text
from publish.pages.rows import OpenEdition, listed
from publish.pages.template_filters import address, day, document_url, flag, kind

PAGE = 50  # entries
TEASER = 600  # characters
LATE = 7  # days from publication to arrival: then the text of an entry begins with the day of publication
ATOM_TYPE = "application/atom+xml; charset=utf-8"
JSON_TYPE = "application/feed+json; charset=utf-8"
TIMES = "SELECT id, changed, night FROM document WHERE id IN (SELECT value FROM json_each(:ids))"
FIRST = """
SELECT document, min("key") AS "key" FROM former_key WHERE first AND document IN (SELECT value FROM json_each(:ids))
GROUP BY 1"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Times:
    """When a document last changed, and the night in which it came in; empty in an older edition."""

    id: int
    changed: str
    night: str


@dataclass(frozen=True, slots=True, kw_only=True)
class First:
    """The name that a document had first, which feed readers know it by."""

    document: str
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One entry. `ident` is the end of its identifier, `address` its page here, times are whole stamps in UTC."""

    ident: str
    title: str
    address: str
    updated: str
    published: str = ""
    via: str = ""  # where it was published
    author: str = ""
    lang: str = ""
    categories: tuple[tuple[str, str], ...] = ()  # term, words
    summary: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """A page of a feed. `address` is the page that it is a feed of, `params` its parameters."""

    ident: str
    title: str  # what it is a feed of; empty for everything
    address: str
    entries: Sequence[Entry]
    updated: str
    params: Sequence[tuple[str, str]] = ()
    number: int = 1
    total: int = 0
    note: str = ""

    @property
    def last(self) -> int:
        """The number of the last page."""
        return min(max(1, -(-self.total // PAGE)), FURTHEST)

    def links(self, path: str) -> list[tuple[str, str]]:
        """(relation, address) of this page and the others, where `path` is that of the feed."""
        pages = {"self": self.number}
        if self.last > 1:
            pages |= {"first": 1, "last": self.last}
            pages |= {"previous": self.number - 1} if self.number > 1 else {}
            pages |= {"next": self.number + 1} if self.number < self.last else {}
        return [(name, address(path, [*self.params, ("page", n if n > 1 else "")])) for name, n in pages.items()]


FindFeed = Callable[[OpenEdition, Request], Awaitable["Feed | Redirect | Text"]]


async def find_entries(edition: OpenEdition, ids: Sequence[int]) -> list[Entry]:
    """Entries of documents, in their order."""
    found = await find_cards(edition, ids, width=TEASER)
    times = {row.id: row for row in await edition.rows(Times, TIMES, listed(ids))}
    first = {row.document: row.key for row in await edition.rows(First, FIRST, listed([card.key for card in found]))}
    return [to_entry(card, times[card.id], first.get(card.key, card.key)) for card in found]


def to_entry(card: Card, times: Times, first_key: str) -> Entry:
    """The entry of a document."""
    return Entry(
        ident=f"document/{first_key}",
        title=card.title,
        address=document_url(card),
        updated=max(card.first_seen, times.changed),
        published=f"{card.published[:10]}T00:00:00Z" if card.published else "",
        via=card.url,
        author=card.source_name,
        lang=card.lang or "",
        categories=(
            (card.kind, kind(card.kind)),
            *((one.concept, one.name) for one in card.entities),
            *((f"{one.filter}:{one.value}", flag(one)) for one in card.flags),
        ),
        summary=summary(card, times.night),
    )


def summary(card: Card, night: str) -> str:
    """Its flags, the day of publication of a late find, and its teaser."""
    notes = [f"{flag(one)}, checked by a person, {one.checked}" if one.checked else flag(one) for one in card.flags]
    if card.published and is_late(card.published[:10], night):
        notes.append(f"published {day(card.published[:10])}")
    teaser = "".join(text for text, _ in card.teaser or ())
    if teaser and card.quoted:
        teaser = f"“{teaser}”"
    return "".join(f"[{note}] " for note in notes) + teaser


def is_late(published: str, night: str) -> bool:
    """Whether a document came in long after it was published."""
    try:
        return (date.fromisoformat(night) - date.fromisoformat(published)).days > LATE
    except ValueError:  # an older edition has no nights
        return False


async def make_feed(edition: OpenEdition, feed: Feed, ids: Sequence[int]) -> Feed:
    """A page of a feed with the entries of these documents. An empty one changed with the edition."""
    entries = await find_entries(edition, ids)
    return await with_entries(edition, feed, entries)


async def with_entries(edition: OpenEdition, feed: Feed, entries: Sequence[Entry]) -> Feed:
    meta = await edition.meta()
    updated = max((one.updated for one in entries), default=meta.get("built", ""))
    return replace(feed, entries=entries, updated=updated)


def feed_context(feed: Feed, suffix: str) -> Context:
    """What the templates feed.xml and feed.json need; `suffix` is that of the form."""
    return {"feed": feed, "links": feed.links(f"{feed.address}{suffix}"), "page_of": address(feed.address, feed.params)}
