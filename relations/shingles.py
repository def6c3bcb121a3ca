"""How much of one text stands in another: word shingles, counted by containment, and told from boilerplate.

A shingle is three words in a row (a Han, Hangul or kana sign counts as a word: those texts part no words), known by a
64-bit number that is the same on every machine. Real copies of a release are cut, retitled and added to, and share a
mean of only 30 % of their shingles, so what counts is the share of the *smaller* text that stands in the other
(containment, not Jaccard). Whether a shared part is a copy is decided in order:

1. fewer than `LEAST` shared shingles say nothing;
2. paragraphs that a source puts under many of its documents, and what stands below a line such as "About the institute"
   or "Media contact" (`boilerplate.tsv`), are left out before counting;
3. half of the shorter text (`SURE`) makes a copy, whatever else;
4. a short opening (`OPENING`) and one closing block in common, and nothing between them, are boilerplate; one block
   that is the beginning of neither text is a passage that both quote;
5. three passages or more (each of `PASSAGE` shingles, mean of both texts) make a copy from `SPREAD` of the shorter text
   on, fewer from `ENOUGH` on.
"""

from __future__ import annotations

import csv
import re
import zlib
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from core.text import fingerprint, paragraphs

Numbers = npt.NDArray[np.uint64]
Flags = npt.NDArray[np.bool_]

CUES = Path(__file__).with_name("boilerplate.tsv")
SIZE = 3  # words in a shingle
LEAST = 12  # shared shingles
SURE, ENOUGH, SPREAD = 0.5, 0.28, 0.13  # of the shorter text
PASSAGE = 6  # shingles; names and stock phrases are shared by any two texts
OPENING = 40
GAP = 8  # shingles that may differ inside one shared block
_WORD = re.compile(
    r"[\u1100-\u11ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff]|[^\W_\u1100-\u11ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]+"
)
_FACTORS = np.array([0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9], dtype=np.uint64)


@dataclass(frozen=True, slots=True, kw_only=True)
class Overlap:
    """Of two texts: `kept` is the share of the smaller one's shingles that stand in the other, `shared` how many."""

    kept: float
    shared: int
    copy: bool
    why: str


def find_shingles(text: str) -> Numbers:
    """Shingles in the order of the text; an empty array for fewer than three words."""
    words = _WORD.findall(text.lower())
    if len(words) < SIZE:
        return np.zeros(0, dtype=np.uint64)
    numbers = np.fromiter((_number(word) for word in words), dtype=np.uint64, count=len(words))
    total = np.zeros(len(words) - SIZE + 1, dtype=np.uint64)
    with np.errstate(over="ignore"):
        for place, factor in enumerate(_FACTORS):
            total += numbers[place : len(words) - SIZE + 1 + place] * factor
    total ^= total >> np.uint64(29)
    return total


def body_of(text: str, common: frozenset[str] = frozenset()) -> str:
    """`text` without its boilerplate: paragraphs in `common` (see `paragraph_key`) and what follows a closing cue."""
    kept = []
    parts = paragraphs(text)
    for number, part in enumerate(parts):
        if number >= len(parts) // 3 and _closing().match(part):
            break
        if paragraph_key(part) not in common:
            kept.append(part)
    return "\n\n".join(kept)


def paragraph_key(paragraph: str) -> str:
    """What tells that two documents carry the same paragraph."""
    return fingerprint(" ".join(_WORD.findall(paragraph.lower())))


def compare(one: Numbers, other: Numbers) -> Overlap:
    """Two texts, by the shingles of their bodies."""
    small, large = (one, other) if len(one) <= len(other) else (other, one)
    flags = np.isin(small, large)
    shared, total = int(flags.sum()), len(small)
    if shared < LEAST:
        return Overlap(kept=shared / total if total else 0.0, shared=shared, copy=False, why="next to nothing shared")
    kept = shared / total
    words = f"{kept:.0%} of the shorter text stands in the other"
    if kept >= SURE:
        return Overlap(kept=kept, shared=shared, copy=True, why=words)
    mirrored = np.isin(large, small)
    here, there = _passages(flags), _passages(mirrored)
    if _frame(here, len(small)) and _frame(there, len(large)):
        return Overlap(kept=kept, shared=shared, copy=False, why="only an opening or a closing is shared")
    if len(here) < 2 and not any(passage and passage[0][0] <= GAP for passage in (here, there)):
        return Overlap(kept=kept, shared=shared, copy=False, why="one passage is shared, and neither begins with it")
    enough = SPREAD if len(here) + len(there) >= 6 else ENOUGH
    return Overlap(kept=kept, shared=shared, copy=kept >= enough, why=f"{words}, in {len(here)} passages")


def _passages(flags: Flags) -> list[tuple[int, int]]:
    """(first, last) shared shingle of each shared passage."""
    places = np.flatnonzero(flags)
    runs = np.split(places, np.flatnonzero(np.diff(places) > GAP) + 1)
    return [(int(run[0]), int(run[-1])) for run in runs if len(run) >= PASSAGE]


def _frame(passages: list[tuple[int, int]], length: int) -> bool:
    """Nothing but a short opening and a closing block."""
    between = [
        (first, last)
        for first, last in passages
        if not (first <= GAP and last <= OPENING) and not (last >= length - 1 - GAP and first > length // 8)
    ]
    return not between


@lru_cache(maxsize=1 << 17)
def _number(word: str) -> int:
    raw = word.encode("utf-8", "surrogatepass")
    return zlib.crc32(raw) << 32 | zlib.crc32(raw, 0x5EED)


@cache
def _closing() -> re.Pattern[str]:
    with CUES.open(encoding="utf-8", newline="") as file:
        cues = [row["cue"] for row in csv.DictReader(file, delimiter="\t")]
    return re.compile("|".join(rf"(?:{cue})" for cue in cues), re.I)
