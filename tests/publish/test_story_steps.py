"""How far the work of a story has come, and whether it had controls: `steps.py`, `controlled.py`, `own_work.py`."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import pytest

from core.records import Document, Label
from core.store import open_store
from publish.edition import story_summary
from publish.edition.controlled import find_controls, lacks_controls
from publish.edition.own_work import reports_own_work
from publish.edition.steps import ANIMALS, CELLS, CONTROLLED, LICENSED, PEOPLE, Said, find_step


def said(*values: str, document: int = 1, sentence: str = "It says so.", **more: Any) -> Said:  # noqa: ANN401  fields of Said
    return Said(document=document, values=values, sentence=sentence, **more)


@pytest.mark.parametrize(
    ("documents", "step"),
    [
        ([said("animal")], ANIMALS),
        ([said("organoid")], CELLS),
        ([said("animal", "in vitro")], ANIMALS),  # the furthest of one document
        ([said("approved product")], LICENSED),
        ([said("phase 1"), said("clinical trial", document=2)], PEOPLE),
        ([said("phase 1", controlled="Half of them received a placebo.")], PEOPLE),  # a phase 1 is the first people
        ([said("phase 2", controlled="Half of them were randomised.")], CONTROLLED),
        ([said("phase 2")], None),  # the phase alone does not say whether there were controls
        ([said("phase 2", uncontrolled=True)], PEOPLE),
        ([said("phase 3", controlled="It was randomised.", uncontrolled=True)], PEOPLE),  # something speaks against it
        ([said("clinical trial", people=18)], PEOPLE),
        ([said("clinical trial", people=300)], None),
        ([said("animal"), said("clinical trial", document=2, people=10)], None),  # documents differ
        ([said("animal"), said("in vitro", document=2)], None),
        ([said("phase 1"), said("phase 3", document=2)], None),
        ([said("animal", "phase 1")], None),  # one document speaks of both
        ([said("review")], None),
        ([said("observational")], None),
        ([said("in silico")], None),
        ([], None),
    ],
)
def test_a_step_is_lit_only_where_all_agree(documents: list[Said], step: int | None) -> None:
    assert find_step(documents).number == step


def test_what_rests_on_a_retracted_paper_has_no_step() -> None:
    found = find_step([said("animal")], "retracted")
    assert found.number is None and "retracted" in found.why


def test_documents_that_differ_are_named() -> None:
    found = find_step([said("animal"), said("phase 1", document=2)])
    assert found.why == "its documents differ: animal, phase 1"


def test_the_sentence_is_of_the_document_that_says_it() -> None:
    found = find_step([said("animal", sentence=""), said("animal", document=2, sentence="Mice were treated.")])
    assert (found.document, found.sentence) == (2, "Mice were treated.")


@pytest.mark.parametrize(
    ("text", "controlled"),
    [
        ("Forty patients were randomly assigned to cells or saline.", True),
        ("It was a double-blind study of forty patients.", True),
        ("Efficacy needs a randomised trial.", False),
        ("The trial was not randomised.", False),
        ("Previous trials were randomised.", False),
        ("A randomised trial is planned.", False),
        ("Mice were randomly assigned to two groups.", False),
        ("Ten patients received the cells.", False),
    ],
)
def test_controls_are_what_the_text_says_of_its_own_work(text: str, controlled: bool) -> None:
    assert bool(find_controls("paper", {}, "Cells for the knee", text)) == controlled


def test_a_record_says_whether_there_were_controls() -> None:
    assert find_controls("trial", {"design": {"allocation": "RANDOMIZED"}}, "", "")
    assert not find_controls("trial", {"design": {"allocation": "NON_RANDOMIZED"}}, "", "It is randomised.")
    assert find_controls("paper", {"types": ["Randomized Controlled Trial"]}, "", "")
    assert lacks_controls("trial", {"design": {"allocation": "NA", "model": "SINGLE_GROUP"}})
    assert not lacks_controls("trial", {"design": {}})


@pytest.mark.parametrize(
    ("title", "text", "own"),
    [
        ("Vesicles repair nerves in mice", "We injected vesicles into mice. Axons grew.", True),
        ("Vesicles repair nerves", "Vesicles are small. Rats were divided into two groups.", True),
        ("Current status of cell therapy", "We treated mice.", False),
        ("Will stem cells help?", "We treated mice.", False),
        ("Cells and the spinal cord", "In this review we discuss work in mice.", False),
        ("Cells and the spinal cord", "Mice with an injury recover slowly.", False),
    ],
)
def test_a_review_reports_no_work_of_its_own(title: str, text: str, own: bool) -> None:
    assert reports_own_work(title, text) == own


@pytest.mark.parametrize(("outlook", "controlled"), [("withdrawn", False), ("planned", False), (None, True)])
def test_a_trial_in_which_nobody_was_treated_lends_no_controls(
    tmp_path: Path, outlook: str | None, controlled: bool
) -> None:
    """News tells of a phase 2 trial and names this one: its design counts only where somebody was treated in it."""
    news = story_summary.Read(
        teller=story_summary.Teller(
            id=1, ident="n", kind="news", title="A trial", day="2026-11-10", lang="en", country=None, source="s",
            role="coverage", source_kind="news",
        ),
        own=True,
        labels={"evidence": [story_summary.Holding(value="phase 2", score=0.9, sentence="It is one.", rule="e/1")]},
        ties=[story_summary.Tie(relation="trial", ident="nct:NCT1", other=2, kind="trial")],
    )  # fmt: skip
    edition = sqlite3.connect(":memory:")
    edition.execute("CREATE TABLE figure (document, value, subject, modifier)")
    with open_store(tmp_path / "work.db", "work") as work:
        with work.writing():
            work.save(
                Document(
                    id="nct:NCT1", entry="e", source="s", kind="trial", url="u", title="T", text="", summary="",
                    authors=(), lang="en", published=None, published_from=None, dates=(), identifiers={}, links=(),
                    extra={"design": {"allocation": "RANDOMIZED"}}, licence="full", translated=None, state="current",
                    capture="c", first_seen="f", hash="h",
                )
            )  # fmt: skip
            if outlook:
                work.save(Label(document="nct:NCT1", facet="outlook", value=outlook, score=1.0, sentence="", start=None,
                                end=None, component="outlook/1:record"))  # fmt: skip
        said_by_news = story_summary._to_said(edition, work, news)
    assert bool(said_by_news.controlled) == controlled
