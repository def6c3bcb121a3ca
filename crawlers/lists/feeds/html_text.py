"""A feed's HTML as plain text. No other module reads markup of a feed.

Block elements become line breaks, then nh3 (an HTML5 parser) removes all tags and the contents of scripts and styles,
then entities are decoded. The result may contain `<`: it is text, and must be escaped when it is shown.
"""

from __future__ import annotations

import html
import re

import nh3

from core.text import one_line, tidy

# `[^<>]` keeps these linear on floods of `<p`: they only place white space, nh3 decides what is a tag.
_PARAGRAPH = re.compile(
    r"</?(?:p|div|h[1-6]|ul|ol|dl|table|blockquote|section|article|header|footer|figure|pre|hr)(?:\s[^<>]*)?/?>", re.I
)
_LINE = re.compile(r"<(?:br|/?li|/?tr|/?dt|/?dd|/?figcaption)(?:\s[^<>]*)?/?>", re.I)
_ANY_BREAK = re.compile(r"[\r\n]+")
_SINGLE_BREAK = re.compile(r"(?<!\n)\n(?!\n)")
_CELL = re.compile(r"</t[dh]>", re.I)
_DROPPED = {"script", "style", "noscript", "template", "iframe", "object", "svg", "math", "textarea", "select", "title"}


def html_to_text(source: str) -> str:
    """The text of an HTML fragment (or of plain text), tidied, with an empty line between paragraphs."""
    if "<" in source:
        # A line break of the source is a space; empty lines separate paragraphs only where no tag does.
        breaks = _ANY_BREAK if _PARAGRAPH.search(source) else _SINGLE_BREAK
        source = breaks.sub(" ", source.replace("\r\n", "\n"))
        source = _CELL.sub("\t", _LINE.sub("\n", _PARAGRAPH.sub("\n\n", source)))
        source = nh3.clean(source, tags=set(), clean_content_tags=_DROPPED)
    if "&" in source:
        source = html.unescape(source)
    return tidy(source)


def html_to_line(source: str) -> str:
    """`html_to_text` on one line: titles, names."""
    return one_line(html_to_text(source)) if "<" in source or "&" in source else one_line(source)
