"""Boilerplate on a page (everything around the article), recognised by its markup and by its words.

By markup (`remove_boilerplate`), before the article is looked for: what a reader cannot see (hidden elements,
screen-reader labels), share bars, related stories, newsletter and account boxes, photo captions and credits, comment
areas, recognised by class and id. An element that holds the page's heading or a large part of its text is never
boilerplate, whatever its name: themes put `has-sidebar` and `related-enabled` on the whole page.

By words (`is_boilerplate`, `is_end_of_article`), afterwards: the lines of `boilerplate.tsv`. They are sorted by
language, but all are tried on every page, because a Korean board in English still says 댓글.
"""

from __future__ import annotations

import csv
import re
from functools import cache, lru_cache
from pathlib import Path

from lxml.etree import _Element
from lxml.html import HtmlElement

# Boilerplate of any size, as long as it does not hold the article.
_NAMES = r"""
    related|recommend|read-?(?:more|next|also)|see-?also|more-(?:on|from|stories)|most-?(?:read|popular|viewed)
    |newsletter|sign-?up|teaser|promo(?!te)|sponsor|affiliate|advert|outbrain|taboola
    |breadcrumb|share|sharing|social|addtoany|sns[-_]|bookmark
    |comment(?!ary)|disqus|respond\b|reply
    |caption|credit\b|copyright|photo-?(?:by|source)|image-?(?:source|description|meta)|bild(?:quelle|unterschrift)
    |by-?line|author-?(?:bio|box|info|card|name)|about-?author|writer-?info
    |tag-?(?:list|box|cloud|links)|\btags\b|post-?tags|entry-?tags
    |tool-?bar|click-to-tweet|cite-?wrapper|cite-?this|print-?(?:only|button)|font-?size
    |pull-?quote|read(?:ing)?-?time
    |sr-only|visually-?hidden|screen-?reader|only-screen|a11y-hidden
    |pagination|pager\b|prev-?next|post-?nav|nav-?(?:links|previous|next)|rollover|linkback
    |bo_v_(?:info|file|nav|com|act|share|sns|link|top|bot|bt)|bo_vc|view-?(?:info|sns|list|nav)|board-?(?:info|nav)
"""
# Boilerplate only when small: the same names are also used around or inside articles.
_SMALL_NAMES = r"""
    subscri(?:be|ption)|paywall|piano|regwall|premium|\bad[sv]?[-_]|[-_]ad[sv]?\b|\bads?\b|keywords?
    |fact-?box|info-?box|feedback|rating\b|player|playlist|slideshow|gallery|embed|feature-?image
"""
# Names that themes give to the article itself, whatever else is in the same attribute.
_ARTICLE_NAMES = re.compile(
    r"(?:entry|post|article|story|news|page)[-_]{0,2}(?:content|body|text)\b|\b(?:articlebody|bo_v_con|storybody)\b",
    re.IGNORECASE,
)
_CONSENT = r"cookie-?(?:consent|banner|notice|law|bar|policy)|onetrust|didomi|gdpr|usercentrics|\bcmp\b|consent"
_ANY_NAME = re.compile(f"(?P<consent>{_CONSENT})|(?P<furniture>{_NAMES})|(?P<small>{_SMALL_NAMES})", re.VERBOSE)
_SMALL = 600  # characters
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_CANDIDATES = (
    "div", "section", "aside", "ul", "ol", "p", "span", "header", "footer", "dl", "nav", "figure", "small", "article",
    "a", "em", "i", "center", "li", "h2", "h3", "h4", "h5", "h6", "strong", "time", "address", "table",
)  # fmt: skip
_NOT_TEXT = ("script", "style", "svg", "link", "meta", "iframe", "template", "object", "select", "canvas")
_GONE = ("nav", "figcaption", "noscript", "template", "dialog")


def remove_boilerplate(tree: HtmlElement) -> None:
    """Remove boilerplate from a tree that belongs to the caller. Tails (text after an element) stay."""
    for element in list(tree.iter(*_NOT_TEXT)):
        remove_element(element)
    body = tree.find("body")
    root = body if body is not None else tree
    whole = sum(len(p.text_content()) for p in root.iter("p")) or count_running_text(root)
    doomed: list[_Element] = []
    inside: set[_Element] = set()
    for element in root.iter(*_CANDIDATES, *_GONE):
        if element.getparent() in inside:
            inside.add(element)
        elif element is not root and _is_boilerplate_element(element, whole):
            doomed.append(element)
            inside.add(element)
    for element in doomed:
        remove_element(element)


def remove_element(element: _Element) -> None:
    """Remove an element from its tree, but keep the text that follows it."""
    parent = element.getparent()
    if parent is None:
        return
    tail = element.tail
    if tail:
        before = element.getprevious()
        if before is not None:
            before.tail = (before.tail or "") + tail
        else:
            parent.text = (parent.text or "") + tail
    parent.remove(element)


def _is_boilerplate_element(element: _Element, whole: int) -> bool:
    tag, attributes = element.tag, element.attrib
    if tag in _GONE:
        return tag != "noscript" or not _holds_much(element, whole)
    if "hidden" in attributes or attributes.get("aria-hidden") == "true":
        return not _holds_much(element, whole)
    style = attributes.get("style")
    if style and _HIDDEN.search(style):
        return not _holds_much(element, whole)
    names = attributes.get("class", "") + " " + attributes.get("id", "")
    kind = _kind_of_names(names) if len(names) > 2 else None
    if kind is None:
        return False
    if kind == "consent":
        return next(element.iter("h1"), None) is None
    if kind == "small":
        small = _SMALL if tag != "p" else _SMALL // 6
        return len(element.text_content()) < small and next(element.iter("h1"), None) is None
    if len(element) and _ARTICLE_NAMES.search(names) and count_running_text(element) > _SMALL:
        return False
    return not _holds_much(element, whole)


def _kind_of_names(names: str) -> str | None:
    kinds = {_kind_of_name(name) for name in names.split()}
    return next((kind for kind in ("consent", "furniture", "small") if kind in kinds), None)


@lru_cache(maxsize=50_000)  # a site uses the same few names everywhere
def _kind_of_name(name: str) -> str | None:
    found = _ANY_NAME.search(name.lower())
    return found.lastgroup if found else None


def _holds_much(element: _Element, whole: int) -> bool:
    """Whether an element holds the page's heading or a large part of its running text."""
    if len(element) == 0:
        return False
    if next(element.iter("h1"), None) is not None:
        return True
    return count_running_text(element) > 0.25 * whole


def count_running_text(element: _Element) -> int:
    """Characters of running text: all except text in links, lists, buttons and code."""
    total = len(element.text_content())
    for other in element.iter("a", "button", "script", "style", "noscript", "select", "nav", "footer"):
        if other is not element and other.tag not in ("nav", "footer"):
            total -= len(other.text_content())
    return total


@cache
def _patterns() -> dict[str, re.Pattern[str]]:
    by_how: dict[str, list[str]] = {}
    path = Path(__file__).with_name("boilerplate.tsv")
    with path.open(encoding="utf-8", newline="") as lines:
        rows = csv.DictReader(
            (line for line in lines if not line.startswith("#")), delimiter="\t", quoting=csv.QUOTE_NONE
        )
        for row in rows:
            by_how.setdefault(row["how"], []).append(row["pattern"])
    return {how: re.compile("|".join(f"(?:{one})" for one in all_), re.IGNORECASE) for how, all_ in by_how.items()}


def is_boilerplate(text: str) -> bool:
    """Whether a block of text is boilerplate by its words."""
    if len(text) > 400:
        return False
    patterns = _patterns()
    return patterns["line"].fullmatch(text) is not None or patterns["start"].match(text) is not None


def is_end_of_article(text: str) -> bool:
    """Whether the article ends before this block."""
    return len(text) < 400 and _patterns()["tail"].match(text) is not None
