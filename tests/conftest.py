"""Fixtures that several packages need. Large modules are imported by the fixture that needs them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

import pytest

STARTERS = {  # what starts processes, threads or servers: modules, and classes of the project and of libraries
    "subprocess", "multiprocessing", "threading", "asyncio", "socket", "core.workers.Child",
}  # fmt: skip
WHOLE = {"wire", "runner"}  # fixtures for one test that serve or run a night

if TYPE_CHECKING:
    from tests.nights import NightRunner
    from tests.wire import Wire


@pytest.fixture
def wire() -> Iterator[Wire]:
    """A real HTTP server on loopback."""
    yield from _wire()


@pytest.fixture(scope="module")
def module_wire() -> Iterator[Wire]:
    yield from _wire()


def _wire() -> Iterator[Wire]:
    from tests.wire import Wire

    server = Wire()
    yield server
    server.close()


@pytest.fixture
def runner(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> NightRunner:
    """Two empty stores, and nights to collect into them."""
    from tests.nights import NightRunner

    return NightRunner(tmp_path / "data", monkeypatch)


@pytest.fixture(scope="module")
def module_runner(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NightRunner]:
    """As `runner`, for the nights that a whole file looks at."""
    from tests.nights import NightRunner

    with pytest.MonkeyPatch.context() as monkeypatch:
        yield NightRunner(tmp_path_factory.mktemp("runner"), monkeypatch)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark `full` what is no unit test; `./run.sh test --quick` leaves it out.

    That is a measurement (a gate, or a test of bench/), a file that imports what starts processes, threads or servers,
    and a test whose fixture is shared, because what is shared is slow to make: a night, a site, the trained reader.
    A test that makes such a thing itself has the mark `full` above it; a file that is quick whatever it imports says
    `pytestmark = pytest.mark.quick`.
    """
    for item in items:
        if not isinstance(item, pytest.Function) or item.get_closest_marker("quick"):
            continue
        if item.path.parent.name in ("gates", "bench") or _starts(item) or _shares(item):
            item.add_marker("full")


def _starts(item: pytest.Function) -> bool:
    return any(_name(value) in STARTERS for value in vars(item.module).values())


def _name(value: object) -> str:
    """`module` of a module, `module.name` of a class; else empty."""
    if isinstance(value, ModuleType):
        return value.__name__
    return f"{value.__module__}.{value.__qualname__}" if isinstance(value, type) else ""


def _shares(item: pytest.Function) -> bool:
    ours = {
        name: found[-1]
        for name, found in item._fixtureinfo.name2fixturedefs.items()
        if found[-1].baseid  # not of pytest or a plugin
    }
    return any(name in WHOLE or found.scope != "function" for name, found in ours.items())
