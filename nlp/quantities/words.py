"""Word lists of this package (`words.tsv`: a kind, and its words separated by spaces).

| kind | what its words are |
|---|---|
| stop | ends a phrase |
| verb | no phrase begins with it, and a clause's subject ends before it |
| plural | plural without -s |
| no plural | ends in -s and is singular |
| single | noun before which "one" is a number |
| participle | form in -ed that can be part of a phrase |
| part | noun that structures a text ("three questions") |
| sum | noun of a statistic ("the average of") |
| science | unit of measuring sciences (trained model only) |
| bound | sign or word before a number (trained model only) |
| month | (trained model only) |
| grammar | (trained model only) |
| report | (trained model only) |
"""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path

WORDS = Path(__file__).with_name("words.tsv")


def get_words(kind: str) -> frozenset[str]:
    """The words of a kind. Raises KeyError."""
    return _load_lists()[kind]


@cache
def _load_lists() -> dict[str, frozenset[str]]:
    with WORDS.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        return {row["kind"]: frozenset(row["words"].split(" ")) for row in rows}
