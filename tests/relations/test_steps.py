"""Steps of this package get rows that can be pickled; a view of theirs shows no table that their stage writes."""

from __future__ import annotations

import pickle
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest

from core.config import Config, Crawl
from core.records import Document, Source
from core.stage import Address, Stage, build_step, run_stage
from core.store import Store, new_run, open_store

CONFIG = Config(crawl=Crawl(contact="mailto:desk@stemwire.example"))
MODULES = (
    "works", "links", "retractions", "trial_status", "near_duplicates", "stories", "registry_checks",
    "edits", "tellings", "warnings",
)  # fmt: skip
INDEXED = ("links", "near_duplicates")  # their steps need an index over many documents
TEXT = "Cells from the skin of four donors were turned into muscle at the Harbour Institute, and the muscle twitched."


def load_stage(module: str) -> Stage:
    stage: Stage = import_module(f"relations.{module}").stage(CONFIG)
    return stage


@pytest.mark.parametrize("module", MODULES)
def test_no_step_sees_what_its_own_stage_writes(module: str) -> None:
    stage = load_stage(module)
    assert isinstance(stage.step, Address)
    assert bool(stage.step.reads) == (module in INDEXED)
    assert not stage.in_order, "batches may run at the same time"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path / "work.db", "work") as work:
        with work.writing():
            work.save(Source(id="s", name="s", kind="news", country=None, lang=None, about="", licence="full",
                             home=None, scope="all", rules="{}"))  # fmt: skip
            for number in (1, 2):
                work.save(
                    Document(
                        id=f"d{number}", entry="e", source="s", kind="news", url="u", title="Muscle", text=TEXT,
                        summary="", authors=(), lang="en", published=f"2026-11-0{number}", published_from=None,
                        dates=(), identifiers={}, links=(), extra={}, licence="full", translated=None, state="current",
                        capture="c", first_seen=f"2026-11-0{number}T00:00:00Z", hash=f"h{number}",
                    )
                )  # fmt: skip
        yield work


def test_a_story_is_made_of_its_row_alone_also_after_it_was_pickled(store: Store) -> None:
    run_stage(load_stage("near_duplicates"), store, new_run(store, "test"))
    (pair,) = store.rows("SELECT relation, document, other FROM near_duplicate")
    assert tuple(pair.values()) == ("copy", "d2", "d1")
    stage = load_stage("stories")
    assert stage.complete is not None and stage.gather is not None and isinstance(stage.step, Address)
    ((key, _, data),) = stage.gather(store)
    row = {"key": key, **data}
    whole = {**row, **stage.complete(store, row)}
    step = build_step(stage.step, store.path)
    assert whole["texts"] == {"d1": TEXT, "d2": TEXT}
    assert step(pickle.loads(pickle.dumps(whole))) == step(whole)
