"""What the lexicons say about each token: the tagger's second source of knowledge.

One slot per entity type, in the order of `SLOTS`; in each slot a token is outside (0), begins (1), is inside (2),
ends (3) or alone is (4) a name of that type. The longest name of a type wins; types do not disturb each other.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence

SLOTS = ("DISEASE", "CELL_TYPE", "ANATOMY", "SPECIES", "INSTITUTION", "JOURNAL", "PLACE")
BEGIN, INSIDE, END, SINGLE = 1, 2, 3, 4


def encode_names(
    spans: Mapping[str, Iterable[tuple[int, int]]], starts: Sequence[int], ends: Sequence[int]
) -> list[list[int]]:
    """Codes by slot and token; `spans` are characters by type, not overlapping within one type."""
    codes = [[0] * len(starts) for _ in SLOTS]
    for slot, label in enumerate(SLOTS):
        row = codes[slot]
        for start, end in spans.get(label, ()):
            first = bisect_left(starts, start)
            last = bisect_left(ends, end)
            if first >= len(starts) or starts[first] != start or last >= len(ends) or ends[last] != end:
                continue  # a name in an unspaced script need not end where a token does
            if first == last:
                row[first] = SINGLE
                continue
            row[first], row[last] = BEGIN, END
            row[first + 1 : last] = [INSIDE] * (last - first - 1)
    return codes
