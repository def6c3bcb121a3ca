"""Titles and abstracts as publishers deposit them: JATS, HTML or MathML inside a JSON string, as plain text.

In order: namespace prefixes are removed (`<jats:p>` is `<p>`); doubly escaped markup is unescaped (`&lt;i&gt;`);
formulas become their letters (the TeX version of a formula is removed); a heading of a section becomes the label of the
paragraph after it (`Methods: We grew …`), except one that only says Abstract or Summary; inline markup is removed
without a space (`HfO<sub>2</sub>` is `HfO2`); blocks become paragraphs.
"""

from __future__ import annotations

import html
import re

from core.text import one_line
from crawlers.lists.feeds.html_text import html_to_line, html_to_text

_PREFIX = re.compile(r"<(/?)(?:jats|mml|ns\d+|xhtml|html|m|atl):", re.I)
_ESCAPED = re.compile(
    r"&(?:amp;)*lt;/?(?:jats:)?(?:i|b|em|strong|sup|sub|italic|bold|scp|sc|p|title|sec|br|span|u|tt|inf)"
    r"(?:\s(?:(?!&(?:amp;)*[lg]t;).){0,120})?\s*/?&(?:amp;)*gt;",
    re.I,
)
_TEX = re.compile(r"<(?:tex-math|annotation)\b[^>]*>.*?</(?:tex-math|annotation)>", re.I | re.S)
_MATH = re.compile(
    r"</?(?:math|inline-formula|alternatives|disp-formula|semantics|m(?:row|i|n|o|text|sup|sub|subsup|frac|over|under|"
    r"underover|fenced|style|space|sqrt|root|table|tr|td|padded|phantom|prescripts|multiscripts|none))\b[^>]*>",
    re.I,
)
_SPACE_IN_MATH = re.compile(
    r"(<m(?:ath|row|i|n|o|sup|sub|text)\b[^>]*>|</m(?:i|n|o|row|sup|sub|text)>)\s+(?=</?m)", re.I
)
_HEADING = re.compile(r"<title\b[^>]*>(.*?)</title>(\s*<(?:sec|p)\b[^>]*>)*", re.I | re.S)
_SECTION = re.compile(r"</?(?:sec|abstract|list|list-item|disp-quote|def-list|def-item)\b[^>]*>", re.I)
_EMPTY_NAMES = frozenset({"abstract", "abstracts", "summary", "resume", "résumé", "zusammenfassung", "resumen"})


def to_text(source: str) -> str:
    """Plain text in paragraphs.

    >>> to_text("<jats:title>Abstract</jats:title><jats:title>Aim</jats:title><jats:p>CO<sub>2</sub></jats:p>")
    'Aim: CO2'
    """
    return html_to_text(_unwrap(source))


def to_line(source: str) -> str:
    """`to_text` on one line: titles, names of journals."""
    return html_to_line(_unwrap(source)) if "<" in source or "&" in source else one_line(source)


def _unwrap(source: str) -> str:
    if _ESCAPED.search(source):
        source = _ESCAPED.sub(lambda tag: html.unescape(html.unescape(tag[0])), source)
    if "<" not in source:
        return source
    source = _PREFIX.sub(r"<\1", source)
    source = _MATH.sub("", _SPACE_IN_MATH.sub(r"\1", _TEX.sub("", source)))
    source = _HEADING.sub(_make_label, source)
    return _SECTION.sub("<p>", source)


def _make_label(found: re.Match[str]) -> str:
    name = html_to_line(found[1]).rstrip(":. ")
    if not name or name.lower() in _EMPTY_NAMES:
        return "<p>"
    return f"<p>{html.escape(name)}: " if found[2] else f"<p>{html.escape(name)}</p>"
