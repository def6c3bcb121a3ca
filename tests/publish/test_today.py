"""Today and the pages of nights: the order of stories (`front.py`), their cards, and how large the page is."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing

import pytest

from publish.edition.front import WEIGHTS, Candidate, rate
from publish.edition.rights import QUOTE
from publish.edition.story_figures import Given, choose
from tests.publish.reader import Newsroom, Reader

NODES = 1_500  # of the front page


def weight(**more: object) -> float:
    return rate(Candidate(story=1, last="2026-11-30", **more))[0]  # type: ignore[arg-type]  # fields of Candidate


def test_what_matters_comes_first() -> None:
    order = [
        weight(statuses={"retracted"}, outlets=1),
        weight(outlets=4, told=True, paper=True, step=2),
        weight(outlets=3, told=True, paper=True, trial=True, step=3),
        weight(outlets=1, told=True, paper=True, step=2, began=True),
        weight(paper=True, step=2),
        weight(),
        weight(explains=True, outlets=1),
        weight(advertises=True),
    ]
    assert order == sorted(order, reverse=True)


def test_it_says_why() -> None:
    assert rate(Candidate(story=1, last="", outlets=3, told=True, paper=True, step=2))[1] == (
        "3 outlets tell it, a paper behind it, work in animals"
    )
    assert rate(Candidate(story=1, last="", came=1))[1] == "more on an earlier story"
    assert rate(Candidate(story=1, last="", advertises=True, outlets=9)) == (
        WEIGHTS["clinic"], "advertising of a clinic",
    )  # fmt: skip


def test_a_concern_is_named_before_a_correction() -> None:
    assert rate(Candidate(story=1, last="", statuses={"corrected", "concern"}))[1].startswith("a concern")


@pytest.fixture(scope="module")
def edition(newsroom: Newsroom) -> sqlite3.Connection:
    return sqlite3.connect(f"file:{newsroom[1]}?mode=ro&immutable=1", uri=True)


def test_every_story_has_a_summary_and_a_place_in_its_night(edition: sqlite3.Connection) -> None:
    with closing(edition):
        assert edition.execute("SELECT count(*) FROM story").fetchone()[0] > 0
        assert not edition.execute("SELECT id FROM story EXCEPT SELECT story FROM story_summary").fetchall()
        assert not edition.execute("SELECT id FROM story EXCEPT SELECT story FROM front").fetchall()
        closed = edition.execute(
            "SELECT y.sentence FROM story_summary y JOIN document d ON d.id = y.sentence_document"
            " WHERE d.licence = 'headline-and-link'"
        ).fetchall()
        assert all(len(sentence) <= QUOTE for (sentence,) in closed)
        for night, places in edition.execute("SELECT night, group_concat(place) FROM front GROUP BY 1"):
            assert sorted(map(int, places.split(","))) == list(range(1, places.count(",") + 2)), night


def given(document: int, value: float, subject: str, **more: object) -> Given:
    fields = {"unit": "", "period": None, "series": None, "modifier": "exact", "sentence": ""} | more
    return Given(1, document, 0, value, str(fields["unit"]), subject, fields["period"], fields["series"],  # type: ignore[arg-type]
                 str(fields["modifier"]), str(fields["sentence"]))  # fmt: skip


def test_numbers_of_note_are_those_of_a_series_then_of_people_that_two_documents_give() -> None:
    bank = [given(n, 133.0, "distributions", series="bank", period="2024") for n in (1, 2)]
    old = given(1, 68.0, "distributions", series="bank", period="2023")
    people = [given(n, 15.0, "people", sentence="Fifteen people took part.") for n in (1, 2)]
    families = [given(n, 3100.0, "families") for n in (1, 2)]
    lonely, letters = given(1, 40.0, "patients"), [given(n, 6.0, "letters") for n in (1, 2)]
    chosen = choose([*bank, old, *people, *families, lonely, *letters])
    assert [(one.value, documents) for one, documents in chosen] == [(133, 2), (3100, 2)]


def test_the_front_page_is_small(reader: Reader) -> None:
    page = reader.get("/").text
    assert len(re.findall(r"<[a-z]", page)) <= NODES


def test_a_night_has_the_layout_of_today(reader: Reader) -> None:
    today, night = reader.get("/").text, reader.get("/night/2026-11-22").text
    for heading in set(re.findall(r'<h2 id="(\w+)"', today)) - {"stories"}:  # only where the night has a card
        assert f'<h2 id="{heading}"' in night
    assert '<h2 class="came" id="came">' in night
