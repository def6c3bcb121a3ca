"""Make paragraphs of text that a page separates with `<br><br>` instead of `<p>`.

Government portals and boards paste whole texts into a `<div>` and break lines by hand. An element counts when it has at
least two double breaks among its own children and enough text directly inside it. Its text and inline children are
collected into `<p>` elements between double breaks and block elements. Blocks stay where they are, and a single break
stays a line break.
"""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

from lxml.etree import _Element
from lxml.html import HtmlElement

_INLINE = (
    "a", "abbr", "b", "bdi", "bdo", "big", "cite", "code", "del", "dfn", "em", "font", "i", "ins", "kbd", "mark",
    "q", "rp", "rt", "ruby", "s", "samp", "small", "span", "strike", "strong", "sub", "sup", "time", "tt", "u",
    "var", "wbr",
)  # fmt: skip
_HOLDERS = ("div", "td", "section", "article", "main", "span", "font", "blockquote", "center")
_LEAST = 2  # double breaks
_DIRECT = 200  # characters of text directly in the element


def make_paragraphs(tree: HtmlElement) -> int:
    """Change the tree, which belongs to the caller. Returns how many elements were changed."""
    breaks = Counter(element.getparent() for element in tree.iter("br"))
    parted = 0
    for element, count in breaks.items():
        if element is None or count < 2 * _LEAST or element.tag not in _HOLDERS:
            continue
        if _double_breaks(element) >= _LEAST and _direct_text(element) >= _DIRECT:
            _rebuild(element)
            parted += 1
    return parted


def _double_breaks(element: _Element) -> int:
    children = list(element)
    return sum(one.tag == "br" and two.tag == "br" and not (one.tail or "").strip() for one, two in pairwise(children))


def _direct_text(element: _Element) -> int:
    return len((element.text or "").strip()) + sum(len((child.tail or "").strip()) for child in element)


def _rebuild(element: _Element) -> None:
    children = list(element)
    text = element.text or ""
    element.text = None
    for child in children:
        element.remove(child)
    paragraph = _begin_paragraph(element, text)
    waiting: _Element | None = None  # a break that is single unless a second one follows
    for child in children:
        tail, child.tail = child.tail or "", None
        if child.tag == "br":
            if waiting is not None and not (waiting.tail or "").strip():
                paragraph, waiting = _begin_paragraph(element, tail), None
                continue
            if waiting is not None:
                paragraph.append(waiting)
            waiting, child.tail = child, tail
            continue
        if waiting is not None:
            paragraph.append(waiting)
            waiting = None
        if child.tag in _INLINE or not isinstance(child.tag, str):
            paragraph.append(child)
            child.tail = tail
        else:
            element.append(child)
            paragraph = _begin_paragraph(element, tail)
    if waiting is not None:
        paragraph.append(waiting)
    for made in list(element):
        if made.tag == "p" and len(made) == 0 and not (made.text or "").strip():
            element.remove(made)


def _begin_paragraph(element: _Element, text: str) -> _Element:
    paragraph = element.makeelement("p", {})
    paragraph.text = text
    element.append(paragraph)
    return paragraph
