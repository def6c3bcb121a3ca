"""A local file that a person gives us: a page is read as a page, anything else is plain text."""

from __future__ import annotations

import re

from crawlers.encoding import decode
from crawlers.pages.read import read_page

_MARKUP = re.compile(rb"\s*(?:\xef\xbb\xbf)?\s*<(?:!doctype html|html|head|body|article|div|\?xml|!--)", re.IGNORECASE)
_NOWHERE = "https://file.invalid/"  # a file has no address that its links could be relative to


def read_file(body: bytes, fetched: str) -> tuple[str, str, str | None]:
    """(title, text, language). Plain text has no title and no language. Raises PageError, DecodeError."""
    if _MARKUP.match(body):
        page = read_page(body, url=_NOWHERE, content_type="text/html", fetched=fetched)
        return page.title, page.text, page.lang
    return "", decode(body, None).text if body else "", None
