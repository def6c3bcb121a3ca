"""Body system and indication: what is treated, and where in the body.

Ten systems that trials are counted by (nervous, cardiovascular, immune, blood, endocrine, musculoskeletal,
respiratory, liver/digestive, skin, urogenital) and beside them eye, cancer, other. In order:
1. the conditions of a trial's record (also of a linked one), looked up in our lexicon of diseases, then MONDO's tree
   (`systems.tsv`, made by training/labels_systems.py);
2. the MeSH headings of a paper: descriptors that MONDO knows, branches by name (`systems_words.tsv`) otherwise;
3. diseases named in the title, then those named at least twice or once in the beginning of the text;
4. words of `systems_words.tsv` in the title.
An indication is the condition in the record's words, or the name in the text.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from core.records import Json, Label, Mention
from nlp.classify.cues import cues
from nlp.classify.page import Page, holds, label_at, sentences_of

COMPONENT = "systems/1"
HERE = Path(__file__).parent
LEXICON = HERE.parent / "lexicons" / "disease.tsv"
MOST = 5  # indications of one document


def find_labels(page: Page) -> Iterator[Label]:
    if page.kind == "clinic" or page.source_kind == "clinic":
        return  # a list of what is offered is no indication that was studied
    records = [("record", page.extra), *((paper.id, paper.extra) for paper in page.papers)]
    for why, extra in records:
        found = list(_from_record(extra))
        if found:
            for condition, system in found[:MOST]:
                yield label_at(page, "indication", condition, f"{COMPONENT}:{why}", None, 1.0)
                if system:
                    yield label_at(page, "system", system, f"{COMPONENT}:{why}", None, 1.0)
            return
    yield from _from_text(page)


def system_of(concept: str) -> str | None:
    """The system of a MONDO or MeSH id."""
    return _table().get(concept)


def system_of_words(condition: str) -> str | None:
    """The system of a condition as a registry words it."""
    for words in _turned(condition):
        if (concept := _lexicon().get(words)) and (system := system_of(concept)):
            return system
    return next((cue.value for cue in cues("systems_words") if cue.pattern.search(condition)), None)


def _from_record(extra: Json) -> Iterator[tuple[str, str | None]]:
    conditions = extra.get("conditions") or []
    if isinstance(conditions, str):
        conditions = [part.strip() for part in conditions.split(";") if part.strip()]
    if conditions:
        yield from ((str(condition), system_of_words(str(condition))) for condition in conditions)
        return
    headings: list[tuple[str, str, bool]] = []
    for one in extra.get("mesh") or []:
        if isinstance(one, dict):
            headings.append((str(one.get("name", "")), str(one.get("ui") or ""), bool(one.get("major"))))
    if not headings and isinstance(extra.get("categories"), list):
        headings = [(str(name), "", False) for name in extra["categories"]]
    for name, descriptor, _ in sorted(headings, key=lambda heading: not heading[2]):
        system = system_of(descriptor)
        if system is None and (concept := next((c for w in _turned(name) if (c := _lexicon().get(w))), None)):
            system = system_of(concept)
        if system:
            yield name, system


def _from_text(page: Page) -> Iterator[Label]:
    named = [m for m in page.mentions if m.type == "DISEASE" and m.concept]
    counts = Counter(m.concept for m in named)
    lead = max(600, len(page.text) // 4)
    sentences = sentences_of(page)
    chosen: dict[str, tuple[int, Mention]] = {}
    for m in named:
        assert m.concept is not None
        again = counts[m.concept] > 1
        rank = 3 if m.part == "title" else 2 if m.start < lead and again else int(again)
        if rank and (m.concept not in chosen or rank > chosen[m.concept][0]):
            chosen[m.concept] = (rank, m)
    best = max((rank for rank, _ in chosen.values()), default=0)
    for concept, (rank, mention) in sorted(chosen.items(), key=lambda item: -item[1][0])[:MOST]:
        if rank < best - 1:
            continue
        sentence = next((s for s in sentences if holds(s, mention)), None)
        yield label_at(page, "indication", mention.surface, f"{COMPONENT}:{concept}", sentence, 0.5 + rank / 6)
        if system := system_of(concept):
            yield label_at(page, "system", system, f"{COMPONENT}:{concept}", sentence, 0.5 + rank / 6)
    if not chosen and page.title:
        for cue in cues("systems_words"):
            if cue.pattern.search(page.title):
                yield label_at(page, "system", cue.value, COMPONENT, sentences[0], 0.6)
                return


def _turned(condition: str) -> Iterator[str]:
    """`Osteoarthritis, Knee` is also looked for as `knee osteoarthritis` and as `osteoarthritis`."""
    plain = re.sub(r"\s*\([^)]*\)", "", condition).strip().lower()
    yield plain
    head, comma, tail = plain.partition(", ")
    if comma:
        yield f"{tail} {head}"
        yield head
    if plain.endswith("s"):
        yield plain[:-1]
    words = plain.split()
    for cut in range(1, min(3, len(words))):
        yield " ".join(words[cut:])


@cache
def _table() -> dict[str, str]:
    known: dict[str, str] = {}
    with (HERE / "systems.tsv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t"):
            known[row["concept"]] = row["system"]
            for descriptor in filter(None, row["mesh"].split(",")):
                known.setdefault(descriptor, row["system"])
    return known


@cache
def _lexicon() -> dict[str, str]:
    with LEXICON.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        return {row["surface"].lower(): row["concept"] for row in reversed(list(rows)) if row["concept"]}
