"""The table of cues: phrases next to a mention, or in its sentence, that give it a role.

`cues.tsv` has a row a cue: type (DISEASE, INSTITUTION), role, side, pattern (a regular expression, case does not
count). `before` must end where the mention begins, `behind` must begin where it ends; `sentence` may be anywhere in its
sentence, `next` in the sentence after it, `name` is the mention itself. Rows are asked in the order of the file; the
first that fits decides. Scripts without spaces have their particles in the pattern.
"""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from nlp.roles.spots import Spot, Text

TABLE = Path(__file__).with_name("cues.tsv")
SIDES = ("before", "behind", "sentence", "next", "name")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cue:
    """One row."""

    role: str
    side: str
    pattern: re.Pattern[str]


def find_cue(spot: Spot, text: Text) -> Cue | None:
    """The first cue of the mention's type that fits it."""
    for cue in load_cues().get(spot.mention.type, ()):
        if cue.pattern.search(_look_at(cue.side, spot, text)):
            return cue
    return None


def _look_at(side: str, spot: Spot, text: Text) -> str:
    if side == "before":
        return spot.before
    if side == "behind":
        return spot.behind
    if side == "next":
        return text.next_to(spot)
    return spot.mention.surface if side == "name" else spot.sentence


@cache
def load_cues() -> dict[str, tuple[Cue, ...]]:
    """Cues by the type of mentions that they are for."""
    found: dict[str, list[Cue]] = defaultdict(list)
    for type_, cue in _read():
        found[type_].append(cue)
    return {type_: tuple(cues) for type_, cues in found.items()}


def _read() -> Iterator[tuple[str, Cue]]:
    with TABLE.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
            if row["side"] not in SIDES:
                raise ValueError(f"{TABLE.name}: {row['side']!r} is no side of a mention")
            pattern = {"before": "(?:{})$", "behind": "^(?:{})", "name": "^(?:{})$"}.get(row["side"], "(?:{})")
            yield (
                row["type"],
                Cue(
                    role=row["role"], side=row["side"], pattern=re.compile(pattern.format(row["pattern"]), re.I | re.S)
                ),
            )
