"""Whether a trial that was stopped is taken for a retracted work, on records of the registry.

    python bench/trials.py [--inputs DIR] [--json]

| set | measure | what is counted |
|---|---|---|
| 27 | `withdrawn_as_retracted` | trials with the banner of a retracted, withdrawn, corrected or doubted work |
| 27 | `stopped_told` | share of the trials withdrawn, terminated or suspended that have this status and its reason |

The records are version 2 of the interface and version 1's study fields, whose columns lie in several files and are
joined by the trial's number. They go through the same stages as in a night, up to the tables of an edition.
"""

from __future__ import annotations

import gzip
import json
import sqlite3
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.measure import Board, Measure
from core.config import Config, Crawl
from core.records import Entry, Source
from core.stage import run_stage
from core.store import Store, new_run, open_store
from core.text import fingerprint
from crawlers.documents import extract
from crawlers.lists.apis import clinicaltrials
from crawlers.lists.model import ListEntry
from publish.edition import build
from relations import links, retractions, trial_status
from relations import works as identify

FETCHED = "2026-11-22T00:00:00Z"
STOPPED = ("WITHDRAWN", "TERMINATED", "SUSPENDED")
RETRACTED = """
SELECT count(DISTINCT d.id) FROM banner b JOIN document d ON d.id = b.document
WHERE d.kind = 'trial' OR b.about LIKE 'nct:%'"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the bench; the exit code is 2 when the set was not there."""
    board = Board.start("whether a stopped trial is taken for a retracted work", argv)
    folder = board.find("27")
    if folder is not None:
        entries = load_records(folder)
        with tempfile.TemporaryDirectory() as place, closing(make_edition(Path(place), entries)) as edition:
            _show(board, folder.name, entries, edition)
    return board.finish()


def _show(board: Board, name: str, entries: Sequence[ListEntry], edition: sqlite3.Connection) -> None:
    (retracted,) = edition.execute(RETRACTED).fetchone()
    board.show(Measure(set=name, measure="withdrawn_as_retracted", value=retracted, anchor=None, n=len(entries)))
    told = {
        ident: (status, reason)
        for ident, status, reason in edition.execute("SELECT trial, status, reason FROM trial_status WHERE own = 1")
    }
    stopped = [entry for entry in entries if entry.extra.get("status") in STOPPED]
    right = sum(
        told.get(f"nct:{entry.native}") == (entry.extra["status"].lower(), entry.extra.get("why_stopped", ""))
        for entry in stopped
    )
    share = right / len(stopped) if stopped else None
    board.show(Measure(set=name, measure="stopped_told", value=share, anchor=None, n=len(stopped)))


def load_records(folder: Path) -> list[ListEntry]:
    """The trials of the set, each once."""
    found: dict[str, ListEntry] = {}
    for body in _read_bodies(folder):
        for entry in clinicaltrials.parse(body, url="file:", fetched=FETCHED).entries:
            found.setdefault(entry.native, entry)
    return list(found.values())


def _read_bodies(folder: Path) -> Iterator[bytes]:
    """Downloaded lists as they are; then one answer of all study fields."""
    fields: dict[str, dict[str, Any]] = defaultdict(dict)
    for path in sorted(folder.rglob("*.json.gz")):
        if path.parent.name == "ctti-clinicaltrials__aact":
            continue  # fixtures of a test suite: the same few trials, cut in many ways
        body = gzip.decompress(path.read_bytes())
        said = json.loads(body)
        if isinstance(said, list):
            yield body
        elif "StudyFieldsResponse" in said:
            for study in said["StudyFieldsResponse"]["StudyFields"]:
                fields["".join(study["NCTId"])] |= study
        else:
            yield body
    answer = {"StudyFieldsResponse": {"NStudiesReturned": len(fields), "StudyFields": list(fields.values())}}
    yield json.dumps(answer).encode()


def make_edition(folder: Path, entries: Sequence[ListEntry]) -> sqlite3.Connection:
    """The tables of an edition made of these records."""
    raw = folder / "raw.db"
    with open_store(raw, "raw"):
        pass
    with open_store(folder / "work.db", "work", attach={"raw": raw}) as work:
        _fill(work, entries)
        edition = sqlite3.connect(":memory:", isolation_level=None)
        build.fill(edition, work)
    return edition


def _fill(work: Store, entries: Sequence[ListEntry]) -> None:
    config = Config(crawl=Crawl(contact="mailto:bench@stemwire.example"))
    rules = '{"fetch": false, "title": null, "body": null, "date": null, "author": null, "drop": []}'
    source = Source(
        id="ctgov", name="ClinicalTrials.gov", kind="registry", country=None, lang="en", about="", licence="full",
        home=None, scope="all", rules=rules,
    )  # fmt: skip
    with work.writing():
        work.save(source)
        for one in entries:
            work.save(
                Entry(
                    id=f"ctgov:{one.native}", source="ctgov", native=one.native, url=one.url, title=one.title,
                    summary=one.content or one.summary, authors=(), published=one.published,
                    published_raw=one.published_raw, identifiers=one.identifiers, extra=one.extra,
                    hash=fingerprint(one.native, json.dumps(one.extra, sort_keys=True)), capture="c",
                    first_seen=FETCHED,
                )
            )  # fmt: skip
    run = new_run(work, "bench")
    for module in (identify, extract, links, retractions, trial_status):
        run_stage(module.stage(config), work, run)


if __name__ == "__main__":
    sys.exit(main())
