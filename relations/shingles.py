"""How much of one text is also in another: word shingles, compared by containment, without boilerplate.

A shingle is three words in a row, stored as a 64-bit number that is the same on every machine. A Han, Hangul or kana
character counts as a word, because those scripts put no spaces between words. Copies of a press release are cut,
retitled and added to; on average they share only 30 % of their shingles. So the measure is the share of the *shorter*
text that is also in the other one (containment), not the Jaccard index. `compare` decides in this order:

1. Fewer than `LEAST` shared shingles: no copy.
2. Boilerplate does not count: paragraphs that a source prints under many of its documents, and everything below a line
   such as "About the institute" or "Media contact" (`boilerplate.tsv`). `remove_boilerplate` takes it out first.
3. Half of the shorter text (`SURE`): a copy.
4. Only a short opening (`OPENING`) and one closing block: a common frame, no copy. Only one passage, and neither text
   begins with it: both quote the same source, no copy.
5. Three passages or more (each of at least `PASSAGE` shingles; the mean of both texts counts): a copy from `SPREAD`
   of the shorter text on. Fewer passages: a copy from `ENOUGH` on.
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
SURE, ENOUGH, SPREAD = 0.5, 0.28, 0.13  # shares of the shorter text
PASSAGE = 6  # shingles; names and stock phrases are shared by any two texts
OPENING = 40
GAP = 8  # shingles that may differ inside one passage
_WORD = re.compile(
    r"[\u1100-\u11ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff]|[^\W_\u1100-\u11ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]+"
)
_FACTORS = np.array([0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9], dtype=np.uint64)


@dataclass(frozen=True, slots=True, kw_only=True)
class Overlap:
    """What two texts share: `shared` shingles, which are the part `kept` (0 .. 1) of the shorter text."""

    kept: float
    shared: int
    copy: bool
    why: str


def find_shingles(text: str) -> Numbers:
    """Shingles in the order of the text, shape (words - 2,); empty for fewer than three words."""
    words = _WORD.findall(text.lower())
    if len(words) < SIZE:
        return np.zeros(0, dtype=np.uint64)
    numbers = np.fromiter((_hash_word(word) for word in words), dtype=np.uint64, count=len(words))
    total = np.zeros(len(words) - SIZE + 1, dtype=np.uint64)
    with np.errstate(over="ignore"):
        for place, factor in enumerate(_FACTORS):
            total += numbers[place : len(words) - SIZE + 1 + place] * factor
    total ^= total >> np.uint64(29)
    return total


def remove_boilerplate(text: str, common: frozenset[str] = frozenset()) -> str:
    """`text` without the paragraphs whose keys are in `common`, and without everything below a closing line."""
    kept = []
    parts = paragraphs(text)
    for number, part in enumerate(parts):
        if number >= len(parts) // 3 and _load_closing_lines().match(part):
            break
        if paragraph_key(part) not in common:
            kept.append(part)
    return "\n\n".join(kept)


def paragraph_key(paragraph: str) -> str:
    """Equal for paragraphs with the same words."""
    return fingerprint(" ".join(_WORD.findall(paragraph.lower())))


def compare(one: Numbers, other: Numbers) -> Overlap:
    """Compare two texts by their shingles and decide whether one is a copy of the other."""
    small, large = (one, other) if len(one) <= len(other) else (other, one)
    flags = np.isin(small, large)
    shared, total = int(flags.sum()), len(small)
    if shared < LEAST:
        return Overlap(kept=shared / total if total else 0.0, shared=shared, copy=False, why="too little is shared")
    kept = shared / total
    words = f"{kept:.0%} of the shorter text is also in the other"
    if kept >= SURE:
        return Overlap(kept=kept, shared=shared, copy=True, why=words)
    mirrored = np.isin(large, small)
    here, there = _find_passages(flags), _find_passages(mirrored)
    if _is_frame(here, len(small)) and _is_frame(there, len(large)):
        return Overlap(kept=kept, shared=shared, copy=False, why="only an opening or a closing is shared")
    if len(here) < 2 and not any(passage and passage[0][0] <= GAP for passage in (here, there)):
        return Overlap(
            kept=kept, shared=shared, copy=False, why="only one passage is shared, and neither text begins with it"
        )
    enough = SPREAD if len(here) + len(there) >= 6 else ENOUGH
    return Overlap(kept=kept, shared=shared, copy=kept >= enough, why=f"{words}, in {len(here)} passages")


def _find_passages(flags: Flags) -> list[tuple[int, int]]:
    """(first, last) shingle of each shared passage."""
    places = np.flatnonzero(flags)
    runs = np.split(places, np.flatnonzero(np.diff(places) > GAP) + 1)
    return [(int(run[0]), int(run[-1])) for run in runs if len(run) >= PASSAGE]


def _is_frame(passages: list[tuple[int, int]], length: int) -> bool:
    """Whether there is nothing but a short opening and a closing block."""
    between = [
        (first, last)
        for first, last in passages
        if not (first <= GAP and last <= OPENING) and not (last >= length - 1 - GAP and first > length // 8)
    ]
    return not between


@lru_cache(maxsize=1 << 17)
def _hash_word(word: str) -> int:
    raw = word.encode("utf-8", "surrogatepass")
    return zlib.crc32(raw) << 32 | zlib.crc32(raw, 0x5EED)


@cache
def _load_closing_lines() -> re.Pattern[str]:
    with CUES.open(encoding="utf-8", newline="") as file:
        cues = [row["cue"] for row in csv.DictReader(file, delimiter="\t")]
    return re.compile("|".join(rf"(?:{cue})" for cue in cues), re.I)
