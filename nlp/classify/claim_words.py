"""Words by which a claim shows its strength, as tags: what rises or falls, what is linked, what is hedged, what is
asked for.

`tags_of` gives a sentence's words with their tags in order; it is shared by the rules that label (`claims.py`) and
by the recipe that learns (training/labels_claims.py)."""

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


def tags_of(sentence: str) -> list[tuple[str, str | None]]:
    """(tag, word) for every token. Cues have their tag, verbs of change also their ending; grammar stays."""
    found: list[tuple[str, str | None]] = []
    for word in _TOKEN.findall(sentence.lower().replace("’", "'")):
        cue = cue_of(word)
        if cue:
            found.append((f"{cue}_{_ending(word)}" if cue in ("UP", "DOWN", "CAUS") else cue, word))
        elif word in GRAMMAR or not word[0].isalnum():
            found.append((word, word))
        elif word[0].isdigit():
            found.append(("#", "#"))
        else:
            found.append(("xly" if word.endswith("ly") else "x", None))
    return found


def is_cue(tag: str) -> bool:
    return tag.split("_")[0] in _patterns()


@lru_cache(maxsize=50_000)
def cue_of(word: str) -> str | None:
    return next((name for name, pattern in _patterns().items() if pattern.match(word)), None)


def _ending(word: str) -> str:
    return next((end for end in ("ing", "ed", "s") if word.endswith(end)), "b")


@cache
def _patterns() -> dict[str, re.Pattern[str]]:
    with TABLE.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        return {row["cue"]: re.compile(rf"(?:{row['pattern']})$") for row in rows}
