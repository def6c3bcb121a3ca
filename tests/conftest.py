"""Fixtures that more than one room needs. What is heavy is imported by the fixture that needs it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.nights import House
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
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> House:
    """Two empty stores, and nights to collect into them."""
    from tests.nights import House

    return House(tmp_path / "data", monkeypatch)


@pytest.fixture(scope="module")
def module_house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """As `house`, for the nights that a whole file looks at."""
    from tests.nights import House

    with pytest.MonkeyPatch.context() as monkeypatch:
        yield House(tmp_path_factory.mktemp("house"), monkeypatch)
