"""Phases of trials, in every writing: "Phase I/IIa", "phase 1b and 2", "Phase-3-Studie", "1/2상", "第II相", "Ⅲ期临床".

A number is a phase next to the word for phase, where the sentence speaks of a trial or of patients, so that
"phase 1 of the building" is not one. Phase 4 is not counted: it watches a product that is sold.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_ONE = r"(?:III|II|I|Ⅲ|Ⅱ|Ⅰ|three|two|one|[123１２３])(?:[abcAB](?![A-Za-z]))?"
_MORE = rf"(?:\s?(?:/|-|–|·|・|,|and|et|und|or|to|및|와)\s?(?:phases? )?{_ONE}(?![\w%]))?"
_WRITINGS = (
    re.compile(
        rf"(?i)\bphases?[- ‑]?(?P<numbers>{_ONE}(?![A-Za-z0-9%]){_MORE})(?! (?:diabetes|of the (?:build|project)))"
    ),
    re.compile(rf"(?P<numbers>{_ONE}(?:\s?[/·,∙~-]\s?{_ONE})?)\s?상(?![가-힣]*(?:황|태|품))"),
    re.compile(rf"(?:第\s?)(?P<numbers>(?:{_ONE}|[一二三])(?:\s?[/・〜-]\s?(?:{_ONE}|[一二三]))?)\s?相"),
    re.compile(rf"フェーズ\s?(?P<numbers>{_ONE}(?:\s?[/・-]\s?{_ONE})?)"),
    re.compile(
        rf"(?P<numbers>(?:{_ONE}|[一二三])(?:\s?[/／和及-]\s?(?:{_ONE}|[一二三]))?)\s?期(?=\s?(?:临床|臨床|试验|試驗|研究|注册))"
    ),
    re.compile(rf"(?:临床|臨床)(?P<numbers>(?:{_ONE}|[一二三])(?:\s?[/／和及-]\s?(?:{_ONE}|[一二三]))?)\s?期"),
)
_NUMBER = re.compile(r"(?i)III|II|I|three|two|one|[一二三ⅠⅡⅢ123１２３]")
_VALUES = {
    **dict.fromkeys(("i", "one", "一", "ⅰ", "1", "１"), "phase 1"),
    **dict.fromkeys(("ii", "two", "二", "ⅱ", "2", "２"), "phase 2"),
    **dict.fromkeys(("iii", "three", "三", "ⅲ", "3", "３"), "phase 3"),
}
_OF_A_TRIAL = re.compile(
    r"(?i)trial|stud(?:y|ies)|clinical|patient|dos(?:e|ed|ing)\b|drug|therap|treat|safety|efficacy|results?\b|vaccine"
    r"|studie|prüfung|essai|étude|clinique|임상|환자|투여|相|治験|試験|患者|临床|臨床|期"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Phases:
    """The phases that one expression names, and where it is."""

    values: tuple[str, ...]
    start: int
    end: int


def find_phases(sentence: str) -> Iterator[Phases]:
    """Every expression of a phase in a sentence about a trial."""
    if not _OF_A_TRIAL.search(sentence):
        return
    for writing in _WRITINGS:
        for match in writing.finditer(sentence):
            numbers = (number.lower() for number in _NUMBER.findall(match["numbers"]))
            values = tuple(dict.fromkeys(_VALUES[number] for number in numbers))
            if values:
                yield Phases(values=values, start=match.start(), end=match.end())
