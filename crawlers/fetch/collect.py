"""STAGE collect: ask the sources, keep every answer, report which sources failed.

The crawl runs in a child process (`crawlers.fetch.crawl`). This process is the only writer. It saves the messages of
the child batch by batch, raw answers first: if the night ends early, everything saved so far is complete, and the rest
is asked for next night. When the time is over, the disk is full or a person presses Ctrl-C, the child is killed.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path

from core import clock, log
from core.config import Config, SourceFile
from core.progress import Bar, bar
from core.records import Report, Run, Sighting, Source
from core.stage import make_report, save_report
from core.store import Store
from crawlers.fetch.messages import Answer, Due, Ended, Finished, Found, Job, Message, SourceProblem
from crawlers.fetch.recorded import load_recording
from crawlers.fetch.source_health import KINDS, OF_PAGES, TIME_OVER, Tally, judge

BATCH = 64
TICK = 0.5  # seconds
GRACE = 10.0  # seconds that a crawl may take to exit after its last message
LISTS = ("feed", "sitemap", "listing", "api")


@dataclass(frozen=True, slots=True, kw_only=True)
class Collected:
    """`failed`: source -> why it failed tonight, in one line."""

    report: Report
    failed: Mapping[str, str]


def collect(
    config: Config,
    work: Store,
    raw: Store,
    run: Run,
    sources: Sequence[SourceFile],
    *,
    recorded: Path | None = None,
) -> Collected:
    """Crawl all `sources`, from the network or from the folder `recorded`.

    Raises ConfigError for an unusable recording and StoreError when something cannot be saved; nothing that was
    saved before is lost.
    """
    started = clock.seconds()
    if recorded is not None:
        load_recording(recorded)
    with work.writing():
        work.save(*(make_source(source) for source in sources))
    tallies = {source.id: Tally(source) for source in sources}
    ended = "finished"
    if sources:
        job = Job(
            config=config, sources=tuple(sources), run=run, now=clock.now(), work=work.path, raw=raw.path,
            recorded=recorded,
        )  # fmt: skip
        with (
            log.bind(run=run.id, stage="collect"),
            bar("collect", 0) as progress,
            _crawl_process(job) as (pipe, process),
        ):
            ended = _save_messages(pipe, process, config.crawl.max_seconds, tallies, work, raw, run, progress)
            if ended == "finished":
                process.join(GRACE)
    failed = _judge(work, run, tallies, ended)
    counts = {name: sum(getattr(tally, name) for tally in tallies.values()) for name in ("done", "skipped", "failed")}
    counts["skipped"] += sum(tally.waiting for tally in tallies.values())
    for tally in tallies.values():  # pages for which there was no time wait like those beyond max_pages
        counts["skipped" if ended == TIME_OVER and tally.read else "failed"] += tally.left
    report = make_report(run, "collect", started, seen=sum(counts.values()), **counts)
    return Collected(report=save_report(work, report), failed=failed)


def _save_messages(
    pipe: Connection, process: BaseProcess, limit: float, tallies: dict[str, Tally], work: Store, raw: Store, run: Run,
    progress: Bar,
) -> str:  # fmt: skip
    """Save messages until the crawl is over. Returns `finished`, or in words why it ended otherwise."""
    over = clock.seconds() + limit
    while True:
        wait([pipe, process.sentinel], timeout=TICK)
        batch, closed = _receive(pipe)
        _save(batch, tallies, work, raw, run, progress)
        for message in batch:
            if isinstance(message, Ended):
                return _describe_end(message.reason)
        if closed or (not batch and not process.is_alive()):
            process.join(TICK)
            return f"the crawl crashed (exit code {process.exitcode})"
        if clock.seconds() > over:
            return TIME_OVER


def _describe_end(reason: str) -> str:
    return {
        "finished": "finished",
        "closespider_timeout": TIME_OVER,
        "memusage_exceeded": "the crawl used more memory than it is allowed",
    }.get(reason, f"the crawl ended early ({reason})")


def _receive(pipe: Connection) -> tuple[list[Message], bool]:
    batch: list[Message] = []
    try:
        while len(batch) < BATCH and pipe.poll():
            batch.append(pipe.recv())
    except (EOFError, OSError):
        return batch, True
    return batch, False


def _save(batch: list[Message], tallies: dict[str, Tally], work: Store, raw: Store, run: Run, progress: Bar) -> None:
    answers = [message for message in batch if isinstance(message, Answer)]
    founds = [message for message in batch if isinstance(message, Found)]
    if answers:
        with raw.writing():
            for answer in answers:
                if answer.capture is not None:
                    raw.save(answer.capture)
                raw.save(answer.visit)
    if answers or founds:
        with work.writing():
            for found in founds:
                work.save(*found.entries, *(Sighting(entry=entry, run=run.id) for entry in found.seen))
            work.save(*(answer.page for answer in answers if answer.page is not None))
    for message in batch:
        _count(message, tallies, progress)


def _count(message: Message, tallies: dict[str, Tally], progress: Bar) -> None:
    match message:
        case Due(source=source, requests=requests, waiting=waiting):
            tallies[source].due += requests
            tallies[source].waiting += waiting
            progress.grow(requests)
        case Answer(visit=visit) if visit.role != "robots":
            tally = tallies[visit.source]
            case = f"{visit.url}: {visit.reason}"
            if visit.outcome in ("fetched", "unchanged", "gone"):
                tally.done += 1
            elif visit.outcome == "failed":
                tally.failed += 1
            else:
                tally.skipped += 1
            if visit.role == "page" and visit.outcome == "failed":
                tally.pages_failed.append(case)
            elif visit.role == "page" and visit.outcome == "refused":
                tally.pages_refused.append(case)
            progress.advance()
        case Found(source=source, seen=seen):
            tally = tallies[source]
            tally.read = True
            tally.entries.update(seen)
        case SourceProblem(source=source):
            tallies[source].troubles.append(message)
        case Finished(source=source, lists=lists):
            tallies[source].finished = True
            tallies[source].lists.update(lists)
        case _:
            pass


def _judge(work: Store, run: Run, tallies: dict[str, Tally], ended: str) -> dict[str, str]:
    """Raise and resolve issues; returns the failed sources with their reasons."""
    failed: dict[str, str] = {}
    unfinished = None if ended == "finished" else ended
    with work.writing():
        for source, tally in tallies.items():
            verdicts = judge(tally, unfinished)
            for verdict in verdicts:
                work.raise_issue(run, kind=verdict.kind, subject=source, text=_shorten(verdict.text), source=source)
                if verdict.fatal:
                    failed.setdefault(source, _shorten(verdict.text))
                log.get_log(__name__).info(verdict.kind, source=source, reason=verdict.text)
            if tally.finished:
                kinds = set(KINDS) - set(OF_PAGES if _has_failed_pages(work, run, source) else ())
                work.resolve_issues(run, kinds=sorted(kinds), source=source)
    return failed


def _has_failed_pages(work: Store, run: Run, source: str) -> bool:
    found = work.one(
        "SELECT 1 FROM entry e JOIN sighting s ON s.entry = e.id AND s.run = ? JOIN page p ON p.entry = e.id"
        " WHERE e.source = ? AND p.state = 'failed' LIMIT 1",
        (run.id, source),
    )
    return found is not None


def _shorten(text: str) -> str:
    return text if len(text) <= 500 else f"{text[:499]}…"


def make_source(source: SourceFile) -> Source:
    """What a source file declares, as a row."""
    return Source(
        id=source.id, name=source.name, kind=source.kind, country=source.country, lang=source.lang, about=source.about,
        licence=source.licence, home=source.home, scope=source.scope, rules=source.rules,
    )  # fmt: skip


@contextmanager
def _crawl_process(job: Job) -> Iterator[tuple[Connection, BaseProcess]]:
    """The crawling process. It is killed, with all its helpers, when the block ends for any reason."""
    from crawlers.fetch.crawl import run_child

    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=run_child, args=(theirs, job), name="stemwire-crawl")
    process.start()
    theirs.close()
    try:
        yield ours, process
    finally:
        if process.pid is not None:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)
        process.kill()
        process.join()
        ours.close()
