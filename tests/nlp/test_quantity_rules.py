"""The rules that read a number, one by one; the parts that they use; the times of a sentence."""

from __future__ import annotations

import pytest

from nlp.figures.promises import add_to_day, find_due, read_korean, read_next, read_span, read_year
from nlp.quantities.exclusions import EXCLUSIONS, get_exclusions
from nlp.quantities.expressions import find_quantities
from nlp.quantities.modifiers import find_bound, get_modifier
from nlp.quantities.nouns import find_phrase
from nlp.quantities.periods import fill_gaps, find_period, find_times
from nlp.quantities.ratios import match_part_of, match_whole
from nlp.quantities.subject_features import describe_quantity, make_features
from nlp.quantities.tokens import find_tokens
from nlp.quantities.units import get_unit, load_forms, match_unit


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("day, month first", "March 3, 2024"),
        ("day, day first", "3rd of March 2024"),
        ("day in digits", "2024-03-03"),
        ("time of day", "10:30"),
        ("item of a list", "3. "),
        ("figure, table, part, room", "Table 3"),
        ("numbered type, phase, group", "phase 2"),
        ("confidence interval", "95% CI 1.2 to 3.4"),
        ("p-value", "p < 0.05"),
        ("how often", "three times a week"),
        ("telephone, DOI, URL", "https://example.org/12"),
        ("accession number, ordinal, name", "NCT00000001"),
        ("version", "2.0.1"),
        ("citation", "[12, 13]"),
        ("views and likes of a page", "120 views"),
    ],
)
def test_each_kind_of_exclusion_matches_its_example(kind: str, text: str) -> None:
    assert kind in EXCLUSIONS
    match = get_exclusions("en").match(text)
    assert match is not None
    assert match[0].strip() == text.strip()
    assert list(find_quantities(text)) == []


def test_a_point_that_separates_thousands_is_no_version() -> None:
    (quantity,) = find_quantities("1.234.567 Menschen", "de")
    assert quantity.value == 1_234_567
    assert list(find_quantities("1.234.567 people", "en")) == []


def test_bounds_give_modifiers() -> None:
    text = "no more than 40"
    bound = find_bound(text, text.index("40"))
    assert bound is not None
    assert (bound.start(), get_modifier(bound[0])) == (0, "at most")


def test_short_units_need_their_case() -> None:
    assert match_unit("5 MS", 1) is None
    match = match_unit("5 ms", 1)
    assert match is not None
    assert get_unit(match) == "milliseconds"
    assert "percent" in load_forms()


@pytest.mark.parametrize(
    ("text", "part", "whole"),
    [
        ("31 of 40 pairs", 31, (40, "pairs")),
        ("2 dishes out of 960", 2, (960, "dishes")),
        ("9 in 10", 9, (10, "")),
        ("30 in 40", 30, None),  # "in" only up to ten
        ("5 of 10 mg", 5, None),
        ("40 of 31 pairs", 40, None),
    ],
)
def test_a_whole_follows_its_part(text: str, part: float, whole: tuple[float, str] | None) -> None:
    found = match_whole(text, text.index(" "), part, "en")
    assert (None if found is None else (found.value, found.noun)) == whole


def test_a_part_follows_its_whole_with_the_same_counter() -> None:
    assert match_part_of("10명 중 7명", 3, 10, "people", "ko") == (7.0, 8)
    assert match_part_of("10명 중 7건", 3, 10, "people", "ko") is None


def test_money_is_read_and_one_and_an_age_of_one_person_are_not() -> None:
    (money,) = find_quantities("about $5 million")
    assert (money.unit, money.value, money.modifier) == ("dollars", 5e6, "approximate")
    assert list(find_quantities("one may ask")) == []
    (patient,) = find_quantities("one patient died")
    assert patient.noun == "patient"
    assert list(find_quantities("She died at age 40.")) == []


def test_a_number_too_large_for_a_float_is_no_error() -> None:
    assert len(list(find_quantities(f"3 of {'9' * 400} mice"))) == 2


@pytest.mark.parametrize(
    ("words", "number", "period"),
    [
        ("66 cases in 2019", "66", "2019"),
        ("In 2019 there were 66 cases", "66", "2019"),
        ("66 in 2019, 80 in 2020", "80", "2020"),
        ("80 cases, more than in 2019", "80", None),
        ("between June 2017 and January 2018 it sent 12", "12", "2017/2018"),
    ],
)
def test_rules_choose_the_period(words: str, number: str, period: str | None) -> None:
    at = words.index(number)
    assert find_period(words, at, at + len(number), find_times(words, "2021-03-01")) == period


def test_words_of_time_count_from_the_text_or_from_the_time_before() -> None:
    def years(words: str, day: str | None) -> list[str]:
        return [time.period for time in find_times(words, day)]

    assert years("last year, against the year before", "2025-02-20") == ["2024", "2023"]
    assert years("last year", None) == []
    assert years("2019년 66건에서 이듬해 80건", None) == ["2019", "2020"]
    assert fill_gaps(["2019", None, "2021", None]) == ["2019", "2020", "2021", None]


def test_each_rule_reads_its_form_of_a_due_date() -> None:
    day = "2026-03-01"
    assert read_year("a trial by 2030", day) == ("2030", "by 2030")
    assert read_year("a trial by 2020", day) is None
    assert read_korean("5년 안에 임상", day) == ("2031", "5년 안에")
    assert read_span("in 18 to 24 months", day) == ("2028-03", "in 18 to 24 months")
    assert read_span("within two decades", day) == ("2046", "within two decades")
    assert read_next("by the end of the decade", day) == ("2030", "by the end of the decade")
    assert read_next("next year", None) == (None, "next year")
    assert find_due("next year, or by 2030", day) == ("2030", "by 2030")
    assert add_to_day(day, 31, months=False) is None


def test_features_say_where_the_quantity_is() -> None:
    tokens = find_tokens("Mice (n = 12) grew 5 mm")
    span = (19, 23)
    target = describe_quantity(tokens, span, [(10, 12), span])
    assert (target.sort, target.unit, target.before) == ("u", "mm", "grew")
    assert [tokens[at].text for at, other in enumerate(target.others) if other] == ["12"]
    assert describe_quantity(tokens, (10, 12), []).sort == "n)"
    features = make_features(tokens, span, [span])
    assert {"s=L", "d=L6", "w=mice"} <= set(features[0])
    assert "s=Q" in features[-1]


def test_a_genotype_is_part_of_what_is_counted() -> None:
    text = "Twenty-four db/db mice received the gel."
    begin, end = find_phrase(text, len("Twenty-four")) or (0, 0)
    assert text[begin:end] == "db/db mice"
