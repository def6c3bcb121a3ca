"""Where steps run: in workers under limits, one of them (`serial`) or several (`processes`).

The tables are the same either way: results come back in the order of the rows, and the driver of `core.stage` is the
only writer. Up to `WAITING` groups of `GROUP` rows wait at each worker, so that it goes on while the driver saves; the
driver reads no further ahead than that. A worker is started when a stage has a row for it, and serves all stages of a
run: each step is built once in it.

A row that takes too much CPU or memory, or blocks, fails alone and is named (`core.workers` says how). A step that
cannot be built stops its stage.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from itertools import islice

from core.config import Config
from core.errors import StageError
from core.records import Json
from core.stage import Address, Executor, Failed, Job, Result, Step, build_step, in_process
from core.workers import Child, Limits
from core.workers import Failed as Lost

GROUP = 16  # rows that travel together


@contextmanager
def open_executor(config: Config) -> Iterator[Executor]:
    """The executor that `[run]` asks for. Its workers end with the block."""
    said = config.run
    limits = Limits(wall=said.wall, cpu=said.cpu, memory=said.memory, tasks=said.recycle)
    with Child[Result](limits, workers=said.workers if said.executor == "processes" else 1) as child:
        yield partial(run_in_workers, child)


def run_in_workers(child: Child[Result], job: Job, batches: Iterable[Sequence[Json]]) -> Iterator[list[Result]]:
    """The results of each batch, in order. A step that has no address runs in this process."""
    if not isinstance(job.step, Address):
        yield from in_process(job, batches)
        return
    sizes: deque[int] = deque()

    def rows() -> Iterator[tuple[Job, Json]]:
        for batch in batches:
            sizes.append(len(batch))
            yield from ((job, row) for row in batch)

    limits = job.limits or child.limits
    limits = replace(limits, cpu=job.cpu or limits.cpu)
    outcomes = child.map(run_row, rows(), limits=limits, prepare=partial(get_step, job), group=GROUP, alone=job.alone)
    results = (_as_result(job, outcome) for outcome in outcomes)
    for first in results:
        yield [first, *islice(results, sizes.popleft() - 1)]


def _as_result(job: Job, outcome: Result | Lost) -> Result:
    if not isinstance(outcome, Lost):
        return outcome
    if outcome.kind == "unready":
        raise outcome.error or StageError(f"its step cannot be built: {outcome.text}", where=job.name)
    return Failed(reason=outcome.text)


# --- in the worker ----------------------------------------------------------------------------------------------------

_steps: dict[str, tuple[str, Step]] = {}  # repr of an address -> the run it was built in, the step


def run_row(job: Job, row: Json) -> Result:
    return get_step(job)(row)


def get_step(job: Job) -> Step:
    """The step of a job. One that reads tables is built anew in each run: they may have changed."""
    assert isinstance(job.step, Address)
    name = repr((job.step, job.path))
    run, step = _steps.get(name, ("", None))
    if step is None or (job.step.reads and run != job.run):
        step = build_step(job.step, job.path)
        _steps[name] = job.run, step
    return step
