"""The parts of a thing's page: what is new, stories, figures, trials, people, names, broader and narrower.

Each is a few rows of tables that the edition was made with (`publish/edition/thing_pages.py`), or of the NEWEST
documents about the thing. In order:
1. what came in in the latest night, else the newest by day; statuses of its papers that changed;
2. the stories of its newest documents: those that most outlets tell first;
3. series that it publishes, and figures in sentences that name it;
4. trials about it or, of an institution, that it sponsors;
5. who works there, as records and texts say;
6. its names by language, what it is a kind or part of, and its kinds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from publish.pages.page import Context
from publish.pages.quantities import Statement
from publish.pages.rows import Count, DocumentLine, OpenEdition, listed
from publish.pages.sparklines import find_sparklines_of
from publish.pages.story_cards import find_story_cards
from publish.pages.thing_data import NAMES, NameIn

NEWEST = 200  # documents about a thing of which stories and statuses are asked
SHOWN = 6  # lines of what is new
TONIGHT = f"""
SELECT d.id FROM document d CROSS JOIN entity_document x ON x.entity = :id AND x.day = d.day AND x.document = d.id
WHERE d.tonight = 1 AND x.about IS NOT 0 ORDER BY d.id DESC LIMIT {SHOWN + 1}"""
LATEST = f"""
SELECT document FROM entity_document WHERE entity = :id AND about IS NOT 0
ORDER BY day DESC, document DESC LIMIT {SHOWN}"""
RECENT = f"""(SELECT document FROM entity_document WHERE entity = :id AND about IS NOT 0
    ORDER BY day DESC, document DESC LIMIT {NEWEST}) x"""
CHANGED = f"""
SELECT b.status, b.day AS said, d.* FROM {RECENT} CROSS JOIN banner b ON b.document = x.document AND b.own = 1
    JOIN card d ON d.id = b.document ORDER BY b.day DESC, d.id DESC LIMIT 4"""
STORIES = f"""
SELECT m.story FROM {RECENT} CROSS JOIN member m ON m.document = x.document CROSS JOIN story t ON t.id = m.story
GROUP BY m.story ORDER BY t.outlets DESC, t.documents DESC, t.last DESC, m.story DESC LIMIT 3"""
FIGURES = """
SELECT f.*, d.* FROM thing_figure t CROSS JOIN figure f ON f.document = t.document AND f.number = t.number
    JOIN card d ON d.id = f.document WHERE t.entity = :id ORDER BY t.place"""
TRIALS = """
SELECT t.phase, t.enrolment, t.sponsor, coalesce(s.status, '') AS status, s.day AS said, d.*
FROM thing_newest n CROSS JOIN trial t ON t.document = n.document JOIN card d ON d.id = t.document
    LEFT JOIN trial_status s ON s.document = t.document AND s.trial = t.number
WHERE n.entity = :id AND n.kind = 'trial' ORDER BY n.place"""
SPONSORED = """
SELECT t.phase, t.enrolment, t.sponsor, coalesce(s.status, '') AS status, s.day AS said, d.*
FROM trial t JOIN card d ON d.id = t.document
    LEFT JOIN trial_status s ON s.document = t.document AND s.trial = t.number
WHERE t.sponsor_entity = :id ORDER BY t.document DESC LIMIT 6"""
WORKERS = """
SELECT e.type, e.concept, e.name, w.documents AS n FROM workplace w CROSS JOIN entity e ON e.id = w.person
WHERE w.entity = :id ORDER BY w.place"""
KINDS = "SELECT kind AS value, documents AS n FROM thing_kind WHERE entity = :id ORDER BY documents DESC, kind"
BROADER = """
SELECT coalesce(e.type, :type) AS type, w.wider AS concept, coalesce(e.name, n.name) AS name, e.id IS NOT NULL AS here,
    coalesce(e.documents, 0) AS n
FROM wider w LEFT JOIN entity e ON e.concept = w.wider LEFT JOIN thing_name n ON n.concept = w.wider AND n.place = 1
WHERE w.concept = :concept AND w.wider <> :concept AND coalesce(e.name, n.name) IS NOT NULL
ORDER BY w.steps, e.id IS NULL, w.wider LIMIT 6"""
NARROWER = """
SELECT e.type, e.concept, e.name, 1 AS here, e.documents AS n
FROM wider w CROSS JOIN entity e ON e.concept = w.concept
WHERE w.wider = :concept AND w.concept <> :concept ORDER BY w.steps, e.documents DESC, e.id LIMIT 12"""
LINES = "SELECT * FROM card WHERE id IN (SELECT value FROM json_each(:ids))"


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed(DocumentLine):
    """A paper about the thing that was retracted or corrected, and when."""

    status: str
    said: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialOf(DocumentLine):
    """A trial about the thing, or that it sponsors. `said`: day of the registry's record."""

    phase: str
    enrolment: int | None
    sponsor: str
    status: str
    said: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Worker:
    """A person who works at an institution, and how many documents say so."""

    type: str
    concept: str
    name: str
    n: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Related:
    """Something broader or narrower. `here`: it has a page in this edition; `n`: documents about it."""

    type: str
    concept: str
    name: str
    here: int
    n: int


async def find_parts(edition: OpenEdition, number: int, concept: str, type_: str) -> Context:
    """Everything of this module that the page of a thing shows."""
    ident = {"id": number}
    names = {"concept": concept, "type": type_}
    tonight = await edition.numbers(TONIGHT, ident)
    news = tonight[:SHOWN] or await edition.numbers(LATEST, ident)
    trials = await edition.rows(TrialOf, TRIALS, ident)
    sponsored = await edition.rows(TrialOf, SPONSORED, ident) if type_ == "institution" else []
    return {
        "news": await find_lines(edition, news),
        "tonight": len(tonight),
        "more_tonight": len(tonight) > SHOWN,
        "changed": await edition.rows(Changed, CHANGED, ident),
        "stories": await find_story_cards(edition, await edition.numbers(STORIES, ident)),
        "sparklines": await find_sparklines_of(edition, number),
        "figures": await edition.rows(Statement, FIGURES, ident),
        "trials": trials + [one for one in sponsored if one.id not in {trial.id for trial in trials}],
        "workers": await edition.rows(Worker, WORKERS, ident),
        "names": by_language(await edition.rows(NameIn, NAMES, names)),
        "broader": await edition.rows(Related, BROADER, names),
        "narrower": await edition.rows(Related, NARROWER, names),
        "kinds_of": await edition.rows(Count, KINDS, ident),
    }


async def find_lines(edition: OpenEdition, ids: Sequence[int]) -> list[DocumentLine]:
    """Documents as lines, in the order of `ids`."""
    lines = {line.id: line for line in await edition.rows(DocumentLine, LINES, listed(ids))} if ids else {}
    return [lines[one] for one in ids if one in lines]


def by_language(names: Sequence[NameIn]) -> list[tuple[str, list[str]]]:
    """(language, names) in the order of the first name of each; English first."""
    found: dict[str, list[str]] = {}
    for one in sorted(names, key=lambda one: one.lang != "en"):
        found.setdefault(one.lang, []).append(one.name)
    return list(found.items())
