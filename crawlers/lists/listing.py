"""Listings: pages that list other pages (boards, archives, press pages), read by the CSS selectors of their source.

Every element that `item` selects is a row. Inside it, `link` leads to the page, `title` (else the link's text) is its
title, `date` its date. A selector may end in `::attr(x)` or `::text`. A row without a link is ignored (boards have
headings and advertisements). A listing in which no row has a link is an error, because the site has changed.

The row's own id is its address without what changes from visit to visit: session ids, the board's page number and
search words, trackers. A name of the query goes only if no two rows with different titles become one without it, so
that `?sid=101` stays where it names the story. Rows that a board repeats at the top (notices) are taken once. Links
are read from the page's `<base href>` on, if it has one.
"""

from __future__ import annotations

import re
from dataclasses import replace

from cssselect import SelectorError
from parsel import Selector

from core.config import ListingRule
from core.errors import StemwireError
from core.text import one_line
from crawlers.addresses import Pair, fold_rows, join_address
from crawlers.encoding import decode
from crawlers.lists.feeds.dates import parse_date
from crawlers.lists.model import ListEntry, ListResult

MAX_HTML = 2 * 2**20  # bytes; larger than any list of links, and a limit for a parser's worst cases
BOARD = re.compile(r"^(?:sca|sfl|stx|sop|sst|sod)$", re.I)  # search words of boards
PAGE_NUMBER = re.compile(r"^(?:page|spage|pageindex)$", re.I)  # only with a number; ?page=news names a page
DATE_IN_TEXT = re.compile(
    r"\d{4}\s?[-./년]\s?\d{1,2}\s?[-./월]\s?\d{1,2}|\b\d{2}[-./]\d{2}[-./]\d{2}\b"
    r"|\b[A-Z][a-z]{2,8}\.?\s+\d{1,2},?\s+\d{4}\b|\b\d{1,2}\s+[A-Z][a-z]{2,8}\.?\s+\d{4}\b"
)


class ListingError(StemwireError):
    """This page is not the listing that the source's selectors were written for."""


def parse_listing(body: bytes, *, rule: ListingRule, url: str, content_type: str | None, fetched: str) -> ListResult:
    """Raises ListingError (and DecodeError)."""
    if len(body) > MAX_HTML:
        raise ListingError(f"{len(body)} bytes, too large for a listing", where=url)
    page = Selector(text=decode(body, content_type, html=True).text or "<html/>", type="html")
    base = join_address(url, page.css("base[href]::attr(href)").get() or "") or url
    try:
        rows = page.css(rule.item)
        found = [(row, _select_first(row, rule.link, "href")) for row in rows]
        entries = [entry for row, href in found if (entry := _read_row(row, href, rule, base, fetched))]
        next_href = _select_first(page, rule.next, "href") if rule.next else None
        following = join_address(base, next_href) if next_href else None
    except (SelectorError, ValueError) as error:
        raise ListingError("a selector cannot be used", where=url, hint="see [[listing]] in the source file") from error
    if not entries:
        what = f"{len(rows)} rows but no link in them" if rows else f"nothing matches item = {rule.item!r}"
        raise ListingError(what, where=url, hint="the site may have changed; see [[listing]] in the source file")
    names = fold_rows([entry.native for entry in entries], [entry.title for entry in entries], _is_place)
    once: dict[str, ListEntry] = {}
    for name, entry in zip(names, entries, strict=True):
        once.setdefault(name, replace(entry, native=name, url=name))
    follow = (following,) if following and following != url else ()
    return ListResult(entries=tuple(once.values()), follow=follow)


def _is_place(pair: Pair) -> bool:
    """Whether a part of a query says where in the board the reader was."""
    return BOARD.match(pair.name) is not None or (PAGE_NUMBER.match(pair.name) is not None and pair.value.isdigit())


def _read_row(row: Selector, href: str | None, rule: ListingRule, base: str, fetched: str) -> ListEntry | None:
    address = join_address(base, href) if href else None
    if address is None:
        return None
    title = _select_first(row, rule.title, None) if rule.title else None
    raw = _select_first(row, rule.date, "datetime") if rule.date else None
    return ListEntry(
        native=address,
        url=address,
        title=one_line(title or _select_first(row, rule.link, None) or ""),
        published=_read_date(raw, fetched),
        published_raw=raw,
    )


def _read_date(raw: str | None, fetched: str) -> str | None:
    """A board writes `24-04-16`, `2024.04.16`, `작성일 2024-04-16 11:15`, and `11:15` for today (not read: no zone)."""
    found = DATE_IN_TEXT.search(raw or "")
    if found is None:
        return parse_date(raw, fetched)
    text = found[0]
    return parse_date(f"20{text}" if re.fullmatch(r"\d{2}[-./]\d{2}[-./]\d{2}", text) else text, fetched)


def _select_first(node: Selector, css: str, attribute: str | None) -> str | None:
    """The value of the first element that matches: the named attribute, else its text. `::…` at the end decides."""
    if "::" in css:
        value = node.css(css).get()
        return value.strip() if value else None
    hits = node.css(css) or [node for tag in (node.root.tag,) if tag == css]  # the row itself may be the link
    if not hits:
        return None
    if attribute and (value := hits[0].attrib.get(attribute)):
        return str(value).strip()
    return one_line(" ".join(hits[0].xpath(".//text()").getall())) or None
