"""A page as every reader sees it: one tree, its meta tags and its JSON-LD, parsed once.

This module decides nothing about content. In order: the size is checked before any parser runs (a page above the limit
for markup is tried again without its scripts and styles, which make most of such pages large); the bytes are decoded
(`crawlers.encoding`); lxml makes the tree, or, where the page begins oddly, trafilatura's loader, which repairs the
doctypes and self-closed roots that libxml2 cannot read; meta tags are collected under every name they have; JSON-LD is
read with `json`, and a script with broken JSON (raw line breaks, which are common, are allowed) is left out.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from lxml import etree
from lxml.etree import LxmlError
from lxml.html import HtmlElement, document_fromstring
from trafilatura import load_html

from core.errors import StemwireError
from crawlers.addresses import join_address
from crawlers.encoding import DecodeError, decode

MOST_BYTES = 8 * 1024 * 1024  # of a body: the limit of a download
MOST_PARSED = 2 * 1024 * 1024  # characters of markup for the parser: lxml is superlinear on hostile pages
MOST_JSON_LD = 400_000  # characters of JSON-LD in one script: more is a catalogue, not an article

_CONTROLS = bytes(byte for byte in range(32) if byte not in (9, 10, 13))  # never part of a longer UTF-8 sequence
_ODD_START = re.compile(rb"<!doctype[^>]*/[^<>]*>|<html[^>]*/>")
_PARSER = etree.HTMLParser(
    collect_ids=False, default_doctype=False, encoding="utf-8", remove_comments=True, remove_pis=True
)
# lxml.html's own parser asks Python for the class of every element; here all are HtmlElement, asked in C.
_PARSER.set_element_class_lookup(etree.ElementDefaultClassLookup(element=HtmlElement))

Node = dict[str, Any]

_ARTICLE = re.compile(r"Article|BlogPosting|NewsPosting|Report$|LiveBlog|Posting$|WebPage$|MedicalWebPage")
_STRONG = re.compile(r"Article|BlogPosting|Report$|LiveBlog|Posting$")


class PageError(StemwireError):
    """This page cannot be read; the message says why."""


class NotAPage(PageError):
    """The body is not a page at all (a feed, a file, nothing): out of scope rather than broken."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedPage:
    """One parsed page. The tree is shared by all readers, so none of them may change it (copy first)."""

    url: str
    base: str  # where relative links begin: `<base href>`, else the url
    tree: HtmlElement
    metas: dict[str, list[str]]  # lower-case name, property, itemprop or http-equiv -> contents
    json_ld: tuple[Node, ...]  # every JSON-LD node that has a type, in page order
    articles: tuple[Node, ...]  # those that describe the page's article: articles first, then web pages
    markup: str  # the decoded page, for a quick look whether something is there at all
    encoding: str

    def meta(self, *names: str) -> str | None:
        """The first non-empty content among meta tags of these names, in the order of the names."""
        for name in names:
            for content in self.metas.get(name, ()):
                if content.strip():
                    return content.strip()
        return None


def parse_page(body: bytes, *, url: str, content_type: str | None) -> ParsedPage:
    """Bytes to one tree. Raises PageError (too large, undecodable, nothing to parse)."""
    if len(body) > MOST_BYTES:
        raise PageError(f"page of {len(body)} bytes is over the limit of {MOST_BYTES}", where=url)
    try:
        decoded = decode(body, content_type, html=True)
    except DecodeError as error:
        raise PageError("page cannot be decoded", where=url) from error
    text = decoded.text
    if len(text) > MOST_PARSED:
        text = _drop_code(text)
        if len(text) > MOST_PARSED:
            raise PageError(f"{len(text)} characters of markup are over the limit of {MOST_PARSED}", where=url)
    try:
        tree = _parse(text)
    except (LxmlError, ValueError, AssertionError) as error:
        raise PageError("page cannot be parsed", where=url) from error
    if tree is None:
        raise NotAPage("holds no HTML", where=url)
    nodes = tuple(_json_ld(tree))
    return ParsedPage(
        url=url,
        base=_find_base(tree, url),
        tree=tree,
        metas=_collect_metas(tree),
        json_ld=nodes,
        articles=_find_articles(nodes),
        markup=text,
        encoding=decoded.encoding,
    )


def _find_base(tree: HtmlElement, url: str) -> str:
    """The first `<base href>` counts, as in browsers."""
    href = next((said for element in tree.iter("base") if (said := element.get("href"))), "")
    return (join_address(url, href) if href else None) or url


def _find_articles(nodes: tuple[Node, ...]) -> tuple[Node, ...]:
    typed = [(node, " ".join(get_types(node))) for node in nodes]
    strong = [node for node, types in typed if _STRONG.search(types)]
    return (*strong, *(node for node, types in typed if _ARTICLE.search(types) and not _STRONG.search(types)))


def _parse(text: str) -> HtmlElement | None:
    data = text.encode("utf-8", "replace").translate(None, _CONTROLS)
    start = data[:2000].lower()
    if b"<html" in start and b"<body" in data and not _ODD_START.search(start):
        return document_fromstring(data, parser=_PARSER)
    return load_html(data.decode("utf-8"))


def _drop_code(text: str) -> str:
    """The page without scripts (JSON-LD stays) and styles. Linear: each character is visited once."""
    kept, start, lower = [], 0, text.lower()
    if len(lower) != len(text):  # a few characters change their length in lower case
        lower = text
    for found in re.finditer(r"<(script|style)\b", lower):
        if found.start() < start:
            continue
        end = lower.find(f"</{found[1]}", found.end())
        if end < 0:
            break
        if "ld+json" in lower[found.end() : found.end() + 200]:
            continue
        kept.append(text[start : found.start()])
        start = end + len(found[1]) + 2
        start = max(start, lower.find(">", start) + 1)
    kept.append(text[start:])
    return "".join(kept)


def get_types(node: Node) -> list[str]:
    """The `@type` of a JSON-LD node as a list of strings."""
    kinds = node.get("@type")
    return [kind for kind in (kinds if isinstance(kinds, list) else [kinds]) if isinstance(kind, str)]


def _collect_metas(tree: HtmlElement) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for element in tree.iter("meta"):
        content = element.get("content")
        if content is None:
            continue
        for key in ("name", "property", "itemprop", "http-equiv"):
            name = element.get(key)
            if name:
                found.setdefault(name.strip().lower(), []).append(content)
    return found


def _json_ld(tree: HtmlElement) -> Iterator[Node]:
    for script in tree.iter("script"):
        kind = script.get("type") or ""
        if "ld+json" not in kind or not script.text or len(script.text) > MOST_JSON_LD:
            continue
        try:
            data = json.loads(_strip_json_wrapping(script.text), strict=False)
        except (ValueError, RecursionError):
            continue
        yield from _walk_nodes(data, 0)


def _strip_json_wrapping(text: str) -> str:
    """Without the CDATA marks, comment marks and final semicolon that templates put around JSON."""
    text = re.sub(r"^\s*(?:<!--|//\s*<!\[CDATA\[|/\*\s*<!\[CDATA\[\s*\*/|<!\[CDATA\[)", "", text)
    text = re.sub(r"(?:-->|//\s*\]\]>|/\*\s*\]\]>\s*\*/|\]\]>)\s*$", "", text)
    return text.strip().rstrip(";")


def _walk_nodes(data: object, depth: int) -> Iterator[Node]:
    if depth > 6:
        return
    if isinstance(data, list):
        for item in data[:200]:
            yield from _walk_nodes(item, depth + 1)
    elif isinstance(data, dict):
        if "@type" in data:
            yield data
        for key in ("@graph", "mainEntity", "mainEntityOfPage", "itemListElement"):
            inner = data.get(key)
            if isinstance(inner, (list, dict)):
                yield from _walk_nodes(inner, depth + 1)
