"""The sentences of a text, by their places: for quotations of editions and of letters.

A sentence ends at a full stop, question or exclamation mark before a space, at "。！？", and at the end of a line. An
abbreviation ("Dr.", "et al.", an initial) ends none.
"""

from __future__ import annotations

import re

_SENTENCE = re.compile(r"[^\n]+?(?:[.!?][\"”’')\]]*(?=\s|$)|[。！？][」』”]?|(?=\n|$))")
_SMALL = re.compile(r"\b(?:[A-Z]|Dr|Mr|Ms|Mrs|Prof|St|vs|cf|al|Fig|No|Inc|Ltd|Co|approx|e\.g|i\.e)\.$")


def find_sentences(text: str) -> list[tuple[int, int]]:
    """Spans of sentences, good enough to quote from; an abbreviation does not end one."""
    spans: list[tuple[int, int]] = []
    open_at = -1
    for match in _SENTENCE.finditer(text):
        start, end = (open_at if open_at >= 0 else match.start()), match.end()
        if _SMALL.search(text[start:end]) and end < len(text) and text[end] != "\n":
            open_at = start
            continue
        open_at = -1
        start += len(text[start:end]) - len(text[start:end].lstrip())
        if start < end:
            spans.append((start, end))
    return spans
