"""The documents of a story: what each is in it, who publishes it, and which of them are outlets.

An outlet is a source of news or explainers. A press desk, a journal and a registry publish what the news is made of:
they are named, and never counted as outlets.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from publish.pages.rows import DocumentLine, OpenEdition

OUTLETS = ("news", "explainer")  # kinds of document that an outlet publishes
WORKS = ("paper", "preprint")
EVERY = -1

MEMBERS = """
SELECT m.document, m.role, m.kept, m.added, m.dropped, m.why, d.id, d.title, d.kind, d.day, d.slug, d."key", d.lang,
    d.source, d.country, s.name AS source_name, d.url, d.licence, d.journal
FROM member m JOIN document d ON d.id = m.document JOIN source s ON s.id = d.source
WHERE m.story = :id ORDER BY m.role <> 'origin', m.role <> 'release', d.day, d.id LIMIT :most"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Member(DocumentLine):
    """A document of a story, and how it tells it."""

    document: int
    role: str
    kept: float | None
    added: str
    dropped: str
    why: str
    url: str
    licence: str
    journal: str | None

    @property
    def name(self) -> str:
        """Who publishes it: of a paper or preprint its journal or server, else its source."""
        return (self.journal if self.kind in WORKS else None) or self.source_name

    @property
    def outlet(self) -> bool:
        return self.kind in OUTLETS


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """Who tells a story: outlets and their countries, press desks, and how many records are in it."""

    outlets: int
    countries: tuple[str, ...]
    desks: tuple[str, ...]
    papers: int
    preprints: int
    trials: int


async def find_members(edition: OpenEdition, story: int, most: int = EVERY) -> list[Member]:
    """The documents of a story: what it began with, the releases, then the others by their day."""
    return await edition.rows(Member, MEMBERS, {"id": story, "most": most})


def find_reach(members: Sequence[Member]) -> Reach:
    """Who tells it."""
    outlets = [member for member in members if member.outlet]
    return Reach(
        outlets=len({member.source for member in outlets}),
        countries=tuple(dict.fromkeys(member.country for member in outlets if member.country)),
        desks=tuple(dict.fromkeys(member.source_name for member in members if member.kind == "release")),
        papers=sum(member.kind == "paper" for member in members),
        preprints=sum(member.kind == "preprint" for member in members),
        trials=sum(member.kind == "trial" for member in members),
    )


def in_time(members: Sequence[Member]) -> list[Member]:
    """By the day of publication; on one day papers, then releases, then the others."""
    return sorted(members, key=lambda m: (m.day, m.kind not in WORKS, m.kind != "release", m.id))
