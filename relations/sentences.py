"""The sentences of a text, in languages with and without spaces between words, and what a sentence is about.

A sentence ends at a full stop, question or exclamation mark that is followed by a space, at "。！？", and at the end of
a line. An abbreviation ("Dr.", "et al.", an initial) ends none.
"""

from __future__ import annotations

import re

from relations.links.words import find_terms

_END = re.compile(r"(?<=[.!?…])[\"”’')\]]*\s+|(?<=[。！？])[」』”]?|\n+")
_HANGUL = re.compile(r"[\u1100-\u11ff\uac00-\ud7af]{2,}")
_SMALL = re.compile(
    r"(?:^|[\s(“\"-])(?:(?:[A-Z]\.-?)*[A-Z]|Md|Dr|Mr|Ms|Mrs|Prof|St|vs|cf|al|Fig|No|Inc|Ltd|Co|Corp|Jan|Feb|Aug|Sept?|Oct|Nov|Dec"
    r"|approx|e\.g|i\.e|U\.S|U\.K)\.$"
)


def split_sentences(text: str) -> list[str]:
    """The sentences of a text in order, none empty, each on one line.

    >>> split_sentences("Dr. Han fed 12 mice. None died.")
    ['Dr. Han fed 12 mice.', 'None died.']
    """
    found: list[str] = []
    start = 0
    for match in _END.finditer(text):
        piece = text[start : match.end()]
        if "\n" not in match[0] and _SMALL.search(text[start : match.start()].rstrip()):
            continue
        found.append(piece)
        start = match.end()
    found.append(text[start:])
    return [line for piece in found if (line := " ".join(piece.split()))]


def find_content(text: str) -> frozenset[str]:
    """Stems of the words that say what a text is about, small words and numbers left out; Hangul words as they are."""
    terms = (term for term in find_terms(text) if "_" not in term and not term.startswith("#"))
    return frozenset((*terms, *(word[:3] for word in _HANGUL.findall(text))))
