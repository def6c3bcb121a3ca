"""The page of figures: how a question becomes SQL."""

from __future__ import annotations

from publish.pages.figures import RARE, Asked, Choice, make_query, read_asked
from publish.pages.page import Request
from publish.search.subject_words import find_subject_words

CHOICES = [
    Choice(what="unit", value="", n=90),
    Choice(what="unit", value="%", n=9),
    Choice(what="year", value="2024", n=20),
    Choice(what="modifier", value="exact", n=RARE + 1),
]


def ask(*params: tuple[str, str]) -> Asked:
    return read_asked(Request(params=params), CHOICES)


def test_the_rarest_choice_leads_and_the_others_leave_their_indexes() -> None:
    sql, params = make_query(ask(("unit", "%"), ("year", "2024")))
    assert " AND f.unit = :unit" in sql and " AND +f.period >= :year" in sql
    assert params == {"unit": "%", "year": "2024"}


def test_a_choice_of_many_figures_is_met_soon_and_words_lead() -> None:
    sql, _ = make_query(ask(("modifier", "exact")))
    assert "+f.modifier = :modifier" in sql and "ORDER BY f.document DESC" in sql
    sql, params = make_query(ask(("of", "Treated mice"), ("unit", "%")))
    assert "ORDER BY w.document DESC" in sql and "+f.unit" in sql
    assert params == {"unit": "%", "word0": "treated", "word1": "mouse"}


def test_values_of_addresses() -> None:
    assert ask(("unit", "count")).chosen["unit"] == CHOICES[0]
    assert ask(("unit", "miles")).chosen["unit"].n == 0
    assert ask(("unit", ""), ("page", "2")).any is False
    assert find_subject_words("Mice, mouse and the glasses") == ["mouse", "and", "the", "glasse"]
    assert find_subject_words("class") == ["class"]
