"""What each document is in its story: its origin, a release, a copy, or other coverage.

The origin is the paper that most of the others rest on, if we hold it; else the earliest release; else the earliest
document that is no translation. The role of another member is the first of these that applies:

1. a press release is a `release`;
2. a document that shares at least `COPY` of its text with the origin or with a release is a `copy`. It also says what
   it adds, and which caveat of the other text it leaves out (`caveats.tsv`);
3. everything else is `coverage`, by its closest near-duplicate in the story, or because it rests on the same paper.
"""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TypedDict

import numpy as np

from core.records import Member
from core.text import headline
from relations.shingles import Numbers, find_shingles, remove_boilerplate

CAVEATS = Path(__file__).with_name("caveats.tsv")
COPY = 0.3  # of the origin's text, or of the document's own text
RELEASES = ("release",)
RECORDS = ("paper", "preprint", "trial")
OUTLETS = ("news", "explainer")  # what an outlet publishes; press desks, registries, papers and clinics do not count
ADDED_LEAST, ADDED_SHARE = 6, 0.2  # shingles of a sentence that is new; the most of them that the other text has
DROPPED_SHARE = 0.3  # the most of a caveat's shingles that a text has which leaves it out
LONGEST = 300  # characters of a sentence that is kept

_SENTENCE = re.compile(r"(?<=[.!?。])\s+|\n+")


class MemberRow(TypedDict):
    """A document of a story."""

    id: str
    source: str
    kind: str
    lang: str | None
    title: str
    hash: str
    first_seen: str
    translated: str | None
    day: str  # published, else first seen: YYYY-MM-DD
    papers: list[str]  # ids that it links to as its papers


class PairRow(TypedDict):
    """What is read of a near-duplicate."""

    document: str
    other: str
    relation: str
    score: float
    why: str


def find_origin(members: Sequence[MemberRow]) -> tuple[MemberRow, str]:
    """The document that came first, and why it is held to be that."""
    cited: dict[str, int] = defaultdict(int)
    for member in members:
        for paper in member["papers"]:
            cited[paper] += 1
    papers = [m for m in members if m["kind"] in RECORDS and cited[m["id"]]]
    if papers:
        best = max(papers, key=lambda m: (cited[m["id"]], m["day"] < "9", m["id"]))
        return best, f"the {best['kind']} that {cited[best['id']]} of {len(members)} documents are based on"
    earliest = sorted(members, key=lambda m: (m["day"], m["first_seen"], m["id"]))
    releases = [m for m in earliest if m["kind"] in RELEASES]
    if releases:
        return releases[0], "the earliest release"
    originals = [m for m in earliest if not m["translated"]] or earliest
    return originals[0], "the earliest document" if len(members) > 1 else "the only document"


def find_title(members: Sequence[MemberRow], origin: MemberRow) -> str:
    """The title that shows the story: of a news item or release rather than of a record, in English where possible.

    Among those the origin's own comes first, then a release's, then the earliest.
    """
    written = [m for m in members if m["kind"] not in RECORDS] or [origin]
    first = min(
        written,
        key=lambda m: (
            m["lang"] not in ("en", None), m["id"] != origin["id"], m["kind"] not in RELEASES, m["day"], m["id"],
        ),
    )  # fmt: skip
    return first["title"]


class RoleFinder:
    """The shingles of a story's texts, and the texts that a member may be a copy of: the origin and the releases."""

    def __init__(
        self,
        story: str,
        members: Sequence[MemberRow],
        pairs: Sequence[PairRow],
        origin: MemberRow,
        texts: Mapping[str, str],
    ) -> None:
        self._story, self._pairs, self._origin, self._texts = story, pairs, origin, texts
        self._shingles = {ident: find_shingles(remove_boilerplate(text)) for ident, text in texts.items()}
        releases = [m for m in members if m["kind"] in RELEASES and m["id"] != origin["id"]]
        self._models = [m for m in (origin, *releases) if len(self._shingles.get(m["id"], ()))]

    def find_role(self, member: MemberRow) -> Member:
        """The role of one member, with the reason."""
        ident, origin = member["id"], self._origin
        if ident == origin["id"]:
            return self._make(ident, "origin", 1.0, "it came first")
        own, kept, model = self._find_model(ident)
        if member["kind"] in RELEASES:
            return self._make(ident, "release", 1.0, "its source publishes releases", kept)
        if member["kind"] not in RECORDS and max(own, kept) >= COPY:
            why = f"repeats {kept:.0%} of the text of the {model['kind']}, which is {own:.0%} of its own"
            return self._make(ident, "copy", max(own, kept), why, kept, model["id"])
        pairs = [row for row in self._pairs if ident in (row["document"], row["other"])]
        if pairs:
            best = max(pairs, key=lambda row: (row["score"], row["document"], row["other"]))
            return self._make(ident, "coverage", best["score"], f"{best['relation']}: {best['why']}", kept)
        return self._make(ident, "coverage", 0.9, f"is based on the same {origin['kind']}", kept)

    def _find_model(self, ident: str) -> tuple[float, float, MemberRow]:
        """(share of its own text that is in the model, share of the model's text that it has, the closest model)."""
        best: tuple[float, float, MemberRow] = (0.0, 0.0, self._origin)
        rank = (0.0, "")
        for model in self._models:
            if model["id"] == ident:
                continue
            one, other = self._shingles[ident], self._shingles[model["id"]]
            own, kept = find_share(one, other), find_share(other, one)
            if (max(own, kept), model["id"]) > rank:
                rank, best = (max(own, kept), model["id"]), (own, kept, model)
        return best

    def _make(
        self, ident: str, role: str, score: float, why: str, kept: float | None = None, model: str | None = None
    ) -> Member:
        """The record; with a `model`, also what the text adds to the model's and which caveat it leaves out."""
        added = find_added(self._texts[ident], self._shingles[model]) if model else ""
        dropped = find_dropped(self._texts[model], self._shingles[ident]) if model else ""
        return Member(
            story=self._story, document=ident, role=role, score=round(score, 3),
            kept=None if kept is None else round(kept, 3), added=added, dropped=dropped, why=why,
        )  # fmt: skip


def find_share(one: Numbers, other: Numbers) -> float:
    """The share of the shingles of `one` that `other` has, 0 .. 1."""
    return float(np.isin(one, other).mean()) if len(one) else 0.0


def find_added(text: str, model: Numbers) -> str:
    """The first sentence of a text that the model does not have; empty when there is none."""
    for sentence in _SENTENCE.split(remove_boilerplate(text)):
        shingles = find_shingles(sentence)
        if len(shingles) >= ADDED_LEAST and find_share(shingles, model) < ADDED_SHARE:
            return headline(sentence, LONGEST)
    return ""


def find_dropped(model: str, text: Numbers) -> str:
    """The first caveat of the model that the text leaves out; empty when there is none."""
    for sentence in _SENTENCE.split(remove_boilerplate(model)):
        if _load_caveats().search(sentence) and find_share(find_shingles(sentence), text) < DROPPED_SHARE:
            return headline(sentence, LONGEST)
    return ""


@cache
def _load_caveats() -> re.Pattern[str]:
    with CAVEATS.open(encoding="utf-8", newline="") as file:
        return re.compile("|".join(rf"(?:{row['cue']})" for row in csv.DictReader(file, delimiter="\t")), re.I)
