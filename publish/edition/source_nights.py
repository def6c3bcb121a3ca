"""How each source answered, night by night: `source_night` for the last NIGHTS nights, and `source_health`.

Read from what the collect stage has written: visits (raw.db), sightings, entries and issues. For a source and a run, in
order (`judge`):

1. no list of it was asked for: not asked. If its host had asked us to wait, the reason says so;
2. an issue of the source that means that it failed was open in that run: failed. An issue says from when to when it was
   seen without a break; of an earlier one of the same kind nothing is known;
3. its lists had entries: read;
4. none of its lists answered: failed, with the reason of the first;
5. else read: its lists were empty.

A night with several runs has the best of them; in a day without a run nothing was asked. A source that was read in a
night is good if documents of this edition came in from it then, else it gave nothing new. Reasons are for readers: what
follows the `?` of an address is left out.
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TypedDict

from core.store import Store
from core.text import headline, one_line
from publish.edition.nights import Nights

NIGHTS, LONG = 30, 300  # nights; characters of a reason
FAILED = {  # kind of issue -> what it means for readers
    "source_dead": "It did not answer",
    "robots_refused": "Its robots.txt asks us not to come",
    "feed_broken": "Its list could not be read",
    "expect_min": "It gave fewer entries than it should",
    "unfinished": "There was no time to read it",
    "crashed": "Our program ended with an error while it read it",
}
PARTIAL = frozenset({"feed_broken"})  # a source with such an issue was read, if its lists had entries
UNTOLD = frozenset({"crashed"})  # the text of the issue is for the operator
IDLE = "No source was asked in this night"
ASKED_FOR = frozenset({"feed", "sitemap", "listing", "api"})
RANK = {"not asked": 0, "failed": 1, "read": 2}

RUNS = """
SELECT r.id, r.started FROM run r WHERE r.command LIKE 'collect%'
OR EXISTS (SELECT 1 FROM report p WHERE p.run = r.id AND p.stage = 'collect') ORDER BY r.id"""
VISITS = """
SELECT run, source, role, outcome, coalesce(reason, '') AS reason FROM raw.visit
WHERE run IN (SELECT value FROM json_each(?)) AND role <> 'page' ORDER BY rowid"""
SIGHTINGS = """
SELECT e.source, s.run, count(*) AS n FROM sighting s JOIN entry e ON e.id = s.entry GROUP BY 1, 2"""
ENTRIES = "SELECT source, count(*) AS n, count(published) AS dated FROM entry GROUP BY 1"
ISSUES = """
SELECT source, kind, text, first_seen, last_seen FROM issue
WHERE source IS NOT NULL AND kind IN (SELECT value FROM json_each(?))"""


class RunRow(TypedDict):
    id: str
    started: str


class VisitRow(TypedDict):
    """A request of a run for a list or for robots.txt."""

    run: str
    source: str
    role: str
    outcome: str
    reason: str


class SightingRow(TypedDict):
    """How many entries the lists of a source had in a run."""

    source: str
    run: str
    n: int


class EntryRow(TypedDict):
    source: str
    n: int
    dated: int


class IssueRow(TypedDict):
    source: str
    kind: str
    text: str
    first_seen: str
    last_seen: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """How a source answered in a run."""

    state: str  # read, failed or not asked
    entries: int = 0
    reason: str = ""


def fill_source_nights(edition: sqlite3.Connection, work: Store, nights: Nights) -> None:
    """Fill both tables. After the documents, inside the transaction of `fill`."""
    runs = {row["id"]: nights.find(row["started"]) for row in work.select(RunRow, RUNS)}
    shown = list_nights(runs.values())
    within = frozenset(shown)
    visits: dict[tuple[str, str], list[VisitRow]] = defaultdict(list)
    for visit in _load_visits(work, [run for run, night in runs.items() if night in within]):
        visits[visit["source"], visit["run"]].append(visit)
    sightings = {(row["source"], row["run"]): row["n"] for row in work.select(SightingRow, SIGHTINGS)}
    issues: dict[str, list[IssueRow]] = defaultdict(list)
    for issue in work.select(IssueRow, ISSUES, (json.dumps(list(FAILED)),)):
        issues[issue["source"]].append(issue)
    entries = {row["source"]: row for row in work.select(EntryRow, ENTRIES)}
    new = Counter[tuple[str, str]](
        {(source, night): n for source, night, n in edition.execute(
            "SELECT source, night, count(*) FROM document GROUP BY 1, 2")}
    )  # fmt: skip
    for (source,) in edition.execute("SELECT id FROM source ORDER BY id").fetchall():
        answers: dict[str, Answered] = {}
        for run, night in runs.items():
            if night in within:
                found = judge(visits[source, run], sightings.get((source, run), 0), _of_run(issues[source], run))
                answers[night] = max(answers.get(night, found), found, key=lambda one: RANK[one.state])
        last_read = max((night for run, night in runs.items() if sightings.get((source, run))), default=None)
        _save(edition, source, shown, answers, new, last_read, entries.get(source))


def list_nights(ran: Iterable[str]) -> list[str]:
    """The days from the first night with a run to the last one, at most NIGHTS, also those without a run."""
    nights = sorted(set(ran))
    if not nights:
        return []
    last = date.fromisoformat(nights[-1])
    days = ((last - timedelta(days=back)).isoformat() for back in range(NIGHTS))
    return sorted(day for day in days if day >= nights[0])


def judge(visits: Sequence[VisitRow], entries: int, issues: Mapping[str, str]) -> Answered:
    """How a source answered in a run; `issues` by kind: those that were open then."""
    lists = [visit for visit in visits if visit["role"] in ASKED_FOR]
    problems = {kind: text for kind, text in issues.items() if not (entries and kind in PARTIAL)}
    if problems:
        kind = next(kind for kind in FAILED if kind in problems)
        return Answered(state="failed", entries=entries, reason=_tell(kind, problems[kind]))
    if entries:
        return Answered(state="read", entries=entries)
    if not lists or all(visit["outcome"] == "held" for visit in lists):
        return Answered(state="not asked", reason="Its host had asked us to wait" if lists else "")
    if any(visit["outcome"] in ("fetched", "unchanged") for visit in lists):
        return Answered(state="read")
    refused = all(visit["outcome"] == "refused" for visit in lists)
    return Answered(state="failed", reason=_tell("robots_refused" if refused else "source_dead", lists[0]["reason"]))


def _tell(kind: str, text: str) -> str:
    text = re.sub(r"\?\S*", "", one_line(text))
    return headline(f"{FAILED[kind]}: {text}" if text and kind not in UNTOLD else FAILED[kind], LONG)


def _of_run(issues: Iterable[IssueRow], run: str) -> dict[str, str]:
    """Issues that were seen from before a run to after it, by kind."""
    return {issue["kind"]: issue["text"] for issue in issues if issue["first_seen"] <= run <= issue["last_seen"]}


def _load_visits(work: Store, runs: Sequence[str]) -> list[VisitRow]:
    """The visits of some runs; none where raw.db is not at hand."""
    attached = {row["name"] for row in work.rows("PRAGMA database_list")}
    return work.select(VisitRow, VISITS, (json.dumps(list(runs)),)) if "raw" in attached else []


def _save(
    edition: sqlite3.Connection, source: str, shown: Sequence[str], answers: Mapping[str, Answered],
    new: Counter[tuple[str, str]], last_read: str | None, entries: EntryRow | None,
) -> None:  # fmt: skip
    states = {night: answers.get(night) or Answered(state="not asked", reason=IDLE) for night in shown}
    for night, answer in states.items():
        documents = new[source, night]
        read = "good" if documents else "nothing new"
        edition.execute(
            "INSERT INTO source_night VALUES (?, ?, ?, ?, ?, ?)",
            (source, night, read if answer.state == "read" else answer.state, documents, answer.entries, answer.reason),
        )
    asked = [night for night in shown if states[night].state != "not asked"]
    failing: list[str] = []
    for night in reversed(asked):
        if states[night].state != "failed":
            break
        failing.append(night)
    good = [night for night in asked if states[night].state == "read"]
    edition.execute(
        "INSERT INTO source_health VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (source, len(asked), sum(states[night].state == "failed" for night in asked),
         max([*good, *([last_read] if last_read and last_read not in failing else [])], default=None),
         failing[-1] if failing else None, states[asked[-1]].reason if failing else "",
         entries["n"] if entries else 0, entries["dated"] if entries else 0),
    )  # fmt: skip
