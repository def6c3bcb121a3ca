"""What every component of the pipeline is: an object that reads annotations and changes them.

A component holds its settings and no document. `annotate` is free of spaCy, so that a test can call it with
`Annotations` of its own.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

from nlp.entities.annotations import Annotations, Doc, get_annotations
from nlp.entities.typefiles import EntityType
from nlp.entities.vocabulary import Name, Vocabulary


class Component(ABC):
    """One step of the pipeline.

    `english`: its rules are of the English language. What it does in text of another language is undone.
    """

    english = False

    def __call__(self, doc: Doc) -> Doc:
        """What spaCy calls."""
        annotations = get_annotations(doc)
        if self.english and annotations.foreign:
            self.annotate_english(annotations)
        else:
            self.annotate(annotations)
        return doc

    def annotate_english(self, annotations: Annotations) -> None:
        """Annotate, and leave the parts in another language as they were."""
        if not annotations.has_english:
            return
        before = [one for one in annotations.found if annotations.is_foreign(one)]
        self.annotate(annotations)
        annotations.found = before + [one for one in annotations.found if not annotations.is_foreign(one)]

    @abstractmethod
    def annotate(self, annotations: Annotations) -> None:
        """Add to `annotations.found`, or change what it holds."""


class Inactive(Component):
    """Replaces a component that the entity types in use do not need."""

    def annotate(self, annotations: Annotations) -> None:
        """Change nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tools:
    """What components are built with: all entity types in use, and the vocabulary."""

    types: tuple[EntityType, ...]
    vocabulary: Vocabulary

    @property
    def in_dialect(self) -> bool:
        """True when a type is read in the dialect of a corpus. Rules for news do not apply then."""
        return any("dialect" in one.options for one in self.types)

    def of_component(self, component: str) -> tuple[EntityType, ...]:
        """The types that name this component in their TOML."""
        return tuple(one for one in self.types if one.component == component)

    def number_of(self, label: str) -> int:
        """The number of a type in the vocabulary. Raises ValueError."""
        return self.vocabulary.labels.index(label)


def names_of_type(vocabulary: Vocabulary, folded: str, number: int) -> tuple[Name, ...]:
    """The meanings of one folded name that are of the type with this number."""
    return tuple(name for name in vocabulary.get_names(folded) if name.type == number)
