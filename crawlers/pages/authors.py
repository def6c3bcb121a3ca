"""The authors of a page: names only, as plain text.

In order: what the source's own selector found; JSON-LD `author` (persons and organisations, never addresses); meta tags
(author, article:author, citation_author, dc.creator, parsely-author …) that hold a name and not a link; microdata and
`rel=author`; a visible byline ("By Jane Doe"; `작성자 관리자` does not count, because it is a board's account). Each is
split at "and", commas and slashes, "By", e-mail addresses and roles are removed, and it is kept when it looks like a
name: 2 to 60 characters, a letter, at most six words, no digits.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from lxml import etree

from crawlers.pages.clean_text import clean_line, comparable_letters
from crawlers.pages.parsed_page import ParsedPage

_METAS = (
    "author", "article:author", "citation_author", "dc.creator", "dcterms.creator", "parsely-author", "sailthru.author",
    "byl", "article:author_name", "authors", "twitter:data1_author", "cxenseparse:author", "dable:author",
)  # fmt: skip
_BYLINE = re.compile(
    r"^(?:by|von|par|por|di|door|av|af|written by|reported by|text)\s*:?\s+(?P<who>.{3,80})$", re.IGNORECASE
)
_SPLIT = re.compile(r"\s*(?:,|;|/|\||·|•|、|，|\band\b|\bund\b|\bet\b|&)\s*", re.IGNORECASE)
_LEAD = re.compile(
    r"^(?:by|von|par|por|di|door|written by|reported by|posted by|author|autor|text|글|기자|記者)\s*[:：]?\s+",
    re.IGNORECASE,
)
_TRAIL = re.compile(
    r"\s*(?:기자|특파원|논설위원|記者|reporter|staff writer|correspondent|editor)\s*$|\s*\(.*\)\s*$", re.IGNORECASE
)
_ADDRESS = re.compile(r"\S+@\S+|https?://\S+|@\w+")
_ACCOUNTS = frozenset(
    comparable_letters(name)
    for name in (
        "admin",
        "administrator",
        "관리자",
        "최고관리자",
        "운영자",
        "webmaster",
        "editor",
        "staff",
        "unknown",
        "none",
        "null",
        "redaktion",
        "redazione",
    )
)
_MOST = 30
_AUTHORS = etree.XPath("//*[@itemprop='author']")
_REL_AUTHORS = etree.XPath("//a[@rel='author']")


def extract_authors(page: ParsedPage, selected: Iterable[str] = ()) -> tuple[str, ...]:
    """Names in page order, each once; empty when the page names nobody."""
    for texts in (
        list(selected),
        list(_json_ld_authors(page)),
        _meta_authors(page),
        list(_markup_authors(page)),
        list(_byline_authors(page)),
    ):
        names: dict[str, str] = {}
        for text in texts:
            for name in parse_names(text):
                names.setdefault(comparable_letters(name), name)
        if names:
            return tuple(list(names.values())[:_MOST])
    return ()


def parse_names(text: str) -> Iterator[str]:
    """The names in a byline, cleaned."""
    text = _LEAD.sub("", clean_line(_ADDRESS.sub(" ", text)))
    parts = _SPLIT.split(text)
    if len(parts) == 2 and "," in text and len(parts[0].split()) == 1 and len(parts[1].split()) == 1:
        parts = [f"{parts[1]} {parts[0]}"]  # Doe, Jane
    for part in parts:
        name = _TRAIL.sub("", part).strip(" .-–—:|*\"'")
        if not 2 <= len(name) <= 60 or len(name.split()) > 6 or any(char.isdigit() for char in name):
            continue
        if not any(char.isalpha() for char in name) or comparable_letters(name) in _ACCOUNTS:
            continue
        yield name


def _json_ld_authors(page: ParsedPage) -> Iterator[str]:
    for node in page.articles[:4]:
        yield from _names_in_json(node.get("author"), 0)


def _names_in_json(author: object, depth: int) -> Iterator[str]:
    if depth > 3:
        return
    if isinstance(author, str) and not author.startswith("http"):
        yield author
    elif isinstance(author, list):
        for one in author[:_MOST]:
            yield from _names_in_json(one, depth + 1)
    elif isinstance(author, dict):
        yield from _names_in_json(author.get("name"), depth + 1)


def _meta_authors(page: ParsedPage) -> list[str]:
    for name in _METAS:
        texts = [text for text in page.metas.get(name, ()) if text.strip() and not text.strip().startswith("http")]
        if texts:
            return texts
    return []


def _markup_authors(page: ParsedPage) -> Iterator[str]:
    for element in _AUTHORS(page.tree) if "itemprop" in page.markup else ():
        inner = element.find(".//*[@itemprop='name']")
        yield (inner if inner is not None else element).text_content()[:200]
    for element in _REL_AUTHORS(page.tree):
        yield element.text_content()[:200]


def _byline_authors(page: ParsedPage) -> Iterator[str]:
    for element in page.tree.iter("p", "span", "div", "address"):
        if len(element) > 4:
            continue
        text = element.text or ""
        if not text.strip() or len(text) > 120:
            continue
        match = _BYLINE.match(clean_line(text if len(element) == 0 else element.text_content()[:160]))
        if match and match["who"][0].isupper():
            yield match["who"]
            return
