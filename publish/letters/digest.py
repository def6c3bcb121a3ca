"""Decide what is new for a subscription and make its `Digest`. Pure: reads no store, clock or network.

What goes into a letter, in order:
1. Candidates are documents that arrived after the subscription began and were never delivered to it. Arrival numbers
   decide this (see `arrivals.py`), so after a clock change, a failed night or a refused letter nothing is lost and
   nothing is repeated.
2. The candidates that the search finds on the site tonight are new. A document that matches later (its entities were
   found in a later night) is new then. A document whose text was edited is not announced again.
3. The newest publication comes first. The first `limit` documents are shown, each with the reason why it was sent. The
   others are counted, linked to the search, and not announced again.
4. The first letter of a subscription also shows up to five of the newest documents that were on the site before, under
   a heading of their own, so that the subscriber sees what the search finds.
5. If there is nothing to report, there is no letter.

A daily subscription is due every counted night. A weekly one is due when seven nights were counted, or when the day is
seven days or more away from its last one (in either direction, so a clock that jumped does not delay it). So it keeps
its weekday and still comes when nights were skipped.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from core.facets import facets
from core.text import headline, one_line
from publish.letters.arrivals import Every, Night, Subscription

BEFORE = 5
SUMMARY_WIDTH = 280
TITLE_WIDTH = 300
DAYS = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A document of the site that a search finds, and why."""

    document: str
    title: str
    page: str  # its page on the site, an absolute address
    url: str | None  # where it was published
    source: str
    kind: str
    published: str | None  # YYYY-MM-DD
    summary: str
    why: tuple[str, ...]
    flags: tuple[str, ...] = ()  # status of its paper, kind of evidence, species: what readers ask first


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Items of one kind, under one heading."""

    heading: str
    items: tuple[Found, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """Which of the documents found go into the letter, and which are only counted."""

    new: tuple[Found, ...]
    counted: tuple[Found, ...]
    before: tuple[Found, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest:
    """The content of one letter, before a channel renders it."""

    site: str
    home: str
    query: str
    every: Every
    day: str
    search: str  # address of the search on the site
    stop: str  # address that ends the subscription
    groups: tuple[Group, ...]
    new: int
    more: int
    before: tuple[Found, ...]
    found_before: int  # how many others the site had for the search when the letter was made

    @property
    def subject(self) -> str:
        """The site's name and a number: no text from outside."""
        if not self.new:
            return f"{self.site}: your search is set up"
        return f"{self.site}: {self.new} new for your search"


def is_due(subscription: Subscription, night: Night) -> bool:
    """Whether a subscription is due tonight."""
    if subscription.night is None or subscription.day is None:
        return True
    if subscription.night == night.number:
        return False
    if subscription.every == "daily":
        return True
    nights = night.number - subscription.night
    days = abs((date.fromisoformat(night.day) - date.fromisoformat(subscription.day)).days)
    return nights >= DAYS or days >= DAYS


def choose(found: Sequence[Found], items: Mapping[str, int], limit: int, *, before: Sequence[Found] = ()) -> Choice:
    """Split the documents found into shown and counted. `items`: their numbers; equal numbers count once."""
    once: dict[int, Found] = {}
    for hit in sorted(found, key=_newest_first, reverse=True):
        once.setdefault(items[hit.document], hit)
    fresh = tuple(once.values())
    older = [hit for hit in before if items.get(hit.document) not in once]
    return Choice(new=fresh[:limit], counted=fresh[limit:], before=tuple(older[:BEFORE]))


def _newest_first(hit: Found) -> tuple[str, str]:
    return (hit.published or "", hit.document)


def make_digest(
    choice: Choice,
    subscription: Subscription,
    *,
    site: str,
    home: str,
    day: str,
    search: str,
    stop: str,
    found_before: int,
) -> Digest | None:
    """The letter, or None if there is nothing to report."""
    if not choice.new and not choice.before:
        return None
    shown = [_tidied(hit) for hit in choice.new]
    kind = facets().by_name["column", "kind"]
    there = {hit.kind for hit in shown}
    groups = tuple(
        Group(
            heading=kind.plurals.get(value, value.replace("_", " ").capitalize()),
            items=tuple(hit for hit in shown if hit.kind == value),
        )
        for value in (*(value for value in kind.values if value in there), *sorted(there - kind.values.keys()))
    )
    return Digest(
        site=one_line(site),
        home=home,
        query=one_line(subscription.query),
        every=subscription.every,
        day=day,
        search=search,
        stop=stop,
        groups=groups,
        new=len(choice.new) + len(choice.counted),
        more=len(choice.counted),
        before=tuple(_tidied(hit) for hit in choice.before),
        found_before=found_before,
    )


def _tidied(hit: Found) -> Found:
    """Text from outside made safe for a letter: no control characters, one line, bounded, only http(s) links."""
    return replace(
        hit,
        title=headline(hit.title, TITLE_WIDTH) or "Untitled",
        source=one_line(hit.source),
        summary=headline(hit.summary, SUMMARY_WIDTH),
        url=hit.url if _is_web(hit.url) else None,
        why=tuple(one_line(reason) for reason in hit.why),
        flags=tuple(one_line(flag) for flag in hit.flags),
    )


def _is_web(address: str | None) -> bool:
    return address is not None and address.startswith(("http://", "https://")) and not set(address) & set(' \t\r\n"<>')
