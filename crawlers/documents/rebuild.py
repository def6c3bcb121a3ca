"""Rebuild the part of work.db that collecting fills, from raw.db alone: sources, entries, sightings, pages.

Every night is processed in order: its lists are read from the stored bytes by today's readers and rules, and compared
with what earlier nights gave; then its pages are updated by how their visits ended. The result is what the nights
themselves wrote, except for what better readers now find. Captures of a source without a source file are left alone,
and the source is named in the log. Former ids of documents are in no answer of a source, so they are taken over from
the work.db of before.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from typing import TypedDict

from core import log
from core.config import ApiRule, Config, SourceFile
from core.errors import StoreError
from core.progress import bar
from core.records import Capture, Entry, FormerId, Page, Run, Sighting, Visit
from core.store import Store, as_record, open_to_read
from core.workers import Child, Failed
from crawlers.fetch.collect import LISTS, make_source
from crawlers.fetch.history import unpack_capture
from crawlers.fetch.outcomes import next_page
from crawlers.lists.apis.interface import find_api
from crawlers.lists.entries import find_changes, make_entry
from crawlers.lists.model import ListResult, ListTask, Rule
from crawlers.lists.read_list import read_list
from crawlers.lists.reader import as_error, limits_of
from crawlers.lists.source_rules import ROLES, get_rules


class SourceRow(TypedDict):
    """A source that was visited."""

    source: str


class NightRow(TypedDict):
    """A night, and how many visits it made."""

    run: str
    visits: int


def rebuild(config: Config, work: Store, raw: Store, run: Run, sources: Sequence[SourceFile]) -> None:
    """Fill an empty work.db. Lists that cannot be read (any more) are logged and left out."""
    known: dict[str, _SourceSoFar] = {source.id: _SourceSoFar(source) for source in sources}
    visited = raw.select(SourceRow, "SELECT DISTINCT source FROM visit")
    gone = sorted({row["source"] for row in visited} - known.keys())
    if gone:
        log.get_log(__name__).warning("sources_gone", sources=" ".join(gone), reason="no source file; left in raw.db")
    with work.writing():
        work.save(*(make_source(source) for source in sources))
        work.save(*_load_former(work.path))
    nights = raw.select(NightRow, "SELECT run, count(*) AS visits FROM visit GROUP BY run ORDER BY min(rowid)")
    with (
        bar("rebuild", sum(night["visits"] for night in nights)) as progress,
        Child[ListResult](limits_of(config.extract)) as child,
    ):
        for night in nights:
            rows = raw.rows("SELECT * FROM visit WHERE run = ? ORDER BY rowid", (night["run"],))
            visits = [as_record(Visit, row) for row in rows]
            records = list(_rebuild_night(visits, known, raw, child, config.crawl.gone_nights))
            with work.writing():
                if night["run"] != run.id:
                    work.save(Run(id=night["run"], command="collect (rebuilt)", started=visits[0].at))
                work.save(*records)
            progress.advance(night["visits"])


def _load_former(work: Path) -> list[FormerId]:
    """The former ids that the database of before held, which `rebuild` has renamed. It may be damaged: then none."""
    before = work.with_name(f"{work.name}.before")
    if not before.exists():
        return []
    try:
        with open_to_read(before, "work") as old:
            return old.load(FormerId)
    except StoreError as error:
        log.get_log(__name__).warning("former_ids_lost", reason=str(error))
        return []


class _SourceSoFar:
    """The state of a source after the nights so far."""

    def __init__(self, source: SourceFile) -> None:
        self.file = source
        self.entries: dict[str, Entry] = {}
        self.listed: frozenset[str] = frozenset()
        self.pages: dict[str, Page] = {}


def _rebuild_night(
    visits: Sequence[Visit], known: dict[str, _SourceSoFar], raw: Store, child: Child[ListResult], gone_nights: int
) -> Iterable[object]:
    by_source = attrgetter("source")
    for ident, group in groupby(sorted(visits, key=by_source), key=by_source):
        source = known.get(ident)
        if source is None:
            continue
        by_role: dict[str, list[Visit]] = defaultdict(list)
        for visit in group:
            by_role["list" if visit.role in LISTS else visit.role].append(visit)
        yield from _rebuild_lists(by_role["list"], source, raw, child)
        for visit in by_role["page"]:
            if visit.entry is None or visit.entry not in source.entries or visit.outcome == "held":
                continue
            page = next_page(
                source.pages.get(visit.entry), entry=visit.entry, url=visit.url, outcome=visit.outcome,
                status=visit.status, capture=visit.capture, at=visit.at, gone_nights=gone_nights,
            )  # fmt: skip
            source.pages[page.entry] = page
            yield page


def _rebuild_lists(
    visits: Sequence[Visit], source: _SourceSoFar, raw: Store, child: Child[ListResult]
) -> Iterable[object]:
    seen: dict[str, Entry] = {}
    named: dict[str, None] = {}
    for visit in visits:
        capture = visit.capture
        row = raw.one("SELECT * FROM capture WHERE id = ?", (capture,)) if capture else None
        rule = find_rule(source.file, visit.role, visit.url)
        if capture is None or row is None or rule is None:
            continue
        stored = unpack_capture(as_record(Capture, row))
        task = ListTask(
            rule=rule, body=stored.body, url=stored.final_url, content_type=stored.content_type, fetched=visit.at
        )
        result = child.run(read_list, task)
        if isinstance(result, Failed):
            reason = as_error(result, visit.url).what
            log.get_log(__name__).warning("list_failed", source=source.file.id, url=visit.url, reason=reason)
            continue
        named |= dict.fromkeys(f"{source.file.id}:{name}" for name in result.names)
        for item in result.entries:
            entry = make_entry(item, source.file, capture=capture, at=visit.at)
            seen.setdefault(entry.id, entry)
    if not visits:
        return
    changes = find_changes(source.entries, source.listed, seen)
    source.entries |= {entry.id: entry for entry in changes.entries}
    listed = (*changes.seen, *(name for name in named if name in source.entries and name not in changes.seen))
    source.listed = frozenset(listed) or source.listed
    yield from changes.entries
    yield from (Sighting(entry=ident, run=visits[0].run) for ident in listed)


def find_rule(source: SourceFile, role: str, url: str) -> Rule | None:
    """The rule that an address was requested for: the rule with that address, else the most similar one."""
    rules = [rule for rule in get_rules(source) if ROLES[type(rule)] == role]

    def likeness(rule: Rule) -> int:
        own = find_api(rule.api).base if isinstance(rule, ApiRule) else rule.url
        return len(own) if own == url else _shared_start(own, url)

    return max(rules, key=likeness, default=None)


def _shared_start(one: str, other: str) -> int:
    return next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
