"""Repair the XML of a feed for a strict parser: only errors with one obvious meaning are repaired.

The declaration is replaced by one for UTF-8. Characters that XML forbids are removed, and so are references to them
(feedparser crashes on surrogates); 128-159 are read as windows-1252. Outside CDATA, HTML's named characters become
characters, and an ampersand that begins no reference is escaped. Anything else is left to feedparser's loose reader.
"""

from __future__ import annotations

import re
from html.entities import html5

from crawlers.lists.feeds.model import FeedError

_DECLARATION = re.compile(r"^\s*<?\?xml\b[^<>]*>", re.I)
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
_NUMBERED = re.compile(r"&#(?:x([0-9a-f]+)|([0-9]+));?", re.I)
_NAMED = re.compile(r"&(?!(?:lt|gt|amp|quot|apos|#\d{1,7}|#[xX][0-9a-fA-F]{1,6});)(?:([a-zA-Z][a-zA-Z0-9]{1,31});)?")
_LONG_TAG = re.compile(r"<[^<>]{65536,}")
_MAX_ATTRIBUTES = 2000
_CDATA = "<![CDATA["


def repair_xml(text: str) -> str:
    """`text` of a feed as XML in UTF-8. Raises FeedError for a tag with thousands of attributes."""
    text = _NOT_XML.sub("", text)
    for tag in _LONG_TAG.finditer(text):  # every XML parser takes quadratic time for the attributes of one tag
        if tag[0].count("=") > _MAX_ATTRIBUTES:
            raise FeedError(f"a tag with {tag[0].count('=')} attributes came, at most {_MAX_ATTRIBUTES} are read")
    text = '<?xml version="1.0" encoding="utf-8"?>\n' + _DECLARATION.sub("", text, count=1).lstrip()
    if "&" not in text:
        return text
    if "&#" in text:
        text = _NUMBERED.sub(_repair_number, text)
    outside, *sections = text.split(_CDATA)
    parts = [_NAMED.sub(_repair_name, outside)]
    for section in sections:
        inside, end, outside = section.partition("]]>")
        parts += [_CDATA, inside, end, _NAMED.sub(_repair_name, outside)]
    return "".join(parts)


def _repair_number(match: re.Match[str]) -> str:
    digits = match[1] or match[2]
    code = int(digits, 16 if match[1] else 10) if len(digits) < 9 else 0x110000
    if 0x80 <= code <= 0x9F:
        return bytes([code]).decode("cp1252", "ignore")
    legal = code in (9, 10, 13) or 0x20 <= code <= 0xD7FF or 0xE000 <= code <= 0xFFFD or 0x10000 <= code <= 0x10FFFF
    return f"&#{code};" if legal else ""


def _repair_name(match: re.Match[str]) -> str:
    if match[1] is None:
        return "&amp;"
    known = html5.get(f"{match[1]};")
    if known is None or known in "<>&\"'":
        return match[0]  # a feed may define names of its own
    return known
