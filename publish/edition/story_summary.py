"""Fills the table `story_summary`: what the documents of each story come to.

It reads tables of the edition that are full already, and of work.db what a record or a whole text says of controls.
For each story, by at most MEMBERS of its documents (papers first, then releases, then others), in order:

1. its paper: the paper or preprint that most of its documents are or are tied to, what became of it, and whether it is
   a preprint without a published version; and its trial, where all that are tied to one are tied to the same;
2. its step (`steps.py`);
3. its sentence (`story_sentences.py`);
4. who tells it: news outlets and their countries, and which outlet or press office was first. Where several
   were on the same day, a press office was first; otherwise nobody is called the first.
"""

from __future__ import annotations

import json
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from core.records import Json
from core.store import Store
from publish.edition.controlled import RECORD, find_controls, lacks_controls
from publish.edition.own_work import reports_own_work
from publish.edition.steps import REPORTING, SURE, Said, Step, find_step
from publish.edition.story_figures import fill_story_numbers, is_people
from publish.edition.story_sentences import Material, Sentence, find_sentence

MEMBERS = 24  # documents of a story that are read
TELLING = ("news", "release", "explainer")
LOST = ("retracted", "withdrawn")

STORIES = "SELECT id, title FROM story ORDER BY id"
MEMBER = """
SELECT d.id, d.ident, d.kind, d.title, d.day, coalesce(d.lang, ''), d.country, d.source, m.role, s.kind
FROM member m JOIN document d ON d.id = m.document JOIN source s ON s.id = d.source
WHERE m.story = ?
ORDER BY d.kind NOT IN ('paper', 'preprint'), d.kind <> 'trial', d.kind <> 'release', m.role = 'copy', d.day, d.id"""
LABELS = """
SELECT facet, value, score, sentence, rule FROM label
WHERE document = ? AND facet IN ('evidence', 'species', 'caution', 'outcome', 'source_kind')
ORDER BY facet, score DESC, value"""
TEXT = "SELECT text FROM document_text WHERE document = ?"
SHOWN = """
SELECT title FROM document WHERE id = :id UNION ALL SELECT text FROM document_text WHERE document = :id
UNION ALL SELECT sentence FROM label WHERE document = :id UNION ALL SELECT text FROM quote WHERE document = :id"""
QUOTED = "SELECT text FROM quote WHERE document = ? ORDER BY place"
THINGS = """
SELECT start, "end", entity FROM mention WHERE document = ? AND part = 'text' AND start IS NOT NULL
    AND entity IS NOT NULL AND type IN ('disease', 'cell_type', 'cell_line')"""
TIES = """
SELECT l.relation, l.ident, l.other, o.kind FROM link l LEFT JOIN document o ON o.id = l.other
WHERE l.document = ? AND l.relation IN ('paper', 'trial', 'published') AND l.ident <> '' ORDER BY l.place"""
PUBLISHED = "SELECT 1 FROM link WHERE document = ? AND relation = 'published' AND ident <> ''"
STATUS = "SELECT status FROM banner WHERE about = ? ORDER BY own DESC LIMIT 1"
SERIES = """
SELECT f.sentence FROM figure f WHERE f.document = ? AND f.series IS NOT NULL AND f.modifier = 'exact'
    AND f.sentence <> '' AND f.period = (SELECT max(period) FROM figure g WHERE g.series = f.series)"""
PEOPLE = "SELECT cast(value AS INTEGER), subject FROM figure WHERE document = ? AND modifier = 'exact' AND value >= 1"
WHOLE = """
SELECT kind, title, text, extra, kind = 'trial' AND EXISTS (SELECT 1 FROM label l WHERE l.document = document.id
    AND l.facet = 'outlook' AND l.value IN ('planned', 'withdrawn')) AS untried
FROM document WHERE id = ?"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Teller:
    """A document of a story."""

    id: int
    ident: str
    kind: str
    title: str
    day: str
    lang: str
    country: str | None
    source: str
    role: str
    source_kind: str

    @property
    def tells(self) -> bool:
        """Whether an outlet or a press office tells it; papers and registries do not."""
        return self.kind in TELLING

    @property
    def is_outlet(self) -> bool:
        """A press office that tells its own work is no outlet."""
        return self.tells and self.source_kind == "news"


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """A label of a document."""

    value: str
    score: float
    sentence: str
    rule: str

    @property
    def stated(self) -> bool:
        """Whether a record states it, its own or that of its paper or trial, or a person did."""
        return ":" in self.rule


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """The paper or the trial of a story."""

    document: int | None = None
    ident: str = ""
    kind: str = ""
    status: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tie:
    """A paper or trial that a document is tied to."""

    relation: str
    ident: str
    other: int | None
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """A document of a story, with its labels by facet and its ties; `own`: whether it reports work of its own."""

    teller: Teller
    own: bool
    labels: Mapping[str, Sequence[Holding]]
    ties: Sequence[Tie]

    def values(self, facet: str) -> list[str]:
        return [one.value for one in self.labels.get(facet, ())]

    @property
    def reports(self) -> bool:
        """Whether it reports work; a notice tells of another paper."""
        return self.teller.kind in REPORTING and "notice" not in self.values("source_kind")

    @property
    def sure(self) -> list[Holding]:
        """What it surely says of its evidence: of a paper that reports no work of its own, what a record states.

        A paper in animals that no sentence names is not sure.
        """
        found = [one for one in self.labels.get("evidence", ()) if one.score >= SURE and one.value != "none"]
        if any(one.value == "animal" and one.rule.endswith(":record") and not one.sentence for one in found):
            return []  # only a heading of the paper's record says so, and cells of mice have that heading as well
        return [one for one in found if self.own or one.stated]


def fill_story_summaries(edition: sqlite3.Connection, work: Store) -> None:
    """Fill `story_summary` and `story_number`. After labels, links, banners, figures and stories."""
    for story, title in edition.execute(STORIES).fetchall():
        tellers = [_to_teller(row) for row in edition.execute(MEMBER, (story,))]
        members = [_read(edition, work, teller) for teller in tellers[:MEMBERS]]
        paper, trial = find_paper(edition, members), find_trial(members)
        step = find_step([_to_said(edition, work, one) for one in members if one.reports and one.sure], paper.status)
        sentence = None if paper.status in LOST else _find_sentence(edition, title, members, step.number)
        shown = step.sentence if _may_be_shown(edition, step) else ""
        edition.execute(
            f"INSERT INTO story_summary VALUES ({', '.join('?' * 18)})",
            (story, sentence.text if sentence else "", sentence.document if sentence else None,
             step.number, step.value, shown, step.document, step.why,
             to_json(find_species(members, step.number)), len({one.source for one in tellers if one.is_outlet}),
             to_json(dict.fromkeys(one.country for one in tellers if one.is_outlet and one.country)),
             find_first(tellers), paper.document, paper.ident, paper.status, int(paper.kind == "preprint"),
             trial.document, trial.ident),
        )  # fmt: skip
    fill_story_numbers(edition)


def _to_teller(row: tuple[int, str, str, str, str, str, str | None, str, str, str]) -> Teller:
    number, ident, kind, title, day, lang, country, source, role, source_kind = row
    return Teller(
        id=number, ident=ident, kind=kind, title=title, day=day, lang=lang, country=country, source=source, role=role,
        source_kind=source_kind,
    )  # fmt: skip


def _read(edition: sqlite3.Connection, work: Store, teller: Teller) -> Read:
    labels: dict[str, list[Holding]] = defaultdict(list)
    for facet, value, score, sentence, rule in edition.execute(LABELS, (teller.id,)):
        labels[facet].append(Holding(value=value, score=score, sentence=sentence, rule=rule))
    own = True
    if teller.kind in ("paper", "preprint"):
        own = any(reports_own_work(teller.title, str(row["text"])) for row in work.rows(WHOLE, (teller.ident,)))
    ties = [
        Tie(relation=relation, ident=ident, other=other, kind=kind or "")
        for relation, ident, other, kind in edition.execute(TIES, (teller.id,))
    ]
    return Read(teller=teller, own=own, labels=labels, ties=ties)


def find_paper(edition: sqlite3.Connection, members: Sequence[Read]) -> Work:
    """The paper that most documents are or are tied to. A preprint that was published is its published version."""
    votes: Counter[str] = Counter()
    known: dict[str, tuple[int | None, str]] = {}
    published: dict[str, Tie] = {}
    for one in members:
        own = one.teller.kind in ("paper", "preprint") and one.reports
        if own:
            votes[one.teller.ident] += 1
            known[one.teller.ident] = (one.teller.id, one.teller.kind)
        for tie in one.ties:
            if tie.relation == "paper" and not own and one.reports:
                votes[tie.ident] += 1
                known.setdefault(tie.ident, (tie.other, tie.kind))
            elif tie.relation == "published":
                published[one.teller.ident] = tie
    if not votes:
        return Work()
    ident = max(votes, key=lambda one: votes[one])  # of two, the one that came first
    document, kind = known[ident]
    if ident in published:
        tie = published[ident]
        ident, document, kind = tie.ident, tie.other, tie.kind or "paper"
    elif kind == "preprint" and document and edition.execute(PUBLISHED, (document,)).fetchone():
        kind = "paper"
    row = edition.execute(STATUS, (ident,)).fetchone()
    return Work(document=document, ident=ident, kind=kind, status=row[0] if row else "")


def find_trial(members: Sequence[Read]) -> Work:
    """The trial that its documents are or are tied to, if that is one."""
    found: dict[str, int | None] = {}
    for one in members:
        if one.teller.kind == "trial":
            found[one.teller.ident] = one.teller.id
        elif one.reports:
            for tie in one.ties:
                if tie.relation == "trial":
                    found[tie.ident] = found.get(tie.ident) or tie.other
    if len(found) != 1:
        return Work()
    [(ident, document)] = found.items()
    return Work(document=document, ident=ident)


def _to_said(edition: sqlite3.Connection, work: Store, one: Read) -> Said:
    """What a document says of its evidence, with the records of the paper and the trial that it is tied to."""
    controlled, lacking = "", "no comparison group" in one.values("caution")
    linked = [tie.ident for tie in one.ties if tie.relation in ("paper", "trial")]
    for ident in (one.teller.ident, *linked):
        for row in work.rows(WHOLE, (ident,)):
            if row["untried"]:
                continue  # nobody was treated in this trial, so its design says nothing of what was done
            extra: Json = json.loads(row["extra"])
            own = ident == one.teller.ident
            title, text = (str(row["title"]), str(row["text"])) if own else ("", "")
            controlled = controlled or find_controls(str(row["kind"]), extra, title, text)
            lacking = lacking or lacks_controls(str(row["kind"]), extra)
    return Said(
        document=one.teller.id,
        values=tuple(held.value for held in one.sure),
        sentence=one.sure[0].sentence,
        controlled=controlled,
        uncontrolled=lacking,
        people=max(
            (value for value, subject in edition.execute(PEOPLE, (one.teller.id,)) if is_people(subject)), default=None
        ),
    )


def _may_be_shown(edition: sqlite3.Connection, step: Step) -> bool:
    """Whether the sentence of a step is one that the edition shows anyway."""
    if not step.sentence or step.sentence.startswith(RECORD):
        return True
    return any(
        step.sentence in " ".join(shown.split())
        for (shown,) in edition.execute(SHOWN, {"id": step.document})
    )  # fmt: skip


def _find_sentence(
    edition: sqlite3.Connection, title: str, members: Sequence[Read], step: int | None
) -> Sentence | None:
    """The sentence of a story; of one whose documents are reviews or say nothing only the number of a series."""
    reporting = [one for one in members if one.reports and "review" not in one.values("evidence")]
    return find_sentence(title, [_to_material(edition, one) for one in reporting], step)


def _to_material(edition: sqlite3.Connection, one: Read) -> Material:
    document = one.teller.id
    shown = edition.execute(TEXT, (document,)).fetchone()
    rests = [held.sentence for held in one.sure if held.sentence]
    quotes = [quoted for (quoted,) in edition.execute(QUOTED, (document,))]
    return Material(
        document=document, kind=one.teller.kind, lang=one.teller.lang, title=one.teller.title,
        text=shown[0] if shown else "", quoted=() if shown else (*rests, *quotes), labelled=tuple(rests),
        things=tuple(edition.execute(THINGS, (document,))) if shown else (),
        series=tuple(sentence for (sentence,) in edition.execute(SERIES, (document,))),
        reports=bool(one.sure) or one.teller.kind == "trial",
    )  # fmt: skip


def find_species(members: Sequence[Read], step: int | None) -> list[str]:
    """Species in which the work was done, the one that most documents give first."""
    counts: Counter[str] = Counter()
    for one in members:
        if one.reports:
            counts.update(held.value for held in one.labels.get("species", ()) if held.score >= SURE)
    return [value for value, _ in sorted(counts.items(), key=lambda item: (-item[1], item[0]))] if step else []


def find_first(tellers: Sequence[Teller]) -> str | None:
    """The source of the outlet or press office that had it first, if that was one."""
    telling = [one for one in tellers if one.tells]
    first = [one for one in telling if one.day == min(other.day for other in telling)]
    offices = [one for one in first if one.kind == "release"]
    sources = {one.source for one in offices or first}
    return sources.pop() if len(sources) == 1 else None


def to_json(values: Iterable[str]) -> str:
    return json.dumps(list(values), ensure_ascii=False)
