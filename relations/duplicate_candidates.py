"""Which earlier documents are worth comparing with one: an index of documents by month.

The index of a month is built once, from all its documents in the order of arrival. It finds candidates in two ways:

1. shared shingles: every eighth shingle number is indexed (`SAMPLE`); a candidate shares at least three. A shingle
   that more than `COMMON` documents of the month have finds nothing. So the time grows with the number of documents
   and not with its square;
2. shared features: the heaviest ones of the document, each where at most half of `COMMON` documents have it.

Each way gives the best `CANDIDATES`. Only documents that arrived earlier count, so that a new night adds rows and
changes no older ones.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import timedelta
from typing import TypedDict

import numpy as np
import numpy.typing as npt

from core.errors import StageError
from core.store import Store
from relations.compared_text import ComparedText, DocumentRow, find_common, read_text
from relations.shingles import Numbers

WINDOW = 45  # days between a text and its copy
SAMPLE = 8  # one shingle of this many is indexed
SHARED = 3  # indexed shingles that a candidate shares
COMMON = 200  # documents of a month; a shingle or feature that more of them have finds no candidates
CANDIDATES = 30  # of each of the two ways
HEAVY = 40  # features of a text that are looked up

DOCUMENTS = """
SELECT d.id, d.source, d.lang, d.title, d.text, d.identifiers, d.hash, d.first_seen,
       coalesce(substr(d.published, 1, 10), substr(d.first_seen, 1, 10)) AS day,
       (SELECT json_group_array(json_array(m.type, coalesce(m.concept, lower(m.surface)), m.surface)) FROM mention m
        WHERE m.document = d.id) AS mentions
FROM document d
WHERE d.state = 'current' AND coalesce(substr(d.published, 1, 10), substr(d.first_seen, 1, 10)) BETWEEN ? AND ?
  AND NOT EXISTS (SELECT 1 FROM label l WHERE l.document = d.id AND l.facet = 'scope' AND l.value = 'out')
ORDER BY d.first_seen, d.id"""


class DueRow(TypedDict):
    """What names a document that is due."""

    key: str  # id of the document
    day: str  # published, else first seen


class Compared(TypedDict):
    """A document and the earlier ones that it is compared with, in the order of arrival."""

    text: ComparedText
    candidates: list[ComparedText]


class DocumentIndex:
    """Indexes of months, each read from the store when it is first needed."""

    def __init__(self) -> None:
        self._months: dict[str, MonthIndex] = {}

    def find_candidates(self, store: Store, row: DueRow) -> Compared:
        """The prepared text of a document with its candidates. Raises StageError when its month does not hold it."""
        text = self._get_month(store, row["day"][:7]).texts.get(row["key"])
        if text is None:
            raise StageError(f"{row['key']} is not among the documents of {row['day'][:7]}", where="duplicates")
        start, end = text.day - timedelta(days=WINDOW), text.day + timedelta(days=WINDOW)
        months = {(start + timedelta(days=days)).isoformat()[:7] for days in range(0, 2 * WINDOW + 1, 10)}
        months.add(end.isoformat()[:7])
        found = [
            other
            for month in sorted(months)
            for other in self._get_month(store, month).find_candidates(text)
            if start <= other.day <= end
        ]
        return {"text": text, "candidates": sorted(found, key=lambda other: other.arrival)}

    def _get_month(self, store: Store, name: str) -> MonthIndex:
        if name not in self._months:
            self._months[name] = MonthIndex(store.select(DocumentRow, DOCUMENTS, (f"{name}-01", f"{name}-31")))
        return self._months[name]


class MonthIndex:
    """The texts of a month in the order of arrival, with an index of sampled shingles and one of features."""

    def __init__(self, rows: Sequence[DocumentRow]) -> None:
        common = find_common(rows)
        self._order = [read_text(row, common[row["source"]]) for row in rows]
        self._arrivals = [text.arrival for text in self._order]
        self.texts = {text.id: text for text in self._order}
        self._index_shingles()
        self._features: dict[str, list[tuple[int, float]]] = defaultdict(list)  # name -> (place, share of the norm)
        for place, text in enumerate(self._order):
            for name, weight in text.features.items():
                self._features[name].append((place, weight / (text.norm or 1.0)))

    def find_candidates(self, text: ComparedText) -> list[ComparedText]:
        """Texts of this month that arrived before `text` and are worth comparing, in the order of arrival."""
        before = bisect_left(self._arrivals, text.arrival)
        chosen = self._find_by_shingles(text, before) | self._find_by_features(text, before)
        return [self._order[place] for place in sorted(chosen)]

    def _index_shingles(self) -> None:
        samples = [_sample(text.shingles) for text in self._order] or [np.zeros(0, dtype=np.uint64)]
        numbers = np.concatenate(samples)
        owners = np.repeat(np.arange(len(samples), dtype=np.int64), [len(sample) for sample in samples])
        order = np.argsort(numbers, kind="stable")
        self._numbers: Numbers = numbers[order]
        self._owners: npt.NDArray[np.int64] = owners[order]

    def _find_by_shingles(self, text: ComparedText, before: int) -> set[int]:
        """Places of the texts before `before` that share most of the sampled shingles."""
        sample = _sample(text.shingles)
        starts = np.searchsorted(self._numbers, sample, "left").tolist()
        ends = np.searchsorted(self._numbers, sample, "right").tolist()
        counts: Counter[int] = Counter()
        for start, end in zip(starts, ends, strict=True):
            holders = [place for place in self._owners[start:end].tolist() if place < before]
            if len(holders) <= COMMON:
                counts.update(holders)
        shared = [place for place, times in counts.items() if times >= SHARED]
        return set(sorted(shared, key=lambda place: (-counts[place], place))[:CANDIDATES])

    def _find_by_features(self, text: ComparedText, before: int) -> set[int]:
        """Places of the texts before `before` that share the heaviest features."""
        weights: dict[int, float] = defaultdict(float)
        heavy = sorted(text.features.items(), key=lambda item: (-item[1], item[0]))[:HEAVY]
        for name, weight in heavy:
            postings = self._features.get(name, ())
            held = bisect_left(postings, (before, 0.0))
            if held <= COMMON // 2:
                for place, share in postings[:held]:
                    weights[place] += weight * share
        return set(sorted(weights, key=lambda place: (-weights[place], place))[:CANDIDATES])


def _sample(shingles: Numbers) -> Numbers:
    return np.unique(shingles[shingles % np.uint64(SAMPLE) == 0])
