"""The stage contract, and the one driver that keeps it.

A stage is a pure step from one row to one result. The driver
1. finds the work by a join of the stage's query with the ledger: rows without an outcome, or with another
   `version` or `input`, or that failed fewer than three times and not yet in this run;
2. runs the step over batches through an executor (this process, or a child that can be killed);
3. saves the outputs and the ledger rows of a batch in one transaction. Outputs replace those that the same
   input gave before: what is not given again is withdrawn;
4. ends every row as exactly one of done, skipped (withdraws old output) or failed (keeps the last good one,
   and raises an issue);
5. withdraws the outputs of inputs that are gone;
6. stores a report of the run.

A record whose natural id another input already owns is not written twice: the first owner keeps it, and the
outcome says so. Only the tables a stage declares in `writes` can be written by it.
"""

from __future__ import annotations

import json
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Protocol, TypeVar

from core import clock, log
from core.errors import StageError, StemwireError
from core.progress import bar
from core.records import Json, Outcome, Report, Run
from core.store import TABLE_OF, Store, as_row

MAX_TRIES = 3
BATCH = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Flag:
    """Something a step wants a person to look at."""

    kind: str
    subject: str
    text: str
    source: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    records: tuple[object, ...] = ()
    note: str | None = None
    flags: tuple[Flag, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Skipped:
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    reason: str


Result = Done | Skipped | Failed
Step = Callable[[Any], Result]  # of a row of `Stage.work`, as the type that the step declares
Gather = Callable[[Store], Iterable[tuple[str, str, Mapping[str, object]]]]
Complete = Callable[[Store, Any], Mapping[str, object]]
Given = TypeVar("Given")


class Executor(Protocol):
    """Runs a step over rows, in order; an error of one row is a `Failed`, never an exception."""

    def __call__(self, step: Step, rows: Sequence[Json]) -> Iterator[Result]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Writes:
    """A table that the stage owns. `owner` is the column that names the input; None: rows are only ever added."""

    record: type
    owner: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """`work` is a query that gives "key", "input" and whatever the step reads.

    A set-wise stage (a story is made of many documents) has `gather` instead: it reads the tables beside it and gives
    (key, fingerprint of everything that the step depends on, what the step reads). The driver lays these rows in the
    temporary table `gathered` and goes on as with any other work, so that only what changed is done again.

    `complete` reads what the step needs from other rows (texts to compare with, answers of queries) and gives it as
    more keys of the row. The driver calls it in its own process, for due rows only, so that the step itself reads no
    database. A row that it raises on fails alone.
    """

    name: str
    version: str
    step: Step
    writes: tuple[Writes, ...]
    work: str = 'SELECT "key", input, data FROM temp.gathered'
    gather: Gather | None = None
    complete: Complete | None = None


def serial(step: Step, rows: Sequence[Json]) -> Iterator[Result]:
    """In this process, one after the other."""
    for row in rows:
        yield attempt(step, row)


def attempt(step: Callable[[Any], Given], row: Json) -> Given | Failed:
    """One row through the step; whatever it raises becomes its outcome (one of two broad excepts in the house)."""
    try:
        return step(row)
    except StemwireError as error:
        return Failed(reason=str(error))
    except Exception as error:  # noqa: BLE001  one bad row must not stop a night
        frame = traceback.extract_tb(error.__traceback__)[-1]
        return Failed(reason=f"{type(error).__name__}: {error} (at {frame.name}, line {frame.lineno})")


def run_stage(stage: Stage, store: Store, run: Run, executor: Executor = serial) -> Report:
    """Bring a stage up to date. Returns (and stores) the report."""
    started = clock.seconds()
    counts = {"done": 0, "skipped": 0, "failed": 0}
    if stage.gather:
        _lay(stage.gather(store), store)
    due = _due(stage, store, run)
    with log.bind(run=run.id, stage=stage.name), bar(stage.name, len(due)) as progress:
        for keys in (due[i : i + BATCH] for i in range(0, len(due), BATCH)):
            rows = _rows(stage, store, keys)
            results = _results(stage, store, rows, executor)
            if len(results) != len(rows):
                raise StageError(f"{len(rows)} rows gave {len(results)} results", where=stage.name)
            with store.writing():
                for row, result in zip(rows, results, strict=True):
                    outcome = _save(stage, store, run, row, result)
                    counts[outcome.state] += 1
            progress.advance(len(keys))
        with store.writing():
            _withdraw_orphans(stage, store)
    report = Report(
        run=run.id, stage=stage.name, seen=len(due), seconds=round(clock.seconds() - started, 3), **counts
    )  # fmt: skip
    with store.writing():
        store.save(report)
    return report


def _due(stage: Stage, store: Store, run: Run) -> list[str]:
    sql = f"""
        SELECT w."key" AS k FROM ({stage.work}) w
        LEFT JOIN outcome o ON o.stage = :stage AND o."key" = w."key"
        WHERE o."key" IS NULL OR o.version <> :version OR o.input <> w.input
           OR (o.state = 'failed' AND o.tries < {MAX_TRIES} AND o.run <> :run)
        ORDER BY 1"""
    parameters = {"stage": stage.name, "version": stage.version, "run": run.id}
    return [row["k"] for row in store.rows(sql, parameters)]


def _rows(stage: Stage, store: Store, keys: Sequence[str]) -> list[Json]:
    marks = ", ".join("?" * len(keys))
    rows = store.rows(f'SELECT * FROM ({stage.work}) WHERE "key" IN ({marks}) ORDER BY "key"', keys)
    if stage.gather:
        return [json.loads(row["data"]) | {"key": row["key"], "input": row["input"]} for row in rows]
    return rows


def _results(stage: Stage, store: Store, rows: Sequence[Json], executor: Executor) -> list[Result]:
    """A result for each row, in order; a row that cannot be completed fails without its step."""
    if stage.complete is None:
        return list(executor(stage.step, rows))
    more = [attempt(partial(stage.complete, store), row) for row in rows]
    whole = [{**row, **keys} for row, keys in zip(rows, more, strict=True) if not isinstance(keys, Failed)]
    results = iter(executor(stage.step, whole))
    return [keys if isinstance(keys, Failed) else next(results) for keys in more]


def _lay(rows: Iterable[tuple[str, str, Mapping[str, object]]], store: Store) -> None:
    """What a set-wise stage gathered, where the ledger can be joined to it. A key given twice raises StoreError."""
    with store.writing():
        store.execute("DROP TABLE IF EXISTS temp.gathered")
        store.execute('CREATE TEMP TABLE gathered ("key" TEXT PRIMARY KEY, input TEXT NOT NULL, data TEXT NOT NULL)')
        for key, state, data in rows:
            store.execute(
                "INSERT INTO temp.gathered VALUES (?, ?, ?)", (key, state, json.dumps(data, ensure_ascii=False))
            )


def _save(stage: Stage, store: Store, run: Run, row: Json, result: Result) -> Outcome:
    key: str = row["key"]
    before = store.one(
        'SELECT state, input, version, tries FROM outcome WHERE stage = ? AND "key" = ?', (stage.name, key)
    )
    outcome = Outcome(
        stage=stage.name, key=key, version=stage.version, input=row["input"], state="done", reason=None, tries=0,
        run=run.id,
    )  # fmt: skip
    subject = f"{stage.name} {key}"
    match result:
        case Done():
            held = _replace(stage, store, key, result.records)
            outcome = replace(outcome, reason=result.note or held)
            for flag in result.flags:
                store.raise_issue(run, kind=flag.kind, subject=flag.subject, text=flag.text, source=flag.source)
        case Skipped():
            _replace(stage, store, key, ())
            outcome = replace(outcome, state="skipped", reason=result.reason)
        case Failed():
            same = before and before["input"] == row["input"] and before["version"] == stage.version
            tries = (before["tries"] if before and same else 0) + 1
            outcome = replace(outcome, state="failed", reason=result.reason, tries=tries)
            store.raise_issue(
                run,
                kind=f"{stage.name}_failed",
                subject=subject,
                text=result.reason,
                source=row.get("source"),
            )
            log.get_log(__name__).warning("row_failed", document=key, reason=result.reason, tries=tries)
    if outcome.state != "failed" and before and before["state"] == "failed":
        store.resolve_issues(run, kinds=[f"{stage.name}_failed"], subject=subject)
    store.save(outcome)
    return outcome


def _replace(stage: Stage, store: Store, key: str, records: Iterable[object]) -> str | None:
    """Upsert an input's outputs and withdraw what it no longer gives. Returns a note on rows owned by others."""
    given: dict[type, list[object]] = {writes.record: [] for writes in stage.writes}
    for record in records:
        if type(record) not in given:
            raise StageError(f"{type(record).__name__} is not among the tables it writes", where=stage.name)
        given[type(record)].append(record)
    note = None
    for writes in stage.writes:
        table, owner = TABLE_OF[writes.record], writes.owner
        columns = store.key(table)
        wanted: set[tuple[Any, ...]] = set()
        where = " AND ".join(f'"{name}" = :{name}' for name in columns)
        for record in given[writes.record]:
            row = as_row(record)
            if owner is not None:
                if row[owner] != key:
                    raise StageError(f"{table} row of {row[owner]!r} came out of {key!r}", where=stage.name)
                known = store.one(f'SELECT "{owner}" AS owner FROM "{table}" WHERE {where}', row)
                if known and known["owner"] != key:
                    note = f"{table} {row[columns[0]]} is already held from {known['owner']}"
                    continue
            store.save(record)
            wanted.add(tuple(row[name] for name in columns))
        if owner is None:
            continue
        names = ", ".join(f'"{name}"' for name in columns)
        for old in store.rows(f'SELECT {names} FROM "{table}" WHERE "{owner}" = ?', (key,)):
            if tuple(old.values()) not in wanted:
                store.execute(f'DELETE FROM "{table}" WHERE {where}', old)
    return note


def _withdraw_orphans(stage: Stage, store: Store) -> None:
    """Outputs and ledger rows of inputs that no longer exist go too."""
    gone = store.rows(
        f'SELECT "key" AS k FROM outcome WHERE stage = ? AND "key" NOT IN (SELECT "key" FROM ({stage.work}))',
        (stage.name,),
    )
    for row in gone:
        _replace(stage, store, row["k"], ())
        store.execute('DELETE FROM outcome WHERE stage = ? AND "key" = ?', (stage.name, row["k"]))
