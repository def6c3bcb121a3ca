"""What one reads of a night: Today is the latest one, and each night has a page of the same layout (`nights.py`).

In order:
1. what became of papers: retracted, in doubt, corrected, each with the documents here that rest on it;
2. the stories in the order of the table `front`, the first CARDS as cards, the next LINES as lines; advertising of
   clinics apart;
3. figures of note: series of which a document of the night gives a figure of the newest period;
4. trials that moved: those whose status changed, and those newly met whose registry said so in the last RECENT days
   that they were stopped or completed;
5. promises that fall due around the night.

An edition that has no `front` (an earlier format) gives its newest stories instead.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from publish.pages.rows import DocumentLine, OpenEdition, listed
from publish.pages.sparklines import Sparkline, find_sparklines
from publish.pages.story_cards import StoryCard, find_story_cards

CARDS, LINES, ADVERTS = 10, 14, 6
NOTICES, RESTS, TRIALS, PROMISES, FIGURES = 6, 6, 6, 5, 6
RECENT = 60  # days
SOON = 31  # days after a night until which a promise falls due soon

FRONT = """
SELECT f.story, f.place, f.came, f.why, f.part FROM front f WHERE f.night = :day
ORDER BY f.place LIMIT 200"""
NEWEST = "SELECT id AS story, 0 AS place, 0 AS came, '' AS why, 'stories' AS part FROM story ORDER BY id DESC LIMIT 24"
NOTICE_ROWS = f"""
SELECT about, status, day, text, url, max(own) AS own, count(*) AS documents FROM banner WHERE night = :day
GROUP BY about, status ORDER BY status = 'corrected', day DESC, about LIMIT {NOTICES + 1}"""
REST_ROWS = """
SELECT b.about, b.own, d.* FROM banner b JOIN card d ON d.id = b.document
WHERE b.night = :day AND b.about IN (SELECT value FROM json_each(:ids))
ORDER BY b.own DESC, d.kind NOT IN ('news', 'release'), d.id DESC LIMIT 100"""
MOVED = f"""
SELECT t.trial, t.status, t.text, d.*
FROM trial_status t JOIN document o ON o.id = t.document JOIN card d ON d.id = t.document
WHERE t.night = :day AND t.own = 1 AND (o.night < t.night
    OR (t.status IN ('withdrawn', 'terminated', 'suspended', 'completed') AND t.day >= date(:day, '-{RECENT} days')))
ORDER BY t.status NOT IN ('withdrawn', 'terminated', 'suspended'), t.day DESC, d.id DESC LIMIT {TRIALS}"""
GIVEN = f"""
SELECT DISTINCT r."key" FROM document o JOIN figure f ON f.document = o.id JOIN series r
    ON r.name = f.series AND r.period = f.period
WHERE o.night = :day AND f.series IS NOT NULL AND f.modifier = 'exact' AND o.kind <> 'clinic'
    AND NOT EXISTS (SELECT 1 FROM series l WHERE l."key" = r."key" AND l.period > r.period)
ORDER BY 1 LIMIT {FIGURES}"""
DUE = f"""
SELECT p.who, p.what, p.due, p.state, d.* FROM promise p JOIN card d ON d.id = p.document
WHERE p.due >= substr(date(:day, '-400 days'), 1, 4) AND substr(p.due, 1, 7) <= substr(date(:day, '+{SOON} days'), 1, 7)
    AND p.state IN ('open', 'due') AND p.what <> ''
ORDER BY p.due < substr(:day, 1, length(p.due)), p.due, d.id DESC LIMIT {PROMISES}"""  # first what is to come


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """A story and its place in a night."""

    story: int
    place: int
    came: int
    why: str
    part: str  # stories, papers or clinics


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """What became known of a work: how many documents here are it or rest on it, and the first of these."""

    about: str
    status: str
    day: str | None
    text: str
    url: str | None
    documents: int
    rests: tuple[Rests, ...] = ()

    @property
    def more(self) -> int:
        """Documents that are not listed."""
        return self.documents - len(self.rests)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rests(DocumentLine):
    """A document that is a work with a notice, or rests on one."""

    about: str
    own: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved(DocumentLine):
    """A trial whose status changed, or that is known to have ended; `text` says so in one sentence."""

    trial: str
    status: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Due(DocumentLine):
    """A promise that falls due."""

    who: str | None
    what: str
    due: str
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Morning:
    """What one reads of a night."""

    day: str
    notices: Sequence[Notice]
    more_notices: bool
    cards: Sequence[StoryCard]
    lines: Sequence[StoryCard]
    more: int  # stories that are not listed
    adverts: Sequence[StoryCard]
    figures: Sequence[Sparkline]
    trials: Sequence[Moved]
    promises: Sequence[Due]


async def find_morning(edition: OpenEdition, day: str, *, one_night: bool = False) -> Morning:
    """All that is shown of a night. `one_night`: where its order is not known, no other stories are shown instead."""
    when = {"day": day}
    placed = await edition.rows(Placed, FRONT, when)
    if not placed and not one_night:
        placed = await edition.rows(Placed, NEWEST)
    notices = await find_notices(edition, day)
    above = ("papers",) if len(notices) <= NOTICES else ()  # their papers are all listed above the stories
    told = [one for one in placed if one.part not in ("clinics", *above)]
    adverts = [one for one in placed if one.part == "clinics"]
    shown = [*told[: CARDS + LINES], *adverts[:ADVERTS]]
    cards = with_reasons(await find_story_cards(edition, [one.story for one in shown]), shown)
    stories, sold = cards[: len(told[: CARDS + LINES])], cards[len(told[: CARDS + LINES]) :]
    return Morning(
        day=day,
        notices=notices[:NOTICES],
        more_notices=len(notices) > NOTICES,
        cards=stories[:CARDS],
        lines=stories[CARDS:],
        more=len(told) - len(stories),
        adverts=sold,
        figures=await find_sparklines(edition, [row["key"] for row in await edition.execute(GIVEN, when)]),
        trials=await edition.rows(Moved, MOVED, when),
        promises=await edition.rows(Due, DUE, when),
    )


async def find_notices(edition: OpenEdition, day: str) -> list[Notice]:
    """What became known of works in a night, each with the documents that rest on it, news first."""
    notices = await edition.rows(Notice, NOTICE_ROWS, {"day": day})
    asked = {**listed([one.about for one in notices]), "day": day}
    rests = by_work(await edition.rows(Rests, REST_ROWS, asked) if notices else ())
    return [replace(one, rests=tuple(rests[one.about][:RESTS])) for one in notices]


def by_work(rests: Iterable[Rests]) -> Mapping[str, list[Rests]]:
    """Documents by the work that they are or rest on."""
    found: dict[str, list[Rests]] = defaultdict(list)
    for one in rests:
        found[one.about].append(one)
    return found


def with_reasons(cards: Sequence[StoryCard], placed: Sequence[Placed]) -> list[StoryCard]:
    """The cards, each with why it is where it is."""
    why = {one.story: one.why for one in placed}
    return [replace(card, why=why.get(card.id, "")) for card in cards]
