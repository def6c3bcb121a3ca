"""Marks the words of a search in plain text, and cuts an excerpt around them.

`find_marks` makes, of a query, what its terms are in the index: folded words and their stems (`term_words`,
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
from functools import cached_property

from core.text import headline
from publish.search.clauses import Query, Term
from publish.search.fold import fold_piece, is_run, pairs, pieces, sign_spans, signs
from publish.search.fts import term_words
from publish.search.stems import stem

Pieces = list[tuple[str, bool]]
Span = tuple[int, int]

_ENDS = re.compile(r"(?<=[.!?])[\"”’)\]]*\s+|\n+|(?<=[。！？])")


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A phrase of stems. `term` numbers the term that it is a name of."""

    stems: tuple[str, ...]
    prefix: bool
    term: int
    title: bool  # it is asked for in titles only


@dataclass(frozen=True, slots=True)
class _Token:
    """A word of a text as the index has it, and the part of the text that stands for it."""

    stem: str
    start: int
    end: int
    first: int  # where its first sign ends, if it is a pair of signs


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
    def _beginnings(self) -> tuple[_Wanted, ...]:
        return tuple(wanted for wanted in self.wanted if len(wanted.stems) == 1 and wanted.prefix)

    def find(self, text: str, *, title: bool = False) -> Iterator[tuple[int, Span]]:
        """(term, span) of each hit, in the order of the text. `title`: the text is a title."""
        if not self.wanted:
            return
        tokens = list(_tokens(text))
        for place, token in enumerate(tokens):
            for wanted in self._by_stem.get(token.stem, ()):
                last = _match(wanted, tokens, place)
                if last is not None and (title or not wanted.title):
                    yield wanted.term, (token.start, last)
            for wanted in self._beginnings:
                if token.stem.startswith(wanted.stems[0]) and (title or not wanted.title):
                    yield wanted.term, (token.start, token.first if len(wanted.stems[0]) == 1 else token.end)

    def spans(self, text: str, *, title: bool = False) -> list[Span]:
        """The parts of a text to mark; they may overlap."""
        return [span for _, span in self.find(text, title=title)]


def find_marks(query: Query | None) -> Marks:
    """What to mark for a query; nothing without one."""
    wanted: dict[tuple[tuple[str, ...], bool, bool], _Wanted] = {}
    for number, term in enumerate(query.terms if query else ()):
        if term.field == "author":
            continue
        for one in (term, *(Term(text=name) for name in term.also)):
            words, prefix = term_words(one)
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


def _tokens(text: str) -> Iterator[_Token]:
    """The words of a text as the index has them, with their places."""
    for match in pieces(text):
        start = match.start()
        if is_run(match[0]):
            spans = sign_spans(match[0])
            for place, pair in enumerate(pairs(signs(match[0]))):
                begin, first = spans[place]
                last = spans[min(place + 1, len(spans) - 1)][1]
                yield _Token(stem(pair), start + begin, start + last, start + first)
        else:
            for word in fold_piece(match[0]).split():
                yield _Token(stem(word), start, match.end(), match.end())


def _match(wanted: _Wanted, tokens: Sequence[_Token], place: int) -> int | None:
    """Where the phrase that begins with this token ends, or None if it does not go on."""
    some = tokens[place : place + len(wanted.stems)]
    if len(some) < len(wanted.stems):
        return None
    found = [token.stem for token in some]
    if wanted.prefix:
        same = found[:-1] == list(wanted.stems[:-1]) and found[-1].startswith(wanted.stems[-1])
    else:
        same = found == list(wanted.stems)
    return some[-1].end if same else None
