"""STAGE stories: documents -> story, member. Which documents are about the same event, and what each one is in it.

Two documents have an edge when they are near-duplicates (`near_duplicate`) or rest on one paper (`link`). In order:

1. Groups are joined along the edges: copies and translations first, the closest first; then documents that rest on the
   same paper; then reports of the same event. A shared trial alone joins nothing: a trial is in many stories.
2. **Split test**: two groups become one only if enough of the possible pairs between them are edges (`SHARE`; in large
   groups `PLENTY` of them). So boilerplate, or one round-up of the week, cannot join two stories.
3. A story is named after its member that arrived first, so that it keeps its name when a night adds members.
4. Each member gets a role (`story_roles`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TypedDict

from core.config import Config
from core.records import Member, Story
from core.stage import Address, Done, Result, Stage, Step, Writes
from core.store import Store
from core.text import fingerprint, headline
from core.versions import version_of
from relations.shingles import CUES
from relations.story_roles import CAVEATS, OUTLETS, MemberRow, PairRow, RoleFinder, find_origin, find_title

SHARE = {"copy": 0.25, "translation": 0.25, "paper": 0.5, "event": 0.5}  # of the pairs between two groups
PLENTY = 10  # edges between two groups that are enough, however large they are
ORDER = ("copy", "translation", "paper", "event")
ROUND_UP = 3  # papers; a document that rests on more of them is about none in particular
NEXT = 20  # documents on the same paper that each gets an edge to

DOCUMENTS = """
SELECT d.id, d.source, d.kind, d.lang, d.title, d.hash, d.first_seen, d.translated,
       coalesce(substr(d.published, 1, 10), substr(d.first_seen, 1, 10)) AS day
FROM document d
WHERE d.state = 'current'
  AND NOT EXISTS (SELECT 1 FROM label l WHERE l.document = d.id AND l.facet = 'scope' AND l.value = 'out')"""

PAPERS = "SELECT src, dst FROM link WHERE relation IN ('paper', 'published') AND dst <> '' ORDER BY src, dst"
PAIRS = "SELECT document, other, relation, score, why FROM near_duplicate ORDER BY document, other"

Edge = tuple[str, float, str, str]  # relation, score, one document, the other


class DocumentRow(TypedDict):
    """A row of DOCUMENTS."""

    id: str
    source: str
    kind: str
    lang: str | None
    title: str
    hash: str
    first_seen: str
    translated: str | None
    day: str  # published, else first seen: YYYY-MM-DD


class PaperLink(TypedDict):
    """A row of PAPERS."""

    src: str
    dst: str


class StoryData(TypedDict):
    """What `gather` gives of a story: its members in the order of arrival, and the near-duplicates among them."""

    members: list[MemberRow]
    pairs: list[PairRow]


class StoryRow(StoryData):
    """A row of the step: the data, completed with the texts of the members (none for a story of one document)."""

    key: str
    texts: dict[str, str]  # document -> text


def stage(_config: Config) -> Stage:
    return Stage(
        name="stories",
        version=f"{version_of('stories')}/{fingerprint(CAVEATS.read_text('utf-8'), CUES.read_text('utf-8'))}",
        gather=gather,
        complete=read_texts,
        step=Address(module="relations.stories", function="build_step"),
        writes=(Writes(record=Story, owner="id"), Writes(record=Member, owner="story")),
    )


def gather(work: Store) -> Iterator[tuple[str, str, StoryData]]:
    """Every story as (id, fingerprint of its documents and edges, data)."""
    documents = {row["id"]: row for row in work.select(DocumentRow, DOCUMENTS)}
    papers: dict[str, list[str]] = defaultdict(list)
    for link in work.select(PaperLink, PAPERS):
        papers[link["src"]].append(link["dst"])
    pairs = [row for row in work.select(PairRow, PAIRS) if row["document"] in documents and row["other"] in documents]
    edges = [(row["relation"], row["score"], row["document"], row["other"]) for row in pairs]
    edges += find_paper_edges({src: dsts for src, dsts in papers.items() if src in documents}, documents.keys())
    order = sorted(documents, key=lambda ident: (documents[ident]["first_seen"], ident))
    groups = group_documents(order, edges)
    group_of = {ident: number for number, group in enumerate(groups) for ident in group}
    inside: dict[int, list[PairRow]] = defaultdict(list)
    for row in pairs:
        if group_of[row["document"]] == group_of[row["other"]]:
            inside[group_of[row["document"]]].append(row)
    for number, group in enumerate(groups):
        members: list[MemberRow] = [{**documents[ident], "papers": papers.get(ident, [])} for ident in group]
        state = [f"{m['id']} {m['hash']} {m['kind']} {m['papers']}" for m in members]
        state += [f"{row['document']} {row['other']} {row['relation']} {row['score']}" for row in inside[number]]
        data: StoryData = {"members": members, "pairs": inside[number]}
        yield f"story:{fingerprint(group[0])[1:13]}", fingerprint(*state), data


def read_texts(work: Store, row: StoryData) -> Mapping[str, object]:
    """The texts that the roles of a story's members are found in."""
    idents = [member["id"] for member in row["members"]]
    if len(idents) < 2:
        return {"texts": {}}
    return {"texts": {ident: work.value("SELECT text FROM document WHERE id = ?", (ident,)) for ident in idents}}


def find_paper_edges(papers: Mapping[str, Sequence[str]], held: Iterable[str]) -> Iterator[Edge]:
    """Edges between documents and the paper they rest on, and between documents that rest on the same paper.

    `papers` names the papers of each document, `held` the documents that are here: a paper may not be.
    """
    here = set(held)
    resting: dict[str, list[str]] = defaultdict(list)
    for src, dsts in sorted(papers.items()):
        if len(dsts) > ROUND_UP:
            continue
        for dst in dsts:
            if dst in here and dst != src:
                yield "paper", 1.0, src, dst
            resting[dst].append(src)
    for sources in resting.values():
        for place, one in enumerate(sources):
            for other in sources[place + 1 : place + NEXT]:
                yield "paper", 0.9, one, other


def group_documents(order: Sequence[str], edges: Iterable[Edge]) -> list[list[str]]:
    """Documents in groups, each in the order of `order`; documents without an edge are groups of one."""
    rank = {relation: place for place, relation in enumerate(ORDER)}
    place = {ident: number for number, ident in enumerate(order)}
    neighbours: dict[str, set[str]] = defaultdict(set)
    best: dict[tuple[str, str], tuple[int, float]] = {}
    for relation, score, one, other in edges:
        neighbours[one].add(other)
        neighbours[other].add(one)
        key = (min(one, other, key=place.__getitem__), max(one, other, key=place.__getitem__))
        best[key] = min(best.get(key, (9, 0.0)), (rank[relation], -score))
    group = {ident: ident for ident in order}
    members = {ident: [ident] for ident in order}
    ranked = sorted((found, place[one], place[other], one, other) for (one, other), found in best.items())
    for (number, _), _, _, one, other in ranked:
        left, right = sorted((group[one], group[other]), key=place.__getitem__)
        if left == right:
            continue
        between = sum(len(neighbours[ident].intersection(members[right])) for ident in members[left])
        if between < min(SHARE[ORDER[number]] * len(members[left]) * len(members[right]), PLENTY):
            continue
        for ident in members[right]:
            group[ident] = left
        members[left] += members.pop(right)
    return [sorted(found, key=place.__getitem__) for found in members.values()]


def build_step() -> Step:
    return make_story


def make_story(row: StoryRow) -> Result:
    """One story with its members."""
    members = row["members"]
    days = sorted(member["day"] for member in members)
    origin, why = find_origin(members)
    roles = RoleFinder(row["key"], members, row["pairs"], origin, row["texts"])
    story = Story(
        id=row["key"],
        title=headline(find_title(members, origin), 200),
        first=days[0],
        last=days[-1],
        origin=origin["id"],
        documents=len(members),
        outlets=len({member["source"] for member in members if member["kind"] in OUTLETS}),
        why=why,
    )
    return Done(records=(story, *(roles.find_role(member) for member in members)))
