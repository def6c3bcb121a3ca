"""Warnings of documents and stories in words: what a reader should know before believing them.

`find_warnings` gives those of documents, `find_story_warnings` those of stories, each by its number, in the order of
KINDS. A warning of a headline names the animals: "headline does not say: mice". Each has the sentence that shows it and
the reason, the document that it rests on, and the search and the list that have all of its kind.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from core.facets import facets
from publish.pages.rows import DocumentLine, OpenEdition, listed

WARNINGS = """
SELECT w.document AS owner, w.document, w.kind, w.other, w.sentence, w.why,
    coalesce((SELECT group_concat(l.value, '; ') FROM label l WHERE l.document = w.document AND l.facet = 'species'
        AND l.value <> 'human'), '') AS species
FROM json_each(:ids) j CROSS JOIN warning w ON w.document = j.value ORDER BY j.key"""
OF_STORIES = """
SELECT m.story AS owner, w.document, w.kind, w.other, w.sentence, w.why,
    coalesce((SELECT group_concat(l.value, '; ') FROM label l WHERE l.document = w.document AND l.facet = 'species'
        AND l.value <> 'human'), '') AS species
FROM json_each(:ids) j CROSS JOIN member m ON m.story = j.value JOIN warning w ON w.document = m.document
ORDER BY j.key, w.document"""
LINES = "SELECT * FROM card WHERE id IN (SELECT value FROM json_each(:ids))"
LISTS = {  # kind -> its list at /watch
    "rests on retracted work": "status-changes",
    "headline leaves out animals": "only-in-animals",
    "rests on a preprint": "rests-on-a-preprint",
    "says more than its paper": "says-more-than-its-paper",
    "no independent voice": "no-independent-voice",
}
KINDS = tuple(LISTS)  # the gravest first
WORDS = {"rests on retracted work": "paper retracted"}  # where they differ from the kind


@dataclass(frozen=True, slots=True, kw_only=True)
class WarningLine:
    """One warning of a document. `about` is the document; `rests_on` the one that it rests on."""

    owner: int
    document: int
    kind: str
    other: int | None
    sentence: str
    why: str
    species: str
    about: DocumentLine | None = None
    rests_on: DocumentLine | None = None

    @property
    def words(self) -> str:
        """As cards show it."""
        if self.kind == "headline leaves out animals":
            return f"headline does not say: {name_many(self.species) or 'animals'}"
        return WORDS.get(self.kind, self.kind)

    @property
    def list(self) -> str:
        """The page with all of its kind."""
        return f"/watch/{LISTS[self.kind]}"


async def find_warnings(edition: OpenEdition, documents: Sequence[int]) -> dict[int, tuple[WarningLine, ...]]:
    """The warnings of documents, by their number; a document without any is left out."""
    return await _find(edition, WARNINGS, documents)


async def find_story_warnings(edition: OpenEdition, stories: Sequence[int]) -> dict[int, tuple[WarningLine, ...]]:
    """The warnings of stories, by their number: those of every member, each of which names its document."""
    return await _find(edition, OF_STORIES, stories)


async def _find(edition: OpenEdition, sql: str, ids: Sequence[int]) -> dict[int, tuple[WarningLine, ...]]:
    found = await edition.rows(WarningLine, sql, listed(list(ids)))
    asked = sorted({one.document for one in found} | {one.other for one in found if one.other})
    lines = {one.id: one for one in await edition.rows(DocumentLine, LINES, listed(asked))} if asked else {}
    return by_owner(found, lines)


def by_owner(found: Iterable[WarningLine], lines: Mapping[int, DocumentLine]) -> dict[int, tuple[WarningLine, ...]]:
    """Warnings with their documents, by owner, in the order of KINDS."""
    some: dict[int, list[WarningLine]] = defaultdict(list)
    for one in found:
        some[one.owner].append(replace(one, about=lines.get(one.document), rests_on=lines.get(one.other or 0)))
    return {owner: tuple(sorted(these, key=lambda one: KINDS.index(one.kind))) for owner, these in some.items()}


def in_words(warnings: Iterable[WarningLine]) -> list[tuple[str, int]]:
    """(words, how many documents) of the warnings of a story, each once."""
    told: dict[str, int] = {}
    for one in warnings:
        told[one.words] = told.get(one.words, 0) + 1
    return list(told.items())


def name_many(species: str) -> str:
    """`mouse; pig` -> `mice, pigs`."""
    facet = facets().find("label", "species")
    plurals = facet.plurals if facet else {}
    return ", ".join(plurals.get(one, one) for one in species.split("; ") if one)
