"""Whether a text lets nobody speak but the people of its study.

`find_closed_circle` gives an answer only where it is certain. In order:

1. there is a linked paper whose authors are known here, and somebody is quoted;
2. every speaker is one of its authors (two parts of the name agree, an initial counts as one), or the institution that
   the text gives the speaker is an affiliation of it;
3. every quotation has a speaker: one without any is in a paragraph with one that has;
4. nobody else speaks: no other person of the text is in a sentence with a verb of saying, and the text does not
   mention anybody who has no part in the study.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypedDict

WORDS, SIGNS = 6, 12  # of a text in quotation marks that somebody said; shorter ones are terms and titles
_QUOTED = re.compile(r"“[^“”]{3,1500}”|\"[^\"\n]{3,1500}\"|「[^「」]{3,600}」|『[^『』]{3,600}』|„[^„“”]{3,1500}[“”]")
_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_PARTS = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_STOP = re.compile(r"[.!?。！？][\"”’」]?\s|\n")
_TITLES = frozenset({"dr", "prof", "professor", "mr", "mrs", "ms", "sir", "phd", "md"})


class Speech(TypedDict):
    """A quotation and its speaker."""

    start: int
    end: int
    speaker: str
    affiliation: str | None


class Person(TypedDict):
    """A person whom the text names."""

    start: int
    end: int
    surface: str


class PaperPeople(TypedDict):
    """The people of a linked paper."""

    id: str
    names: Sequence[str]
    affiliations: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Circle:
    """The only people who speak, and how they are known to be of the study."""

    paper: str
    names: tuple[str, ...]
    sentence: str
    why: str
    score: float


Test = Callable[[str], bool]


def find_closed_circle(
    text: str,
    speeches: Sequence[Speech],
    people: Sequence[Person],
    papers: Sequence[PaperPeople],
    is_outside: Test,
    is_saying: Test,
) -> Circle | None:
    """The people who speak, where each is known to be of the study; else None."""
    if not speeches or is_outside(text):
        return None
    for paper in papers:
        known = {one["speaker"]: tie_to_paper(one, paper) for one in speeches}
        if not paper["names"] or not all(known.values()):
            continue
        if not has_speaker_for_all(text, speeches) or speaks_another(text, people, speeches, paper, is_saying):
            continue
        first = min(speeches, key=lambda one: one["start"])
        reasons = "; ".join(dict.fromkeys(why for why in known.values() if why))
        return Circle(
            paper=paper["id"], names=tuple(known), sentence=around(text, first["start"], first["end"]),
            why=f"{reasons}.", score=0.9,
        )  # fmt: skip
    return None


def tie_to_paper(speech: Speech, paper: PaperPeople) -> str:
    """How a speaker is known to be of the study, in words; empty: not known."""
    speaker = speech["speaker"]
    if any(is_same_person(speaker, name) for name in paper["names"]):
        return f"{speaker} is an author of the paper"
    home = (speech["affiliation"] or "").casefold()
    if len(home.split()) > 1 and any(home in one.casefold() for one in paper["affiliations"]):
        return f"{speaker} is of {speech['affiliation']}, an affiliation of the paper"
    return ""


def is_same_person(name: str, other: str) -> bool:
    """Whether two parts of the names agree: equal, or one the initial of the other, but one of them in full.

    >>> is_same_person("Marion Ashdown-Price", "Ashdown-Price M")
    True
    >>> is_same_person("Marion Price", "Peter Price")
    False
    """
    parts, others = _split(name), _split(other)
    full = [part for part in parts if len(part) > 2 and part in others]
    if len(parts) < 2 or not full:
        return False
    rest, rest_other = [p for p in parts if p not in full], [p for p in others if p not in full]
    return len(full) > 1 or any(
        one[0] == two[0] and (len(one) == 1 or len(two) <= 2) for one in rest for two in rest_other
    )


def _split(name: str) -> list[str]:
    return [part.casefold() for part in _PARTS.findall(name) if part.casefold() not in _TITLES]


def has_speaker_for_all(text: str, speeches: Sequence[Speech]) -> bool:
    """Whether each quotation has a speaker, or is in a paragraph with one that has."""
    told = {(one["start"], one["end"]) for one in speeches}
    paragraphs = {text.rfind("\n", 0, start) for start, _ in told}
    return all(
        match.span() in told or text.rfind("\n", 0, match.start()) in paragraphs
        for match in _QUOTED.finditer(text)
        if is_speech(match[0])
    )


def is_speech(quoted: str) -> bool:
    words = quoted[1:-1]
    return len(_CJK.findall(words)) >= SIGNS or len(words.split()) >= WORDS


def speaks_another(
    text: str, people: Sequence[Person], speeches: Sequence[Speech], paper: PaperPeople, is_saying: Test
) -> bool:
    """Whether a person who is no speaker and no author is in a sentence with a verb of saying."""
    known = [*(one["speaker"] for one in speeches), *paper["names"]]
    return any(
        is_saying(around(text, one["start"], one["end"]))
        for one in people
        if not any(set(_split(one["surface"])) <= set(_split(name)) or is_same_person(one["surface"], name)
                   for name in known)
    )  # fmt: skip


def around(text: str, start: int, end: int) -> str:
    """The sentence or sentences that hold what is between two offsets."""
    begin = max((stop.end() for stop in _STOP.finditer(text, 0, start)), default=0)
    stop = _STOP.search(text, end)
    return " ".join(text[begin : stop.end() if stop else len(text)].split())
