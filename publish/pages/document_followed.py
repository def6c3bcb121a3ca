"""What a reader of a document can follow: what lasts longer than its text.

In order: the paper, preprint or trial that it is, by its own numbers; the papers and trials that it rests on, by
theirs; its story.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from publish.pages.basis import Basis
from publish.pages.cite import OWN, Citation
from publish.pages.paper_links import PaperLink
from publish.pages.rows import OpenEdition

MOST_NUMBERS = 10  # of what a document rests on, in one address
STORY = 'SELECT s."key" AS story FROM member m JOIN story s ON s.id = m.story WHERE m.document = :id LIMIT 1'


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryKey:
    """The key of a story."""

    story: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Followed:
    """Something to follow; `what` says it in words. It has either a story or numbers (`scheme:value`)."""

    what: str
    story: str = ""
    own: tuple[str, ...] = ()


async def find_followed(edition: OpenEdition, document: int, citation: Citation, more: Basis) -> list[Followed]:
    """What can be followed of a document: itself first, what it rests on, then its story."""
    story = await edition.first(StoryKey, STORY, {"id": document})
    return [*_by_number(citation, more), *([Followed(what="its story", story=story.story)] if story else [])]


def _by_number(citation: Citation, more: Basis) -> Iterator[Followed]:
    if citation.kind in OWN and (own := _own_numbers(citation)):
        yield Followed(what=f"this {citation.kind}", own=own)
    papers = _numbers(link for link in more.papers if link.relation == "paper")
    for what, numbers in (("paper", papers), ("trial", _numbers(more.trials))):
        if numbers and what != citation.kind:
            yield Followed(what=f"its {what}" if len(numbers) == 1 else f"its {what}s", own=numbers)


def _own_numbers(one: Citation) -> tuple[str, ...]:
    """The numbers of a paper, preprint or trial; of a trial only that of its registry."""
    if one.kind == "trial":
        return (f"nct:{one.registry}",) if one.registry.startswith("NCT") else ()
    return tuple(f"{scheme}:{value}" for scheme, value in (("doi", one.doi), ("pmid", one.pmid)) if value)


def _numbers(links: Iterable[PaperLink]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(link.ident for link in links if link.ident))[:MOST_NUMBERS]
