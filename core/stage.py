"""The stage contract, and the one driver that keeps it.

A stage is a pure step from one row to one result. The driver
1. finds the work by a join of the stage's query with the ledger: rows without an outcome, or with another
   `version` or `input`, or that failed fewer than three times and not yet in this run. It counts why each is due;
2. runs the step over batches through an executor (`core.executors`), which may be some batches ahead of the driver;
3. saves the outputs and the ledger rows of a batch in one transaction, batch after batch in the order of the keys.
   Outputs replace those that the same input gave before: what is not given again is withdrawn;
4. ends every row as exactly one of done, skipped (withdraws old output) or failed (keeps the last good one,
   and raises an issue);
5. withdraws the outputs of inputs that are gone;
6. stores a report of the run.

A record whose natural id another input already owns is not written twice: the first owner keeps it, and the
outcome says so, unless the result takes it over (`Done.takes`). Only the tables a stage declares in `writes` can be
written by it.

**Steps are addresses.** A step runs in a worker process under limits, so a stage names it: module, function and
settings (`Address`), which pickle. `build_step` calls the function once in each worker: `function(**settings)` loads
what the step needs (models, tables of words) and returns the step, a callable from row to Result. A step is pure: no
database, network, clock or randomness. What it reads in addition to its row

- comes in the row: the stage's query, `gather` or `complete` puts it there. That is the usual way;
- or comes from a view. A stage whose step needs an index over many documents names the tables in `Address.reads`, and
  `function(view=…, **settings)` gets a read-only `Store` that refuses every other table. The view sees what earlier
  stages wrote. A step that reads a table which its own stage writes sees what the batches before it gave, so it runs
  in one worker, batch after batch (`Stage.in_order`).

A plain function serves as a step, too; it runs in the driver's process. Tests use that.
"""

from __future__ import annotations

import json
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol

from core import clock, log, workers
from core.batches import Batch, Complete, complete_rows
from core.errors import StageError
from core.outputs import replace_rows
from core.progress import bar
from core.records import Json, Outcome, Report, Run
from core.store import TABLE_OF, Store, open_view
from core.workers import Limits

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
    takes: frozenset[str] = frozenset()
    """Ids of its records that it takes over from another input, which no longer owns them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Skipped:
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    reason: str


Result = Done | Skipped | Failed
Step = Callable[[Any], Result]  # of a row of `Stage.work`, as the type that the step declares
Gather = Callable[[Store], Iterable[tuple[str, str, Mapping[str, object]]]]
Settle = Callable[[Store, Any, Done], Done]


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where a step is built: `function(**settings)` of `module`; with `reads`, `function(view=…, **settings)`.

    `settings` are plain values, as in a section of config.toml. `reads` are the tables that the view shows.
    """

    module: str
    function: str
    settings: Json = field(default_factory=dict)
    reads: tuple[str, ...] = ()


def build_step(address: Address, path: Path) -> Step:
    """The step that an address names. `path`: the database that its view shows."""
    function = getattr(import_module(address.module), address.function)
    view = {"view": open_view(path, address.reads)} if address.reads else {}
    step: Step = function(**view, **address.settings)
    return step


@dataclass(frozen=True, slots=True, kw_only=True)
class Writes:
    """A table that the stage owns. `owner` is the column that names the input; None: rows are only ever added."""

    record: type
    owner: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """A step over the rows of a query.

    `work` is a query that gives "key", "input" and whatever the step reads.

    A set-wise stage (a story is made of many documents) has `gather` instead: it reads the tables and gives
    (key, fingerprint of everything that the step depends on, what the step reads). The driver lays these rows in the
    temporary table `gathered` and goes on as with any other work, so that only what changed is done again.

    `complete` reads what the step needs from other rows (texts to compare with, answers of queries) and gives it as
    more keys of the row. The driver calls it in its own process, for due rows only, so that the step itself reads no
    database. A row that it raises on fails alone.
    """

    name: str
    version: str
    step: Step | Address
    writes: tuple[Writes, ...]
    work: str = 'SELECT "key", input, data FROM temp.gathered'
    gather: Gather | None = None
    complete: Complete | None = None
    settle: Settle | None = None
    """Decides what of a result is kept, with the tables as they are when it is saved: of (store, row, result). It
    writes nothing itself. A row that it raises on fails alone."""
    rounds: int = 1
    """How often rows that became due by what the stage itself wrote are worked in one run."""
    limits: Limits | None = None
    """Of one row, where they are not those of [run] in config.toml."""
    cpu: int | None = None
    """Seconds of one row, where only this limit differs."""
    ordered: bool = False
    """The query reads what the stage writes: a batch is read only after the one before it was saved."""

    @property
    def alone(self) -> bool:
        """Whether the step reads a table that its own stage writes."""
        tables = {TABLE_OF[writes.record] for writes in self.writes}
        return isinstance(self.step, Address) and bool(tables.intersection(self.step.reads))

    @property
    def in_order(self) -> bool:
        return self.ordered or self.alone


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What an executor has to know of a stage: `path` is the database that a view shows, `run` ends its validity."""

    name: str
    step: Step | Address
    path: Path
    run: str
    limits: Limits | None
    cpu: int | None
    alone: bool


class Executor(Protocol):
    """Runs a stage's step over batches. An error of one row is a `Failed`, never an exception."""

    def __call__(self, job: Job, batches: Iterable[Sequence[Json]]) -> Iterator[list[Result]]:
        """The results of each batch, in order; may take a bounded number of batches before it gives the first."""


def in_process(job: Job, batches: Iterable[Sequence[Json]]) -> Iterator[list[Result]]:
    """In this process, one row after the other, without limits: for tests, and for looking into a step."""
    step: Step | None = None
    for rows in batches:
        step = step or (build_step(job.step, job.path) if isinstance(job.step, Address) else job.step)
        yield [attempt(step, row) for row in rows]


def attempt(step: Step, row: Json) -> Result:
    """One row through the step; whatever it raises becomes its outcome."""
    outcome = workers.attempt(step, row)
    return Failed(reason=outcome.text) if isinstance(outcome, workers.Failed) else outcome


def run_stage(stage: Stage, store: Store, run: Run, executor: Executor = in_process) -> Report:
    """Bring a stage up to date. Returns (and stores) the report."""
    started = clock.seconds()
    counts = Counter[str](done=0, skipped=0, failed=0)
    why: Counter[str] = Counter()
    for number in range(stage.rounds):
        lay_gathered(stage, store)
        due = {key: reason for key, reason in _due(stage, store, run).items() if not number or reason == "changed"}
        if number and not due:
            break
        why.update(f"due_{reason}" for reason in due.values())
        counts += _work(stage, store, run, executor, list(due))
    counted = {state: counts[state] for state in ("done", "skipped", "failed")}
    return save_report(store, make_report(run, stage.name, started, seen=why.total(), **counted, **why))


def _work(stage: Stage, store: Store, run: Run, executor: Executor, keys: list[str]) -> Counter[str]:
    """Work these rows and withdraw what belongs to rows that are gone. Returns how many ended in each state."""
    counts: Counter[str] = Counter()
    asked: deque[Batch] = deque()  # what the executor has taken and not answered

    def batches() -> Iterator[list[Json]]:
        for place in range(0, len(keys), BATCH):
            batch = complete_rows(stage.complete, store, _rows(stage, store, keys[place : place + BATCH]))
            asked.append(batch)
            if batch.whole:
                yield batch.whole

    def save(results: Sequence[Result]) -> None:
        batch = asked.popleft()
        if len(results) != len(batch.whole):
            raise StageError(f"{len(batch.whole)} rows gave {len(results)} results", where=stage.name)
        given = iter(results)
        with store.writing():
            for row in batch.rows:
                broken = batch.broken.get(row["key"])
                result = next(given) if broken is None else Failed(reason=broken)
                counts[_save(stage, store, run, row, result).state] += 1
        progress.advance(len(batch.rows))

    job = Job(
        name=stage.name, step=stage.step, path=store.path, run=run.id, limits=stage.limits, cpu=stage.cpu,
        alone=stage.alone,
    )  # fmt: skip
    lots = ([rows] for rows in batches()) if stage.in_order else iter([batches()])
    with log.bind(run=run.id, stage=stage.name), bar(stage.name, len(keys)) as progress:
        for lot in lots:
            for results in executor(job, lot):
                while not asked[0].whole:
                    save([])
                save(results)
        while asked:
            save([])
        with store.writing():
            _withdraw_orphans(stage, store)
    return counts


def make_report(run: Run, stage: str, started: float, **counts: int) -> Report:
    """What a stage did: the counts of a Report. `started` is what `clock.seconds()` said when it began."""
    return Report(run=run.id, stage=stage, seconds=round(clock.seconds() - started, 3), **counts)


def save_report(store: Store, report: Report) -> Report:
    """Every report of a stage is stored here, also of those that are no step over rows. Returns it."""
    with store.writing():
        store.save(report)
    return report


def find_reasons(stage: Stage, store: Store, keys: Sequence[str]) -> dict[str, str | None]:
    """Those of the keys that the stage has a row for, each with the reason why it is due now; None: it is not."""
    lay_gathered(stage, store)
    return _reasons(stage, store, "", f'"key" IN ({", ".join("?" * len(keys))})', keys)


def settle(stage: Stage, store: Store, row: Json, result: Result) -> Result:
    """What of a result is kept; only what is done can be settled."""
    if stage.settle is None or not isinstance(result, Done):
        return result
    settled = workers.attempt(stage.settle, store, row, result)
    return Failed(reason=settled.text) if isinstance(settled, workers.Failed) else settled


def load_row(stage: Stage, store: Store, key: str) -> Json:
    """The row as the step gets it. What `complete` raises is raised here."""
    lay_gathered(stage, store)
    (row,) = _rows(stage, store, [key])
    return row if stage.complete is None else {**row, **stage.complete(store, row)}


def _due(stage: Stage, store: Store, run: Run) -> dict[str, str]:
    """The keys that are due, in order, each with its reason: new, changed, version or retry."""
    return {key: why for key, why in _reasons(stage, store, run.id, "why IS NOT NULL").items() if why}


def _reasons(stage: Stage, store: Store, run: str, where: str, keys: Sequence[str] = ()) -> dict[str, str | None]:
    sql = f"""
        SELECT "key" AS k, why FROM (
            SELECT w."key", CASE
                WHEN o."key" IS NULL THEN 'new'
                WHEN o.version <> ? THEN 'version'
                WHEN o.input <> w.input THEN 'changed'
                WHEN o.state = 'failed' AND o.tries < {MAX_TRIES} AND o.run <> ? THEN 'retry' END AS why
            FROM ({stage.work}) w
            LEFT JOIN outcome o ON o.stage = ? AND o."key" = w."key")
        WHERE {where} ORDER BY 1"""
    rows = store.rows(sql, (stage.version, run, stage.name, *keys))
    return {row["k"]: row["why"] for row in rows}


def _rows(stage: Stage, store: Store, keys: Sequence[str]) -> list[Json]:
    marks = ", ".join("?" * len(keys))
    rows = store.rows(f'SELECT * FROM ({stage.work}) WHERE "key" IN ({marks}) ORDER BY "key"', keys)
    if stage.gather:
        return [json.loads(row["data"]) | {"key": row["key"], "input": row["input"]} for row in rows]
    return rows


def lay_gathered(stage: Stage, store: Store) -> None:
    """What a set-wise stage gathers, where the ledger can be joined to it. A key given twice raises StoreError."""
    if stage.gather is None:
        return
    rows = stage.gather(store)
    with store.writing():
        store.execute("DROP TABLE IF EXISTS temp.gathered")
        store.execute('CREATE TEMP TABLE gathered ("key" TEXT PRIMARY KEY, input TEXT NOT NULL, data TEXT NOT NULL)')
        for key, state, data in rows:
            given = key, state, json.dumps(data, ensure_ascii=False)
            store.execute("INSERT INTO temp.gathered VALUES (?, ?, ?)", given)


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
    result = settle(stage, store, row, result)
    match result:
        case Done():
            held = _replace(stage, store, key, result.records, result.takes)
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


def _replace(
    stage: Stage, store: Store, key: str, records: Iterable[object], takes: frozenset[str] = frozenset()
) -> str | None:
    """Upsert an input's outputs and withdraw what it no longer gives. Returns a note on rows owned by others."""
    given: dict[type, list[object]] = {writes.record: [] for writes in stage.writes}
    for record in records:
        if type(record) not in given:
            raise StageError(f"{type(record).__name__} is not among the tables it writes", where=stage.name)
        given[type(record)].append(record)
    notes = [
        replace_rows(store, TABLE_OF[writes.record], writes.owner, key, given[writes.record], takes)
        for writes in stage.writes
    ]
    return next((note for note in reversed(notes) if note), None)


def _withdraw_orphans(stage: Stage, store: Store) -> None:
    """Outputs and ledger rows of inputs that no longer exist go too."""
    gone = store.rows(
        f'SELECT "key" AS k FROM outcome WHERE stage = ? AND "key" NOT IN (SELECT "key" FROM ({stage.work}))',
        (stage.name,),
    )
    for row in gone:
        _replace(stage, store, row["k"], ())
        store.execute('DELETE FROM outcome WHERE stage = ? AND "key" = ?', (stage.name, row["k"]))
