"""Cuts plain text for display: pieces with marks, and an excerpt around the words of a search.

Pieces are pairs of a string and whether it is marked. The template escapes each string before it writes `<mark>` around
it, so no text can become markup.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from core.text import headline

Pieces = list[tuple[str, bool]]


def marked(text: str, spans: Sequence[tuple[int, int]]) -> Pieces:
    """Split text into pieces, marked or not. Spans may overlap and come in any order."""
    pieces: Pieces = []
    at = 0
    for start, end in sorted(spans):
        start = max(start, at)
        if end <= start:
            continue
        if start > at:
            pieces.append((text[at:start], False))
        pieces.append((text[start:end], True))
        at = end
    return pieces + ([(text[at:], False)] if at < len(text) else [])


def highlight(text: str, pattern: re.Pattern[str] | None) -> Pieces:
    """Split text into pieces; the matches of the pattern are marked."""
    return marked(text, [match.span() for match in pattern.finditer(text)] if pattern else [])


def excerpt(text: str, pattern: re.Pattern[str] | None, width: int = 260) -> Pieces:
    """About `width` characters of a text around the first hit, or its beginning; cut between words, hits marked."""
    first = pattern.search(text) if pattern else None
    start = 0
    if first and first.end() > width - 40:
        ahead = text[: first.start()]
        start = max(ahead.rfind(". ") + 2, ahead.rfind("\n") + 1, ahead.rfind("。") + 1, 0)
        if first.end() - start > width - 40:  # a long sentence: begin between words, a little before the hit
            start = max(0, first.start() - width // 3)
            start = text.find(" ", start, first.start()) + 1 or start
    cut = _whole(headline(text[start : start + 4 * width], width), width)
    begins = start == 0 or text[start - 1] in "\n。" or text[max(0, start - 2) : start] == ". "
    return highlight(cut if begins else f"…{cut}", pattern)


def _whole(cut: str, width: int) -> str:
    """Cut at the end of a sentence, if one ends in the second half."""
    if not cut.endswith("…"):
        return cut
    ends = [match.end() for match in re.finditer(r"[.!?][\"”’)]*(?= |…|$)|。", cut)]
    return cut[: ends[-1]] if ends and ends[-1] > width * 0.5 else cut
