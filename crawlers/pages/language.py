"""The language of a page's article, as a two-letter code.

What the page declares (`<html lang>`, content-language, og:locale) is believed when it fits the script of the text,
because themes declare `en-US` on Korean pages. Otherwise, or when nothing is declared, py3langid reads the text.
"""

from __future__ import annotations

import re

import py3langid

from crawlers.pages.parsed_page import ParsedPage

_SCRIPTS = {
    "ko": re.compile("[\uac00-\ud7a3]"),
    "ja": re.compile("[\u3040-\u30ff]"),
    "zh": re.compile("[\u4e00-\u9fff]"),
    "ru": re.compile("[\u0400-\u04ff]"),
    "ar": re.compile("[\u0600-\u06ff]"),
    "th": re.compile("[\u0e00-\u0e7f]"),
    "el": re.compile("[\u0370-\u03ff]"),
    "he": re.compile("[\u0590-\u05ff]"),
    "hi": re.compile("[\u0900-\u097f]"),
}
_LANGUAGES_OF_SCRIPT = {
    "ru": {"ru", "uk", "bg", "sr", "mk", "be", "kk", "mn", "ky", "tg"},
    "ar": {"ar", "fa", "ur", "ps", "ckb"},
    "hi": {"hi", "mr", "ne"},
    "zh": {"zh", "ja"},
    "he": {"he", "iw", "yi"},
}
_LEAST = 60  # characters of text that a guess needs


def find_language(page: ParsedPage, text: str) -> str | None:
    """ISO 639-1 code (the first subtag as the page wrote it), or None when there is too little to decide."""
    declared = _find_declared(page)
    script = _find_script(text[:1500])
    if declared is not None and (len(text) < _LEAST or _fits(declared, script)):
        return declared
    if len(text) < _LEAST:
        return None
    if script in ("ko", "ja"):
        return script
    code: str = py3langid.classify(text[:3000])[0]
    return code


def _find_declared(page: ParsedPage) -> str | None:
    said = (
        page.tree.get("lang"),
        page.tree.get("{http://www.w3.org/XML/1998/namespace}lang"),
        page.tree.get("xml:lang"),
        page.meta("content-language", "og:locale", "dc.language", "citation_language", "language"),
    )
    for one in said:
        match = re.match(r"\s*([a-zA-Z]{2,3})(?:[-_,; ]|$)", one or "")
        if match:
            return match[1].lower()
    return None


def _find_script(text: str) -> str | None:
    letters = sum(1 for char in text if char.isalpha()) or 1
    return next((lang for lang, letter in _SCRIPTS.items() if len(letter.findall(text)) > 0.3 * letters), None)


def _fits(declared: str, script: str | None) -> bool:
    if script is None:
        return declared not in ("ko", "ja", "zh", "ru", "ar", "th", "el", "he", "hi")
    return declared == script or declared in _LANGUAGES_OF_SCRIPT.get(script, ())
