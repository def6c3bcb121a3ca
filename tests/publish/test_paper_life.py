"""The life of a paper in the edition: versions and notices, each once, in the order of their days."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import replace

import pytest

from core.records import Document, Fact, Label, Link, Notice
from core.store import Store
from publish.edition.build import fill
from publish.edition.trial_records import describe_phase
from tests.present import present

PAPER = "doi:10.5555/the-paper"
Life = Callable[..., list[tuple[str, str | None, str]]]


def notice(number: int, nature: str, day: str | None, of: str | None, about: str = PAPER) -> Notice:
    return Notice(id=f"n{number}", entry=f"e:{number}", about=about, nature=nature, day=day, notice=of, reasons=(),
                  url="https://a.example/notice")  # fmt: skip


def fact(value: str) -> Fact:
    return Fact(document=PAPER, kind="status", about=PAPER, value=value, day="2026-11-10", text="It was so.",
                first_seen="2026-11-20T00:00:00Z")  # fmt: skip


@pytest.fixture
def life(work: Store) -> Life:
    """The steps of PAPER in an edition made of work.db and further records."""

    def make(*records: object) -> list[tuple[str, str | None, str]]:
        pattern = next(iter(work.load(Document, "kind = 'paper'")))
        paper = replace(pattern, id=PAPER, entry="e:0", published="2026-01-05", url="https://a.example/paper")
        scope = Label(document=PAPER, facet="scope", value="in", score=1.0, sentence="", start=None, end=None,
                      component="scope/1")  # fmt: skip
        with work.writing():
            work.save(paper, scope, *records)
        edition = sqlite3.connect(":memory:")
        fill(edition, work)
        return edition.execute(
            "SELECT m.kind, m.day, m.ident FROM milestone m JOIN document d ON d.id = m.document"
            " WHERE d.ident = ? ORDER BY m.place",
            (PAPER,),
        ).fetchall()

    return make


def test_a_paper_was_published(life: Life) -> None:
    assert life() == [("published", "2026-01-05", PAPER)]


def test_several_records_of_one_notice_are_one_step(life: Life) -> None:
    steps = life(
        fact("retracted"), notice(1, "retraction", None, "doi:10.5555/r"),
        notice(2, "retraction", "2030-11-09", "doi:10.5555/r"), notice(3, "correction", "2030-10-01", None),
        notice(4, "correction", "2030-10-02", "doi:10.5555/c"),
    )  # fmt: skip
    assert [(kind, day) for kind, day, _ in steps[1:]] == [("corrected", "2030-10-01"), ("retracted", "2030-11-09")]
    assert steps[1][2] == "doi:10.5555/c"


def test_two_corrections_are_two_steps(life: Life) -> None:
    steps = life(notice(1, "correction", "2030-10-01", "doi:10.5555/a"),
                 notice(2, "correction", "2030-10-02", "doi:10.5555/b"))  # fmt: skip
    assert [kind for kind, _, _ in steps] == ["published", "corrected", "corrected"]


def test_what_a_person_took_back_is_left_out(life: Life) -> None:
    """Without the fact that the notices make, a person has cleared the status."""
    assert [step[0] for step in life(notice(1, "retraction", "2030-11-09", "doi:10.5555/r"))] == ["published"]


def test_what_was_reinstated_shows_both(life: Life) -> None:
    steps = life(notice(1, "concern", "2030-11-09", "doi:10.5555/r"), notice(2, "reinstatement", "2030-12-01", None))
    assert [step[0] for step in steps] == ["published", "concern", "reinstated"]


def test_a_status_without_a_notice_is_a_step(life: Life) -> None:
    assert ("withdrawn", "2026-11-10", "") in life(fact("withdrawn"))


def test_a_preprint_and_its_paper_have_each_other(work: Store) -> None:
    paper = present(next(iter(work.load(Document, "kind = 'paper'"))))
    preprint = present(next(iter(work.load(Document, "kind = 'preprint'"))))
    link = Link(src=preprint.id, relation="published", dst=paper.id, score=1.0, how="identifier", why="w",
                component="c/1")  # fmt: skip
    with work.writing():
        work.save(link)
    edition = sqlite3.connect(":memory:")
    fill(edition, work)
    asked = "SELECT m.kind, m.ident FROM milestone m JOIN document d ON d.id = m.document WHERE d.ident = ?"
    for one in (paper, preprint):
        found = set(edition.execute(asked, (one.id,)).fetchall())
        assert {("preprint", preprint.id), ("published", paper.id)} <= found


def test_a_trial_has_what_its_record_says(work: Store) -> None:
    (trial,) = work.load(Document, "id = ?", ("nct:NCT05550001",))
    extra = {
        "sponsor": "Konkuk University", "phase": ["PHASE1", "PHASE2"], "enrolment": 12, "enrolment_type": "ACTUAL",
        "dates": {"registered": "2024-07-15", "updated": "2026-11"}, "has_results": False, "countries": ["South Korea"],
        "design": {"allocation": "NA", "masking": "NONE"}, "study_type": "INTERVENTIONAL",
    }  # fmt: skip
    with work.writing():
        work.save(replace(trial, extra=extra))
    edition = sqlite3.connect(":memory:")
    edition.row_factory = sqlite3.Row
    fill(edition, work)
    row = edition.execute("SELECT t.*, e.name FROM trial t LEFT JOIN entity e ON e.id = t.sponsor_entity"
                          " WHERE number = ?", (trial.id,)).fetchone()  # fmt: skip
    assert (row["name"], row["phase"], row["enrolment"], row["enrolment_type"]) == (
        "Konkuk University", "phase 1 and 2", 12, "actual")  # fmt: skip
    assert (row["registered"], row["updated"], row["started"], row["has_results"]) == ("2024-07-15", "2026-11", None, 0)
    assert (row["allocation"], row["masking"], row["collaborators"]) == ("", "none", "[]")
    [other] = edition.execute("SELECT * FROM trial WHERE number <> ? LIMIT 1", (trial.id,)).fetchall()
    assert (other["sponsor"], other["phase"], other["enrolment"], other["has_results"]) == ("", "", None, None)


@pytest.mark.parametrize("said", [[], ["NA"], None])
def test_no_phase_is_no_phase(said: object) -> None:
    assert describe_phase(said) == ""
