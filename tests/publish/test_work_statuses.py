"""The edition knows what became of works that no document of it is about, by each of their identifiers."""

from __future__ import annotations

import pytest

from core.config import Config
from core.records import Identity, WorkStatus
from core.store import Store
from publish.check.looking import check_references
from publish.check.records import open_records
from publish.references import read_references
from publish.stage import publish
from tests.present import present

WORK = "doi:10.5555/elsewhere.1"


@pytest.mark.usefixtures("at_night")
def test_a_retracted_work_that_is_not_here_is_known_by_all_its_numbers(config: Config, work: Store) -> None:
    with work.writing():
        work.save(
            WorkStatus(
                document=WORK, status="retracted", since="2026-03-04", notice=None, reasons=(), url="https://x.example/n",
                why="This work was retracted on March 4, 2026; source: Retraction Watch",
            ),
            Identity(identifier=WORK, work=WORK, entry="retraction_watch:1"),
            Identity(identifier="pmid:31234567", work=WORK, entry="retraction_watch:1"),
            Identity(identifier="entry:retraction_watch:1", work=WORK, entry="retraction_watch:1"),
        )  # fmt: skip
    name = present(publish(config, work).edition).name
    with open_records(config.editions / f"{name}.db", "https://site.example") as records:
        references = read_references("31234567\n10.5555/elsewhere.1\n10.5555/elsewhere.2")
        first, second, third = (one["record"] for one in check_references(records, references))
        names = {row[0] for row in records.rows("SELECT identifier FROM work_status WHERE document IS NULL")}
    assert first["status"] == second["status"]
    assert (first["here"], first["status"]["status"], first["status"]["day"]) == (False, "retracted", "2026-03-04")
    assert first["status"]["url"] == "https://x.example/n"
    assert (third["here"], third["status"]) == (False, None)
    assert names == {WORK, "pmid:31234567"}
