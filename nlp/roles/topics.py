"""What a text is about, and what it only names.

Groups are mentions of one concept (or of one name that has none). Each has a weight: in the title, in the lead, how
often, without mentions that say nothing about the subject (denied, a risk, a side effect, an advert, background). The
subject is what weighs at least `NEAR` of the heaviest and either stands in the title, stands in the lead and again, or
comes back often.
"""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from nlp.roles.spots import Spot

BROAD = Path(__file__).with_name("broad.tsv")
IN_TITLE = 4.0
IN_LEAD = 1.5
EACH = 0.5  # mention, at most MOST of them
MOST = 6
NEAR = 0.5
OFTEN = 3  # mentions that make a subject without title and lead
ASIDE = frozenset({"denied", "risk", "side_effect", "advert", "background", "cause"})
COMMON = frozenset({  # words that do not say which disease it is
    "disease", "diseases", "disorder", "disorders", "syndrome", "chronic", "acute", "type", "severe", "advanced",
    "early", "late", "stage", "patients", "human",
    "the", "and", "with", "damage", "injury", "loss", "failure", "condition",
    "infection", "cells", "cell", "primary", "progressive", "of", "in",
})  # fmt: skip
_CANCER = re.compile(
    r"cancer|tumou?r|carcinoma|melanoma|lymphoma|leuk|myeloma|metasta|neoplas|malignan|sarcoma|blastoma|glioma"
    r"|암|종양|백혈병|림프종|がん|癌|腫瘍|白血病|肿瘤|瘤",
    re.I,
)


@dataclass(slots=True, kw_only=True)
class Group:
    """The mentions of one thing."""

    key: str
    type: str
    spots: list[Spot] = field(default_factory=list)
    told: list[str | None] = field(default_factory=list)  # the role that a phrase beside each mention gives
    weight: float = 0.0

    @property
    def titled(self) -> bool:
        return any(spot.titled for spot, _ in self.fair())

    @property
    def leads(self) -> bool:
        return any(spot.lead for spot, _ in self.fair())

    def fair(self) -> list[tuple[Spot, str | None]]:
        """Mentions that can make it the subject; in the title a risk may be what is studied."""
        pairs = zip(self.spots, self.told, strict=True)
        return [(s, t) for s, t in pairs if t not in ASIDE or (s.titled and t in ("risk", "cause"))]

    def weigh(self) -> None:
        """Set the weight."""
        fair = self.fair()
        self.weight = IN_TITLE * self.titled + IN_LEAD * self.leads + EACH * min(MOST, len(fair))

    def words(self) -> set[str]:
        """The words of its names that say which disease it is, and the family of tumours as one."""
        found: set[str] = set()
        for spot in self.spots:
            surface = spot.mention.surface
            found |= {word.rstrip("s") for word in re.findall(r"[^\W\d]{2,}", surface.lower())} - COMMON
            if _CANCER.search(surface):
                found.add("*cancer")
        return found


def make_groups(spots: Sequence[Spot], told: Sequence[str | None], type_: str) -> list[Group]:
    """Groups of one type, in the order of their first mention, with weights."""
    groups: dict[str, Group] = {}
    for spot, role in zip(spots, told, strict=True):
        m = spot.mention
        if m.type == type_:
            key = m.concept or m.surface.casefold()
            group = groups.setdefault(key, Group(key=key, type=type_))
            group.spots.append(spot)
            group.told.append(role)
    for group in groups.values():
        group.weigh()
    return list(groups.values())


def choose_subjects(groups: Iterable[Group]) -> list[Group]:
    """The groups that a text is about, heaviest first."""
    ranked = sorted(groups, key=lambda group: -group.weight)
    if not ranked:
        return []
    best = ranked[0].weight
    return [
        group
        for group in ranked
        if group.weight >= NEAR * best
        and group.weight > 0
        and (group.titled or (group.leads and len(group.fair()) >= 2) or len(group.fair()) >= OFTEN)
    ]


def is_broad(concept: str) -> bool:
    """Whether a disease is a wide class: neoplasm, infectious disease."""
    return concept in _load_broad()


def relate(groups: Sequence[Group], subjects: Sequence[Group]) -> set[str]:
    """Keys of groups that are the subject in other words: they share a telling word with it (MS, progressive MS)."""
    telling: set[str] = set()
    for subject in subjects:
        telling |= subject.words()
    return {group.key for group in groups if group.words() & telling}


def count_by_type(groups: Iterable[Group]) -> dict[str, int]:
    """Mentions of each type."""
    counts: dict[str, int] = defaultdict(int)
    for group in groups:
        counts[group.type] += len(group.spots)
    return counts


@cache
def _load_broad() -> frozenset[str]:
    with BROAD.open(encoding="utf-8", newline="") as file:
        return frozenset(row["concept"] for row in csv.DictReader(file, delimiter="\t"))
