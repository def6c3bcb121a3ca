"""STAGE trials: document, link -> trial_status. The status of each trial in its registry, and who writes about it.

A trial that was withdrawn before enrolment, terminated or suspended is no retracted work: nobody took back what was
published. So its status is a fact of its own, apart from `relations.retractions`:

1. the status is the registry's own word (`Active, not recruiting` is `active not recruiting`). A record without one
   has no row, because nothing is known then;
2. the day is the one on which the registry last changed the record: since then at the latest it says so. Registries
   do not say on which day a trial was stopped;
3. the reason is what the registry gives as the reason for stopping, in its words. Only a trial that was withdrawn,
   terminated or suspended has one.

The record of the trial gets a row, and every document with a link to the trial. A row keeps the time at which the
status was first known until the status or its reason changes.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from typing import TypedDict

from core import clock
from core.config import Config
from core.records import TrialStatus
from core.stage import Address, Done, Result, Stage, Step, Writes
from core.store import Store
from core.text import fingerprint, headline, one_line
from core.versions import version_of
from relations.wording import describe_day

STOPPED = frozenset({"withdrawn", "terminated", "suspended"})
_WORDS = {  # what is said of a trial with this status
    "withdrawn": "was withdrawn before enrolment", "terminated": "was terminated", "suspended": "is suspended",
    "completed": "is completed", "recruiting": "is recruiting", "not yet recruiting": "is not recruiting yet",
    "active not recruiting": "is active and no longer recruiting",
    "enrolling by invitation": "enrols by invitation only", "unknown": "has an unknown status",
}  # fmt: skip

TRIALS = """
SELECT id, title, json_extract(extra, '$.status') AS status, json_extract(extra, '$.why_stopped') AS reason,
       json_extract(extra, '$.dates.updated') AS day
FROM document WHERE kind = 'trial' AND state = 'current' AND json_extract(extra, '$.status') <> '' ORDER BY id"""
LINKS = "SELECT src, dst FROM link WHERE relation = 'trial' AND dst <> '' ORDER BY src, dst"


class TrialRow(TypedDict):
    """A row of TRIALS."""

    id: str
    title: str
    status: str
    reason: str | None
    day: str | None


class LinkRow(TypedDict):
    """A document and a trial that it is about."""

    src: str
    dst: str


class IdentityRow(TypedDict):
    """An identifier and its work."""

    identifier: str
    work: str


class KnownRow(TypedDict):
    """A row of an earlier run."""

    document: str
    trial: str
    status: str
    reason: str
    first_seen: str


class TrialsData(TypedDict):
    """What `gather` gives of a document."""

    trials: list[TrialRow]  # the document itself, where it is a trial's record, and those that it is about
    known: dict[str, KnownRow]  # by the trial
    now: str


class TrialsRow(TrialsData):
    """A row of the step."""

    key: str


def stage(_config: Config) -> Stage:
    return Stage(
        name="trials", version=version_of("trials"), gather=gather,
        step=Address(module="relations.trial_status", function="build_step"),
        writes=(Writes(record=TrialStatus, owner="document"),),
    )  # fmt: skip


def gather(store: Store) -> Iterator[tuple[str, str, TrialsData]]:
    """A row for each trial's record with a status, and for each document with a link to one."""
    trials = {row["id"]: row for row in store.select(TrialRow, TRIALS)}
    identities = store.select(IdentityRow, "SELECT identifier, work FROM identity")
    works = {row["identifier"]: row["work"] for row in identities}
    about: dict[str, dict[str, TrialRow]] = defaultdict(dict)
    for ident, trial in trials.items():
        about[ident][ident] = trial
    for link in store.select(LinkRow, LINKS):
        target = works.get(link["dst"], link["dst"])
        if target in trials:
            about[link["src"]][target] = trials[target]
    known: dict[str, dict[str, KnownRow]] = defaultdict(dict)
    for row in store.select(KnownRow, "SELECT document, trial, status, reason, first_seen FROM trial_status"):
        known[row["document"]][row["trial"]] = row
    now = clock.stamp()
    for document, some in sorted(about.items()):
        found = list(some.values())
        state = fingerprint(json.dumps(found, ensure_ascii=False, sort_keys=True))
        yield document, state, {"trials": found, "known": known.get(document, {}), "now": now}


def build_step() -> Step:
    return tell_document


def tell_document(row: TrialsRow) -> Result:
    """The status of each trial of one document."""
    records = []
    for trial in row["trials"]:
        status = to_status(trial["status"])
        reason = one_line(trial["reason"] or "") if status in STOPPED else ""
        before = row["known"].get(trial["id"])
        same = before is not None and (before["status"], before["reason"]) == (status, reason)
        name = (
            "This trial"
            if trial["id"] == row["key"]
            else f"A trial that it names, “{headline(trial['title'].rstrip('.'), 100)}”,"
        )
        records.append(
            TrialStatus(
                document=row["key"], trial=trial["id"], status=status, day=trial["day"], reason=reason,
                text=f"{name} {describe_status(status, trial['day'], reason)}",
                first_seen=before["first_seen"] if before is not None and same else row["now"],
            )
        )  # fmt: skip
    return Done(records=tuple(records))


def to_status(said: str) -> str:
    """A registry's word in lower case, with spaces.

    >>> to_status("ACTIVE_NOT_RECRUITING")
    'active not recruiting'
    """
    return " ".join(said.replace("_", " ").replace(",", " ").lower().split())


def describe_status(status: str, day: str | None, reason: str) -> str:
    """`was terminated, as the registry said on November 9, 2026. Reason given: low enrolment`"""
    text = _WORDS.get(status, f"has the status “{status}” in its registry")
    if day:
        text += f", as the registry said on {describe_day(day)}"
    return f"{text}. Reason given: {reason}" if reason else text
