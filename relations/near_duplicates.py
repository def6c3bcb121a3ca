"""STAGE duplicates: document -> near_duplicate. Earlier documents that it copies, translates, or shares an event with.

A document is compared with those that arrived before it and were published within 45 days of it; which ones, says
`duplicate_candidates`. In order:

1. **copy**: the texts share enough word shingles (`shingles.compare`);
2. **event**: another report of the same event. Both were published within `NEAR` days, and the cosine of their
   features (`compared_text`) reaches `EVENT`;
3. **translation**, in place of 2 for texts in two languages: the cosine of what is the same in every language reaches
   `TRANSLATION`, and they share an institution, person, journal or identifier.
"""

from __future__ import annotations

from functools import partial
from typing import TypedDict

from core.config import Config
from core.records import NearDuplicate
from core.stage import Address, Done, Result, Stage, Step, Writes
from core.store import Store
from core.text import fingerprint
from core.versions import version_of
from relations.compared_text import WORDS, ComparedText, keep_shared_by_languages
from relations.duplicate_candidates import DocumentIndex, DueRow
from relations.shingles import CUES, compare

NEAR = 12  # days between two reports of one event
EVENT, TRANSLATION = 0.42, 0.55  # cosine
LEAST_EVENT, LEAST_TRANSLATION = 5, 4  # shared features
IDENTIFYING = frozenset({"person", "institution", "journal", "identifier"})  # kinds of features
NAMED = 5  # shared features in the reason

WORK = """
SELECT d.id AS "key",
       fingerprint(d.hash, (SELECT 'met again: ' || o.hash FROM near_duplicate k JOIN document o ON o.id = k.other
                       WHERE k.document = d.id AND k.against <> o.hash LIMIT 1)) AS input,
       d.source, coalesce(substr(d.published, 1, 10), substr(d.first_seen, 1, 10)) AS day
FROM document d
WHERE d.state = 'current'
  AND NOT EXISTS (SELECT 1 FROM label l WHERE l.document = d.id AND l.facet = 'scope' AND l.value = 'out')"""


class DuplicateRow(TypedDict):
    """A row of WORK with what `DocumentIndex.find_candidates` gives."""

    key: str
    text: ComparedText
    candidates: list[ComparedText]


def stage(_config: Config) -> Stage:
    return Stage(
        name="duplicates",
        version=f"{version_of('duplicates')}/{fingerprint(CUES.read_text('utf-8'), WORDS.read_text('utf-8'))}",
        work=WORK,
        step=Address(module="relations.near_duplicates", function="build_step", reads=("document", "mention", "label")),
        cpu=600,  # the first document of a month pays for the index of that month
        writes=(Writes(record=NearDuplicate, owner="document"),),
    )


def build_step(*, view: Store) -> Step:
    """The index of candidates reads texts from outside, so it is built in the worker."""
    return partial(compare_document, DocumentIndex(), view)


def compare_document(index: DocumentIndex, view: Store, row: DueRow) -> Result:
    """All earlier near-duplicates of a row of WORK."""
    return find_near_duplicates({"key": row["key"], **index.find_candidates(view, row)})


def find_near_duplicates(row: DuplicateRow) -> Result:
    """All earlier near-duplicates of one document."""
    found = (relate(row["text"], other) for other in row["candidates"])
    return Done(records=tuple(one for one in found if one))


def relate(text: ComparedText, other: ComparedText) -> NearDuplicate | None:
    """How `text` is related to an `other` that arrived before it; None when it is not."""
    days = abs((text.day - other.day).days)
    overlap = compare(text.shingles, other.shingles)
    if overlap.copy:
        return _make_pair(text, other, "copy", overlap.kept, f"{overlap.why}, {_describe_days(days)}", overlap.kept)
    if days > NEAR:
        return None
    translated = text.lang != other.lang and bool(text.lang and other.lang)
    shared = {name: weight * other.features[name] for name, weight in text.features.items() if name in other.features}
    norms = text.norm * other.norm
    if translated:
        shared = keep_shared_by_languages(shared)
        norms = text.norm_without_words * other.norm_without_words
    cosine = sum(shared.values()) / (norms or 1.0)
    if translated:
        identified = any(name.split(":", 1)[0] in IDENTIFYING for name in shared)
        found = cosine >= TRANSLATION and identified and len(shared) >= LEAST_TRANSLATION
    else:
        found = cosine >= EVENT and len(shared) >= LEAST_EVENT
    if not found:
        return None
    best = sorted(shared, key=lambda name: (-shared[name], name))[:NAMED]
    names = ", ".join(text.names.get(name, name.split(":", 1)[1]) for name in best)
    relation = "translation" if translated else "event"
    return _make_pair(text, other, relation, cosine, f"both mention {names}; {_describe_days(days)}")


def _make_pair(
    text: ComparedText, other: ComparedText, relation: str, score: float, why: str, kept: float | None = None
) -> NearDuplicate:
    return NearDuplicate(
        document=text.id, other=other.id, relation=relation, score=round(min(score, 1.0), 3),
        kept=None if kept is None else round(kept, 3), why=why, against=other.hash,
    )  # fmt: skip


def _describe_days(days: int) -> str:
    return "on the same day" if days == 0 else "one day apart" if days == 1 else f"{days} days apart"
