"""Warnings of documents and stories in words: what a reader should know before believing them.

`find_warnings` gives those of documents, `find_story_warnings` those of stories, each by its number, in the order of
KINDS. A warning of a headline names the animals: "headline does not say: mice"; that of a story says of how many
headlines it is true: "1 of 4 headlines claims an effect and does not say: mice" (others may name no animal and claim
nothing). Each has the sentence that shows it and the reason, the document that it rests on, and the search and the list
that have all of its kind.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from publish.pages.rows import DocumentLine, OpenEdition, listed
from publish.warning_words import name_many, say_warning

ANIMALS = """
(SELECT group_concat(l.value, '; ') FROM label l
    WHERE l.document = {} AND l.facet = 'species' AND l.value <> 'human')"""
COLUMNS = f"""
w.document, w.kind, w.other, w.sentence, w.why,
coalesce({ANIMALS.format("w.document")}, {ANIMALS.format("w.other")}, '') AS species"""
WARNINGS = f"""
SELECT w.document AS owner, {COLUMNS}
FROM json_each(:ids) j CROSS JOIN warning w ON w.document = j.value ORDER BY j.key"""
OF_STORIES = f"""
SELECT m.story AS owner, {COLUMNS}
FROM json_each(:ids) j CROSS JOIN member m ON m.story = j.value JOIN warning w ON w.document = m.document
ORDER BY j.key, w.document"""
MEMBERS = """
SELECT m.story, d.id, d.kind,
    EXISTS (SELECT 1 FROM speaker p WHERE p.document = d.id) AS quotes,
    EXISTS (SELECT 1 FROM speaker p WHERE p.document = d.id AND p.independent = 'yes') AS independent,
    EXISTS (SELECT 1 FROM rests_on r WHERE r.document = d.id AND r.value = 'paper') AS reviewed,
    EXISTS (SELECT 1 FROM rests_on r WHERE r.document = d.id AND r.value = 'retracted') AS retracted
FROM json_each(:ids) j CROSS JOIN member m ON m.story = j.value JOIN document d ON d.id = m.document
WHERE d.kind IN ('news', 'release', 'explainer')"""
LINES = "SELECT * FROM card WHERE id IN (SELECT value FROM json_each(:ids))"
LISTS = {  # kind -> its list at /watch
    "rests on retracted work": "status-changes",
    "headline leaves out animals": "only-in-animals",
    "rests on a preprint": "rests-on-a-preprint",
    "says more than its paper": "says-more-than-its-paper",
    "no independent voice": "no-independent-voice",
}
KINDS = tuple(LISTS)  # the gravest first
RESTING = {"rests on retracted work": "a paper that was taken back", "rests on a preprint": "a preprint"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Teller:
    """A document of a story that tells it: whether it quotes anybody, and anybody who is known to be independent.

    `reviewed`: it rests on a paper, or on a preprint that was published; `retracted`: on one that was taken back.
    """

    story: int
    id: int
    kind: str
    quotes: int
    independent: int
    reviewed: int = 0
    retracted: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class WarningLine:
    """One warning of a document. `about` is the document; `rests_on` the one that it rests on.

    `of_many`: its words where it is one of a story, which say how many documents have it.
    """

    owner: int
    document: int
    kind: str
    other: int | None
    sentence: str
    why: str
    species: str
    about: DocumentLine | None = None
    rests_on: DocumentLine | None = None
    of_many: str = ""

    @property
    def words(self) -> str:
        """As cards show it."""
        return self.of_many or say_warning(self.kind, why=self.why, species=self.species)

    @property
    def list(self) -> str:
        """The page with all of its kind."""
        return f"/watch/{LISTS[self.kind]}"


async def find_warnings(edition: OpenEdition, documents: Sequence[int]) -> dict[int, tuple[WarningLine, ...]]:
    """The warnings of documents, by their number; a document without any is left out."""
    return await _find(edition, WARNINGS, documents)


async def find_story_warnings(edition: OpenEdition, stories: Sequence[int]) -> dict[int, tuple[WarningLine, ...]]:
    """The warnings of stories, by their number, in words of the story; `about` is the document that has it."""
    found = await _find(edition, OF_STORIES, stories)
    tellers: dict[int, list[Teller]] = defaultdict(list)
    for one in await edition.rows(Teller, MEMBERS, listed(list(found))) if found else ():
        tellers[one.story].append(one)
    told = {story: of_story(some, tellers[story]) for story, some in found.items()}
    return {story: some for story, some in told.items() if some}


def of_story(warnings: Sequence[WarningLine], tellers: Sequence[Teller]) -> tuple[WarningLine, ...]:
    """The warnings of a story's documents, with words that say of how many it is true.

    No voice is missing where another document has one; and that nobody independent speaks is said of the story only
    where every document that quotes people has this warning. What some documents rest on is said of the story only
    where no other document rests on a paper that is in order.
    """
    many: dict[str, set[int]] = defaultdict(set)
    for one in warnings:
        many[one.kind].add(one.document)
    quoting = {one.id for one in tellers if one.quotes and one.kind != "release"}
    heard = any(one.independent for one in tellers)
    sound = {one.id for one in tellers if one.reviewed and not one.retracted}
    told = {
        kind: _say(kind, len(some), len(tellers), all_of_them=quoting <= some, all_alike=sound <= some)
        for kind, some in many.items()
        if not (kind == "no independent voice" and heard)
    }
    return tuple(replace(one, of_many=_fill(told[one.kind], one)) for one in warnings if one.kind in told)


def _say(kind: str, some: int, tellers: int, *, all_of_them: bool, all_alike: bool) -> str:
    """The words of a kind for a story; empty: those of a document."""
    one = some == 1
    if kind == "headline leaves out animals" and tellers > 1:
        claims = "claims an effect and does" if one else "claim an effect and do"
        return f"{some} of {tellers} headlines {claims} not say: {{}}"
    if kind == "says more than its paper" and tellers > 1:
        return f"{some} of {tellers} texts {'says' if one else 'say'} more than the paper"
    if kind == "no independent voice" and not all_of_them:
        return f"{some} of {tellers} texts {'quotes' if one else 'quote'} only people of the study"
    if kind in RESTING and not all_alike:
        return f"{some} of {tellers} texts {'rests' if one else 'rest'} on {RESTING[kind]}"
    return ""


def _fill(told: str, one: WarningLine) -> str:
    return told.format(name_many(one.species) or "animals")


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
