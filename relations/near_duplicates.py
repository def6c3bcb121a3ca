"""STAGE document -> near_duplicate: earlier documents that it copies, translates, or reports the same event as.

A document is held against those that we met before it (so that nights add to what stands and change none of it) and
that were published within `WINDOW` days. In order:

1. **copy**: shared word shingles (`shingles.py`). Candidates share at least three rare ones of a fixed sample (every
   eighth number), so that time grows with the number of documents and not with its square; the exact count follows.
2. **event**: the same thing in other words. Title, lead, names, concepts and numbers are weighted by how rare a word
   is in general (`word_weights.tsv`; not by the collection, which grows) and by what it is: a person or an institution
   says more than a place. Cosine, within `NEAR` days.
3. **translation** (texts in two languages): only what is the same in every language counts: concepts, numbers,
   identifiers, names in Latin letters. It takes a common institution, person, journal or identifier besides.
"""

from __future__ import annotations

import csv
import json
import math
import re
from bisect import bisect_left
from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache, partial
from pathlib import Path

import numpy as np
import numpy.typing as npt

from core.config import Config
from core.records import Json, NearDuplicate
from core.stage import Address, Done, Result, Stage, Step, Writes
from core.store import Store
from core.text import fingerprint, paragraphs
from relations.shingles import CUES, Numbers, body_of, compare, find_shingles, paragraph_key

CODE = "2"
WORDS = Path(__file__).with_name("word_weights.tsv")
WINDOW = 45  # days between a text and its copy
NEAR = 12  # days between two reports of one event
SAMPLE = 8  # one shingle in so many looks for candidates
COMMON = 200  # a shingle or a feature of more documents in a month than that finds no candidates
CANDIDATES = 30  # of each way of finding them
HEAVY = 40  # features of a text that find candidates, each where at most half of `COMMON` share it
EVENT, TRANSLATION = 0.42, 0.55
LEAD = 900  # characters
WEIGHTS = {
    "person": 3.0, "institution": 2.5, "journal": 2.0, "identifier": 4.0, "number": 1.6, "disease": 1.5,
    "cell_line": 2.0, "therapy": 3.0, "cell_type": 1.0, "anatomy": 0.8, "species": 0.5, "place": 0.7, "word": 1.0,
}  # fmt: skip
TELLING = frozenset({"person", "institution", "journal", "identifier"})

_WORD = re.compile(r"[^\W\d_][\w'-]{2,}")
_NUMBER = re.compile(r"(?<![\w.,])\d+(?:[.,]\d+)*(?![A-Za-z\d])")  # 48마리 is forty-eight

WORK = """
SELECT d.id AS "key",
       fingerprint(d.hash, (SELECT 'met again: ' || o.hash FROM near_duplicate k JOIN document o ON o.id = k.other
                       WHERE k.document = d.id AND k.against <> o.hash LIMIT 1)) AS input,
       d.id, d.source
FROM document d
WHERE d.state = 'current'
  AND NOT EXISTS (SELECT 1 FROM label l WHERE l.document = d.id AND l.facet = 'scope' AND l.value = 'out')"""

LOAD = """
SELECT d.id, d.source, d.kind, d.lang, d.title, d.text, d.identifiers, d.links, d.hash, d.first_seen, d.translated,
       coalesce(substr(d.published, 1, 10), substr(d.first_seen, 1, 10)) AS day,
       (SELECT json_group_array(json_array(m.type, coalesce(m.concept, lower(m.surface)), m.surface)) FROM mention m
        WHERE m.document = d.id) AS mentions
FROM document d
WHERE d.state = 'current' AND coalesce(substr(d.published, 1, 10), substr(d.first_seen, 1, 10)) BETWEEN ? AND ?
  AND NOT EXISTS (SELECT 1 FROM label l WHERE l.document = d.id AND l.facet = 'scope' AND l.value = 'out')
ORDER BY d.first_seen, d.id"""

Features = dict[str, float]  # "kind:value" -> weight


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A document as it is compared."""

    id: str
    source: str
    lang: str | None
    day: date
    met: tuple[str, str]  # (first seen, id): the order of arrival
    hash: str
    translated: bool
    shingles: Numbers
    features: Features
    norm: float
    names: dict[str, str]  # a feature as the text words it


def stage(_config: Config) -> Stage:
    return Stage(
        name="duplicates",
        version=f"{CODE}/{fingerprint(CUES.read_text('utf-8'), WORDS.read_text('utf-8'))}",
        work=WORK,
        step=Address(module="relations.near_duplicates", function="build", reads=("document", "mention", "label")),
        cpu=600,  # the first row of a month reads the month
        writes=(Writes(record=NearDuplicate, owner="document"),),
    )


def build(*, view: Store) -> Step:
    return partial(find_near_duplicates, shelf=Shelf(view))


def find_near_duplicates(row: Json, *, shelf: Shelf) -> Result:
    """All earlier relatives of one document. `row` is a row of WORK."""
    text = shelf.get_text(row["id"])
    related = (relate(text, other) for other in shelf.near(text))
    return Done(records=tuple(found for found in related if found))


def relate(text: Text, other: Text) -> NearDuplicate | None:
    """How `text` is related to an `other` that came before it; None for strangers."""

    def result(relation: str, score: float, kept: float | None, why: str) -> NearDuplicate:
        return NearDuplicate(
            document=text.id, other=other.id, relation=relation, score=round(min(score, 1.0), 3),
            kept=None if kept is None else round(kept, 3), why=why, against=other.hash,
        )  # fmt: skip

    apart = abs((text.day - other.day).days)
    overlap = compare(text.shingles, other.shingles)
    if overlap.copy:
        return result("copy", overlap.kept, overlap.kept, f"{overlap.why}, {_apart(apart)}")
    if apart > NEAR:
        return None
    two_languages = text.lang != other.lang and bool(text.lang and other.lang)
    one, two = (_neutral(text), _neutral(other)) if two_languages else (text, other)
    shared = one.features.keys() & two.features.keys()
    cosine = sum(one.features[name] * two.features[name] for name in shared) / (one.norm * two.norm or 1.0)
    telling = sorted(name for name in shared if name.split(":", 1)[0] in TELLING)
    best = sorted(shared, key=lambda name: (-one.features[name] * two.features[name], name))[:5]
    words = f"both speak of {', '.join(text.names.get(name, name.split(':', 1)[1]) for name in best)}; {_apart(apart)}"
    if two_languages:
        if cosine >= TRANSLATION and telling and len(shared) >= 4:
            return result("translation", cosine, None, words)
        return None
    return result("event", cosine, None, words) if cosine >= EVENT and len(shared) >= 5 else None


def _apart(days: int) -> str:
    return "on the same day" if days == 0 else "one day apart" if days == 1 else f"{days} days apart"


def find_features(row: Json) -> Features:
    """What a text speaks of, each with the weight of its kind and rarity; repeats count by the root of their number."""
    lead = f"{row['title']}\n{row['text'][:LEAD]}"
    weights = _rarity()
    top = max(weights.values())
    counts: Counter[str] = Counter()
    for word in _WORD.findall(lead.lower()):
        if weights.get(word, top) > 0:
            counts[f"word:{word}"] += 1
    for number in _NUMBER.findall(lead):
        counts[f"number:{number.replace(',', '')}"] += 1
    for type_, value, _ in json.loads(row["mentions"]):
        counts[f"{type_.lower()}:{value}"] += 1
    for scheme, values in json.loads(row["identifiers"]).items():
        for value in values:
            counts[f"identifier:{scheme}:{value}"] += 1
    found = {}
    for name, times in counts.items():
        kind, value = name.split(":", 1)
        weight = WEIGHTS.get(kind, 1.0) * math.sqrt(times)
        if kind == "word":
            weight *= weights.get(value, top)
        elif kind == "number" and len(value) < 3:
            weight /= 3  # two, ten, 30: everybody has them
        found[name] = weight
    return found


def _neutral(text: Text) -> Text:
    """Only what is the same in every language."""
    features = {name: weight for name, weight in text.features.items() if not name.startswith("word:")}
    return replace(text, features=features, norm=_norm(features))


def _norm(features: Features) -> float:
    return math.sqrt(sum(weight * weight for weight in features.values()))


@cache
def _rarity() -> dict[str, float]:
    """Weight of common words, 0 .. 1; a word that is not in the table weighs as the rarest."""
    with WORDS.open(encoding="utf-8", newline="") as file:
        return {row["word"]: float(row["weight"]) for row in csv.DictReader(file, delimiter="\t")}


class Shelf:
    """The documents of a month at a time, with what finds candidates among them."""

    def __init__(self, work: Store) -> None:
        self.work = work
        self.months: dict[str, Month] = {}

    def get_text(self, ident: str) -> Text:
        """Raises KeyError for a document that is not there."""
        day: str = self.work.value(
            "SELECT coalesce(substr(published, 1, 10), substr(first_seen, 1, 10)) FROM document WHERE id = ?", (ident,)
        )
        return self._month(day[:7]).texts[ident]

    def near(self, text: Text) -> list[Text]:
        """Candidates among the documents that came before, in the order of arrival."""
        start, end = text.day - timedelta(days=WINDOW), text.day + timedelta(days=WINDOW)
        names = {(start + timedelta(days=step)).isoformat()[:7] for step in range(0, 2 * WINDOW + 1, 10)}
        names.add(end.isoformat()[:7])
        found: list[Text] = []
        for name in sorted(names):
            for other in self._month(name).candidates(text):
                if start <= other.day <= end:
                    found.append(other)
        return sorted(found, key=lambda other: other.met)

    def _month(self, name: str) -> Month:
        if name not in self.months:
            self.months[name] = Month(self.work.rows(LOAD, (f"{name}-01", f"{name}-31")))
        return self.months[name]


class Month:
    """Texts in the order of arrival, with an index of sampled shingles and one of features."""

    def __init__(self, rows: list[Json]) -> None:
        common = find_common(rows)
        self.order = [as_text(row, common[row["source"]]) for row in rows]
        self.texts = {text.id: text for text in self.order}
        self.met = [text.met for text in self.order]
        self.features: dict[str, list[tuple[int, float]]] = defaultdict(list)  # name -> (place, share of the norm)
        parts, owners = [], []
        for place, text in enumerate(self.order):
            sample = _sample(text.shingles)
            parts.append(sample)
            owners.append(np.full(len(sample), place, dtype=np.int64))
            for name, weight in text.features.items():
                self.features[name].append((place, weight / (text.norm or 1.0)))
        numbers = np.concatenate(parts) if parts else np.zeros(0, dtype=np.uint64)
        order = np.argsort(numbers, kind="stable")
        self.numbers = numbers[order]
        self.owners: npt.NDArray[np.int64] = np.concatenate(owners)[order] if owners else np.zeros(0, dtype=np.int64)

    def candidates(self, text: Text) -> list[Text]:
        """Of what came before: those that share rare shingles, and those that share most of what is rare in it."""
        before = bisect_left(self.met, text.met)
        sample = _sample(text.shingles)
        left, right = np.searchsorted(self.numbers, sample, "left"), np.searchsorted(self.numbers, sample, "right")
        counts: Counter[int] = Counter()
        for begin, end in zip(left.tolist(), right.tolist(), strict=True):
            if begin < end:
                holders = [place for place in self.owners[begin:end].tolist() if place < before]
                if len(holders) <= COMMON:
                    counts.update(holders)
        copied = [place for place, times in counts.items() if times >= 3]
        chosen = set(sorted(copied, key=lambda place: (-counts[place], place))[:CANDIDATES])
        weights: dict[int, float] = defaultdict(float)
        heavy = sorted(text.features.items(), key=lambda item: (-item[1], item[0]))[:HEAVY]
        for name, weight in heavy:
            postings = self.features.get(name, ())
            held = bisect_left(postings, (before, 0.0))
            if held <= COMMON // 2:
                for place, part in postings[:held]:
                    weights[place] += weight * part
        chosen |= set(sorted(weights, key=lambda place: (-weights[place], place))[:CANDIDATES])
        return [self.order[place] for place in sorted(chosen)]


def as_text(row: Json, common: frozenset[str] = frozenset()) -> Text:
    """A row of LOAD as it is compared."""
    features = find_features(row)
    names = {f"{type_.lower()}:{value}": surface for type_, value, surface in json.loads(row["mentions"])}
    return Text(
        id=row["id"], source=row["source"], lang=row["lang"], day=date.fromisoformat(row["day"]),
        met=(row["first_seen"], row["id"]), hash=row["hash"], translated=bool(row["translated"]),
        shingles=find_shingles(body_of(row["text"], common)), features=features, norm=_norm(features),
        names=names,
    )  # fmt: skip


def find_common(rows: list[Json]) -> dict[str, frozenset[str]]:
    """Of each source the paragraphs that stand in at least three of its documents, and in a tenth of them."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    documents: Counter[str] = Counter(row["source"] for row in rows)
    for row in rows:
        counts[row["source"]].update({paragraph_key(part) for part in paragraphs(row["text"])})
    return {
        source: frozenset(key for key, times in counts[source].items() if times >= max(3, documents[source] / 10))
        for source in documents
    }


def _sample(shingles: Numbers) -> Numbers:
    return np.unique(shingles[shingles % np.uint64(SAMPLE) == 0])
