"""Sentence boundaries by rule: a full stop, question or exclamation mark ends a sentence, except

1. after a known abbreviation ("et al.", "Dr.", "J.", "vs.", "Fig.") or a single initial;
2. between digits, or before a small letter.

Closing quotes and brackets belong to the sentence. An empty line always ends one; so do 。！？ of Korean, Japanese and
Chinese. Bounds are characters; the tokens that begin there are marked as sentence starts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy

from nlp.entities.annotations import get_annotations
from nlp.entities.component import Tools

if TYPE_CHECKING:
    from spacy.tokens import Doc

STEP, ALWAYS = 10, True
ABBREVIATIONS = frozenset({
    "acad", "al", "am", "approx", "apr", "aug", "biol", "ca", "cf", "chem", "clin", "co", "corp", "dec", "dept",
    "dermatol", "dr", "e.g", "ed", "eds", "eg", "eq", "etc", "eur", "feb", "fig", "figs", "gen", "gov", "i.e",
    "ie", "inc", "inst", "int", "jan", "jr", "jul", "jun", "lett", "ltd", "m.d", "mar", "med", "mr", "mrs",
    "ms", "nat", "natl", "neurol", "no", "nos", "nov", "oct", "ph.d", "phys", "pp", "proc", "prof", "ref",
    "refs", "rep", "res", "rev", "sci", "sen", "sep", "sept", "sr", "st", "u.k", "u.n", "u.s", "univ", "viz",
    "vol", "vs",
})  # fmt: skip
END = re.compile(r"(?:[.!?]+[\"'”’)\]]*(?=\s)|[。！？]+[”’」』）]*|\n[ \t]*\n\s*)\s*")


def make(tools: Tools) -> Sentences:
    return Sentences()


class Sentences:
    """Marks sentence starts on the tokens of a spaCy Doc."""

    def __call__(self, doc: Doc) -> Doc:
        """A copy of the spaCy Doc with its sentence starts set."""
        starts = [start for start, _ in find_sentences(get_annotations(doc).text)]
        marks = numpy.full((len(doc),), -1, dtype="int64")
        begins = doc.to_array("IDX")
        first = numpy.searchsorted(begins, starts)  # the token that begins there, or the next one
        marks[first[first < len(begins)]] = 1
        # all at once: setting token by token takes time in the square of the length
        return doc.from_array(["SENT_START"], marks.astype("uint64").reshape(-1, 1))


def find_sentences(text: str) -> Iterator[tuple[int, int]]:
    """(start, end) of each sentence. Together they cover the text."""
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
    """True when the mark ends a sentence; `after` is where the next one would begin."""
    if text[mark] != ".":
        return not text[after].islower()
    word = re.search(r"[\w.&'’-]*$", text[max(0, mark - 20) : mark])
    last = word.group().lower() if word else ""
    if last in ABBREVIATIONS or (len(last) == 1 and last.isalpha()) or text[after].islower():
        return False
    return not re.fullmatch(r"(?:[a-z]\.)+[a-z]", last)
