"""STAGE member, link, figure, label -> telling, changed_number: what a text makes of the release or paper it rests on.

For every document of a story that is no record (paper, preprint, trial) and no page of a clinic:

1. the release of the story that it shares most with, in its own language if there is one, of those that are no later
   than the document. A release is compared with no other release;
2. the first of the papers that it is linked to, where the record is here and the link is sure enough to be shown. A
   document about more than `ROUND_UP` papers is compared with none.

With each of them, `told_caveats.py` finds what the document repeats, leaves out and adds, and `told_numbers.py` the
numbers that it changed. Numbers are compared across languages, sentences are not.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import TypedDict

from core.config import Config
from core.facets import facets
from core.records import ChangedNumber, Telling
from core.stage import Address, Done, Result, Stage, Step, Writes
from core.store import Store
from core.text import fingerprint
from core.versions import version_of
from relations.shingles import CUES, find_shingles, remove_boilerplate
from relations.story_roles import RECORDS, RELEASES, find_share
from relations.told_caveats import KINDS, Side, cut, find_told
from relations.told_numbers import FigureRow, find_changed

ROUND_UP = 3  # papers
CLOSEST = 4  # releases of a story that are looked at
LONGEST = 40  # changed numbers of a text

MEMBERS = """
SELECT m.story, d.id, d.kind, d.lang, d.hash, d.basis,
       coalesce(substr(d.published, 1, 10), substr(d.first_seen, 1, 10)) AS day, coalesce(f.state, '')
       || coalesce((SELECT group_concat(value || score || sentence, '|') FROM label l
                    WHERE l.document = d.id AND l.facet = 'evidence'), '') AS figures
FROM member m JOIN document d ON d.id = m.document
LEFT JOIN (SELECT document, fingerprint(json_group_array(json_array(
               part, start, value, high, subject, unit, period, place, modifier, series))) AS state
           FROM (SELECT * FROM figure ORDER BY document, part, start) GROUP BY document) f ON f.document = d.id
WHERE d.state = 'current' ORDER BY m.story, d.id"""
PAPERS = """
SELECT l.src, l.dst, l.score, d.hash || d.kind AS hash FROM link l JOIN document d ON d.id = l.dst
WHERE l.relation IN ('paper', 'published') AND d.kind IN ('paper', 'preprint') AND d.state = 'current'
ORDER BY l.src, l.score DESC, l.dst"""
DOCUMENT = "SELECT id, kind, lang, title, text, summary, basis FROM document WHERE id = ?"
LABELS = "SELECT value, score, sentence FROM label WHERE document = ? AND facet = 'evidence'"
FIGURES = """
SELECT part, start, "end", value, high, unit, subject, period, place, modifier, series, sentence
FROM figure WHERE document = ? ORDER BY part DESC, start"""


class MemberRow(TypedDict):
    """A row of MEMBERS."""

    story: str
    id: str
    kind: str
    lang: str | None
    hash: str
    basis: str
    day: str
    figures: str  # its figures and its evidence, to compare with


class PaperRow(TypedDict):
    """A row of PAPERS."""

    src: str
    dst: str
    score: float
    hash: str


class Compared(TypedDict):
    """What `gather` gives of a document: ids of the releases and of the paper it is compared with."""

    releases: list[str]
    paper: str | None


class TextRow(TypedDict):
    """One document of a comparison."""

    id: str
    kind: str
    lang: str | None
    title: str
    text: str
    summary: str
    basis: str
    figures: list[FigureRow]
    evidence: dict[str, str] | None  # stage -> sentence, of the labels that are sure enough


class LabelRow(TypedDict):
    """A label of the facet `evidence`."""

    value: str
    score: float
    sentence: str


class Row(Compared):
    """A row of the step, completed with the texts and the figures of all documents."""

    key: str
    texts: dict[str, TextRow]


def stage(_config: Config) -> Stage:
    data = fingerprint(KINDS.read_text("utf-8"), CUES.read_text("utf-8"))[:12]
    return Stage(
        name="tellings",
        version=f"{version_of('tellings')}/{data}",
        gather=gather,
        complete=read_texts,
        step=Address(module="relations.tellings", function="build_step"),
        writes=(Writes(record=Telling, owner="document"), Writes(record=ChangedNumber, owner="document")),
    )


def gather(work: Store) -> Iterator[tuple[str, str, Compared]]:
    """Every document that has something to be compared with."""
    papers: dict[str, list[PaperRow]] = defaultdict(list)
    facet = facets().find("link", "paper")
    for link in work.select(PaperRow, PAPERS):
        if facet is None or facet.shows(link["dst"], link["score"]):
            papers[link["src"]].append(link)
    stories: dict[str, list[MemberRow]] = defaultdict(list)
    for member in work.select(MemberRow, MEMBERS):
        stories[member["story"]].append(member)
    figures = {member["id"]: member["figures"] for members in stories.values() for member in members}
    for members in stories.values():
        for member in members:
            if member["kind"] in (*RECORDS, "clinic"):
                continue
            releases = find_releases(member, members)
            linked = papers[member["id"]] if len(papers[member["id"]]) <= ROUND_UP else []
            paper = next((one for one in linked if one["dst"] != member["id"]), None)
            if not releases and paper is None:
                continue
            state = [member["hash"], member["lang"], member["basis"], member["figures"]]
            state += [f"{one['id']} {one['hash']} {one['lang']} {one['figures']}" for one in releases]
            state += [f"{paper['dst']} {paper['hash']} {figures.get(paper['dst'], '')}"] if paper else []
            data: Compared = {"releases": [one["id"] for one in releases], "paper": paper["dst"] if paper else None}
            yield member["id"], fingerprint(*state), data


def find_releases(member: MemberRow, members: Sequence[MemberRow]) -> list[MemberRow]:
    """Releases of the story that a document may rest on: those in its language if there are any, the earliest first."""
    if member["kind"] in RELEASES:
        return []
    some = [
        one for one in members
        if one["kind"] in RELEASES and one["id"] != member["id"] and one["day"] <= member["day"]
    ]  # fmt: skip
    same = [one for one in some if one["lang"] == member["lang"]]
    return sorted(same or some, key=lambda one: (one["day"], one["id"]))[:CLOSEST]


def read_texts(work: Store, row: Compared) -> Mapping[str, object]:
    """The texts and figures of a comparison."""
    idents = [str(row["key"]), *row["releases"], *([row["paper"]] if row["paper"] else [])]  # type: ignore[typeddict-item]
    texts = {}
    for ident in idents:
        [document] = work.rows(DOCUMENT, (ident,))
        figures = list(work.select(FigureRow, FIGURES, (ident,)))
        texts[ident] = {**document, "figures": figures, "evidence": find_evidence(work, ident)}
    return {"texts": texts}


def find_evidence(work: Store, ident: str) -> dict[str, str] | None:
    """What the labels of a document say it rests on, each with its sentence; None where it has none of this facet."""
    facet = facets().find("label", "evidence")
    labels = work.select(LabelRow, LABELS, (ident,))
    if not labels or facet is None:
        return None
    return {
        row["value"]: row["sentence"] for row in labels if row["sentence"] and facet.shows(row["value"], row["score"])
    }


def build_step() -> Step:
    return compare_document


def compare_document(row: Row) -> Result:
    """What one document makes of its release and its paper."""
    document = row["texts"][row["key"]]
    releases = [row["texts"][ident] for ident in row["releases"]]
    others = [find_closest(document, releases)] if releases else []
    others += [row["texts"][row["paper"]]] if row["paper"] else []
    records: list[object] = []
    for other in others:
        records += make_tellings(document, other)
        records += make_changed(document, other)
    return Done(records=tuple(records))


def find_closest(document: TextRow, releases: Sequence[TextRow]) -> TextRow:
    """The release that a text shares most with; of equals the first."""
    own = find_shingles(remove_boilerplate(document["text"]))
    return max(releases, key=lambda one: find_share(find_shingles(remove_boilerplate(one["text"])), own))


def make_tellings(document: TextRow, other: TextRow) -> Iterator[Telling]:
    """What a document repeats, leaves out and adds."""
    places: dict[str, int] = defaultdict(int)
    for told in find_told(_side(document), _side(other)):
        yield Telling(
            document=document["id"], other=other["id"], what=told.what, place=places[told.what], kind=told.kind,
            text=cut(told), why=told.why,
        )  # fmt: skip
        places[told.what] += 1


def make_changed(document: TextRow, other: TextRow) -> Iterator[ChangedNumber]:
    """The numbers that a document changed."""
    changed = find_changed(document["figures"], other["figures"], _side(document).whole, _side(other).whole)
    for place, one in enumerate(changed[:LONGEST]):
        mine, theirs = one.mine, one.theirs
        yield ChangedNumber(
            document=document["id"], other=other["id"], place=place, part=mine["part"], start=mine["start"],
            was_part=theirs["part"], was_start=theirs["start"], subject=mine["subject"], unit=mine["unit"],
            period=mine["period"], value=mine["value"], high=mine["high"], was=theirs["value"],
            was_high=theirs["high"], sentence=mine["sentence"], was_sentence=theirs["sentence"], why=one.why,
        )  # fmt: skip


def _side(row: TextRow) -> Side:
    text = row["text"] or row["summary"]
    return Side(
        title=row["title"], text=text, kind=row["kind"], lang=row["lang"], basis=row["basis"], evidence=row["evidence"]
    )
