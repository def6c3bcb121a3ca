"""Fixtures that more than one room needs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.nights import House
from tests.wire import Wire


@pytest.fixture
def wire() -> Iterator[Wire]:
    """A real HTTP server on loopback."""
    server = Wire()
    yield server
    server.close()


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> House:
    """Two empty stores, and nights to collect into them."""
    return House(tmp_path / "data", monkeypatch)


@pytest.fixture(scope="module")
def module_wire() -> Iterator[Wire]:
    server = Wire()
    yield server
    server.close()


@pytest.fixture(scope="module")
def module_house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """As `house`, for the nights that a whole file looks at."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        yield House(tmp_path_factory.mktemp("house"), monkeypatch)
