"""Stories as cards show them: the headline, what was done in what, how far it has come, who tells it, numbers of note.

`find_story_cards` reads what the edition holds of each story (`story_summary`, `story_number`) and joins it. A story of
an edition that has no summary yet (an earlier format) is a card without sentence and step.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

from publish.pages.rows import DocumentLine, OpenEdition, listed
from publish.pages.warnings import WarningLine, find_story_warnings

CARDS = """
SELECT t.*, d.kind, d.lang, d.source, s.name AS source_name, coalesce(y.sentence, '') AS sentence,
    y.sentence_document, y.step, coalesce(y.step_value, '') AS step_value, coalesce(y.step_why, '') AS step_why,
    coalesce(y.species, '[]') AS species_json, coalesce(y.outlets, t.outlets) AS tellers,
    coalesce(y.countries, '[]') AS countries_json, y.first_source, f.name AS first_name,
    coalesce(f.kind, '') AS first_kind, y.paper, coalesce(y.paper_ident, '') AS paper_ident,
    coalesce(y.paper_status, '') AS paper_status,
    coalesce(y.preprint, 0) AS preprint, y.trial, coalesce(y.trial_ident, '') AS trial_ident
FROM json_each(:ids) j JOIN story t ON t.id = j.value JOIN document d ON d.id = t.origin
JOIN source s ON s.id = d.source
LEFT JOIN story_summary y ON y.story = t.id LEFT JOIN source f ON f.id = y.first_source ORDER BY j.key"""
SAID = "SELECT * FROM card WHERE id IN (SELECT value FROM json_each(:ids))"
NUMBERS = """
SELECT n.story, n.documents AS givers, f.value, f.high, f.unit, f.subject, f.period, f.place, f.modifier, f.series,
    (SELECT r."key" FROM series r WHERE f.series IS NOT NULL AND r.name = f.series LIMIT 1) AS series_key, d.*
FROM json_each(:ids) j CROSS JOIN story_number n ON n.story = j.value
JOIN figure f ON f.document = n.document AND f.number = n.number JOIN card d ON d.id = n.document
ORDER BY n.story, n.place"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Number(DocumentLine):
    """A number of note, with the document that gives it; `place` is a country."""

    story: int
    givers: int
    value: float
    high: float | None
    unit: str
    subject: str
    period: str | None
    place: str | None
    modifier: str
    series: str | None
    series_key: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryCard:
    """A story as a card shows it. `said` is the document of the sentence; `why` it is where it is, on a front page."""

    id: int
    key: str
    slug: str
    title: str
    first: str
    last: str
    documents: int
    copies: int
    tellers: int
    kind: str  # of the document that it began with, as are lang and source
    lang: str | None
    source: str
    source_name: str
    sentence: str
    sentence_document: int | None
    step: int | None
    step_value: str
    step_why: str
    species_json: str
    countries_json: str
    first_source: str | None
    first_name: str | None
    first_kind: str
    paper: int | None
    paper_ident: str
    paper_status: str
    preprint: int
    trial: int | None
    trial_ident: str
    said: DocumentLine | None = None
    numbers: tuple[Number, ...] = ()
    warnings: tuple[WarningLine, ...] = ()
    why: str = ""

    @property
    def outlets(self) -> int:
        """News outlets that tell it; press offices, papers and registries are not counted."""
        return self.tellers

    @property
    def countries(self) -> list[str]:
        """Countries of the outlets and press offices that tell it."""
        return list(json.loads(self.countries_json))

    @property
    def alone(self) -> bool:
        """Whether the one outlet that tells it is the first that had it: no press office came before."""
        return self.tellers == 1 and self.first_kind == "news"

    @property
    def species(self) -> list[str]:
        """In which the work was done."""
        return list(json.loads(self.species_json))


async def find_story_cards(edition: OpenEdition, ids: Sequence[int]) -> list[StoryCard]:
    """The stories in the order of `ids`."""
    marks = listed(ids)
    cards = await edition.rows(StoryCard, CARDS, marks)
    said = await edition.rows(DocumentLine, SAID, listed([card.sentence_document for card in cards]))
    by_id = {line.id: line for line in said}
    warnings = await find_story_warnings(edition, ids)
    numbers: dict[int, list[Number]] = defaultdict(list)
    for number in await edition.rows(Number, NUMBERS, marks):
        numbers[number.story].append(number)
    return [
        replace(
            card,
            said=by_id.get(card.sentence_document) if card.sentence_document else None,
            numbers=tuple(numbers[card.id]),
            warnings=warnings.get(card.id, ()),
        )
        for card in cards
    ]
