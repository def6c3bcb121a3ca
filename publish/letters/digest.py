"""What is new for whom: rows become a `Digest`. Pure; nothing here reads a store, a clock or the network.

What goes into a letter, in order:
1. Candidates are documents that arrived after the subscription began and that were never delivered to it. The window
   is cut by number of arrival (see `ledger.py`), so a clock that steps, a night that failed or a letter that was
   refused loses nothing and repeats nothing.
2. Of these, the ones that the search finds on the site tonight are new. A document that began to match later (its
   entities were found in a later night) is new then. A document whose text was edited is not announced again.
3. Newest publication first. The first `limit` are shown, each with the reason why it was sent; the rest is counted,
   linked to the search, and not announced again.
4. The first letter of a subscription also shows up to five of the newest documents that were on the site before, under
   a heading of their own: it shows that the search finds what was meant.
5. Where there is nothing to say there is no letter.

A daily subscription has its turn on every night that is counted. A weekly one has it when seven nights were counted or
seven days lie between (in either direction: a clock that jumped is not waited for), so it keeps its weekday and still
comes when nights were left out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from core.facets import facets
from core.text import headline, one_line
from publish.letters.ledger import Every, Night, Subscription

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
    flags: tuple[str, ...] = ()  # how its paper stands, the kind of evidence, the species: what a reader asks first


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Items of one kind, under one heading."""

    heading: str
    items: tuple[Found, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What of the found goes into the letter, and what is only counted."""

    new: tuple[Found, ...]
    counted: tuple[Found, ...]
    before: tuple[Found, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest:
    """One letter, before it has a form."""

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
    found_before: int  # how many the site held for the search when the letter was made, the new ones left out

    @property
    def subject(self) -> str:
        """Says the number and nothing that came from outside."""
        if not self.new:
            return f"{self.site}: your search is set up"
        return f"{self.site}: {self.new} new for your search"


def is_due(subscription: Subscription, night: Night) -> bool:
    """Whether a subscription has its turn tonight."""
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
    """Sort what was found into shown and counted. `items` gives the number of each document; one thing counts once."""
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
    """The letter, or None where there is nothing to say."""
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
    """Feed text as a letter may hold it: no controls, bounded, one line, links to http(s) only."""
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
