"""Fills the table `trial` of an edition: what the registry's record of a trial says.

It runs after `statements.py` and `names.py`. In order:
1. the record is `document.extra` of work.db, as `crawlers/lists/apis/trial.py` wrote it. What it does not say is empty;
2. phases and the kind of the number of participants are put into words (`describe_phase`); statuses are not: the table
   `trial_status` has them;
3. the sponsor leads to the page of an institution only if its name is a name of that institution and of no other, here
   and in the registers (`alias.senses`).
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from typing import Any

from core.store import Store
from core.text import one_line
from publish.search.fold import name_key

RECORDS = "SELECT id, extra FROM document WHERE kind = 'trial' AND state = 'current' ORDER BY id"
SPONSOR = """
SELECT DISTINCT entity FROM alias
WHERE name = ? AND type = 'institution' AND senses = 1 AND entity IS NOT NULL LIMIT 2"""
PARTICIPANTS = {"ESTIMATED": "planned", "ACTUAL": "actual"}
DAYS = ("registered", "started", "primary_completed", "completed", "results_posted", "updated")


def fill_trial_records(edition: sqlite3.Connection, work: Store, numbers: Mapping[str, int]) -> None:
    """A row for each trial of the edition. `numbers` of the documents by id."""
    for ident, written in work.connection.execute(RECORDS):
        if ident not in numbers:
            continue
        record: dict[str, Any] = json.loads(written)
        number, days = numbers[ident], record.get("dates") or {}
        sponsor = one_line(str(record.get("sponsor") or ""))
        row = {
            "document": number, "number": ident,
            "sponsor": sponsor, "sponsor_entity": _find_sponsor(edition, sponsor),
            "collaborators": _list(record.get("collaborators")),
            "phase": describe_phase(record.get("phase") or ()),
            "study_type": _words(record.get("study_type")),
            "allocation": _words((record.get("design") or {}).get("allocation")),
            "masking": _words((record.get("design") or {}).get("masking")),
            "enrolment": record.get("enrolment"),
            "enrolment_type": PARTICIPANTS.get(str(record.get("enrolment_type") or ""), ""),
            "countries": _list(record.get("countries")),
            "conditions": _list(record.get("conditions")),
            "interventions": _list([one.get("name") for one in record.get("interventions") or ()]),
            "officials": _list([one.get("name") for one in record.get("people") or ()]),
            "official_title": one_line(str(record.get("official_title") or "")),
            **{day: days.get(day) or record.get(day) for day in DAYS},
            "has_results": None if record.get("has_results") is None else int(bool(record["has_results"])),
        }  # fmt: skip
        edition.execute(
            f"INSERT INTO trial ({', '.join(row)}) VALUES ({', '.join(f':{name}' for name in row)})", row
        )  # fmt: skip


def describe_phase(phases: object) -> str:
    """Phases in words; nothing where a study has no phase.

    >>> describe_phase(["PHASE1", "PHASE2"]), describe_phase(["EARLY_PHASE1"]), describe_phase(["NA"])
    ('phase 1 and 2', 'early phase 1', '')
    """
    said = [str(one) for one in phases] if isinstance(phases, list) else []
    early = "early " if "EARLY_PHASE1" in said else ""
    found = [one.removeprefix("EARLY_").removeprefix("PHASE") for one in said if one.removesuffix("NA")]
    return f"{early}phase {' and '.join(found)}" if found else ""


def _words(value: object) -> str:
    """`SINGLE_GROUP` as `single group`; what does not apply is nothing."""
    text = str(value or "").replace("_", " ").lower()
    return "" if text == "na" else text


def _list(values: object) -> str:
    """A JSON array of lines."""
    lines = [one_line(str(one)) for one in values if one] if isinstance(values, list) else []
    return json.dumps(lines, ensure_ascii=False)


def _find_sponsor(edition: sqlite3.Connection, name: str) -> int | None:
    rows = edition.execute(SPONSOR, (name_key(name, "institution"),)).fetchall() if name else []
    return int(rows[0][0]) if len(rows) == 1 else None
