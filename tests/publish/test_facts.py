"""The log of facts: what is a change, what is not, whatever an edition lacks for a night."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.store import Store, open_store
from publish.letters.facts import Change, find_changes, newest_fact
from tests.publish.night_by_night import NOTICE, PAPER, TRIAL, Night, note


@pytest.fixture
def letters(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path / "letters.db", "letters") as store:
        yield store


def changes(letters: Store, after: int = 0) -> list[tuple[str, str, str]]:
    return [(one.subject, one.before, one.value) for one in find_changes(letters, after)]


def with_paper(status: str = "") -> Night:
    night = Night()
    night.paper(status)
    return night


def with_trial(status: str, **record: object) -> Night:
    night = Night()
    night.trial(status, **record)
    return night


def test_what_is_known_when_noting_begins_is_no_change(letters: Store) -> None:
    assert note(letters, with_paper("retracted"), 7) == 0
    assert (changes(letters), newest_fact(letters)) == ([], 0)


def test_the_first_fact_of_a_small_edition_is_a_change_although_the_log_was_empty(letters: Store) -> None:
    note(letters, with_paper(), 1)
    note(letters, with_paper("retracted"), 2)
    assert (f"work:{PAPER}", "", "retracted") in changes(letters)


def test_the_same_edition_twice_adds_nothing(letters: Store) -> None:
    note(letters, with_paper(), 1)
    assert note(letters, with_paper("retracted"), 2) > 0
    rows = letters.value("SELECT count(*) AS n FROM fact")
    assert note(letters, with_paper("retracted"), 2) == note(letters, with_paper("retracted"), 3) == 0
    assert letters.value("SELECT count(*) AS n FROM fact") == rows


def test_a_reinstated_work_is_a_change_and_so_is_its_second_retraction(letters: Store) -> None:
    for number, status in enumerate(("", "retracted", "", "retracted"), 1):
        note(letters, with_paper(status), number)
    ways = [(before, value) for subject, before, value in changes(letters) if subject == f"work:{PAPER}"]
    assert ways == [("", "retracted"), ("retracted", ""), ("", "retracted")]


def test_a_work_that_the_edition_lacks_for_a_night_did_not_change(letters: Store) -> None:
    note(letters, with_paper(), 1)
    note(letters, with_paper("retracted"), 2)
    for number, night in ((3, Night()), (4, with_paper("retracted"))):
        assert note(letters, night, number) == 0


def test_another_number_of_a_work_is_no_change(letters: Store) -> None:
    note(letters, with_paper(), 1)
    night = Night()
    paper = night.document("paper", key="aaaaaaaaaaaa", ident=PAPER)
    night.banner(paper, PAPER, "retracted", own=1)
    note(letters, night, 2)
    assert note(letters, with_paper("retracted"), 3) == 0  # the same work, now known by its PubMed number, too


def test_a_work_without_a_record_here_is_noted_by_each_of_its_numbers(letters: Store) -> None:
    note(letters, Night(), 1)
    night = Night()
    for name in (PAPER, "pmid:99000231"):
        night.add("work_status", identifier=name, status="retracted", day="2026-11-22", url=NOTICE, text="It was.")
    note(letters, night, 2)
    assert [one[0] for one in changes(letters)] == [f"work:{PAPER}", "work:pmid:99000231"]
    assert note(letters, Night(), 3) == 0  # an edition without the table says nothing of reinstatement


def test_what_a_person_took_back_is_not_said_by_notices(letters: Store) -> None:
    note(letters, with_paper(), 1)
    night = Night()
    number = night.document("paper", key="aaaaaaaaaaaa", ident=PAPER)
    night.add("work_status", identifier=PAPER, document=number, status="retracted")
    assert note(letters, night, 2) == 0


def test_a_trial_that_flips_back_has_a_row_each_time(letters: Store) -> None:
    for number, status in enumerate(("recruiting", "suspended", "recruiting", "recruiting"), 1):
        note(letters, with_trial(status), number)
    assert changes(letters) == [
        (f"trial:{TRIAL}", "recruiting", "suspended"), (f"trial:{TRIAL}", "suspended", "recruiting"),
    ]  # fmt: skip


def test_a_trial_whose_status_was_not_known_is_a_change_only_when_it_was_stopped(letters: Store) -> None:
    note(letters, Night(), 1)
    note(letters, with_trial("recruiting", phase="phase 1", enrolment=12, enrolment_type="planned"), 2)
    assert changes(letters) == []
    other = Night()
    other.status(other.document("news"), "terminated")
    other.edition.execute("UPDATE trial_status SET trial = 'nct:NCT09123388'")
    note(letters, other, 3)
    assert changes(letters) == [("trial:nct:NCT09123388", "", "terminated")]


def test_results_phase_and_people_are_changes_of_their_own(letters: Store) -> None:
    note(letters, with_trial("completed", phase="phase 1", enrolment=60, enrolment_type="planned"), 1)
    record = {"phase": "phase 2", "enrolment": 1515, "enrolment_type": "actual", "results_posted": "2026-11-20"}
    note(letters, with_trial("completed", **record), 2)
    assert changes(letters) == [
        (f"phase:{TRIAL}", "phase 1", "phase 2"),
        (f"enrolment:{TRIAL}", "60 people (planned)", "1,515 people (actual)"),
        (f"results:{TRIAL}", "", "2026-11-20"),
    ]


@pytest.mark.parametrize(
    ("part", "kind", "noted"),
    [
        ("text", "number", True), ("text", "stage", True), ("text", "name", True), ("text", "correction note", True),
        ("text", "wording", False), ("text", "cosmetic", False), ("title", "wording", True),
        ("title", "cosmetic", False),
    ],
)  # fmt: skip
def test_wording_and_looks_are_no_change(letters: Store, part: str, kind: str, noted: bool) -> None:
    note(letters, Night(), 1)
    night = Night()
    night.edit(night.document("news", key="cccccccccccc"), "2026-11-22T03:17:02Z", kind, part=part)
    note(letters, night, 2)
    assert bool(changes(letters)) == noted


def test_an_edit_is_new_once_whatever_the_clock_says_and_whatever_goes_and_comes_back(letters: Store) -> None:
    def edited(*replaced: str) -> Night:
        night = Night()
        document = night.document("news", key="cccccccccccc")
        for one in replaced:
            night.edit(document, one)
        return night

    first, second, third = "2026-11-22T03:17:02Z", "2026-11-23T03:17:02Z", "2025-01-01T00:00:00Z"
    note(letters, edited(), 1)
    for number, times in enumerate(((first,), (first, second), (), (third, first, second), (first, second)), 2):
        note(letters, edited(*times), number)
    assert [value for _, _, value in changes(letters)] == [first, second, third]


def test_a_text_whose_key_changes_keeps_its_edits(letters: Store) -> None:
    note(letters, Night(), 1)
    night = Night()
    night.edit(night.document("news", key="cccccccccccc"), "2026-11-22T03:17:02Z")
    assert note(letters, night, 2) == 1
    moved = Night()
    moved.edit(moved.document("news", key="dddddddddddd"), "2026-11-22T03:17:02Z")
    moved.add("former_key", key="cccccccccccc", document="dddddddddddd", first=1)
    assert note(letters, moved, 3) == 0


def test_a_preprint_is_published_once(letters: Store) -> None:
    def published(ident: str) -> Night:
        night = Night()
        preprint = night.document("preprint", key="eeeeeeeeeeee", ident="doi:10.1101/1")
        if ident:
            night.add("link", document=preprint, relation="published", place=0, ident=ident, how="identifier")
        return night

    for number, ident in enumerate(("", "doi:10.5555/1", "", "doi:10.5555/2", "doi:10.5555/1"), 1):
        note(letters, published(ident), number)
    assert changes(letters) == [("published:eeeeeeeeeeee", "", "doi:10.5555/1")]


def test_a_text_that_is_found_to_cite_a_retracted_paper_later_has_a_change_of_its_own(letters: Store) -> None:
    note(letters, with_paper("retracted"), 1)
    night = with_paper("retracted")
    night.banner(night.document("news", key="cccccccccccc"), PAPER, "retracted")
    note(letters, night, 2)
    assert changes(letters) == [(f"rests:cccccccccccc:{PAPER}", "", "retracted")]


def test_changes_are_asked_by_night_and_come_in_the_order_of_their_items(letters: Store) -> None:
    note(letters, with_paper(), 1)
    note(letters, with_paper("concern"), 2)
    note(letters, with_paper("retracted"), 3)
    found: list[Change] = find_changes(letters, 2)
    assert {one.value for one in found} == {"retracted"}
    items = [one.item for one in find_changes(letters, 0)]
    assert items == sorted(items) == list(range(1, newest_fact(letters) + 1))
