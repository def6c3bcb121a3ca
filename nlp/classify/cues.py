"""Tables of cues, and when a cue does not count.

A table is `x.tsv` with the columns value, lang, weight, pattern (a regular expression; `(?i)` is set), or else
`[cues]` of `x.toml`: for each value a list of patterns, each of weight 1. A cue does not count in a sentence that

- denies it: "has not been tested in humans", "no clinical trial", "has not gone beyond animals";
- plans it: "the next step will be …", "hopes to", "before a trial in people", "further studies are needed";
- asks it: the sentence ends with a question mark.

Denial and plan apply to their own clause only: "It worked in mice, but has not been tested in people" denies the
people and keeps the mice.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from core.config import load_toml
from core.errors import ConfigError
from nlp.classify.page import Sentence

HERE = Path(__file__).parent

_CLAUSE = re.compile(
    r"[;:—]|,? (?:but|although|though|whereas|while|after|because|since|which|who|whom|whose|that had|following) "
    r"|, (?:and|so|then|in which|where) "
    r"|\band (?=(?:is|are|was|were|will|has|have|plans?|hopes?) )"
)
_DENIED = re.compile(
    r"(?i)\b(?:not|never|n[’']t|neither|nor|yet to|without|cannot) (?:\w+ ){0,4}?"
    r"(?:test|tri(?:ed|al)|gone|beg[iu]n|start|stud(?:y|ied)|exist|approv|licen[cs]ed|authori[sz]ed|prove[nd]?"
    r"|done|conduct|carried|been used|undergo"
    r"|involve|mean|appl|reach|happen|work in|in (?:human|people|patient)|a (?:clinical|human))"
    r"|\b(?:no|nor any|without(?: any)?|lack of|absence of|none of (?:it|this)|few|little) (?:\w+ ){0,2}?"
    r"(?:trial|stud(?:y|ies)|human|clinical|people|patients? (?:has|have)|product|treatment|therap|evidence|data"
    r"|approv)"
    r"|\bnon-?(?:approved|human|clinical)\b|\bunapproved\b|\bunlicen[cs]ed\b|\brather than\b|\binstead of\b"
    r"|않|아직|없"
)
_PLANNED = re.compile(
    r"(?i)\bnext (?:\w+ )?(?:step|project|phase|stage|goal|stud|trial|task|challenge)|\bnext,|\bplan(?:s|ned"
    r"|ning)?\b|\bhop(?:e|es|ed|ing)\b"
    r"|\baim(?:s|ed|ing)? (?:to|for|at)\b|\bintend|\bwill\b(?! (?:not )?(?:tell|show you))|\bwould\b|\bcould\b"
    r"|\bmight\b|\bmay\b(?! \d)|\bgoing to\b"
    r"|\bbefore (?:it|they|this|these|the|any|human|trial|trials|clinical|testing|moving|a|being|such|we|people"
    r"|patients)\b"
    r"|\bneed(?:s|ed)?\b|\bmust\b|\bshould\b|\b(?:further|future|larger|additional|more) (?:\w+ ){0,2}?(?:stud"
    r"|research|work|test|trial|experiment)"
    r"|\bfuture\b|\bremains? to be\b|\byet to\b|\btowards? (?:a |the )?(?:human|clinical|trial|first)|\bpav(?:e"
    r"|es|ed|ing) the way|\bsome ?day\b|\bone day\b|\beventually\b"
    r"|\bexpect(?:s|ed)? to\b|\bprepar(?:e|es|ing|ation)\b|\bapply(?:ing)? (?:for|to)\b|\bawait|\bwants? to\b"
    r"|\bseek(?:s|ing)?\b|\bready for\b|\bif (?:it|they|the|this|all|success)"
    r"|\bproposed?\b|\bahead of\b|\bpotential(?:ly)? (?:for|in)\b|계획|예정|앞으로|향후|목표|予定|今後|将来|将于|计划"
)
_PLANNED_AFTER = re.compile(
    r"(?i)^ ?(?:[\w-]+ ){0,4}?(?:(?:is|are) (?:planned|expected|due|scheduled|needed|required|being prepared|next)"
    r"|will (?:be|begin|start|open|follow)|(?:could|may|might|should) (?:begin|start|follow|be)"
    r"|(?:is|are) to (?:begin|start|follow))\b"
)
_TESTED = re.compile(  # words that report a result, which is no plan
    r"(?i)\b(?:found|showed|shown|demonstrat|report|observ|received|were (?:given|treated|injected)|was (?:given"
    r"|treated|injected)|improved|survived|reduced|restored)\w*"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cue:
    value: str
    weight: float
    pattern: re.Pattern[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """A cue that counts, with its sentence."""

    value: str
    weight: float
    words: str  # what was matched
    sentence: Sentence


@cache
def load_cues(table: str) -> tuple[Cue, ...]:
    """The cues of `table`.tsv or of `table`.toml in this folder, in their order. Raises ConfigError."""
    path = HERE / f"{table}.tsv"
    if not path.exists():
        found = load_toml_cues(HERE / f"{table}.toml")
        return tuple(_make_cue(table, value, 1.0, pattern) for value, patterns in found.items() for pattern in patterns)
    with path.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        return tuple(_make_cue(table, row["value"], float(row["weight"]), row["pattern"]) for row in rows)


def load_toml_cues(path: Path) -> dict[str, list[str]]:
    """value -> patterns, from the table `[cues]` of a family's TOML. Raises ConfigError."""
    found: dict[str, list[str]] = load_toml(path).get("cues", {})
    for value, patterns in found.items():
        if not isinstance(patterns, list) or not all(type(pattern) is str for pattern in patterns):
            raise ConfigError(f"cues.{value}: a list of patterns expected", where=f"nlp/classify/{path.name}")
    return found


def _make_cue(table: str, value: str, weight: float, pattern: str) -> Cue:
    try:
        return Cue(value=value, weight=weight, pattern=re.compile(f"(?i){pattern}"))
    except re.error as error:
        raise ConfigError(f"the pattern {pattern!r} cannot be read", where=f"nlp/classify/{table}") from error


def find_hits(table: str, sentences: tuple[Sentence, ...], *, guarded: bool = True) -> Iterator[Hit]:
    """Every cue of a table that counts, once a sentence; with `guarded=False` also denied, planned or asked ones."""
    for sentence in sentences:
        for cue in load_cues(table):
            for match in cue.pattern.finditer(sentence.words):
                if guarded and is_held_back(sentence.words, match.start(), match.end()):
                    continue
                yield Hit(value=cue.value, weight=cue.weight, words=match[0], sentence=sentence)
                break


def is_held_back(sentence: str, start: int, end: int) -> bool:
    """Whether the words between two offsets are denied, planned or asked."""
    if sentence.rstrip('"”’) ').endswith(("?", "？")):
        return True
    left, right = find_clause(sentence, start, end)
    before, clause = sentence[left:start], sentence[left:right]
    if _DENIED.search(sentence[left:end]) or _DENIED.search(clause, end - left):
        return True
    if _PLANNED_AFTER.match(clause[end - left :]):
        return True
    return bool(_PLANNED.search(before)) and not _TESTED.search(before)


def find_clause(sentence: str, start: int, end: int) -> tuple[int, int]:
    """Offsets of the clause around two offsets."""
    left, right = 0, len(sentence)
    for border in _CLAUSE.finditer(sentence):
        if border.end() <= start:
            left = border.end()
        elif border.start() >= end:
            right = border.start()
            break
    return left, right
