"""One document as the search for near-duplicates compares it: its shingles, and its weighted features.

A feature is "kind:value": a word of the title or the lead, a number, an identifier, or the concept of a mention. Its
weight is that of its kind (`WEIGHTS`: a person says more about an event than a place) times the square root of how
often it occurs. A word also counts by how rare it is in general (`word_weights.tsv`). Rarity is not taken from the
collection, because the collection grows and the weights of yesterday's documents would change with it.
"""

from __future__ import annotations

import csv
import json
import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import TypedDict

from core.text import paragraphs
from relations.shingles import Numbers, find_shingles, paragraph_key, remove_boilerplate

WORDS = Path(__file__).with_name("word_weights.tsv")
LEAD = 900  # characters
WEIGHTS = {
    "person": 3.0, "institution": 2.5, "journal": 2.0, "identifier": 4.0, "number": 1.6, "disease": 1.5,
    "cell_line": 2.0, "therapy": 3.0, "cell_type": 1.0, "anatomy": 0.8, "species": 0.5, "place": 0.7, "word": 1.0,
}  # fmt: skip
SHORT_NUMBER = 3  # digits; shorter ones occur everywhere and count for a third

_WORD = re.compile(r"[^\W\d_][\w'-]{2,}")
_NUMBER = re.compile(r"(?<![\w.,])\d+(?:[.,]\d+)*(?![A-Za-z\d])")  # 48마리 gives 48

Features = dict[str, float]  # "kind:value" -> weight


class DocumentRow(TypedDict):
    """What is read of a document: a row of `duplicate_candidates.DOCUMENTS`."""

    id: str
    source: str
    lang: str | None
    title: str
    text: str
    identifiers: str  # JSON object of arrays
    hash: str
    first_seen: str
    day: str  # published, else first seen: YYYY-MM-DD
    mentions: str  # JSON array of [type, concept or surface, surface]


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparedText:
    """A document's text, ready to be compared."""

    id: str
    lang: str | None
    day: date
    arrival: tuple[str, str]  # (first seen, id)
    hash: str
    shingles: Numbers
    features: Features
    norm: float  # of the vector of all features
    norm_without_words: float
    names: dict[str, str]  # feature -> as the text writes it


def read_text(row: DocumentRow, common: frozenset[str] = frozenset()) -> ComparedText:
    """Prepare a document. `common` are the keys of its source's paragraphs that are boilerplate (`find_common`)."""
    features = find_features(row)
    return ComparedText(
        id=row["id"],
        lang=row["lang"],
        day=date.fromisoformat(row["day"]),
        arrival=(row["first_seen"], row["id"]),
        hash=row["hash"],
        shingles=find_shingles(remove_boilerplate(row["text"], common)),
        features=features,
        norm=_find_norm(features),
        norm_without_words=_find_norm(keep_shared_by_languages(features)),
        names={f"{type_.lower()}:{value}": surface for type_, value, surface in json.loads(row["mentions"])},
    )


def keep_shared_by_languages(features: Features) -> Features:
    """The features without words: concepts, numbers, identifiers and names are the same in every language."""
    return {name: weight for name, weight in features.items() if not name.startswith("word:")}


def find_features(row: DocumentRow) -> Features:
    """The weighted features of a document."""
    rarity = _load_rarity()
    rarest = max(rarity.values())
    found: Features = {}
    for name, times in _count_features(row).items():
        kind, value = name.split(":", 1)
        weight = WEIGHTS.get(kind, 1.0) * math.sqrt(times)
        if kind == "word":
            weight *= rarity.get(value, rarest)
        elif kind == "number" and len(value) < SHORT_NUMBER:
            weight /= 3
        found[name] = weight
    return found


def find_common(rows: Iterable[DocumentRow]) -> dict[str, frozenset[str]]:
    """For each source, the keys of paragraphs that are in at least three and in a tenth of its documents."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    documents: Counter[str] = Counter()
    for row in rows:
        documents[row["source"]] += 1
        counts[row["source"]].update({paragraph_key(part) for part in paragraphs(row["text"])})
    return {
        source: frozenset(key for key, times in counts[source].items() if times >= max(3, documents[source] / 10))
        for source in documents
    }


def _count_features(row: DocumentRow) -> Counter[str]:
    lead = f"{row['title']}\n{row['text'][:LEAD]}"
    rarity = _load_rarity()
    counts: Counter[str] = Counter()
    for word in _WORD.findall(lead.lower()):
        if rarity.get(word, 1.0) > 0:
            counts[f"word:{word}"] += 1
    for number in _NUMBER.findall(lead):
        counts[f"number:{number.replace(',', '')}"] += 1
    for type_, value, _ in json.loads(row["mentions"]):
        counts[f"{type_.lower()}:{value}"] += 1
    for scheme, values in json.loads(row["identifiers"]).items():
        for value in values:
            counts[f"identifier:{scheme}:{value}"] += 1
    return counts


def _find_norm(features: Features) -> float:
    return math.sqrt(sum(weight * weight for weight in features.values()))


@cache
def _load_rarity() -> dict[str, float]:
    """Word -> weight, 0 .. 1. A word that is not in the table is as rare as the rarest one in it."""
    with WORDS.open(encoding="utf-8", newline="") as file:
        return {row["word"]: float(row["weight"]) for row in csv.DictReader(file, delimiter="\t")}
