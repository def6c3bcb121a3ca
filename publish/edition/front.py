"""Puts the stories of a night in order for its page, and says in words why each is where it is.

A story is of a night if a document of it came in then, or if what became of its paper was first known then. Its weight
is a sum (`WEIGHTS`), in the order of what a reader must know first:

1. a paper that was retracted or withdrawn, put in doubt or corrected;
2. how many outlets tell it;
3. its step (`steps.py`), a paper or a trial behind what outlets or press offices tell, a figure of a series,
   numbers that differ;
4. warnings (a headline that leaves out the animals, a preprint …): something that a desk should look at;
5. whether it began in this night; later documents of an older story count less.

Explainers come low, advertising of clinics last: it has a part of its own on the page. Of equal weight is first what
has the newest document. Only the last NIGHTS nights have rows, and at most STORIES of each.
"""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from publish.edition.steps import STEPS

NIGHTS, STORIES = 60, 200
OUTLETS = 5  # more outlets weigh no more
STATUSES = {"retracted": 50.0, "withdrawn": 50.0, "concern": 30.0, "corrected": 10.0}
GRAVE = frozenset(("retracted", "withdrawn", "concern"))
STEP_WEIGHTS = (0.0, 1.0, 2.0, 3.0, 4.0, 5.0)
WEIGHTS = {
    "outlet": 4.0, "one outlet": 2.0, "paper alone": 1.0, "paper": 3.0, "trial": 1.0, "series": 5.0, "differs": 2.0,
    "warning": 2.0, "began": 2.0, "explainer": -8.0, "clinic": -40.0,
}  # fmt: skip
IN_WORDS = ("", "work in cells", "work in animals", "first people", "a controlled trial", "licensed")

CAME = """
SELECT d.night, m.story, count(*), max(d.id = s.origin), max(d.kind <> 'clinic'),
    max(d.kind NOT IN ('clinic', 'explainer'))
FROM document d JOIN member m ON m.document = d.id JOIN story s ON s.id = m.story
WHERE d.night IN (SELECT day FROM night ORDER BY day DESC LIMIT :nights) GROUP BY 1, 2"""
KNOWN = """
SELECT b.night, m.story, b.status FROM banner b JOIN member m ON m.document = b.document
WHERE b.night IN (SELECT day FROM night ORDER BY day DESC LIMIT :nights) GROUP BY 1, 2, 3"""
SUMMARIES = """
SELECT y.story, y.outlets, y.step, y.paper_ident <> '', y.trial_ident <> '', s.last,
    (SELECT count(*) FROM member m JOIN document d ON d.id = m.document
     WHERE m.story = y.story AND d.kind IN ('news', 'release'))
FROM story_summary y JOIN story s ON s.id = y.story"""
SERIES = """
SELECT DISTINCT n.story, f.series, coalesce((SELECT max(r.differ) FROM series r WHERE r.name = f.series
    AND r.period = f.period), 0) > 0
FROM story_number n JOIN figure f ON f.document = n.document AND f.number = n.number WHERE f.series IS NOT NULL"""
WARNED = """
SELECT DISTINCT m.story FROM warning w JOIN member m ON m.document = w.document
WHERE w.kind <> 'no independent voice' OR NOT EXISTS (SELECT 1 FROM member o JOIN speaker p ON p.document = o.document
    WHERE o.story = m.story AND p.independent = 'yes')"""


@dataclass(slots=True, kw_only=True)
class Candidate:
    """A story in one night."""

    story: int
    last: str
    came: int = 0
    began: bool = False
    advertises: bool = False
    explains: bool = False
    statuses: set[str] = field(default_factory=set)
    outlets: int = 0
    told: bool = False  # by an outlet or a press office
    step: int | None = None
    paper: bool = False
    trial: bool = False
    series: bool = False
    differs: bool = False
    warned: bool = False

    @property
    def part(self) -> str:
        """The part of the page that it is in."""
        return "clinics" if self.advertises else "papers" if self.statuses & GRAVE else "stories"


def fill_front(edition: sqlite3.Connection) -> None:
    """Fill the table `front`. After nights, summaries, numbers and warnings."""
    for night, candidates in sorted(_find_candidates(edition).items()):
        rated = sorted(
            ((*rate(one), one) for one in candidates),
            key=lambda item: (item[0], item[2].last, item[2].story),
            reverse=True,
        )
        for place, (weight, why, one) in enumerate(rated[:STORIES], 1):
            edition.execute(
                "INSERT INTO front VALUES (?, ?, ?, ?, ?, ?, ?)",
                (night, place, one.story, one.part, weight, one.came, why),
            )


def _find_candidates(edition: sqlite3.Connection) -> dict[str, list[Candidate]]:
    """The stories of each night."""
    nights: dict[str, dict[int, Candidate]] = defaultdict(dict)
    limit = {"nights": NIGHTS}
    summaries = {row[0]: row[1:] for row in edition.execute(SUMMARIES)}
    series = {story: bool(differs) for story, _, differs in sorted(edition.execute(SERIES))}
    warned = {story for (story,) in edition.execute(WARNED)}

    def candidate(night: str, story: int) -> Candidate:
        if story not in nights[night]:
            outlets, step, paper, trial, last, told = summaries[story]
            nights[night][story] = Candidate(
                story=story, last=last, outlets=outlets, step=step, paper=bool(paper), trial=bool(trial),
                told=bool(told), series=story in series, differs=series.get(story, False), warned=story in warned,
            )  # fmt: skip
        return nights[night][story]

    for night, story, came, began, not_clinic, reports in edition.execute(CAME, limit).fetchall():
        one = candidate(night, story)
        one.came, one.began = came, bool(began)
        one.advertises, one.explains = not not_clinic, bool(not_clinic and not reports)
    for night, story, status in edition.execute(KNOWN, limit).fetchall():
        candidate(night, story).statuses.add(status)
    return {night: list(stories.values()) for night, stories in nights.items()}


def rate(one: Candidate) -> tuple[float, str]:
    """The weight of a story in a night, and why it has it, in words."""
    parts = list(_parts(one))
    words = [said for _, said in sorted(parts, key=lambda part: -abs(part[0])) if said]
    return round(sum(weight for weight, _ in parts), 2), ", ".join(words) or "new in this night"


def _parts(one: Candidate) -> Iterable[tuple[float, str]]:
    """What counts for and against it, each with its words."""
    if one.advertises:
        yield WEIGHTS["clinic"], "advertising of a clinic"
        return
    if one.statuses:
        status = max(one.statuses, key=lambda value: STATUSES.get(value, 0.0))
        yield STATUSES.get(status, 0.0), "a concern about its paper" if status == "concern" else f"paper {status}"
    if one.outlets > 1:
        yield WEIGHTS["outlet"] * min(one.outlets, OUTLETS), f"{one.outlets} outlets tell it"
    elif one.outlets:
        yield WEIGHTS["one outlet"], "one outlet tells it"
    elif one.paper and not one.told:
        yield WEIGHTS["paper alone"], "a paper that no outlet here tells of"
    if one.step:
        yield STEP_WEIGHTS[min(one.step, len(STEPS))], IN_WORDS[one.step]
    if one.told and one.paper:
        yield WEIGHTS["paper"], "a paper behind it"
    if one.told and one.trial:
        yield WEIGHTS["trial"], "a trial behind it"
    if one.series:
        yield WEIGHTS["series"], "a figure of a series"
    if one.differs:
        yield WEIGHTS["differs"], "numbers differ"
    if one.warned:
        yield WEIGHTS["warning"], "a warning"
    if one.began:
        yield WEIGHTS["began"], ""
    elif one.came:
        yield 0.0, "more on an earlier story"
    if one.explains:
        yield WEIGHTS["explainer"], "an explainer"
