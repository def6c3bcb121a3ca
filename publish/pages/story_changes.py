"""What changed on the pages of a story after they were published: each edit with its changes, the newest first.

An edit is silent where it changed more than looks and the new text has no note of a correction. Only changes of wording
are listed last, and changes of looks are counted.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from publish.pages.rows import OpenEdition, listed
from publish.pages.story_members import Member

ORDER = ("number", "stage", "name", "correction note", "wording", "cosmetic")  # the gravest first
VERSIONS = """
SELECT v.document, v.replaced, v.retitled FROM json_each(:ids) j CROSS JOIN version v ON v.document = j.value
ORDER BY v.replaced DESC LIMIT 60"""
EDITS = """
SELECT e.document, e.replaced, e.part, e.kind, e.before, e.after, e.silent, e.why
FROM json_each(:ids) j CROSS JOIN edit e ON e.document = j.value ORDER BY j.key, e.replaced, e.place LIMIT 400"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """When the page of a document was seen to have changed."""

    document: int
    replaced: str
    retitled: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """One change of an edit."""

    document: int
    replaced: str
    part: str
    kind: str
    before: str
    after: str
    silent: int
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """An edit of a page: its changes, the gravest first. `silent`: no note of a correction goes with it."""

    member: Member
    replaced: str
    retitled: bool
    edits: tuple[Edit, ...]

    @property
    def silent(self) -> bool:
        return any(edit.silent for edit in self.edits)


async def find_changes(edition: OpenEdition, members: Sequence[Member]) -> list[Change]:
    """The edits of these documents."""
    ids = listed([member.document for member in members])
    return to_changes(
        await edition.rows(Version, VERSIONS, ids), await edition.rows(Edit, EDITS, ids), members
    )  # fmt: skip


def to_changes(versions: Iterable[Version], edits: Iterable[Edit], members: Sequence[Member]) -> list[Change]:
    """Versions with their edits."""
    by_id = {member.document: member for member in members}
    found: dict[tuple[int, str], list[Edit]] = defaultdict(list)
    for edit in edits:
        found[edit.document, edit.replaced].append(edit)
    return [
        Change(
            member=by_id[one.document], replaced=one.replaced, retitled=bool(one.retitled),
            edits=tuple(sorted(found[one.document, one.replaced], key=lambda edit: _rank(edit.kind))),
        )
        for one in versions
    ]  # fmt: skip


def _rank(kind: str) -> int:
    return ORDER.index(kind) if kind in ORDER else len(ORDER)
