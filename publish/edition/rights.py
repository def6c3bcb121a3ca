"""What may be shown of a document, decided by its licence alone.

`full`               the text, up to SHOWN characters.
`abstract`           the summary; for a paper, preprint or trial without one, or with one that a feed has cut short,
                     its text if that is no longer than an abstract. If the summary is the beginning of the text,
                     mentions keep their offsets.
`headline-and-link`  no text and no summary. Quotations instead: at most QUOTES sentences that contain a mention, each
                     at most QUOTE characters and together at most a fifth of the text (of a short text, one sentence).
                     A longer sentence is cut between words around its mention. Sentences that mention the most
                     different entities are chosen first; they are shown in the order of the text.
Any other value is an error.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from core.errors import PublishError
from core.records import Mention
from publish.sentences import find_sentences

SHOWN = 60_000
ABSTRACT = 4_000
QUOTES = 3
QUOTE = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """`text` is empty if none may be shown; `part` is text or abstract; `offsets`: offsets of mentions fit it."""

    text: str
    part: str
    cut: bool
    offsets: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """Part of a sentence; `start` and `end` are the characters of its mention."""

    text: str
    start: int
    end: int


def find_shown(*, licence: str, kind: str, text: str, summary: str) -> Shown:
    """Decide what may be shown of a text. Raises PublishError on an unknown licence."""
    if licence == "full":
        cut = _cut(text, SHOWN)
        return Shown(text=cut, part="text", cut=len(cut) < len(text), offsets=True)
    if licence == "abstract":
        if kind in ("paper", "preprint", "trial") and len(text) <= ABSTRACT and _goes_on(summary, text):
            summary = text
        cut = _cut(summary, ABSTRACT)
        return Shown(text=cut, part="abstract", cut=len(cut) < len(summary), offsets=bool(cut) and text.startswith(cut))
    if licence == "headline-and-link":
        return Shown(text="", part="text", cut=bool(text), offsets=False)
    raise PublishError(f"unknown licence {licence!r}", where="document.licence")


def find_quotes(text: str, mentions: Sequence[Mention]) -> tuple[Quote, ...]:
    """Short quotations with mentions, in the order of the text."""
    found = []
    for start, end in find_sentences(text):
        inside = [m for m in mentions if m.part == "text" and start <= m.start and m.end <= end]
        if not inside or end - start < 25:
            continue
        best = max(inside, key=lambda m: (m.concept is not None, m.end - m.start, -m.start))
        things = {m.concept or m.surface.casefold() for m in inside}
        found.append((len(things), -start, _quote(text[start:end], best.start - start, best.end - start)))
    most = max(len(text) // 5, 1)
    chosen: list[tuple[int, Quote]] = []
    for _, start, quote in sorted(found, key=lambda item: item[:2], reverse=True):
        if len(chosen) == QUOTES or (chosen and sum(len(q.text) for _, q in chosen) + len(quote.text) > most):
            break
        chosen.append((-start, quote))
    return tuple(quote for _, quote in sorted(chosen, key=lambda item: item[0]))


def _goes_on(summary: str, text: str) -> bool:
    """Whether the summary was cut short and the text contains its last words."""
    cut = re.sub(r"\s*(?:…|\.\.\.|\[…\]|\[\.\.\.\])$", "", summary)
    return not summary or (cut != summary and len(cut) > 40 and " ".join(cut[-40:].split()) in " ".join(text.split()))


def _quote(sentence: str, start: int, end: int) -> Quote:
    """The sentence; a long one is cut between words around its mention."""
    if len(sentence) <= QUOTE:
        return Quote(text=sentence, start=start, end=end)
    most = QUOTE - 2  # an ellipsis at either end
    end = min(end, start + most)
    left = max(0, min(start - (most - (end - start)) // 2, len(sentence) - most))
    right = min(len(sentence), left + most)
    if left and (space := sentence.find(" ", left, start)) >= 0:
        left = space + 1
    if right < len(sentence) and (space := sentence.rfind(" ", end, right)) >= 0:
        right = space
    before, after = "…" if left else "", "…" if right < len(sentence) else ""
    return Quote(
        text=before + sentence[left:right] + after, start=start - left + len(before), end=end - left + len(before)
    )


def _cut(text: str, limit: int) -> str:
    """Whole paragraphs up to the limit, or whole words if the first is longer."""
    if len(text) <= limit:
        return text
    end = text.rfind("\n\n", 0, limit)
    if end <= 0:
        end = max(text.rfind(" ", 0, limit), text.rfind("。", 0, limit))
    return text[: end if end > 0 else limit].rstrip()


def http(url: str | None) -> str | None:
    """An address that may be linked, or None."""
    return url if url and re.match(r"https?://[^\s<>\"']+$", url) else None
