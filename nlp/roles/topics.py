"""What a text is about, and what it only names.

Groups are mentions of one concept (or of one name that has none). Each has a weight: in the title, in the lead, how
often, without mentions that say nothing about the subject (denied, a risk, a side effect, an advert, background). The
subject is what weighs at least `NEAR` of the heaviest and either is in the title, is in the lead and again, or
comes back often, or (of cells, and of diseases in a short text) is the only one in the lead. An abbreviation of its
name in the title counts (`MS` of multiple sclerosis); a wide class (cancer) counts half there.

`relate` finds the subject in other words: a wider or narrower concept (`wider.tsv`, MONDO's tree), or a name without a
concept that shares a telling word with it.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from nlp.roles.spots import Spot

BROAD = Path(__file__).with_name("broad.tsv")
WIDER = Path(__file__).with_name("wider.tsv")
IN_TITLE = 4.0
IN_LEAD = 1.5
EACH = 0.5  # mention, at most MOST of them
MOST = 6
NEAR = 0.4
STEM = 6  # letters of a word that are compared
NAME = 4  # letters of a name that is looked for in the title
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
_ANY_CANCER = re.compile(r"(?:(?:cancer|tumou?r|metasta\w+|malignan\w+|lesion|blood|solid|advanced)s? ?)+", re.I)


@dataclass(slots=True, kw_only=True)
class Group:
    """The mentions of one thing."""

    key: str
    type: str
    spots: list[Spot] = field(default_factory=list)
    told: list[str | None] = field(default_factory=list)  # the role that a phrase next to each mention gives
    title: str = ""  # of the text, without the mentions in it
    weight: float = 0.0

    @property
    def titled(self) -> bool:
        return any(spot.titled for spot, _ in self.fair()) or self.shortened or self.spelled

    @property
    def shortened(self) -> bool:
        """Whether an abbreviation of its name is in the title."""
        short = {abbreviate(spot.mention.surface) for spot, _ in self.fair()} - {""}
        return bool(short & set(re.findall(r"\b[A-Z]{2,6}\b", self.title)))

    @property
    def spelled(self) -> bool:
        """Whether the title has one of its names where nothing was found ("stem cell lines")."""
        names = {spot.mention.surface.lower().rstrip("s") for spot, _ in self.fair()}
        return any(re.search(rf"\b{re.escape(name)}s?\b", self.title.lower()) for name in names if len(name) >= NAME)

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
        in_title = IN_TITLE / 2 if is_broad(self.key) else IN_TITLE
        self.weight = in_title * self.titled + IN_LEAD * self.leads + EACH * min(MOST, len(fair))

    def names(self) -> str:
        """Its names, one after the other."""
        return " ".join(dict.fromkeys(spot.mention.surface for spot in self.spots))

    def words(self) -> set[str]:
        """The words of its names that say which disease it is."""
        found: set[str] = set()
        for spot in self.spots:
            surface = spot.mention.surface
            found |= {word.rstrip("s") for word in re.findall(r"[^\W\d]{2,}", surface.lower())} - COMMON
        return found


def abbreviate(surface: str) -> str:
    """The first letters of a name of several words: MS of multiple sclerosis."""
    words = [word for word in re.split(r"[\s-]+", surface) if word[:1].isalpha() and word.lower() not in ("of", "and")]
    if len(words) < 2:
        return ""
    if len(words) == 4 and words[1].lower() == "related":
        del words[1]
    return "".join(word[0] for word in words).upper()


def make_groups(spots: Sequence[Spot], told: Sequence[str | None], type_: str, title: str = "") -> list[Group]:
    """Groups of one type, in the order of their first mention, with weights."""
    groups: dict[str, Group] = {}
    for spot, role in zip(spots, told, strict=True):
        m = spot.mention
        if m.type == type_:
            key = m.concept or m.surface.casefold()
            group = groups.setdefault(key, Group(key=key, type=type_, title=title))
            group.spots.append(spot)
            group.told.append(role)
    for group in groups.values():
        group.weigh()
    return list(groups.values())


def choose_subjects(groups: Iterable[Group], *, alone_counts: bool) -> list[Group]:
    """The groups that a text is about, heaviest first. `alone_counts`: so does the only one in the lead."""
    ranked = sorted(groups, key=lambda group: -group.weight)
    if not ranked:
        return []
    best = ranked[0].weight
    leading = [group for group in ranked if group.leads and not is_broad(group.key)]
    alone = leading[0].key if alone_counts and len(leading) == 1 else ""
    return [
        group
        for group in ranked
        if group.weight >= NEAR * best
        and group.weight > 0
        and (
            group.titled or (group.leads and len(group.fair()) >= 2) or len(group.fair()) >= OFTEN or group.key == alone
        )
    ]


def is_broad(concept: str) -> bool:
    """Whether a disease is a wide class: neoplasm, infectious disease."""
    return concept in _load_broad()


def relate(groups: Sequence[Group], subjects: Sequence[Group]) -> set[str]:
    """Keys of groups that are a subject, or a subject in other words (MS, progressive MS; cancer of melanoma)."""
    return {group.key for group in groups if any(_is_same(group, subject) for subject in subjects)}


def is_wider(one: str, other: str) -> bool:
    """Whether the first concept is a class that the second belongs to."""
    return one in _find_above(other)


def _is_same(group: Group, subject: Group) -> bool:
    if group.key == subject.key:
        return True
    names, others = group.names(), subject.names()
    tumours = _CANCER.search(names) and _CANCER.search(others)
    if tumours and (_ANY_CANCER.fullmatch(names) or _ANY_CANCER.fullmatch(others)):
        return True
    if ":" in group.key and ":" in subject.key:
        wider = is_wider(group.key, subject.key) and not is_broad(group.key)
        return wider or is_wider(subject.key, group.key)
    return bool(_stem(group.words()) & _stem(subject.words()))


def _stem(words: set[str]) -> set[str]:
    """The beginnings of words: meniscus and meniscal are one."""
    return {word[:STEM] for word in words}


@cache
def _find_above(concept: str) -> frozenset[str]:
    """Every wider class."""
    nearest = _load_wider().get(concept, ())
    return frozenset(nearest).union(*map(_find_above, nearest))


@cache
def _load_wider() -> dict[str, tuple[str, ...]]:
    with WIDER.open(encoding="utf-8", newline="") as file:
        return {row["concept"]: tuple(row["wider"].split(",")) for row in csv.DictReader(file, delimiter="\t")}


@cache
def _load_broad() -> frozenset[str]:
    with BROAD.open(encoding="utf-8", newline="") as file:
        return frozenset(row["concept"] for row in csv.DictReader(file, delimiter="\t"))
