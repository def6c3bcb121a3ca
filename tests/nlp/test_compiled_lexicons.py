"""What is compiled from lexicons is kept, and compiled again when the kept file cannot be read."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from nlp.compiled_lexicons import load_compiled

Load = Callable[[str], tuple[dict[str, int], int]]


@pytest.fixture
def load(tmp_path: Path) -> Load:
    """Loads under a fingerprint; gives the object and how often it has been compiled so far."""
    calls: list[str] = []

    def load_one(fingerprint: str) -> tuple[dict[str, int], int]:
        def compile_it() -> dict[str, int]:
            calls.append(fingerprint)
            return {fingerprint: len(calls)}

        return load_compiled(tmp_path / "compiled", "names", fingerprint, dict, compile_it), len(calls)

    return load_one


def test_a_kept_file_is_used_until_its_fingerprint_changes(load: Load, tmp_path: Path) -> None:
    assert load("one") == load("one") == ({"one": 1}, 1)
    assert load("two") == ({"two": 2}, 2)
    assert [path.name for path in (tmp_path / "compiled").iterdir()] == ["names-two.pickle"]


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"\x80\x05", id="torn"),
        pytest.param(b"not a pickle", id="no pickle"),
        pytest.param(b"cnlp.a_module_that_moved\nThing\n.", id="a module that moved"),
        pytest.param(b"cnlp.compiled_lexicons\nGone\n.", id="a class that moved"),
        pytest.param(b"I1\n.", id="another kind of object"),
    ],
)
def test_a_file_that_cannot_be_read_is_compiled_again(load: Load, tmp_path: Path, body: bytes) -> None:
    load("one")
    kept = tmp_path / "compiled" / "names-one.pickle"
    kept.write_bytes(body)
    assert load("one") == ({"one": 2}, 2)
    assert load("one") == ({"one": 2}, 2), "kept again"


def test_an_error_of_compiling_is_raised_and_nothing_is_kept(tmp_path: Path) -> None:
    def fail() -> dict[str, int]:
        raise ValueError("a broken row")

    with pytest.raises(ValueError, match="a broken row"):
        load_compiled(tmp_path, "names", "one", dict, fail)
    assert not list(tmp_path.iterdir())
