"""The fact log: what the site said of works, trials and texts, and since when. A row in letters.db for each change.

`note_facts` compares the statements of an edition (`statements.py`) with the newest row of each subject. In order:

1. Where a kind of statement is noted for the first time (a new installation, an upgrade), all of it was known before:
   rows get the item 0 and are no changes.
2. A statement that differs from the newest row of its subject is a new row with the next item. Items, not times, say
   what came after what: a letter keeps the newest item when it was written. So nothing is lost or repeated when a
   clock steps, or when there are two runs on one day.
3. Edits of a text are a set: one that is known is never new again, in whatever order they come.
4. Another identifier of a work, or another key of a document that only moved (`arrivals`), that is noted with the same
   value already is no change (item 0).
5. A work whose record is in the edition, and of which nothing is said any more, gets an empty value: it was reinstated.
   What is missing for another reason (the edition lacks the document, a source was down) is no statement at all, so
   neither its absence nor its return is a change.

`find_changes` gives the rows that are changes. The first row of a subject is one where nothing said before means that
there was nothing: of works, texts, preprints, results. Of a trial it is one only if the trial was stopped; a phase or
a number of people that was not known before is not one.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TypedDict

from core.records import Json
from core.store import Store
from publish.letters.statements import Reading, Statement, read_statements

NOTED = "noted"  # subject `noted:KIND`: since which night a kind of statement is noted
KINDS = ("work", "rests", "trial", "phase", "enrolment", "results", "edit", "published")
STOPPED = frozenset({"terminated", "suspended", "withdrawn"})

_CHANGES = """
SELECT f.subject, f.number, f.item, f.value, f.told, f.night, coalesce(p.value, '') AS before
FROM fact f LEFT JOIN fact p ON p.subject = f.subject AND p.number = f.number - 1
WHERE f.night > ? AND f.item > 0 ORDER BY f.item"""

_TWINS = """
SELECT a.document, t.document AS other FROM arrival a JOIN arrival t ON t.item = a.item AND t.document <> a.document"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """Something that the site says otherwise than before. With what a letter needs to tell it."""

    subject: str
    number: int
    item: int
    before: str  # empty: nothing was said
    value: str  # empty: nothing is said any more
    told: Json
    night: int

    @property
    def kind(self) -> str:
        """`work`, `rests`, `trial`, `phase`, `enrolment`, `results`, `edit` or `published`."""
        return self.subject.partition(":")[0]

    @property
    def name(self) -> str:
        """What the kind is of: the id of a work or trial, or the first key of a document."""
        return self.subject.partition(":")[2]

    @property
    def thing(self) -> str:
        """What several changes may be about: the id of a work or trial, or the key of a text."""
        return str(self.told["thing"])

    @property
    def identifiers(self) -> tuple[str, ...]:
        """By which a list names the work or trial."""
        return tuple(self.told.get("identifiers", ()))


class TwinRow(TypedDict):
    """Two keys of one document."""

    document: str
    other: str


class FactRow(TypedDict):
    """A row of the log."""

    subject: str
    number: int
    value: str


class ToldRow(TypedDict):
    """What a letter needs to tell of the newest row of a subject."""

    subject: str
    told: str


class IdentRow(TypedDict):
    """The id of a document that the edition has."""

    ident: str


class ChangeRow(TypedDict):
    """A row of _CHANGES."""

    subject: str
    number: int
    item: int
    value: str
    told: str
    night: int
    before: str


def newest_fact(letters: Store) -> int:
    """The newest item of the log; 0 before the first. A letter keeps it: what it says is as of then."""
    return int(letters.value("SELECT coalesce(max(item), 0) AS newest FROM fact"))


def note_facts(letters: Store, edition: Reading, night: int) -> int:
    """Note what the edition says otherwise than the log. Returns how many changes. Inside `writing()`."""
    log = _Log(letters, night)
    for statement in read_statements(edition):
        log.note(statement)
    for subject, told in _find_reinstated(letters, edition, log):
        log.add(subject, "", told, log.next_item())
    for kind in KINDS:
        if kind not in log.kinds:
            log.add(f"{NOTED}:{kind}", "", {}, 0)
    return log.changes


def find_changes(letters: Store, after_night: int) -> list[Change]:
    """The changes that were noted in later nights than this one, in the order in which they were noted."""
    found = []
    for row in letters.select(ChangeRow, _CHANGES, (after_night,)):
        change = Change(**{**row, "told": json.loads(row["told"])})
        if _is_change(change):
            found.append(change)
    return found


def _is_change(change: Change) -> bool:
    if change.number > 1:
        return change.kind != "published"  # a surer link to another version is no news
    if change.kind == "trial":
        return change.value in STOPPED
    return change.kind not in ("phase", "enrolment")


class _Log:
    """The log as it was, and what is added to it."""

    def __init__(self, letters: Store, night: int) -> None:
        self.letters, self.night = letters, night
        self.newest: dict[str, tuple[int, str]] = {}  # subject -> its newest number and value
        self.edits: set[tuple[str, str]] = set()
        self.kinds: set[str] = set()
        self.said: set[str] = set()
        self.item, self.changes = newest_fact(letters), 0
        self.twins: dict[str, list[str]] = defaultdict(list)  # key of a document -> its other keys
        for twin in letters.select(TwinRow, _TWINS):
            self.twins[twin["document"]].append(twin["other"])
        for row in letters.select(FactRow, "SELECT subject, number, value FROM fact ORDER BY subject, number"):
            kind, _, name = row["subject"].partition(":")
            if kind == NOTED:
                self.kinds.add(name)
                continue
            self.newest[row["subject"]] = row["number"], row["value"]
            if kind == "edit":
                self.edits.add((row["subject"], row["value"]))

    def next_item(self) -> int:
        self.item, self.changes = self.item + 1, self.changes + 1
        return self.item

    def note(self, statement: Statement) -> None:
        """Add a row if the statement is not known."""
        subject, value = statement.subject, statement.value
        self.said.add(subject)
        if statement.kind == "edit":
            known = (subject, value) in self.edits
        else:
            known = self.newest.get(subject, (0, ""))[1] == value
        if known:
            return
        fresh = statement.kind in self.kinds and not self._is_alias(statement)
        self.add(subject, value, statement.told, self.next_item() if fresh else 0)

    def add(self, subject: str, value: str, told: Json, item: int) -> None:
        """Add a row."""
        number = self.newest.get(subject, (0, ""))[0] + 1
        self.newest[subject] = number, value
        if subject.startswith("edit:"):
            self.edits.add((subject, value))
        self.letters.execute(
            "INSERT INTO fact (subject, number, value, told, night, item) VALUES (?, ?, ?, ?, ?, ?)",
            (subject, number, value, json.dumps(told, ensure_ascii=False), self.night if item else 0, item),
        )

    def _is_alias(self, statement: Statement) -> bool:
        """Whether the same is noted already: by another identifier of the work, or another key of the document."""
        if statement.kind in ("rests", "edit", "published"):
            key, colon, rest = statement.subject.partition(":")[2].partition(":")
            others = [f"{statement.kind}:{twin}{colon}{rest}" for twin in self.twins.get(key, ())]
            noted = (self.newest.get(other, (0, ""))[1] == statement.value for other in others)
            return any(noted) or any((other, statement.value) in self.edits for other in others)
        if statement.kind != "work" or statement.subject in self.newest:
            return False
        names = (f"work:{name}" for name in statement.told["identifiers"])
        return any(self.newest.get(name, (0, ""))[1] == statement.value for name in names)


def _find_reinstated(letters: Store, edition: Reading, log: _Log) -> Iterator[tuple[str, Json]]:
    """Works that the edition has and says nothing of any more: the subject, and what a letter needs."""
    silent = [s for s, (_, value) in log.newest.items() if value and s.startswith("work:") and s not in log.said]
    if not silent:
        return
    rows = letters.select(
        ToldRow,
        "SELECT subject, told FROM (SELECT subject, told, max(number) FROM fact"
        " WHERE subject IN (SELECT value FROM json_each(?)) GROUP BY subject) ORDER BY subject",
        (json.dumps(silent),),
    )
    told = {row["subject"]: json.loads(row["told"]) for row in rows}
    here = _find_here(edition, (one["record"] for one in told.values() if one["record"]))
    for subject, one in told.items():
        if one["record"] in here:
            yield subject, one


def _find_here(edition: Reading, idents: Iterable[str]) -> frozenset[str]:
    """Which of these documents the edition has."""
    sql = "SELECT ident FROM document WHERE ident IN (SELECT value FROM json_each(?))"
    return frozenset(row["ident"] for row in edition.select(IdentRow, sql, (json.dumps(sorted(set(idents))),)))
