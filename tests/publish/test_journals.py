"""One journal, however its records call it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.records import Document
from core.store import Store, open_store
from publish.edition.journals import find_journals


def paper(number: int, **extra: str | list[str]) -> Document:
    return Document(
        id=f"doi:10.5555/{number}", entry=str(number), source="s", kind="paper", url="", title="", text="", summary="",
        authors=(), lang="en", published=None, published_from=None, dates=(), identifiers={}, links=(), extra=extra,
        licence="abstract", translated=None, state="current", capture="c", first_seen="2026-11-22T00:00:00Z", hash="h",
    )  # fmt: skip


@pytest.fixture
def work(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path / "work.db", "work") as opened:
        yield opened


def test_an_issn_or_a_name_in_common_is_one_journal(work: Store) -> None:
    with work.writing():
        work.save(
            paper(
                1,
                journal="Acta neuropathologica",
                abbreviation="Acta Neuropathol",
                issn=["1432-0533"],
                issnl="0001-6322",
            ),
            paper(2, journal="Acta Neuropathologica", issn=["0001-6322"]),
            paper(3, journal="Acta Neuropath.", issn=["1432-0533", "0001-6322"]),
            paper(4, journal="Cell Grafts", issn="9992-0396"),
            paper(5, journal=""),
        )
    acta, grafts = sorted(find_journals(work), key=lambda journal: -journal.records)
    assert (acta.records, acta.issnl.most_common(1)[0][0]) == (3, "0001-6322")
    assert {"acta neuropathologica", "acta neuropathol", "acta neuropath"} <= acta.keys
    assert (grafts.records, list(grafts.issn), dict(grafts.issnl)) == (1, ["9992-0396"], {})
