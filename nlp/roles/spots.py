"""Where mentions are: the sentence of each, the words before and behind it, and how far down the text it is.

A text without a title has its first line as headline if that looks like one (short, without a full stop, more below).
The lead is what a reader sees first: the first `LEAD` characters below the headline.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass

from core.records import Mention
from nlp.classify.page import sentences

HEADLINE = 30  # words
LEAD = 700  # characters
LEAD_DENSE = 300  # of a text whose script has no spaces
DENSE = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff\uac00-\ud7a3]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """One mention in its sentence. `number` counts the sentences of the text; -1 is the title."""

    mention: Mention
    sentence: str
    before: str  # words of the sentence before the mention
    behind: str
    number: int
    titled: bool
    lead: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A text with its sentences and the mentions in them."""

    title: str
    bare: str  # the title without the mentions in it
    lead: str
    sentences: tuple[str, ...]
    spots: tuple[Spot, ...]

    def next_to(self, spot: Spot) -> str:
        """The sentence that follows the one of a mention."""
        return self.sentences[spot.number + 1] if 0 <= spot.number + 1 < len(self.sentences) else ""


def end_of_headline(text: str) -> int:
    """Where the first line ends if it looks like a headline, else 0."""
    line, _, rest = text.lstrip().partition("\n")
    if not rest.strip() or not 3 <= len(line.split()) <= HEADLINE or line.rstrip().endswith((".", "。", ":", ",")):
        return 0
    return len(text) - len(rest)


def find_spots(title: str, text: str, mentions: tuple[Mention, ...]) -> Text:
    """The text cut into sentences, with a spot for each mention in the order of `mentions`."""
    cut = 0 if title else end_of_headline(text)
    headline = title or text[:cut].strip()
    bounds = [(start, end) for start, end in sentences(text) if start >= cut]
    starts = [start for start, _ in bounds]
    long = LEAD_DENSE if len(DENSE.findall(text[:LEAD])) > LEAD // 4 else LEAD
    spots = []
    for m in mentions:
        if m.part == "title" or m.end <= cut:
            whole, offset = (title, 0) if m.part == "title" else (text[:cut], 0)
            spots.append(_make_spot(m, whole, m.start - offset, m.end - offset, -1, titled=True, lead=True))
            continue
        number = bisect_right(starts, m.start) - 1
        start, end = bounds[number] if number >= 0 else (m.start, m.end)
        lead = m.start < cut + long
        spots.append(
            _make_spot(
                m, text[start : max(end, m.end)], m.start - start, m.end - start, number, titled=False, lead=lead
            )
        )
    return Text(
        title=headline,
        bare=_blank_out(title or text[:cut], [spot.mention for spot in spots if spot.titled]),
        lead=text[cut : cut + long],
        sentences=tuple(text[start:end] for start, end in bounds),
        spots=tuple(spots),
    )


def _blank_out(title: str, mentions: list[Mention]) -> str:
    for m in mentions:
        title = title[: m.start] + " " * (m.end - m.start) + title[m.end :]
    return title


def _make_spot(mention: Mention, whole: str, start: int, end: int, number: int, *, titled: bool, lead: bool) -> Spot:
    return Spot(
        mention=mention, sentence=whole, before=whole[:start], behind=whole[end:], number=number, titled=titled,
        lead=lead,
    )  # fmt: skip
