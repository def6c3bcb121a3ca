"""The kind of study that an abstract reports, by rules: animal, in vitro, RCT, other clinical, case report, review,
protocol, remaining.

`RULES` are tried in order: a protocol says what will be done; a review names itself or its search; a case report has
one patient with an age; then the study is in animals, in cells or in people, by what the text mentions most, where the
title counts twice more. People make an RCT where they were randomised, another clinical study where they were treated,
`remaining` otherwise. Nothing here was learned from abstracts.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

_PROTOCOL = re.compile(r"(?i)\b(?:study |trial )?protocol\b")
_WILL = re.compile(r"(?i)\bwill (?:be|receive|recruit|include|undergo|assess|evaluate|compare|enrol)")
_REVIEW = re.compile(
    r"(?i)\b(?:systematic(?:ally)? review|meta-analys[ei]s|scoping review|literature review"
    r"|this (?:\w+ )?(?:review|chapter|article (?:reviews|discusses|summari[sz]es))|we (?:review|discuss"
    r"|summari[sz]e)"
    r"|(?:are|is) (?:reviewed|discussed|summari[sz]ed)|recent advances|overview of|an update|state of the art"
    r"|review of)\b"
)
_CASE = re.compile(
    r"(?i)\b(?:case reports?|a case of|we (?:report|describe|present) (?:a|an|the|two|three)\b.{0,40}\b(?:case"
    r"|patient|man|woman|boy|girl|infant|family)|\d+-(?:year|month|week|day)-old)\b"
)
_ANIMAL = re.compile(
    r"(?i)\b(?:mice|mouse|murine|rats?|rabbits?|piglets?|pigs?|porcine|monkeys?|macaques?|dogs?|canine|cats?"
    r"|sheep|lambs?|zebrafish|drosophila|rodents?|gerbils?|hamsters?|guinea pigs?|wistar|sprague[- ]dawley"
    r"|c57bl\S*|transgenic|knockout)\b"
)
_PEOPLE = re.compile(
    r"(?i)\b(?:patients?|participants?|volunteers?|subjects|children|adults|women|men|adolescents|infants"
    r"|individuals|people|students|controls)\b"
)
_CELLS = re.compile(
    r"(?i)\b(?:cell lines?|cultured|cell cultures?|in vitro|fibroblasts|HEK ?293\w*|SH-SY5Y|PC12|U87\w*|iPSCs?"
    r"|organoids?|transfected|primary (?:cortical |hippocampal )?(?:neurons|astrocytes))\b"
)
_RANDOMISED = re.compile(
    r"(?i)\brandomi[sz](?:ed|ation|ly (?:assign|allocat))|\bdouble-blind|\bplacebo-controlled|\brandomly assigned"
)
_TREATED = re.compile(
    r"(?i)\b(?:treated with|received|underwent|treatment with|therapy|surgery|intervention|administ\w+|open-label"
    r"|phase I+|pilot (?:study|trial)|efficacy|stimulation|program|training|implantation|postoperative)\b"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Abstract:
    """An abstract, with how often its text mentions animals, people and cells."""

    title: str
    text: str
    animals: int
    people: int
    cells: int

    @property
    def whole(self) -> str:
        return f"{self.title}. {self.text}"


Rule = Callable[[Abstract], str | None]


def find_study_type(title: str, abstract: str) -> str:
    """The kind of study, one of those above."""
    whole = f"{title}. {abstract}"
    animals, people, cells = (len(pattern.findall(whole)) for pattern in (_ANIMAL, _PEOPLE, _CELLS))
    counted = Abstract(
        title=title,
        text=abstract,
        animals=animals + 2 * bool(_ANIMAL.search(title)),
        people=people,
        cells=cells + 2 * bool(_CELLS.search(title)),
    )
    return next((found for rule in RULES if (found := rule(counted))), "remaining")


def read_protocol(abstract: Abstract) -> str | None:
    """A protocol: its title says so and the text says what will be done, or the text says so three times."""
    will = len(_WILL.findall(abstract.text))
    return "protocol" if will >= 3 or (will and _PROTOCOL.search(abstract.title)) else None


def read_review(abstract: Abstract) -> str | None:
    """A review: in the title, or twice in the text."""
    return "review" if _REVIEW.search(abstract.title) or len(_REVIEW.findall(abstract.text)) >= 2 else None


def read_case_report(abstract: Abstract) -> str | None:
    """A case report: in the title, or in a text that mentions people fewer than six times."""
    if _CASE.search(abstract.title):
        return "case report"
    few = len(_PEOPLE.findall(abstract.text)) < 6
    return "case report" if few and _CASE.search(abstract.text) else None


def read_subjects(abstract: Abstract) -> str | None:
    """By what is mentioned at least twice: animals or cells more often than people, else people."""
    if abstract.animals >= 2 and abstract.animals > abstract.people:
        return "animal"
    if abstract.cells >= 2 and abstract.cells > abstract.people:
        return "in vitro"
    return _read_people(abstract) if abstract.people >= 2 else None


def _read_people(abstract: Abstract) -> str:
    if _RANDOMISED.search(abstract.whole):
        return "RCT"
    treated = len(_TREATED.findall(abstract.whole)) >= 3 or _TREATED.search(abstract.title)
    return "other clinical" if treated else "remaining"


def read_review_once(abstract: Abstract) -> str | None:
    """A review, where nothing else is known and the text says so once."""
    return "review" if _REVIEW.search(abstract.text) else None


RULES: tuple[Rule, ...] = (read_protocol, read_review, read_case_report, read_subjects, read_review_once)
