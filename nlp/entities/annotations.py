"""What the components of the pipeline have found in one document so far, as character offsets.

spaCy's own spans consist of tokens, and a Korean sentence has only a handful of them. So findings are character
offsets of the text that the pipeline reads. They are in `doc.user_data[KEY]`. A component that works with tokens (a
trained model) converts its spans and adds them here too.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from typing import Any, Protocol

from core.records import Concept
from nlp.entities.vocabulary import Name

KEY = "stemwire"


class Doc(Protocol):
    """The part of a spaCy Doc that components use."""

    user_data: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class EntitySpan:
    """One span (characters, end exclusive) of one type, with what its name may mean."""

    start: int
    end: int
    type: str
    names: tuple[Name, ...]  # of this type only; empty: no name of the lexicons
    component: str
    concept: Concept | None = None  # set where the span is its own identifier and needs no candidates
    why: str | None = None  # the reason in words, if it is more than "exact name"

    @property
    def length(self) -> int:
        """Characters."""
        return self.end - self.start

    def overlaps(self, other: EntitySpan) -> bool:
        """True when both share a character."""
        return other.start < self.end and self.start < other.end


@dataclass(slots=True, kw_only=True)
class Annotations:
    """A text with what the components have found in it. `folded` is `fold(text)`; `country` is the document's.

    In the spans of `foreign` only names of the lexicons count (`foreign.py`); `lang` is the language there.
    """

    text: str
    folded: str
    country: str | None
    candidates: dict[str, list[EntitySpan]] = field(default_factory=dict)  # type -> names seen, not yet accepted
    found: list[EntitySpan] = field(default_factory=list)
    lang: str | None = "en"
    foreign: tuple[tuple[int, int], ...] = ()

    def is_foreign(self, span: EntitySpan) -> bool:
        """True for a span in a part that is not read in full."""
        at = bisect_right(self.foreign, (span.start, len(self.text) + 1)) - 1
        return at >= 0 and span.start < self.foreign[at][1]

    @property
    def has_english(self) -> bool:
        """False when all of the text is foreign."""
        return self.foreign != ((0, len(self.text)),)

    def surface(self, span: EntitySpan) -> str:
        """The text of a span."""
        return self.text[span.start : span.end]

    def split_by_type(self, label: str) -> tuple[list[EntitySpan], list[EntitySpan]]:
        """Findings of this type, and all others, each in their order."""
        own = [one for one in self.found if one.type == label]
        return own, [one for one in self.found if one.type != label]


def get_annotations(doc: Doc) -> Annotations:
    """The annotations of a document that came through this pipeline."""
    annotations = doc.user_data[KEY]
    assert isinstance(annotations, Annotations)
    return annotations


def keep_longest(found: list[EntitySpan]) -> list[EntitySpan]:
    """Spans without overlap: the leftmost first, then the longest. The caller passes spans of one type."""
    kept: list[EntitySpan] = []
    for one in sorted(found, key=lambda f: (f.start, -f.end)):
        if not kept or one.start >= kept[-1].end:
            kept.append(one)
    return kept
