"""Read what a person gives to be checked: an address, or the bytes of a file or of a pasted text.

An address is fetched (`crawlers.fetch.one_page`). Then, in order: a PDF is read as one; markup is read as a page; other
bytes are plain text, if they are text at all. What comes back are plain values: the text cleaned of everything
invisible or misleading, and what a page says of itself. Nothing is kept.

It is called in a process that may be killed, because the parsers can be slow on hostile input.
"""

from __future__ import annotations

import re

from core import clock
from core.errors import StemwireError
from core.records import Json
from core.text import one_line, tidy
from crawlers.addresses import clean_url
from crawlers.encoding import DecodeError, decode
from crawlers.fetch.one_page import Terms, fetch_page
from crawlers.pages import PageError, PageText, read_page, read_pdf

MOST_LINKS = 200
_MARKUP = re.compile(
    rb"\s*(?:\xef\xbb\xbf)?\s*<(?:!doctype html|html|head|body|article|div|p>|\?xml|!--)", re.IGNORECASE
)
_WIDE = (b"\xff\xfe", b"\xfe\xff")  # byte order marks of UTF-16, which is full of zero bytes
_NOWHERE = "https://file.invalid/"  # a file has no address that its links could be relative to
_CONTROLS = re.compile("[\x00-\x08\x0e-\x1f\x7f\ufffd]")
MOST_CONTROLS = 0.02  # share of the characters; a text has next to none


class NotText(StemwireError):
    """What was given is no text; the message is for the person who gave it."""


def read_given(
    *, url: str = "", body: bytes = b"", contact: str, timeout: float, max_size: int, opened: tuple[str, ...] = ()
) -> Json:
    """Title, text and language; published, address, links and identifiers where a page gives them.

    Raises NotText, NotFetched.
    """
    content_type, address = None, ""
    if url:
        terms = Terms(contact=contact, timeout=timeout, max_size=max_size, opened=frozenset(opened))
        page = fetch_page(url, terms)
        body, content_type, address = page.body, page.content_type, page.url
    if not body.strip():
        raise NotText("there is no text in it")
    if len(body) > max_size:
        raise NotText(f"it is larger than {max_size // 2**20} MiB", hint="give a part of it")
    try:
        if body.startswith(b"%PDF-"):
            return _describe(read_pdf(body, url=address or _NOWHERE), address)
        if _MARKUP.match(body[:2000]) or (content_type or "").startswith("text/html"):
            content_type = content_type or "text/html"
            return _describe(
                read_page(body, url=address or _NOWHERE, content_type=content_type, fetched=clock.stamp()), address
            )
    except PageError as error:
        raise NotText(f"it cannot be read as a page: {error.what}") from None
    return {**_EMPTY, "text": _read_plain(body), "address": address}


_EMPTY: Json = {
    "title": "", "text": "", "lang": None, "published": None, "address": "", "links": [], "identifiers": {},
}  # fmt: skip


def _read_plain(body: bytes) -> str:
    if b"\x00" in body and not body.startswith(_WIDE):
        raise NotText("this is not a text, a page or a PDF", hint="give plain text, HTML or PDF")
    try:
        text = decode(body, None).text
    except DecodeError:
        raise NotText("its encoding cannot be found out", hint="save it as UTF-8") from None
    if len(_CONTROLS.findall(text)) > MOST_CONTROLS * len(text):
        raise NotText("this is not a text, a page or a PDF", hint="give plain text, HTML or PDF")
    text = tidy(text)
    if not any(char.isalnum() for char in text):
        raise NotText("there is no text in it")
    return text


def _describe(page: PageText, address: str) -> Json:
    if not page.text.strip() and not page.title.strip():
        raise NotText("no article was found in it", hint="paste the text itself")
    return {
        "title": one_line(page.title), "text": tidy(page.text), "lang": page.lang, "published": page.published,
        "address": clean_url(page.canonical or address) or "", "links": list(page.links)[:MOST_LINKS],
        "identifiers": {scheme: list(values) for scheme, values in page.identifiers.items()},
    }  # fmt: skip
