"""Body system and indication: which disease is treated, and where in the body it is.

Systems are the ten that trials are counted by (nervous, cardiovascular, immune, blood, endocrine, musculoskeletal,
respiratory, liver/digestive, skin, urogenital), and eye, cancer, other. In order:

1. the conditions of a trial's record, the document's own or a linked one, looked up in our lexicon of diseases and in
   `systems.tsv` (MONDO's tree; made by training/labels_systems.py);
2. the MeSH headings of a paper: descriptors that MONDO knows, others by the words of `systems_words.tsv`;
3. diseases that the text is about; of a text that is about none (a survey of many) those mentioned in the title, then
   those mentioned at least twice, or once near the beginning. A risk, a side effect, an advert or what is denied is
   none of them;
4. words of `systems_words.tsv` in the title.

An indication is the condition in the record's words, or the name in the text. Clinics get none: what they offer was
not studied.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from core.records import Json, Label, Mention
from nlp.classify.cues import load_cues
from nlp.classify.page import Page, is_inside, label_at, sentences_of
from nlp.classify.record_fields import get_list

COMPONENT = "systems/2"
HERE = Path(__file__).parent
LEXICON = HERE.parent / "lexicons" / "disease.tsv"
ASIDE = frozenset({"denied", "risk", "side_effect", "advert"})
MOST = 5  # indications of one document


Condition = tuple[str, str | None]  # (as written, its body system)


def find_labels(page: Page) -> Iterator[Label]:
    """Labels of the facets `indication` and `system`."""
    if page.kind == "clinic" or page.source_kind == "clinic":
        return
    records = [("record", page.extra), *((paper.id, paper.extra) for paper in page.papers)]
    for source, extra in records:
        conditions = read_conditions(extra) or read_headings(extra)
        for condition, system in conditions[:MOST]:
            yield label_at(page, "indication", condition, f"{COMPONENT}:{source}", None, 1.0)
            if system:
                yield label_at(page, "system", system, f"{COMPONENT}:{source}", None, 1.0)
        if conditions:
            return
    yield from _read_text(page)


def get_system(concept: str) -> str | None:
    """The body system of a MONDO or MeSH id."""
    return _load_systems().get(concept)


def find_system(condition: str) -> str | None:
    """The body system of a condition in a registry's words."""
    for words in _vary(condition):
        if (concept := _load_lexicon().get(words)) and (system := get_system(concept)):
            return system
    return next((cue.value for cue in load_cues("systems_words") if cue.pattern.search(condition)), None)


def read_conditions(extra: Json) -> list[Condition]:
    """The conditions of a trial's record."""
    return [(condition, find_system(condition)) for condition in get_list(extra, "conditions")]


def read_headings(extra: Json) -> list[Condition]:
    """The MeSH headings of a paper's record that have a body system, major topics first; else its categories."""
    headings = [
        (str(one.get("name", "")), str(one.get("ui") or ""), bool(one.get("major")))
        for one in extra.get("mesh") or []
        if isinstance(one, dict)
    ]
    if not headings and isinstance(extra.get("categories"), list):
        headings = [(str(name), "", False) for name in extra["categories"]]
    headings.sort(key=lambda heading: not heading[2])
    systems = ((name, get_system(descriptor) or _look_up(name)) for name, descriptor, _ in headings)
    return [(name, system) for name, system in systems if system]


def _look_up(name: str) -> str | None:
    """The body system of the first form of a name that the lexicon has."""
    concept = next((found for words in _vary(name) if (found := _load_lexicon().get(words))), None)
    return get_system(concept) if concept else None


def _read_text(page: Page) -> Iterator[Label]:
    """Diseases mentioned in title and text, else words of the title."""
    chosen = rank_diseases(page)
    best = max((rank for rank, _ in chosen.values()), default=0)
    for concept, (rank, mention) in sorted(chosen.items(), key=lambda item: -item[1][0])[:MOST]:
        if rank < best - 1:
            continue
        sentence = next((one for one in sentences_of(page) if is_inside(one, mention)), None)
        yield label_at(page, "indication", mention.surface, f"{COMPONENT}:{concept}", sentence, 0.5 + rank / 6)
        if system := get_system(concept):
            yield label_at(page, "system", system, f"{COMPONENT}:{concept}", sentence, 0.5 + rank / 6)
    cue = next((cue for cue in load_cues("systems_words") if cue.pattern.search(page.title)), None)
    if not chosen and page.title and cue:
        yield label_at(page, "system", cue.value, COMPONENT, sentences_of(page)[0], 0.6)


def rank_diseases(page: Page) -> dict[str, tuple[int, Mention]]:
    """Concept -> (rank, the mention that gives it): 3 in the title, 2 early and again, 1 again."""
    named = [(m.concept, m) for m in page.mentions if m.type == "DISEASE" and m.concept and m.role not in ASIDE]
    if page.about.intersection(concept for concept, _ in named):
        named = [(concept, m) for concept, m in named if concept in page.about]
    counts = Counter(concept for concept, _ in named)
    lead = max(600, len(page.text) // 4)
    chosen: dict[str, tuple[int, Mention]] = {}
    for concept, m in named:
        again = counts[concept] > 1
        rank = 3 if m.part == "title" else 2 if m.start < lead and again else int(again)
        if rank and (concept not in chosen or rank > chosen[concept][0]):
            chosen[concept] = (rank, m)
    return chosen


def _vary(condition: str) -> Iterator[str]:
    """Forms to look up: of `Osteoarthritis, Knee` also `knee osteoarthritis` and `osteoarthritis`."""
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
def _load_systems() -> dict[str, str]:
    known: dict[str, str] = {}
    with (HERE / "systems.tsv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t"):
            known[row["concept"]] = row["system"]
            for descriptor in filter(None, row["mesh"].split(",")):
                known.setdefault(descriptor, row["system"])
    return known


@cache
def _load_lexicon() -> dict[str, str]:
    with LEXICON.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        return {row["surface"].lower(): row["concept"] for row in reversed(list(rows)) if row["concept"]}
