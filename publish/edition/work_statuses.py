"""Fills the table `work_status` of an edition: what became of works, by each of their identifiers.

A reader who pastes a list of references asks about works that no document here is about. Notices (of Retraction Watch,
PubMed, Crossref) tell of them all the same, so every work with a status is in the table.
"""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from typing import TypedDict

from core.ids import SCHEMES
from core.records import WorkStatus
from core.store import Store
from core.text import one_line
from publish.edition.rights import http


class IdentityRow(TypedDict):
    """An identifier of a work."""

    work: str
    identifier: str


def fill_work_statuses(edition: sqlite3.Connection, work: Store, numbers: dict[str, int]) -> None:
    """A row for each identifier of a work with a status. `numbers` of the documents by id."""
    names: dict[str, list[str]] = defaultdict(list)
    for row in work.select(
        IdentityRow,
        "SELECT i.work, i.identifier FROM work_status s JOIN identity i ON i.work = s.document ORDER BY 1, 2",
    ):
        if row["identifier"].partition(":")[0] in SCHEMES:
            names[row["work"]].append(row["identifier"])
    for status in work.load(WorkStatus):
        identifiers = dict.fromkeys([status.document, *names[status.document]])
        edition.executemany(
            "INSERT OR IGNORE INTO work_status VALUES (?, ?, ?, ?, ?, ?)",
            [
                (
                    name,
                    numbers.get(status.document),
                    status.status,
                    status.since,
                    one_line(status.why),
                    http(status.url),
                )
                for name in identifiers
            ],
        )
