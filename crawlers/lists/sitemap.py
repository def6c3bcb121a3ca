"""Sitemaps: bytes to the addresses of pages, sometimes with dates.

Formats: a `urlset` (with Google's news titles and dates), a `sitemapindex` (its newest parts are followed), plain text
with one address per line. An address is taken if the rule's `include` is found in it. `lastmod` says when a page
changed, not when it was published, so it goes to `updated`.
"""

from __future__ import annotations

import re
from urllib.parse import urljoin, urlsplit

from lxml import etree

from core.config import SitemapRule
from core.errors import StemwireError
from core.text import one_line
from crawlers.lists.feeds.dates import parse_date
from crawlers.lists.model import ListEntry, ListResult

PARTS = 20  # sitemaps of an index that are followed, newest first
NEWS = "{http://www.google.com/schemas/sitemap-news/0.9}"


class SitemapError(StemwireError):
    """This body is not a sitemap."""


def parse_sitemap(body: bytes, *, rule: SitemapRule, url: str, fetched: str) -> ListResult:
    """Raises SitemapError."""
    if body.lstrip()[:1] != b"<":
        return _read_lines(body, rule, url)
    parser = etree.XMLParser(recover=True, resolve_entities=False, no_network=True, huge_tree=False)
    try:
        root = etree.fromstring(body, parser)
    except etree.XMLSyntaxError as error:
        raise SitemapError("not XML", where=url) from error
    if root is None:
        raise SitemapError("not XML", where=url)
    name = etree.QName(root).localname.lower()
    if name == "sitemapindex":
        parts = [
            (_get_text(node, "lastmod"), _join_address(_get_text(node, "loc"), url)) for node in root.iter("{*}sitemap")
        ]
        newest = sorted((part for part in parts if part[1]), key=lambda part: part[0], reverse=True)
        left_out = f"{len(newest) - PARTS} older parts are not followed" if len(newest) > PARTS else ""
        return ListResult(
            entries=(),
            follow=tuple(address for _, address in newest[:PARTS] if address),
            problems=(left_out,) if left_out else (),
        )
    if name != "urlset":
        raise SitemapError(f"a <{name}>, not a sitemap", where=url, hint="look at the address in a browser")
    entries = []
    for node in root.iter("{*}url"):
        address = _join_address(_get_text(node, "loc"), url)
        if address is None or not re.search(rule.include, address):
            continue
        raw = node.findtext(f".//{NEWS}publication_date") or None
        entries.append(
            ListEntry(
                native=address,
                url=address,
                title=one_line(node.findtext(f".//{NEWS}title") or ""),
                published=parse_date(raw, fetched),
                published_raw=raw,
                updated=parse_date(_get_text(node, "lastmod"), fetched),
            )
        )
    return ListResult(entries=_drop_repeats(entries))


def _read_lines(body: bytes, rule: SitemapRule, url: str) -> ListResult:
    lines = [line.strip() for line in body.decode("utf-8", "replace").splitlines() if line.strip()]
    addresses = [address for line in lines if (address := _join_address(line, url)) and re.match("https?:", line)]
    if not addresses:
        raise SitemapError("not a sitemap", where=url, hint="look at the address in a browser")
    return ListResult(
        entries=_drop_repeats([ListEntry(native=a, url=a, title="") for a in addresses if re.search(rule.include, a)])
    )


def _drop_repeats(entries: list[ListEntry]) -> tuple[ListEntry, ...]:
    return tuple({entry.native: entry for entry in entries}.values())


def _get_text(node: etree._Element, name: str) -> str:
    return (node.findtext(f"{{*}}{name}") or "").strip()


def _join_address(raw: str, base: str) -> str | None:
    try:
        address = urljoin(base, raw)
        return address if raw and urlsplit(address).scheme in ("http", "https") else None
    except ValueError:
        return None
