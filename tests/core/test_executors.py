"""Steps in workers: what kills a worker fails one row, tables do not depend on the executor, every step travels."""

from __future__ import annotations

import os
import pickle
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

import pytest

import pipeline
from core.config import Config, Crawl, Running, load_config
from core.errors import ConfigError, StageError
from core.executors import get_step, open_executor, run_in_workers
from core.night import StepStage
from core.records import Appearance, Json, Page
from core.stage import Address, Done, Job, Result, Stage, Step, Writes, in_process, run_stage
from core.store import Store, new_run, open_store
from core.workers import Child, Failed, Limits

WORK = """SELECT entry AS "key", url AS input, entry, url, 'src' AS source FROM page"""
POISONS = {"exit": "exit code 7", "memory": "more memory", "loop": "s of CPU", "sleep": "without working"}


def build_poisoned() -> Step:
    return swallow


def swallow(row: Json) -> Result:
    """The address of a page says what is in it."""
    match str(row["url"]).rpartition("/")[2]:
        case "exit":
            os._exit(7)
        case "memory":
            bytearray(8 << 30)
        case "loop":
            while True:
                pass
        case "sleep":
            os.read(os.pipe()[0], 1)
        case "raise":
            raise ValueError("unreadable")
    return Done(records=(Appearance(entry=row["entry"], document=f"doc:{row['url']}", source="src", url=row["url"]),))


def build_counting(*, view: Store) -> Step:
    return partial(count_before, view)


def count_before(view: Store, row: Json) -> Result:
    """Reads the table that its own stage writes."""
    return Done(
        records=(Appearance(entry=row["entry"], document=str(view.value("SELECT count(*) FROM appearance")),
                            source="src", url=None),)
    )  # fmt: skip


def build_nothing() -> Step:
    raise ConfigError("the model is missing", where="here")


def stage_of(function: str, **more: object) -> Stage:
    address = Address(module=__name__, function=function, **more)  # type: ignore[arg-type]
    return Stage(name="t", version="1", work=WORK, step=address, writes=(Writes(record=Appearance, owner="entry"),))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path / "work.db", "work") as opened:
        yield opened


def put_pages(store: Store, contents: Sequence[str]) -> None:
    with store.writing():
        for number, content in enumerate(contents):
            store.save(
                Page(entry=f"e{number:03}", url=f"https://a.example/{content}", capture=None, fetched=None,
                     first_visit="2026-01-01T00:00:00Z", last_visit="2026-01-01T00:00:00Z", state="held",
                     gone_nights=0)
            )  # fmt: skip


def tables(store: Store) -> tuple[list[Json], list[Json]]:
    return (
        store.rows("SELECT * FROM appearance ORDER BY entry"),
        store.rows('SELECT stage, "key", state, reason FROM outcome ORDER BY "key"'),
    )


@pytest.mark.parametrize("poison", POISONS)
def test_what_kills_a_worker_fails_alone_and_is_named(store: Store, poison: str) -> None:
    put_pages(store, [*["good"] * 20, poison, *["good"] * 20])
    with Child[Result](Limits(wall=8, cpu=1), workers=2) as child:
        report = run_stage(stage_of("build_poisoned"), store, new_run(store, "t"), partial(run_in_workers, child))
    assert (report.seen, report.done, report.failed) == (41, 40, 1)
    [lost] = store.rows("SELECT \"key\", reason FROM outcome WHERE state = 'failed'")
    assert lost["key"] == "e020"
    assert POISONS[poison] in lost["reason"]
    assert store.value("SELECT count(*) FROM issue WHERE subject = 't e020'") == 1


def test_tables_do_not_depend_on_the_executor(tmp_path: Path) -> None:
    said = []
    config = Config(crawl=Crawl(contact="mailto:desk@stemwire.example"))
    for name in ("none", "serial", "processes"):
        with open_store(tmp_path / f"{name}.db", "work") as store:
            put_pages(store, [("good", "raise", "better")[number % 3] for number in range(100)])
            run = new_run(store, "t")
            if name == "none":
                run_stage(stage_of("build_poisoned"), store, run)
            else:
                running = Running(executor=name, workers=3)  # type: ignore[arg-type]
                with open_executor(config.model_copy(update={"run": running})) as executor:
                    run_stage(stage_of("build_poisoned"), store, run, executor)
            said.append(tables(store))
    assert len(said[0][0]) == 67 and len(said[0][1]) == 100
    assert said[0] == said[1] == said[2]


def test_a_step_that_reads_what_its_stage_writes_sees_the_batches_before(tmp_path: Path) -> None:
    stage = stage_of("build_counting", reads=("appearance",))
    said = []
    for workers in (1, 3):
        with open_store(tmp_path / f"{workers}.db", "work") as store, Child[Result](workers=workers) as child:
            put_pages(store, ["good"] * 80)
            run_stage(stage, store, new_run(store, "t"), partial(run_in_workers, child))
            said.append([row["document"] for row in store.rows("SELECT document FROM appearance ORDER BY entry")])
    assert said[0] == said[1] == ["0"] * 32 + ["32"] * 32 + ["64"] * 16


def test_a_step_that_cannot_be_built_stops_its_stage(store: Store) -> None:
    put_pages(store, ["good"] * 3)
    with Child[Result]() as child, pytest.raises(ConfigError, match="the model is missing"):
        run_stage(stage_of("build_nothing"), store, new_run(store, "t"), partial(run_in_workers, child))
    with Child[Result]() as child, pytest.raises(StageError, match="cannot be built"):
        run_stage(stage_of("no_such_function"), store, new_run(store, "t"), partial(run_in_workers, child))
    assert store.rows("SELECT * FROM outcome") == []


def test_a_stage_without_work_starts_no_worker(store: Store) -> None:
    with Child[Result]() as child:
        assert (
            run_stage(stage_of("build_nothing"), store, new_run(store, "t"), partial(run_in_workers, child)).seen == 0
        )


def test_the_driver_reads_only_a_few_batches_ahead() -> None:
    taken = 0

    def batches() -> Iterator[list[Json]]:
        nonlocal taken
        for number in range(20):
            taken += 1
            yield [{"entry": f"{number}", "url": "https://a.example/good"}] * 32

    job = Job(
        name="t", step=Address(module=__name__, function="build_poisoned"), path=Path("none.db"), run="r",
        limits=None, cpu=None, alone=False,
    )  # fmt: skip
    with Child[Result](workers=2) as child:
        for given, _ in enumerate(run_in_workers(child, job, batches()), 1):
            assert taken <= given + 3
    assert taken == 20


CONFIG = load_config(Path(pipeline.__file__).with_name("demo") / "config.toml")
STEPS = {name: stage for name, stage in pipeline.STAGES.items() if isinstance(stage, StepStage)}


def build_and_name(job: Job) -> str:
    """In the worker."""
    step = get_step(job)
    assert callable(step)
    return job.name


def test_every_step_pickles_and_is_built_in_another_process(tmp_path: Path) -> None:
    assert len(STEPS) >= 10
    with open_store(tmp_path / "work.db", "work"), Child[str](Limits(cpu=300, memory=8 << 30)) as child:
        for name, made in STEPS.items():
            stage = made.stage(CONFIG)
            assert isinstance(stage.step, Address), f"{name}: a step that is no address runs without limits"
            job = Job(
                name=name, step=stage.step, path=tmp_path / "work.db", run="r", limits=stage.limits, cpu=stage.cpu,
                alone=stage.alone,
            )  # fmt: skip
            assert pickle.loads(pickle.dumps(job)) == job
            built = child.run(build_and_name, job)
            assert not isinstance(built, Failed), f"{name}: {built}"
            assert built == name


def test_in_process_runs_an_address_too(store: Store) -> None:
    put_pages(store, ["good", "raise"])
    report = run_stage(stage_of("build_poisoned"), store, new_run(store, "t"), in_process)
    assert (report.done, report.failed) == (1, 1)
