"""What the components of the pipeline tell each other about one document, in characters.

spaCy's own spans are made of tokens, and a Korean sentence under the English tokenizer is a handful of tokens;
so findings are kept as character offsets of the text that the pipeline reads, in `doc.user_data[KEY]`.
A component that works with tokens (a trained model) adds its spans here too.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from core.records import Concept
from nlp.entities.typefiles import EntityType
from nlp.entities.vocabulary import Name, Vocabulary

KEY = "stemwire"


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One span (end exclusive) of one type, with what its name may mean."""

    start: int
    end: int
    type: str
    names: tuple[Name, ...]  # of this type only; empty: found by its shape
    component: str
    concept: Concept | None = None  # what names itself (an identifier) needs no candidates
    why: str | None = None  # what there is to say beyond "exact name", in words

    @property
    def length(self) -> int:
        return self.end - self.start


@dataclass(slots=True, kw_only=True)
class Notes:
    """A document on its way through the pipeline."""

    text: str
    folded: str
    country: str | None
    candidates: dict[str, list[Found]] = field(default_factory=dict)  # type -> names seen, not yet judged
    found: list[Found] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tools:
    """What components are built with: the types that name them, and the vocabulary."""

    types: tuple[EntityType, ...]
    vocabulary: Vocabulary

    @property
    def in_dialect(self) -> bool:
        """True when a type is read in the dialect of a corpus: rules for news do not hold then."""
        return any("dialect" in one.options for one in self.types)

    def of_component(self, component: str) -> tuple[EntityType, ...]:
        return tuple(one for one in self.types if one.component == component)


def notes_of(doc: Any) -> Notes:
    """The notes of a spaCy document that came through this pipeline."""
    notes = doc.user_data[KEY]
    assert isinstance(notes, Notes)
    return notes


def keep_longest(found: list[Found]) -> list[Found]:
    """Leftmost, then longest, without overlap; of one type (the caller sees to that)."""
    kept: list[Found] = []
    for one in sorted(found, key=lambda f: (f.start, -f.end)):
        if not kept or one.start >= kept[-1].end:
            kept.append(one)
    return kept


Component = Callable[[Any], Any]
