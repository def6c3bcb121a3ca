"""Word lists of this package (`words.tsv`: a kind, and its words parted by spaces).

| kind | what its words are |
|---|---|
| stop | no phrase goes on after it |
| verb | no phrase begins with it, and a clause's subject ends before it |
| plural | plural without -s |
| no plural | ends in -s and is none |
| single | what one of counts |
| participle | form in -ed that may stand in a phrase |
| part | noun that parts a text |
| sum | noun of a statistic, which is of something else |
| science | unit of measuring sciences (trained model only) |
| bound | sign or word beside a number (trained model only) |
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
    """The words of a kind; KeyError where there is none."""
    return _lists()[kind]


@cache
def _lists() -> dict[str, frozenset[str]]:
    with WORDS.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        return {row["kind"]: frozenset(row["words"].split(" ")) for row in rows}
