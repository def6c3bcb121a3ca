"""One run at a time: the lock, the stores, and how the run ended."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from importlib import import_module
from pathlib import Path

from filelock import FileLock, Timeout

from core import clock, log
from core.config import Config
from core.errors import AlreadyRunning, StageError
from core.executors import open_executor
from core.records import Report, Run
from core.stage import Address, Executor, Stage, run_stage
from core.store import Store, new_run, open_store
from core.versions import fingerprint_stage


@dataclass
class Night:
    """What the stages of one run share."""

    config: Config
    work: Store
    raw: Store
    run: Run
    executor: Executor
    recorded: Path | None = None
    only: tuple[str, ...] = ()
    force: bool = False  # publish an edition even if it holds far fewer documents than the one before
    failed: dict[str, str] = field(default_factory=dict)  # source -> reason
    kept_back: int = 0  # letters that could not leave
    notes: list[str] = field(default_factory=list)  # lines for the operator, printed at the end

    @property
    def exit_code(self) -> int:
        return 1 if self.failed or self.kept_back else 0


class StepStage:
    """A stage that is a step over rows, defined by `stage(config)` of its module. `then` is called after it."""

    def __init__(self, module: str, does: str, then: Callable[[Night], None] | None = None) -> None:
        self.module, self.then, self.__doc__ = module, then, does

    def stage(self, config: Config) -> Stage:
        stage: Stage = import_module(self.module).stage(config)
        return stage

    def fingerprint(self, config: Config) -> str:
        """Of the code and data that its results depend on. Raises StageError if its step is not an address."""
        stage = self.stage(config)
        if not isinstance(stage.step, Address):
            raise StageError("its step is not an address", where=stage.name, hint="see core/stage.py")
        return fingerprint_stage(self.module, (stage.step.module, stage.step.function))

    def __call__(self, night: Night) -> Report:
        report = run_stage(self.stage(night.config), night.work, night.run, night.executor)
        if self.then:
            self.then(night)
        return report


@contextmanager
def hold_lock(config: Config) -> Iterator[None]:
    """Be the only run while the block lasts. Raises AlreadyRunning.

    The lock is the operating system's: it is released when the process ends, however it ends.
    """
    config.data("").mkdir(parents=True, exist_ok=True)
    lock = FileLock(config.data("night.lock"), timeout=0)
    try:
        lock.acquire()
    except Timeout:
        raise AlreadyRunning("another run holds the lock", where=str(config.data("night.lock"))) from None
    try:
        yield
    finally:
        lock.release()


@contextmanager
def night_of(
    config: Config, command: str, recorded: Path | None = None, only: tuple[str, ...] = (), *, anew: bool = False
) -> Iterator[Night]:
    """Take the lock, open the stores, and store how the run ended. Raises AlreadyRunning.

    `anew` renames work.db to work.db.before and begins an empty one.
    """
    raw_path = config.data("raw.db")
    with hold_lock(config):
        if anew:
            _rename_old(config.data("work.db"))
        with (
            open_store(raw_path, "raw") as raw,
            open_store(config.data("work.db"), "work", attach={"raw": raw_path}) as work,
            open_executor(config) as executor,
        ):
            run = new_run(work, command, str(recorded) if recorded else None)
            night = Night(
                config=config, work=work, raw=raw, run=run, executor=executor, recorded=recorded, only=only
            )  # fmt: skip
            code = 1
            try:
                with log.bind(run=run.id):
                    yield night
                code = night.exit_code
            finally:
                with work.writing():
                    work.save(replace(run, finished=clock.stamp(), exit_code=code))


def _rename_old(path: Path) -> None:
    """Rename a database and the other files of SQLite, so that none of them is used with the new one."""
    for suffix in ("", "-wal", "-shm"):
        part = path.with_name(path.name + suffix)
        if part.exists():
            part.replace(path.with_name(f"{path.name}.before{suffix}"))
