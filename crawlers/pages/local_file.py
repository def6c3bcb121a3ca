"""A file that a person hands over: a page is read as a page, anything else is text as it stands."""

from __future__ import annotations

import re

from crawlers.encoding import decode
from crawlers.pages.read import read_page

_MARKUP = re.compile(rb"\s*(?:\xef\xbb\xbf)?\s*<(?:!doctype html|html|head|body|article|div|\?xml|!--)", re.IGNORECASE)
_NOWHERE = "https://file.invalid/"  # links of a file are relative to no address


def read_file(body: bytes, fetched: str) -> tuple[str, str, str | None]:
    """(title, text, language). A text has no title apart from itself. Raises PageError, DecodeError."""
    if _MARKUP.match(body):
        page = read_page(body, url=_NOWHERE, content_type="text/html", fetched=fetched)
        return page.title, page.text, page.lang
    return "", decode(body, None).text if body else "", None
