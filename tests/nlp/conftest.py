"""The reader is loaded once: a second of work."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from nlp.entities import Reader, load


@pytest.fixture(scope="session")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    yield load({"compiled": str(tmp_path_factory.mktemp("compiled"))})
