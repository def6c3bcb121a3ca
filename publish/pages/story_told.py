"""Everything that the edition says of one story, put together: by `find_told`, for its page and for its JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from publish.pages.earlier_stories import EarlierStory, find_earlier
from publish.pages.rows import OpenEdition, listed
from publish.pages.series import Series, find_series
from publish.pages.sparklines import Sparkline, find_sparklines
from publish.pages.stories import Banner, Story, TrialStatus
from publish.pages.story_changes import Change, find_changes
from publish.pages.story_facts import Facts, find_facts
from publish.pages.story_members import Member, Reach, find_members, find_reach
from publish.pages.story_numbers import Numbers, find_numbers
from publish.pages.story_tellings import TellingRow, Tellings, find_tellings
from publish.pages.story_works import Contact, Work, find_contacts, find_works
from publish.pages.warnings import WarningLine, find_warnings

OTHERS = 4  # figures in the box that are not those of most
WORKERS = 3  # institutions whose earlier stories are looked for
BANNERS = """
SELECT about, status, day, text, url, max(own) FROM banner
WHERE document IN (SELECT value FROM json_each(:ids)) GROUP BY about ORDER BY day DESC"""
TRIAL_STATUSES = """
SELECT trial, other, status, day, reason, text, max(own) FROM trial_status
WHERE document IN (SELECT value FROM json_each(:ids)) GROUP BY trial ORDER BY day DESC LIMIT 20"""


SUMMARY = "SELECT * FROM story_summary WHERE story = :id"


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """What was done in what, in a sentence of a document, and how far the work has come (`story_summary`)."""

    sentence: str
    sentence_document: int | None
    step: int | None
    step_value: str
    step_sentence: str
    step_document: int | None
    step_why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """A caution of the release or the paper, and the outlets that leave it out; `asked` is how many tell the story."""

    row: TellingRow
    members: tuple[Member, ...]
    asked: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldStory:
    """Everything that the edition says of a story."""

    story: Story
    summary: Summary | None
    members: Sequence[Member]
    reach: Reach
    facts: Facts
    works: Sequence[Work]
    banners: Sequence[Banner]
    trial_statuses: Sequence[TrialStatus]
    contacts: Sequence[Contact]
    numbers: Numbers
    series: Sequence[Series]
    sparklines: Sequence[Sparkline]
    changes: Sequence[Change]
    tellings: Tellings
    earlier: Sequence[EarlierStory]
    warnings: Mapping[int, tuple[WarningLine, ...]]  # by the number of the document

    @property
    def research(self) -> bool:
        """Whether it tells of research: a work is tied to it, or its documents have a stage of evidence."""
        return bool(self.works or self.facts.evidence)

    @property
    def warned(self) -> list[tuple[WarningLine, int]]:
        """The warnings of its documents, each once, and of how many; no voice is missing that another document has."""
        heard = any(one.independent == "yes" for one in self.facts.speakers)
        found: dict[str, list[WarningLine]] = {}
        for one in (one for some in self.warnings.values() for one in some):
            if not (heard and one.kind == "no independent voice"):
                found.setdefault(one.words, []).append(one)
        return [(some[0], len({one.document for one in some})) for some in found.values()]

    def member(self, document: int | None) -> Member | None:
        """A document of the story by its number."""
        return next((one for one in self.members if one.document == document), None)

    @property
    def left_out(self) -> list[LeftOut]:
        """What outlets leave out, each kind once, what most leave out first."""
        outlets = [member for member in self.members if member.outlet]
        found: dict[str, list[tuple[TellingRow, Member]]] = {}
        for member in outlets:
            for row in self.tellings.of(member.document).leaves_out:
                found.setdefault(row.kind, []).append((row, member))
        some = [
            LeftOut(
                row=next((row for row, _ in pairs if row.text), pairs[0][0]),
                members=tuple(member for _, member in pairs),
                asked=len(outlets),
            )
            for pairs in found.values()
        ]
        return sorted(some, key=lambda one: -len(one.members))

    def others(self, line: Sparkline) -> list[tuple[str, float, str, Member]]:
        """(who, value, period, document): who gives another figure of a series in this story."""
        names = {one.name for one in line.points}
        found = [
            (member.name, cell.figure.value, cell.figure.period or "", member)
            for row in self.numbers.differing if row.first.series in names
            for cell, member in zip(row.cells, self.numbers.members, strict=True) if cell.differs and cell.figure
        ]  # fmt: skip
        return found[:OTHERS]

    def notices(self, work: Work) -> list[Banner]:
        """What became of a work."""
        return [one for one in self.banners if one.about == work.ident]

    def status(self, work: Work) -> TrialStatus | None:
        """The status of a trial in its registry."""
        return next((one for one in self.trial_statuses if one.trial == work.ident), None)


async def find_told(edition: OpenEdition, story: Story, most: int) -> ToldStory:
    """Everything that the edition says of a story, by at most so many of its documents."""
    members = await find_members(edition, story.id, most)
    marks = listed([member.document for member in members])
    facts = await find_facts(edition, members)
    works = await find_works(edition, members)
    tellings = await find_tellings(edition, members)
    numbers = await find_numbers(edition, members, tellings.changes)
    series = await find_series(edition, numbers.series)
    return ToldStory(
        story=story,
        summary=await edition.first(Summary, SUMMARY, {"id": story.id}),
        members=members,
        reach=find_reach(members),
        facts=facts,
        works=works,
        banners=await edition.rows(Banner, BANNERS, marks),
        trial_statuses=await edition.rows(TrialStatus, TRIAL_STATUSES, marks),
        contacts=await find_contacts(edition, members),
        numbers=numbers,
        series=series,
        sparklines=await find_sparklines(edition, [one.key for one in series]),
        changes=await find_changes(edition, members),
        tellings=tellings,
        earlier=await find_earlier(
            edition,
            story=story.id,
            first=story.first,
            works=[work.record.id for work in works if work.record],
            institutions=[one.concept for one in (facts.workers or facts.about)[:WORKERS]],
        ),
        warnings=await find_warnings(edition, [member.document for member in members]),
    )
