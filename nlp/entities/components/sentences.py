"""Sentence boundaries by rule: a full stop, question or exclamation mark ends a sentence, except

1. after a known abbreviation ("et al.", "Dr.", "J.", "vs.", "Fig.") or a single initial;
2. between digits, or before a small letter;
and with closing quotes and brackets drawn in. An empty line always ends one; so do 。！？ of Korean, Japanese and
Chinese. Bounds are characters; the tokens that begin there are marked as sentence starts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from nlp.entities.notes import Component, Tools, notes_of

STEP, ALWAYS = 10, True
ABBREVIATIONS = frozenset(
    "al dr mr mrs ms prof st jr sr vs etc fig figs eq ref refs no nos vol pp ed eds inc ltd co corp dept univ inst "
    "approx ca cf e.g i.e eg ie viz u.s u.k u.n ph.d m.d sci med clin dermatol neurol biol chem phys res int am eur "
    "acad natl proc nat rev lett jan feb mar apr jun jul aug sept sep oct nov dec gen gov sen rep".split()
)
END = re.compile(r"(?:[.!?]+[\"'”’)\]]*(?=\s)|[。！？]+[”’」』）]*|\n[ \t]*\n\s*)\s*")


def make(tools: Tools) -> Component:
    def sentences(doc: Any) -> Any:
        starts = {start for start, _ in find_sentences(notes_of(doc).text)}
        pending = True
        at = iter(sorted(starts))
        next(at, None)
        border = next(at, None)
        for token in doc:
            if border is not None and token.idx >= border:
                pending = True
                while border is not None and token.idx >= border:
                    border = next(at, None)
            token.is_sent_start = pending
            pending = False
        return doc

    return sentences


def find_sentences(text: str) -> Iterator[tuple[int, int]]:
    """(start, end) of each sentence; together they cover the text."""
    start = 0
    for match in END.finditer(text):
        end = match.end()
        if end >= len(text):
            break
        if "\n" not in match.group().strip(" ") and not _ends(text, match.start(), end):
            continue
        if end > start:
            yield start, end
        start = end
    if start < len(text):
        yield start, len(text)


def _ends(text: str, mark: int, after: int) -> bool:
    if text[mark] != ".":
        return not text[after].islower()
    word = re.search(r"[\w.&'’-]*$", text[max(0, mark - 20) : mark])
    last = word.group().lower() if word else ""
    if last in ABBREVIATIONS or (len(last) == 1 and last.isalpha()) or text[after].islower():
        return False
    return not re.fullmatch(r"(?:[a-z]\.)+[a-z]", last)
