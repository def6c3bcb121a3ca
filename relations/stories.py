"""STAGE documents -> stories: what belongs to one thing that happened, and what each document is in it.

Edges are the near-duplicates (`near_duplicate`) and the papers and trials that they share (`link`). In order:

1. Copies and translations are put together first, the closest first; then what rests on the same paper; then reports of
   one event. A shared trial alone joins nothing: a trial has many stories.
2. **Split test**: two groups become one only if a fair part of the possible pairs between them are edges (`SHARE`; in
   large groups `PLENTY` of them), so that a boilerplate, or one round-up of the week, cannot chain two stories.
3. A story is named after the member that we met first, so that a night that adds members keeps the name.
4. Origin: the paper that the others rest on, if we hold it; else the earliest release; else the earliest document.
   A release is a `release`; a document that keeps `COPY` of the text of the origin or of a release is a `copy`, with
   what it adds and which caveat it leaves out (`caveats.tsv`); everything else is `coverage`.
"""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache, partial
from pathlib import Path

import numpy as np

from core.config import Config
from core.records import Json, Member, Story
from core.stage import Address, Done, Result, Stage, Step, Writes
from core.store import Store
from core.text import fingerprint, headline
from relations.shingles import CUES, Numbers, body_of, find_shingles

CODE = "2"
CAVEATS = Path(__file__).with_name("caveats.tsv")
COPY = 0.3  # of the origin's text, or of the document's own that stands in the origin
SHARE = {"copy": 0.25, "translation": 0.25, "paper": 0.5, "event": 0.5}  # of the pairs between two groups
PLENTY = 10  # edges between two groups that are enough, however large they are
ORDER = ("copy", "translation", "paper", "event")
RELEASES = ("release",)
RECORDS = ("paper", "preprint", "trial")
ROUND_UP = 3  # papers: a document that rests on more of them is about none in particular

_SENTENCE = re.compile(r"(?<=[.!?。])\s+|\n+")

DOCUMENTS = """
SELECT d.id, d.source, d.kind, d.lang, d.title, d.hash, d.first_seen, d.translated,
       coalesce(substr(d.published, 1, 10), substr(d.first_seen, 1, 10)) AS day
FROM document d
WHERE d.state = 'current'
  AND NOT EXISTS (SELECT 1 FROM label l WHERE l.document = d.id AND l.facet = 'scope' AND l.value = 'out')"""

PAPERS = "SELECT src, dst FROM link WHERE relation IN ('paper', 'published') AND dst <> '' ORDER BY src, dst"
PAIRS = "SELECT * FROM near_duplicate ORDER BY document, other"

Edge = tuple[str, float, str, str]  # relation, score, one document, the other


def stage(_config: Config) -> Stage:
    return Stage(
        name="stories",
        version=f"{CODE}/{fingerprint(CAVEATS.read_text('utf-8'), CUES.read_text('utf-8'))}",
        gather=gather,
        step=Address(module="relations.stories", function="build", reads=("document",)),
        writes=(Writes(record=Story, owner="id"), Writes(record=Member, owner="story")),
    )


def build(*, view: Store) -> Step:
    return partial(tell_story, text_of=partial(_text, view))


def gather(work: Store) -> Iterator[tuple[str, str, Json]]:
    """Every story as (id, fingerprint of its documents and edges, data for the step)."""
    documents = {row["id"]: row for row in work.rows(DOCUMENTS)}
    papers: dict[str, list[str]] = defaultdict(list)
    for row in work.rows(PAPERS):
        papers[row["src"]].append(row["dst"])
    pairs = [row for row in work.rows(PAIRS) if row["document"] in documents and row["other"] in documents]
    edges = [(row["relation"], row["score"], row["document"], row["other"]) for row in pairs]
    edges += share_paper({src: dsts for src, dsts in papers.items() if src in documents}, documents.keys())
    order = sorted(documents, key=lambda ident: (documents[ident]["first_seen"], ident))
    groups = group_documents(order, edges)
    group_of = {ident: number for number, group in enumerate(groups) for ident in group}
    inside: dict[int, list[Json]] = defaultdict(list)
    for row in pairs:
        if group_of[row["document"]] == group_of[row["other"]]:
            inside[group_of[row["document"]]].append(row)
    for number, group in enumerate(groups):
        members = [documents[ident] | {"papers": papers.get(ident, [])} for ident in group]
        said = [f"{m['id']} {m['hash']} {m['kind']} {m['papers']}" for m in members]
        said += [f"{row['document']} {row['other']} {row['relation']} {row['score']}" for row in inside[number]]
        yield f"story:{fingerprint(group[0])[1:13]}", fingerprint(*said), {"members": members, "pairs": inside[number]}


def share_paper(papers: dict[str, list[str]], held: Iterable[str]) -> Iterator[Edge]:
    """Edges between a paper that we hold and what rests on it, and between documents that rest on the same one."""
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
            for other in sources[place + 1 : place + 20]:
                yield "paper", 0.9, one, other


def group_documents(order: Sequence[str], edges: Iterable[Edge]) -> list[list[str]]:
    """Documents in groups, each in the order of `order`; documents without an edge are groups of one."""
    rank = {relation: place for place, relation in enumerate(ORDER)}
    place = {ident: number for number, ident in enumerate(order)}
    pairs: dict[str, set[str]] = defaultdict(set)
    best: dict[tuple[str, str], tuple[int, float]] = {}
    for said, score, one, other in edges:
        pairs[one].add(other)
        pairs[other].add(one)
        key = (min(one, other, key=place.__getitem__), max(one, other, key=place.__getitem__))
        best[key] = min(best.get(key, (9, 0.0)), (rank[said], -score))
    group = {ident: ident for ident in order}
    members = {ident: [ident] for ident in order}
    ranked = sorted((found, place[one], place[other], one, other) for (one, other), found in best.items())
    for (relation, _), _, _, one, other in ranked:
        left, right = sorted((group[one], group[other]), key=place.__getitem__)
        if left == right:
            continue
        between = sum(len(pairs[ident].intersection(members[right])) for ident in members[left])
        if between < min(SHARE[ORDER[relation]] * len(members[left]) * len(members[right]), PLENTY):
            continue
        for ident in members[right]:
            group[ident] = left
        members[left] += members.pop(right)
    return [sorted(found, key=place.__getitem__) for found in members.values()]


def tell_story(row: Json, *, text_of: Callable[[str], str]) -> Result:
    """One story with its members. `row` holds the data of `gather`."""
    members: list[Json] = row["members"]
    read = {m["id"]: text_of(m["id"]) for m in members} if len(members) > 1 else {}
    days = sorted(m["day"] for m in members)
    origin, why = find_origin(members)
    telling = Telling(story=row["key"], members=members, pairs=row["pairs"], origin=origin, texts=read)
    outlets = len({m["source"] for m in members if m["kind"] not in RECORDS})
    story = Story(
        id=row["key"], title=headline(_title(members, origin), 200), first=days[0], last=days[-1], origin=origin["id"],
        documents=len(members), outlets=outlets, why=why,
    )  # fmt: skip
    return Done(records=(story, *(telling.member(m) for m in members)))


def find_origin(members: Sequence[Json]) -> tuple[Json, str]:
    """(the document that came first, why)."""
    cited: dict[str, int] = defaultdict(int)
    for member in members:
        for paper in member["papers"]:
            cited[paper] += 1
    papers = [m for m in members if m["kind"] in RECORDS and cited[m["id"]]]
    if papers:
        best = max(papers, key=lambda m: (cited[m["id"]], m["day"] < "9", m["id"]))
        return best, f"the {best['kind']} that {cited[best['id']]} of {len(members)} documents rest on"
    earliest = sorted(members, key=lambda m: (m["day"], m["first_seen"], m["id"]))
    releases = [m for m in earliest if m["kind"] in RELEASES]
    if releases:
        return releases[0], "the earliest release"
    originals = [m for m in earliest if not m["translated"]] or earliest
    return originals[0], "the earliest document" if len(members) > 1 else "the only document"


class Telling:
    """One story while the roles of its members are found."""

    def __init__(
        self, *, story: str, members: Sequence[Json], pairs: Sequence[Json], origin: Json, texts: dict[str, str]
    ) -> None:
        self.story, self.pairs, self.origin, self.texts = story, pairs, origin, texts
        self.shingles = {ident: find_shingles(body_of(text)) for ident, text in texts.items()}
        rest = [m for m in members if m["kind"] in RELEASES and m["id"] != origin["id"]]
        self.models = [m for m in (origin, *rest) if len(self.shingles.get(m["id"], ()))]

    def member(self, member: Json) -> Member:
        ident, origin = member["id"], self.origin
        if ident == origin["id"]:
            return self._as("origin", ident, 1.0, "it came first")
        shares = [
            (*self._shares(ident, model["id"]), model["id"], model) for model in self.models if model["id"] != ident
        ]
        own, kept, _, model = max(shares, key=lambda found: (max(found[:2]), found[2]), default=(0.0, 0.0, "", origin))
        if member["kind"] in RELEASES:
            return self._as("release", ident, 1.0, "its source publishes releases", kept)
        if member["kind"] not in RECORDS and max(own, kept) >= COPY:
            why = f"keeps {kept:.0%} of the text of the {model['kind']}, which is {own:.0%} of its own"
            return self._as("copy", ident, max(own, kept), why, kept, model["id"])
        near = [row for row in self.pairs if ident in (row["document"], row["other"])]
        if near:
            best = max(near, key=lambda row: (row["score"], row["document"], row["other"]))
            return self._as("coverage", ident, best["score"], f"{best['relation']}: {best['why']}", kept)
        return self._as("coverage", ident, 0.9, f"rests on the same {origin['kind']}", kept)

    def _shares(self, ident: str, model: str) -> tuple[float, float]:
        """(of the document's text that stands in the model, of the model's that stands in the document)."""
        one, other = self.shingles[ident], self.shingles[model]
        return share(one, other), share(other, one)

    def _as(
        self, role: str, ident: str, score: float, why: str, kept: float | None = None, model: str | None = None
    ) -> Member:
        added = find_added(self.texts[ident], self.shingles[model]) if model else ""
        dropped = find_dropped(self.texts[model], self.shingles[ident]) if model else ""
        return Member(
            story=self.story, document=ident, role=role, score=round(score, 3),
            kept=None if kept is None else round(kept, 3), added=added, dropped=dropped, why=why,
        )  # fmt: skip


def share(one: Numbers, other: Numbers) -> float:
    """How much of `one` stands in `other`, 0 .. 1."""
    return float(np.isin(one, other).mean()) if len(one) else 0.0


def find_added(text: str, model: Numbers) -> str:
    """The first sentence that stands nowhere in the model; empty where there is none."""
    for sentence in _SENTENCE.split(body_of(text)):
        shingles = find_shingles(sentence)
        if len(shingles) >= 6 and share(shingles, model) < 0.2:
            return headline(sentence, 300)
    return ""


def find_dropped(model: str, text: Numbers) -> str:
    """The first caveat of the model that the text leaves out; empty where there is none."""
    for sentence in _SENTENCE.split(body_of(model)):
        if _caveat().search(sentence) and share(find_shingles(sentence), text) < 0.3:
            return headline(sentence, 300)
    return ""


def _title(members: Sequence[Json], origin: Json) -> str:
    """A story is shown by what people wrote of it, in English where anybody did: the origin's own, a release's, the
    first. A paper's title is a paper's."""
    told = [m for m in members if m["kind"] not in RECORDS] or [origin]
    first = min(
        told,
        key=lambda m: (m["lang"] not in ("en", None), m is not origin, m["kind"] not in RELEASES, m["day"], m["id"]),
    )
    return str(first["title"])


def _text(work: Store, ident: str) -> str:
    return str(work.value("SELECT text FROM document WHERE id = ?", (ident,)))


@cache
def _caveat() -> re.Pattern[str]:
    with CAVEATS.open(encoding="utf-8", newline="") as file:
        return re.compile("|".join(rf"(?:{row['cue']})" for row in csv.DictReader(file, delimiter="\t")), re.I)
