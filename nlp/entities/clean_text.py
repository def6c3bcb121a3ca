"""A text that the pipeline can read in reasonable time, and the way back to the offsets of the stored text.

spaCy's tokenizer takes time in the square of a run of punctuation (20,000 quote marks take half a minute), and a lone
surrogate stops it. So:
- a run of the same mark longer than eight is cut to eight, a run of blanks to one, a run of empty lines to one;
- surrogates and control characters become a blank;
- nothing is read past `most` characters.
"""

from __future__ import annotations

import re
from array import array
from dataclasses import dataclass

RUN = 8
BLANKS = " \t\u00a0\u3000"
LONG = re.compile(r"[^\w\s]{9,}|[ \t\u00a0\u3000]{2,}|(\S)\1{200,}|\n(?:[ \t\u00a0]*\n){2,}|\S{2001,}")
UNFIT = re.compile("[\ud800-\udfff\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u202a-\u202e\u2066-\u2069\ufeff]")


@dataclass(frozen=True, slots=True, kw_only=True)
class CleanText:
    """The text to read."""

    text: str
    offsets: array[int] | None  # of each of its characters in the stored text; None when they are the same
    unread: int  # characters left out at the end

    def stored_span(self, start: int, end: int) -> tuple[int, int]:
        """The span (end exclusive) in the stored text. Requires start < end."""
        if self.offsets is None:
            return start, end
        return self.offsets[start], self.offsets[end - 1] + 1


def clean_text(text: str, *, most: int) -> CleanText:
    """Cut, clean and shorten a text to at most `most` characters."""
    unread = max(0, len(text) - most)
    text = UNFIT.sub(" ", text[:most])
    cuts = [(match.start(), match.end(), match.group()) for match in LONG.finditer(text)]
    if not cuts:
        return CleanText(text=text, offsets=None, unread=unread)
    pieces: list[str] = []
    offsets = array("I")
    at = 0
    for start, end, run in cuts:
        kept = shorten_run(run)
        pieces += [text[at:start], kept]
        offsets.extend(range(at, start + len(kept)))
        at = end
    pieces.append(text[at:])
    offsets.extend(range(at, len(text)))
    return CleanText(text="".join(pieces), offsets=offsets, unread=unread)


def shorten_run(run: str) -> str:
    """What is left of a match of LONG. A long word of a script without spaces is not a run and stays."""
    if run[0] in BLANKS:
        return run[:1]
    if run[0] == "\n":
        return "\n\n"
    if len(run) > 2000 and len(set(run[:64])) > 4:
        return run
    return run[:RUN]
