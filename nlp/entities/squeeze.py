"""A text as the pipeline can bear it, and the way back to the stored one.

spaCy's tokenizer takes time in the square of a run of punctuation (20,000 quote marks: half a minute), and a
lone surrogate stops it. So: runs of one and the same kind of mark longer than eight are cut to eight, runs of
blanks to one, surrogates and control characters become a blank, and nothing is read past `most` characters.
`offsets[i]` is where character i stood; None when nothing moved.
"""

from __future__ import annotations

import re
from array import array
from dataclasses import dataclass

RUN = 8
LONG = re.compile(r"[^\w\s]{9,}|[ \t\u00a0\u3000]{2,}|(\S)\1{200,}|\n(?:[ \t\u00a0]*\n){2,}|\S{2001,}")
UNFIT = re.compile("[\ud800-\udfff\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u202a-\u202e\u2066-\u2069\ufeff]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Squeezed:
    """`text` to read, and where each of its characters stood."""

    text: str
    offsets: array[int] | None
    unread: int  # characters left out at the end

    def span_before(self, start: int, end: int) -> tuple[int, int]:
        """The span in the stored text. Requires start < end."""
        if self.offsets is None:
            return start, end
        return self.offsets[start], self.offsets[end - 1] + 1


def squeeze(text: str, *, most: int) -> Squeezed:
    """Cut, clean and shorten, keeping offsets. Length of the result <= most."""
    unread = max(0, len(text) - most)
    text = UNFIT.sub(" ", text[:most])
    cuts = [(match.start(), match.end(), match.group()) for match in LONG.finditer(text)]
    if not cuts:
        return Squeezed(text=text, offsets=None, unread=unread)
    pieces: list[str] = []
    offsets = array("I")
    at = 0
    for start, end, run in cuts:
        if run[0] in " \t\u00a0\u3000":
            keep = 1
        elif run[0] == "\n":
            keep = 2
            run = "\n\n"
        elif len(run) > 2000 and len(set(run[:64])) > 4:
            keep = len(run)  # a long word of an unspaced script: not a run
        else:
            keep = RUN
        pieces += [text[at:start], run[:keep]]
        offsets.extend(range(at, start + keep))
        at = end
    pieces.append(text[at:])
    offsets.extend(range(at, len(text)))
    return Squeezed(text="".join(pieces), offsets=offsets, unread=unread)
