"""The language of a page's article, as a two-letter code.

`core/language.py` decides, from the text and from what the page declares (`<html lang>`, content-language, og:locale).
"""

from __future__ import annotations

from core.language import find_language as find_language_of
from crawlers.pages.parsed_page import ParsedPage


def find_language(page: ParsedPage, text: str) -> str | None:
    """ISO 639-1 code, or None when there is too little to decide."""
    said = (
        page.tree.get("lang"),
        page.tree.get("{http://www.w3.org/XML/1998/namespace}lang"),
        page.tree.get("xml:lang"),
        page.meta("content-language", "og:locale", "dc.language", "citation_language", "language"),
    )
    return find_language_of(text, next((one for one in said if one), None))
