"""Which parts of a text the English rules and the tagger do not read, and the everyday words of other languages.

The tagger and many rules know English only: of German they make species ("weil ich"). So in a text of another language
in Latin, Cyrillic or the like, only names of the lexicons and registries count. In order:
1. the language of the whole text is known before (`core/language.py`); one that is not known is not read either;
2. a paragraph of `LEAST` characters has its own language, where that is certain: an English version below a German text
   is read in full, a German one below an English text is not;
3. Korean, Japanese and Chinese texts are read in full: what they write in Latin letters are English names.

A lexicon knows names as English writes them. Where another language has that word for something else, it is no name:
`is_everyday` knows such words by spaCy's lists of stop words, `is_lower_short` the abbreviations in small letters.
"""

from __future__ import annotations

import importlib.util
import re
from functools import cache

from core.language import find_language, find_other_language

READ_IN_FULL = frozenset({"en", "ko", "ja", "zh"})
LEAST = 100  # characters of a paragraph whose own language counts
PARAGRAPH = re.compile(r"[^\n]+")
WORDS = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
SHORT = 4  # letters up to which a name must have the capitals of the lexicon


def is_read_in_full(lang: str | None) -> bool:
    """Whether the tagger and all rules read texts of this language."""
    return lang in READ_IN_FULL


def find_foreign(text: str, lang: str | None) -> tuple[tuple[int, int], ...]:
    """The spans of a text of this language in which only lexicons and registries count."""
    whole = is_read_in_full(lang)
    spans: list[tuple[int, int]] = []
    start = 0
    for match in PARAGRAPH.finditer(text):
        if match.end() - match.start() < LEAST:
            continue
        if whole and not is_read_in_full(find_other_language(match.group()) or "en"):
            spans.append(match.span())
        elif not whole and find_language(match.group()) == "en":
            spans.append((start, match.start()))
            start = match.end()
    if not whole:
        spans.append((start, len(text)))
    return tuple((first, end) for first, end in spans if first < end)


def is_everyday(surface: str, lang: str | None) -> bool:
    """True when every word of a surface is an everyday word of the language."""
    words = WORDS.findall(surface.casefold())
    known = stop_words(lang or "")
    return bool(words) and all(word in known or len(word) == 1 for word in words)


def is_lower_short(surface: str) -> bool:
    """True for one short word without a capital behind its first letter: "es", "Ich" are not ES cells and ICH."""
    return len(surface) <= SHORT and surface[1:].islower()


@cache
def stop_words(lang: str) -> frozenset[str]:
    """spaCy's stop words of a language; none where it has no list."""
    name = f"spacy.lang.{lang}.stop_words"
    if not lang.isalpha() or importlib.util.find_spec(f"spacy.lang.{lang}") is None:
        return frozenset()
    if importlib.util.find_spec(name) is None:
        return frozenset()
    return frozenset(importlib.import_module(name).STOP_WORDS)
