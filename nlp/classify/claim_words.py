"""Words that show the strength of a claim, as tags: of change, linking, hedging, recommending.

`tag_words` gives the words of a sentence with their tags, in order. The rules that label (`claims.py`) and the recipe
that learns (training/labels_claims.py) share it.
"""

from __future__ import annotations

import csv
import re
from functools import cache, lru_cache
from pathlib import Path

TABLE = Path(__file__).with_name("claim_words.tsv")
GRAMMAR = frozenset(
    """
    a an the of in on to for from at by with as is are was were be been being has have had do does did that which this
    these those it its their our we and or but not no than then when while if whether who whom whose how what where
    there such also both other between among during after before within without into over under about against per via
    through
    """.split()  # noqa: SIM905  read as a text, not as a column
)
MAIN = frozenset({"UP", "DOWN", "CAUS", "EFF", "ASSOC", "PRED", "DIFF", "RISK", "LIKELY", "PREV"})
MOOD = frozenset({"HEDGE", "SEEM", "CAN", "WILL", "SUGG", "SHOULD", "NEG"})
_TOKEN = re.compile(r"[a-z]+(?:['’-][a-z]+)*|\d+(?:[.,]\d+)*|[^\w\s]")


def tag_words(sentence: str) -> list[tuple[str, str | None]]:
    """(tag, word) of every token. Verbs of change have their ending in the tag; grammar is its own tag."""
    found: list[tuple[str, str | None]] = []
    for word in _TOKEN.findall(sentence.lower().replace("’", "'")):
        cue = find_cue(word)
        if cue:
            found.append((f"{cue}_{_get_ending(word)}" if cue in ("UP", "DOWN", "CAUS") else cue, word))
        elif word in GRAMMAR or not word[0].isalnum():
            found.append((word, word))
        elif word[0].isdigit():
            found.append(("#", "#"))
        else:
            found.append(("xly" if word.endswith("ly") else "x", None))
    return found


def is_cue(tag: str) -> bool:
    """Whether a tag is that of a cue."""
    return tag.split("_")[0] in _load_patterns()


@lru_cache(maxsize=50_000)
def find_cue(word: str) -> str | None:
    """The cue that a word is, as `claim_words.tsv` names it."""
    return next((name for name, pattern in _load_patterns().items() if pattern.match(word)), None)


def _get_ending(word: str) -> str:
    return next((end for end in ("ing", "ed", "s") if word.endswith(end)), "b")


@cache
def _load_patterns() -> dict[str, re.Pattern[str]]:
    with TABLE.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        return {row["cue"]: re.compile(rf"(?:{row['pattern']})$") for row in rows}
