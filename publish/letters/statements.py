"""What an edition says of works, trials and texts, as statements that can be compared from night to night.

A statement has a subject and a value. In order, all of an edition in a few queries:

1. `work:ID` is what became of a work (retracted, concern …), for each identifier of it: of records here by their own
   banner, so a status that a person took back does not count; of works without a record here as notices and the
   documents that cite them say it.
2. `rests:KEY:ID` is the same, of a document that cites the work: it may be known later that it does.
3. `trial:ID` is the status of a trial; `phase:ID`, `enrolment:ID` and `results:ID` are of its record. Of the last three
   only what a record gives is a statement.
4. `edit:KEY` is an edit of a text that readers must know of; its value is when the earlier text was replaced. That is
   an edit of a number, a stage or a name, the note of a correction, or a new title that is not cosmetic. Other words
   and looks do not count.
5. `published:KEY` is the paper that a preprint became.

A document goes by its first key here: that one does not change when its address does.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, TypedDict, TypeVar

from core.records import Json

R = TypeVar("R")

NOTED_EDITS = ("number", "stage", "name", "correction note")
MOST = 6  # changes of one edit that are kept
FIRST_KEY = """coalesce((SELECT f."key" FROM former_key f WHERE f.document = d."key" AND f.first = 1), d."key")"""

_BANNERS = f"""
SELECT b.about, b.status, b.own, b.day, b.text, b.url, d.ident, d.title, {FIRST_KEY} AS "key"
FROM banner b JOIN document d ON d.id = b.document ORDER BY b.about, b.own DESC, b.document"""
_WORKS = """
SELECT w.identifier, w.status, w.day, w.text, w.url, coalesce(d.ident, '') AS record
FROM work_status w LEFT JOIN document d ON d.id = w.document ORDER BY w.identifier"""
_TRIALS = """
SELECT t.trial, t.status, t.day, t.reason, coalesce(d.title, '') AS title, coalesce(r.number, t.trial) AS number
FROM trial_status t LEFT JOIN trial r ON r.document = t.other LEFT JOIN document d ON d.id = r.document
ORDER BY t.trial, t.own DESC, t.document"""
_RECORDS = """
SELECT d.ident, d.title, t.number, t.phase, t.enrolment, t.enrolment_type, t.results_posted, t.has_results, t.updated
FROM trial t JOIN document d ON d.id = t.document ORDER BY d.id"""
_EDITS = f"""
SELECT {FIRST_KEY} AS "key", d.title, s.name AS source, e.replaced, e.part, e.kind, e.before, e.after, e.silent, e.why
FROM edit e JOIN document d ON d.id = e.document JOIN source s ON s.id = d.source
ORDER BY e.document, e.replaced, e.place"""
_PUBLISHED = f"""
SELECT {FIRST_KEY} AS "key", d.title, d.ident AS preprint, l.ident, coalesce(o.title, '') AS paper,
    coalesce(o.journal, '') AS journal, o.url
FROM link l JOIN document d ON d.id = l.document LEFT JOIN document o ON o.id = l.other
WHERE l.relation = 'published' AND l.ident <> '' AND d.kind = 'preprint' ORDER BY l.document, l.place"""
_NOTICE = re.compile(r"\bnotice ((?:PubMed|doi:) ?[^;\s]+)")


class Reading(Protocol):
    """An edition that can be asked."""

    def select(self, shape: type[R], sql: str, params: Mapping[str, str | int] | Sequence[str] = ()) -> list[R]:
        """All rows of a query as a TypedDict."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """What is said of a subject, and what a letter needs: also the thing that several subjects are about."""

    subject: str
    value: str
    told: Json

    @property
    def kind(self) -> str:
        return self.subject.partition(":")[0]


class BannerRow(TypedDict):
    """What became of the work of a document, or of one that it cites."""

    about: str
    status: str
    own: int
    day: str | None
    text: str
    url: str | None
    ident: str
    title: str
    key: str


class WorkRow(TypedDict):
    """What became of a work, by one of its identifiers. `record`: the id of its record, if that is here."""

    identifier: str
    status: str
    day: str | None
    text: str
    url: str | None
    record: str


class TrialRow(TypedDict):
    """The status of a trial, of its record or of a document about it."""

    trial: str
    status: str
    day: str | None
    reason: str
    title: str
    number: str


class RecordRow(TypedDict):
    """What the record of a trial says."""

    ident: str
    title: str
    number: str
    phase: str
    enrolment: int | None
    enrolment_type: str
    results_posted: str | None
    has_results: int | None
    updated: str | None


class EditRow(TypedDict):
    """A change of a text."""

    key: str
    title: str
    source: str
    replaced: str
    part: str
    kind: str
    before: str
    after: str
    silent: int
    why: str


class PublishedRow(TypedDict):
    """A preprint and its paper."""

    key: str
    title: str
    preprint: str
    ident: str
    paper: str
    journal: str
    url: str | None


def read_statements(edition: Reading) -> Iterator[Statement]:
    """Every statement of the edition; several edits of one text in the order of their times."""
    yield from _works(edition)
    yield from _trials(edition)
    yield from _edits(edition)
    seen: set[str] = set()
    for row in edition.select(PublishedRow, _PUBLISHED):
        if row["key"] not in seen:
            seen.add(row["key"])
            yield Statement(
                subject=f"published:{row['key']}", value=row["ident"],
                told={
                    "thing": row["key"], "title": row["title"], "paper": row["paper"], "journal": row["journal"],
                    "url": row["url"], "identifiers": [row["preprint"], row["ident"]],
                },
            )  # fmt: skip


def _works(edition: Reading) -> Iterator[Statement]:
    banners = edition.select(BannerRow, _BANNERS)
    own = {row["about"]: row for row in banners if row["own"]}
    works = [
        row for row in edition.select(WorkRow, _WORKS) if not row["record"] or row["record"] in own
    ]  # a person may have taken back what notices say of a record here
    names: dict[str, list[str]] = {}
    for work in works:
        names.setdefault(work["record"] or work["identifier"], []).append(work["identifier"])
    done: set[str] = set()
    for work in works:
        thing = work["record"] or work["identifier"]
        if thing in own:
            told = _tell_work(own[thing], thing, thing, own[thing]["title"], names[thing])
            yield Statement(subject=f"work:{work['identifier']}", value=own[thing]["status"], told=told)
        else:
            told = _tell_work(work, thing, "", "", names[thing])
            yield Statement(subject=f"work:{work['identifier']}", value=work["status"], told=told)
        done.add(work["identifier"])
    for row in banners:
        about = row["about"]
        title, record = (own[about]["title"], about) if about in own else ("", "")
        told = _tell_work(row, about, record, title, names.get(about, [about]))
        if about not in done:
            done.add(about)
            yield Statement(subject=f"work:{about}", value=row["status"], told=told)
        if not row["own"]:
            yield Statement(subject=f"rests:{row['key']}:{about}", value=row["status"], told=told)


def _tell_work(row: BannerRow | WorkRow, thing: str, record: str, title: str, identifiers: Sequence[str]) -> Json:
    notice = _NOTICE.search(row["text"])
    return {
        "thing": thing, "record": record, "title": title, "day": row["day"], "text": row["text"], "url": row["url"],
        "notice": notice[1] if notice else "", "identifiers": [*identifiers],
    }  # fmt: skip


def _trials(edition: Reading) -> Iterator[Statement]:
    seen: set[str] = set()
    for row in edition.select(TrialRow, _TRIALS):
        if row["trial"] not in seen:
            seen.add(row["trial"])
            told: Json = {
                "thing": row["trial"], "number": row["number"], "title": row["title"], "day": row["day"],
                "reason": row["reason"], "identifiers": [*dict.fromkeys((row["trial"], row["number"]))],
            }  # fmt: skip
            yield Statement(subject=f"trial:{row['trial']}", value=row["status"], told=told)
    for one in edition.select(RecordRow, _RECORDS):
        told = {
            "thing": one["ident"], "number": one["number"], "title": one["title"], "day": one["updated"],
            "identifiers": [*dict.fromkeys((one["ident"], one["number"]))],
        }  # fmt: skip
        people = "" if one["enrolment"] is None else f"{one['enrolment']:,} people"
        values = {
            "phase": one["phase"],
            "enrolment": people + (f" ({one['enrolment_type']})" if people and one["enrolment_type"] else ""),
            "results": one["results_posted"] or ("posted" if one["has_results"] else ""),
        }
        for kind, value in values.items():
            if value:
                yield Statement(subject=f"{kind}:{one['ident']}", value=value, told=told)


def _edits(edition: Reading) -> Iterator[Statement]:
    edits: dict[tuple[str, str], list[EditRow]] = {}
    for row in edition.select(EditRow, _EDITS):
        edits.setdefault((row["key"], row["replaced"]), []).append(row)
    for (key, replaced), rows in edits.items():
        noted = [row for row in rows if is_noted(row["part"], row["kind"])]
        if noted:
            yield Statement(
                subject=f"edit:{key}", value=replaced,
                told={
                    "thing": key, "title": noted[0]["title"], "source": noted[0]["source"], "day": replaced[:10],
                    "changes": [
                        {name: row[name] for name in ("part", "kind", "before", "after", "silent", "why")}
                        for row in noted[:MOST]
                    ],
                },
            )  # fmt: skip


def is_noted(part: str, kind: str) -> bool:
    """Whether readers must know of such a change of a text."""
    return kind in NOTED_EDITS or (part == "title" and kind != "cosmetic")
