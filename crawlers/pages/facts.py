"""Facts of an answer that tell whether it is the page that was asked for. Nothing is decided here.

A quick pass over the tree, without reading the article. In order: the form of the body (empty, PDF, HTML, another
file); the texts that serve as titles; the running text, that is blocks of five words and more that are not mostly
links, each as a fingerprint without its digits (so that two pages which differ in a number or a time have the same
lines); how many of the words of the title that a list gave are in the titles, and anywhere in the page; and signs:
forms that ask for a password, `noindex`, marks of an article, marks and phrases that the caller names.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from lxml.html import HtmlElement

from core.text import fingerprint, one_line
from crawlers.pages.parsed_page import NotAPage, PageError, ParsedPage, parse_page

LINE = 5  # words that a line of running text has
MOST_LINES = 12  # the longest ones; they are compared with those of other pages
MOST_TEXT = 200_000  # characters that are looked at
SHORT = 150  # words: phrases are looked for in the titles and in texts of up to so many words
LONG_WORD = 4  # letters: shorter words are in every title

_WORD = re.compile(r"[^\W\d_]+")
_TOKEN = re.compile(r"[^\W_]+")
_DENSE = re.compile("[\u3040-\u30ff\u3400-\u9fff]")  # scripts without spaces: two characters count as a word
_UNSEEN = frozenset(("script", "style", "template", "svg", "select", "option", "head", "iframe", "object"))
_BLOCKS = frozenset(
    ("p", "div", "li", "td", "th", "dd", "dt", "h1", "h2", "h3", "h4", "h5", "h6", "section", "article", "main", "body",
     "blockquote", "pre", "form", "table", "tr", "ul", "ol", "header", "footer", "nav", "aside", "figure", "figcaption",
     "noscript", "label", "button", "br", "html")
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class PageFacts:
    """What an answer shows. Shares are None where the list gave no title to look for."""

    form: str  # empty | html | pdf | file | unread (too large, no encoding)
    title: str
    words: int  # of running text
    lines: tuple[tuple[str, int], ...]  # fingerprint and words of the longest lines, longest first
    asked_in_title: float | None  # share of the words of the list's title
    asked_in_text: float | None
    signs: tuple[str, ...]  # article, login, noindex, noscript, marks, title:KIND, text:KIND


def find_facts(
    body: bytes, *, url: str, content_type: str | None, asked: str, marks: Sequence[str],
    phrases: Mapping[str, Sequence[str]],
) -> PageFacts:  # fmt: skip
    """Facts of a body that came from `url`; `asked` is the title that the list gave.

    `marks` are strings of the markup, `phrases` words in lower case by the kind that they are a sign of.
    """
    form = find_form(body, content_type)
    if form != "html":
        return _no_text(form, asked)
    try:
        page = parse_page(body, url=url, content_type=content_type)
    except NotAPage:
        return _no_text("empty", asked)
    except PageError:
        return _no_text("unread", asked)
    titles = _find_titles(page)
    blocks = list(_find_blocks(page.tree))
    lines = {}
    for text, linked, unseen in blocks:
        count = count_words(text)
        if count >= LINE and linked < 0.5 * len(text) and not unseen:
            lines[fingerprint(" ".join(_WORD.findall(text.casefold())))[:13]] = count
    words = sum(lines.values())
    whole = " ".join((*titles, *(text for text, _, _ in blocks)))
    signs = [*_find_marks(page, marks), *_find_phrases(titles, whole, words, phrases)]
    if any(unseen for _, _, unseen in blocks) and words < 2 * LINE:
        signs.append("noscript")
    longest = sorted(lines.items(), key=lambda line: (-line[1], line[0]))[:MOST_LINES]
    return PageFacts(
        form=form, title=one_line(titles[0])[:300] if titles else "", words=words, lines=tuple(longest),
        asked_in_title=share_of(asked, " ".join(titles)), asked_in_text=share_of(asked, whole), signs=tuple(signs),
    )  # fmt: skip


def find_form(body: bytes, content_type: str | None) -> str:
    """empty, pdf, html (also without a type, and as plain text or XML), or file."""
    start = body[:1024].lstrip(b"\xef\xbb\xbf \t\r\n\x00")
    if not start and not body.strip():
        return "empty"
    kind = (content_type or "").split(";")[0].strip().lower()
    if start.startswith(b"%PDF-") or (kind == "application/pdf" and b"%PDF-" in body[:1024]):
        return "pdf"
    markup = ("", "text/html", "application/xhtml+xml", "text/plain", "application/xml", "text/xml")
    return "html" if kind in markup else "file"


def count_words(text: str) -> int:
    """Words; of scripts without spaces every two characters are one."""
    dense = len(_DENSE.findall(text))
    return len(_WORD.findall(_DENSE.sub(" ", text) if dense else text)) + dense // 2


def share_of(asked: str, text: str) -> float | None:
    """How many of the telling words of `asked` are in `text`, 0 to 1; None where it has none."""
    wanted = tokens_of(asked)
    if not wanted:
        return None
    return round(len(wanted & _all_tokens(text)) / len(wanted), 2)


def tokens_of(title: str) -> frozenset[str]:
    """The telling words of a title: the longer ones, or all where there are fewer than two of them."""
    every = _all_tokens(title)
    long = frozenset(word for word in every if len(word) >= LONG_WORD or not word.isascii())
    return long if len(long) >= 2 else every


def _all_tokens(text: str) -> frozenset[str]:
    found = set()
    for word in _TOKEN.findall(text.casefold()):
        dense = "".join(_DENSE.findall(word))
        found |= {dense[i : i + 2] for i in range(len(dense) - 1)} if dense else {word}
    return frozenset(word for word in found if len(word) > 1)


def _no_text(form: str, asked: str) -> PageFacts:
    share = 0.0 if tokens_of(asked) else None
    return PageFacts(
        form=form, title="", words=0, lines=(), asked_in_title=share, asked_in_text=share, signs=()
    )  # fmt: skip


def _find_titles(page: ParsedPage) -> list[str]:
    """Texts that say what the page is: headings first, since they are the site's least repeated."""
    found = [node.text_content() for node in page.tree.iter("h1")][:5]
    found += [text for name in ("og:title", "twitter:title", "citation_title") for text in page.metas.get(name, ())[:1]]
    found += [node.text_content() for node in page.tree.iter("title")][:1]
    found += [str(node.get("headline")) for node in page.articles[:2] if isinstance(node.get("headline"), str)]
    return [text for text in map(one_line, found) if text]


def _find_blocks(tree: HtmlElement) -> Iterator[tuple[str, int, bool]]:
    """(text of a block, characters of it in links, whether it is shown without scripts only), in page order."""
    parts: list[str] = []
    linked, total = 0, 0
    stack: list[tuple[HtmlElement | str, bool, bool]] = [(tree, False, False)]  # node or text, in a link, in noscript
    hidden = False
    while stack and total < MOST_TEXT:
        node, in_link, in_noscript = stack.pop()
        if isinstance(node, str):
            parts.append(node)
            linked += len(node) if in_link else 0
            total += len(node)
            hidden = hidden or in_noscript
            continue
        tag = node.tag if isinstance(node.tag, str) else ""
        block = tag in _BLOCKS
        if block and (text := " ".join("".join(parts).split())):
            yield text, linked, hidden
        if block:
            parts, linked, hidden = [], 0, False
        if tag in _UNSEEN or not tag:
            continue
        in_link, in_noscript = in_link or tag == "a", in_noscript or tag == "noscript"
        after: list[tuple[HtmlElement | str, bool, bool]] = [(node.text, in_link, in_noscript)] if node.text else []
        for child in node:
            after.append((child, in_link, in_noscript))
            if child.tail:
                after.append((child.tail, in_link, in_noscript))
        stack.extend(reversed(after))
    if text := " ".join("".join(parts).split()):
        yield text, linked, hidden


def _find_marks(page: ParsedPage, marks: Sequence[str]) -> Iterator[str]:
    kinds = (page.meta("og:type") or "").lower()
    dated = page.meta("article:published_time", "citation_title", "citation_doi", "dc.identifier")
    typed = any("WebPage" not in str(node.get("@type")) for node in page.articles)
    if typed or dated or "article" in kinds:
        yield "article"
    if any((node.get("type") or "").lower() == "password" for node in page.tree.iter("input")):
        yield "login"
    if "noindex" in (page.meta("robots", "googlebot") or "").lower():
        yield "noindex"
    if any(mark in page.markup for mark in marks):
        yield "marks"


def _find_phrases(
    titles: Sequence[str], whole: str, words: int, phrases: Mapping[str, Sequence[str]]
) -> Iterator[str]:  # fmt: skip
    title, text = " ".join(titles).casefold(), whole.casefold() if words <= SHORT else ""
    for kind, said in phrases.items():
        if any(phrase in title for phrase in said):
            yield f"title:{kind}"
        elif any(phrase in text for phrase in said):
            yield f"text:{kind}"
