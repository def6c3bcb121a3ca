"""Marks the words of a search in plain text, and cuts an excerpt around them.

`find_marks` makes, of a query, what its terms are in the index: folded words and their stems (`term_forms`,
`stems.py`). `Marks.spans` folds a text piece by piece, as the index did (`fold.pieces`), and marks the pieces whose
stems follow each other as in a term, or in one of its other names (`Term.also`). So a word is marked if and only if the
index finds it.

`excerpt` shows the sentence in which most different terms are found, the first of several. Pieces are pairs of a string
and whether it is marked. The template escapes each string before it writes `<mark>` around it, so no text can become
markup.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

from core.text import headline
from publish.search.clauses import Query, Term
from publish.search.fold import fold_piece, is_run, pairs, pieces, sign_spans, signs
from publish.search.fts import term_forms, term_words
from publish.search.stems import stem

Pieces = list[tuple[str, bool]]
Span = tuple[int, int]
_Place = tuple[int, int, int] | re.Match[str]  # begin, end, and end of the first sign of a pair; or a whole piece

_ENDS = re.compile(r"(?<=[.!?])[\"”’)\]]*\s+|\n+|(?<=[。！？])")


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A phrase of stems. `term` numbers the term that it is a name of."""

    stems: tuple[str, ...]
    prefix: bool
    term: int
    title: bool  # it is asked for in titles only


@dataclass(frozen=True)
class Marks:
    """What to mark for a search."""

    wanted: tuple[_Wanted, ...]

    @cached_property
    def _by_stem(self) -> dict[str, list[_Wanted]]:
        found: dict[str, list[_Wanted]] = {}
        for wanted in self.wanted:
            if len(wanted.stems) > 1 or not wanted.prefix:
                found.setdefault(wanted.stems[0], []).append(wanted)
        return found

    @cached_property
    def _beginnings(self) -> dict[str, list[_Wanted]]:
        found: dict[str, list[_Wanted]] = {}
        for wanted in self.wanted:
            if len(wanted.stems) == 1 and wanted.prefix:
                found.setdefault(wanted.stems[0], []).append(wanted)
        return found

    def find(self, text: str, *, title: bool = False) -> Iterator[tuple[int, Span]]:
        """(term, span) of each hit, in the order of the text. `title`: the text is a title."""
        if not self.wanted:
            return
        by_stem, beginnings = self._by_stem, tuple(self._beginnings)
        stems, places = _index(text)
        for at, found in enumerate(stems):
            if found in by_stem:
                for wanted in by_stem[found]:
                    last = at + len(wanted.stems) - 1
                    if _follows(wanted, stems, at) and (title or not wanted.title):
                        yield wanted.term, (_span(places[at])[0], _span(places[last])[1])
            if beginnings and found.startswith(beginnings):
                start, end, first = _span(places[at])
                for beginning in (one for one in beginnings if found.startswith(one)):
                    for wanted in self._beginnings[beginning]:
                        if title or not wanted.title:
                            yield wanted.term, (start, first if len(beginning) == 1 else end)

    def spans(self, text: str, *, title: bool = False) -> list[Span]:
        """The parts of a text to mark; they may overlap."""
        return [span for _, span in self.find(text, title=title)]


def find_marks(query: Query | None) -> Marks:
    """What to mark for a query; nothing without one."""
    wanted: dict[tuple[tuple[str, ...], bool, bool], _Wanted] = {}
    for number, term in enumerate(query.terms if query else ()):
        if term.field == "author":
            continue
        for words, prefix in (*term_forms(term), *(term_words(Term(text=name)) for name in term.also)):
            key = (tuple(map(stem, words)), prefix, term.field == "title")
            if words:
                wanted.setdefault(key, _Wanted(key[0], prefix, number, key[2]))
    return Marks(tuple(wanted.values()))


def marked(text: str, spans: Sequence[Span]) -> Pieces:
    """Split text into pieces, marked or not. Spans may overlap and come in any order."""
    found: Pieces = []
    at = 0
    for start, end in sorted(spans):
        start = max(start, at)
        if end <= start:
            continue
        if start > at:
            found.append((text[at:start], False))
        before = found.pop()[0] if found and found[-1][1] else ""  # marks that touch are one
        found.append((before + text[start:end], True))
        at = end
    return found + ([(text[at:], False)] if at < len(text) else [])


def highlight(text: str, marks: Marks, *, title: bool = False) -> Pieces:
    """Split text into pieces; the hits are marked."""
    return marked(text, marks.spans(text, title=title))


def excerpt(text: str, marks: Marks, width: int = 260) -> Pieces:
    """About `width` characters of a text from its best sentence on, or its beginning; hits are marked."""
    start = _best_start(text, list(marks.find(text)), width)
    cut = _whole(headline(text[start : start + 4 * width], width), width)
    begins = start == 0 or _ENDS.search(text[max(0, start - 3) : start]) is not None
    return highlight(cut if begins else f"…{cut}", marks)


def _best_start(text: str, hits: Sequence[tuple[int, Span]], width: int) -> int:
    """Where to begin: at the sentence with most different terms, or between words where its first hit is far in it.

    A text whose beginning shows as many is shown from its beginning.
    """
    if not hits:
        return 0
    starts = [0, *(match.end() for match in _ENDS.finditer(text) if match.end() < len(text))]
    best, most = 0, len({term for term, (_, end) in hits if end <= width - 40})
    for start, stop in zip(starts, [*starts[1:], len(text)], strict=True):
        inside = [(term, span) for term, span in hits if start <= span[0] < stop]
        if len({term for term, _ in inside}) > most:
            most = len({term for term, _ in inside})
            best = start
            first = inside[0][1]
            if first[1] - start > width - 40:  # a long sentence: begin between words, a little before the hit
                near = max(start, first[0] - width // 3)
                best = text.find(" ", near, first[0]) + 1 or near
    return best


def _whole(cut: str, width: int) -> str:
    """Cut at the end of a sentence, if one ends in the second half."""
    if not cut.endswith("…"):
        return cut
    ends = [match.end() for match in re.finditer(r"[.!?][\"”’)]*(?= |…|$)|。", cut)]
    return cut[: ends[-1]] if ends and ends[-1] > width * 0.5 else cut


def _index(text: str) -> tuple[list[str], list[_Place]]:
    """The stems of a text as the index has them, and the place of each."""
    stems: list[str] = []
    places: list[_Place] = []
    for match in pieces(text):
        piece = match[0]
        if is_run(piece):
            start, spans = match.start(), sign_spans(piece)
            for (begin, first), (_, end), pair in zip(spans, [*spans[1:], spans[-1]], pairs(signs(piece)), strict=True):
                stems.append(stem(pair))
                places.append((start + begin, start + end, start + first))
        else:
            for one in _stems(piece):
                stems.append(one)
                places.append(match)
    return stems, places


@lru_cache(maxsize=65_536)
def _stems(piece: str) -> tuple[str, ...]:
    return tuple(map(stem, fold_piece(piece).split()))


def _span(place: _Place) -> tuple[int, int, int]:
    return place if isinstance(place, tuple) else (place.start(), place.end(), place.end())


def _follows(wanted: _Wanted, stems: Sequence[str], at: int) -> bool:
    """Whether the phrase goes on from here."""
    size = len(wanted.stems)
    if size == 1:
        return True
    found = tuple(stems[at : at + size])
    if wanted.prefix and len(found) == size:
        return found[:-1] == wanted.stems[:-1] and found[-1].startswith(wanted.stems[-1])
    return found == wanted.stems
