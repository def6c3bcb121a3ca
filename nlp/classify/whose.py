"""Whose work a sentence tells of: this text's own, earlier work, another group's, or trials in general.

`whose.tsv` has the words. The clause around a cue decides before its sentence, and the nearest words before the cue
before others: "Earlier, mice walked better; in this study twelve patients …" is earlier for the mice and own for the
patients. A sentence that goes on ("That trial …", "It …") keeps the subject of the sentence before it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Literal

from nlp.classify.cues import find_clause, load_cues

Whose = Literal["this", "own", "open", "earlier", "other", "general"]
"""this: the text's own work, in plain words ("this study"); own: the same by weaker words ("researchers"); earlier,
other: work that the text only mentions; general: what such work is; open: not said."""

ASIDE: tuple[Whose, ...] = ("general", "other", "earlier")

PERSONAL = 6  # words of the first person outside quotations
PERSONAL_SHARE = 1.5  # of a hundred words

_QUOTED = re.compile(r"[\"“][^\"”]*[\"”]?")
_FIRST_PERSON = re.compile(r"\b(?:I|me|my|mine|myself)\b|\bI[’'](?:m|ve|d|ll)\b")
_GOES_ON = re.compile(
    r"^(?:That|Those|It|They|He|She) (?:stud(?:y|ies)|trials?|work|research|experiments?|also|was|were|found|showed)\b"
)


def find_whose(sentence: str, start: int, end: int) -> Whose:
    """Whose work the words between two offsets tell of."""
    left, right = find_clause(sentence, start, end)
    found = _judge(sentence[left:right], (*ASIDE, "this")) or _judge(sentence[:end], ASIDE)
    return found or _judge(sentence, ("this", "own")) or "open"


def goes_on(sentence: str) -> bool:
    """Whether a sentence goes on about the subject of the sentence before it."""
    return bool(_GOES_ON.match(sentence))


def _judge(words: str, values: tuple[Whose, ...]) -> Whose | None:
    """The first of `values` whose words are there."""
    for value in values:
        if any(cue.value == value and cue.pattern.search(words) for cue in load_cues("whose")):
            return value
    return None


def is_personal(sentences: Iterable[str]) -> bool:
    """Whether somebody tells what happened to them: the studies that such a text names are those of others."""
    told = [_QUOTED.sub("", sentence) for sentence in sentences]
    first = sum(len(_FIRST_PERSON.findall(words)) for words in told)
    length = sum(len(words.split()) for words in told)
    return first >= PERSONAL and first * 100 >= PERSONAL_SHARE * length
