"""The rules that find the subject of a number, one by one."""

from __future__ import annotations

import pytest

from nlp.figures.series import Bank, find_row, name_series, unify_subject
from nlp.figures.subjects import (
    Memory,
    Number,
    Sentence,
    Topic,
    find_antecedent,
    find_topic,
    is_elliptic,
    match_series,
    needs_model,
    refer_back,
    remember,
)
from nlp.quantities import Quantity, find_quantities
from nlp.quantities.subject_model import choose_span, group_labels
from nlp.quantities.subject_rules import clean_subject, find_subject, is_loose
from nlp.quantities.tokens import find_tokens

BANK = Bank(name="A Stem Cell Bank", country="KR")
NO_BANK = Bank(name=None, country=None)


def first(words: str, lang: str = "en") -> Quantity:
    return next(find_quantities(words, lang))


def read(words: str, number: int = 1, *, bank: Bank = NO_BANK, lang: str = "en") -> Sentence:
    return Sentence(
        number=number,
        words=words,
        context=words,
        lang=lang,
        bank=bank,
        quantities=tuple(find_quantities(words, lang)),
    )


def topic(subject: str, *, unit: str = "", series: str | None = None, period: str | None = None) -> Topic:
    return Topic(subject=subject, unit=unit, series=series, period=period, sentence=0)


def test_a_row_of_a_yearly_series_needs_a_bank() -> None:
    words = "It distributed 66 cases in 2019."
    row = find_row(words, words, first(words), BANK)
    assert row is not None
    assert name_series(row, BANK) == "A Stem Cell Bank: stem cell distributions"
    assert name_series(row, Bank(name="A Library", country=None)) is None
    assert find_row(words, words, first(words), NO_BANK) is None


def test_subjects_of_several_wordings_get_one() -> None:
    assert unify_subject("임상시험") == "clinical trials"
    assert unify_subject("환자") == "환자"


def test_a_series_comes_before_the_words_of_the_sentence() -> None:
    sentence = read("The bank distributed 66 cases.", bank=BANK)
    found = match_series(sentence, Number(quantity=sentence.quantities[0], period=None), Memory())
    assert found is not None
    assert (found.subject, found.unit) == ("stem cell distributions", "cases")


def test_a_number_in_a_list_takes_the_topic_of_the_list() -> None:
    sentence = read("80 in 2020")
    memory = Memory(in_list=topic("mice", unit="animals"))
    number = Number(quantity=sentence.quantities[0], period="2020")
    assert find_antecedent(sentence, number, memory) == memory.in_list
    assert find_antecedent(sentence, Number(quantity=number.quantity, period=None), memory) is None


def test_a_multiple_takes_unit_and_period_of_the_series_that_it_refers_to() -> None:
    sentence = read("That is a factor of 1.8.")
    memory = Memory(series=topic("cases sent", unit="cases", series="A: cases sent", period="2024"))
    found = refer_back(sentence, Number(quantity=sentence.quantities[0], period=None), memory)
    assert found is not None
    assert (found.subject, found.unit, found.period) == ("cases sent", "times", "2024")


def test_a_series_is_too_far_away_after_four_sentences() -> None:
    memory = Memory(series=topic("cases sent", series="A: cases sent"))
    for number, refers in ((4, True), (5, False)):
        sentence = read("The number rose to 80.", number)
        found = find_antecedent(sentence, Number(quantity=sentence.quantities[0], period=None), memory)
        assert (found is not None) is refers


def test_a_number_with_a_noun_refers_to_nothing() -> None:
    sentence = read("The number is 80 mice.")
    memory = Memory(series=topic("cases sent", series="A: cases sent"), counted=topic("patients"))
    assert find_antecedent(sentence, Number(quantity=sentence.quantities[0], period=None), memory) is None


def test_what_only_structures_a_text_is_no_topic() -> None:
    sentence = read("We asked three questions.")
    assert find_topic(sentence, Number(quantity=sentence.quantities[0], period=None), Memory()) is None


def test_memory_keeps_the_latest_period_of_a_series_and_forgets_a_list_after_a_multiple() -> None:
    memory = Memory()
    count = Number(quantity=first("68 mice"), period=None)
    for period in ("2024", "2023"):
        remember(memory, count, topic("cases sent", series="A: cases sent", period=period))
    assert memory.series is not None
    assert memory.series.period == "2024"
    assert memory.in_list is not None
    remember(memory, Number(quantity=first("a factor of 1.8"), period=None), topic("cases sent"))
    assert memory.in_list is None


def test_memory_keeps_no_measure_as_a_count() -> None:
    memory = Memory()
    remember(memory, Number(quantity=first("grew 5 mm of tissue"), period=None), topic("tissue"))
    assert memory.counted is None
    remember(memory, Number(quantity=first("found 12 mice"), period=None), topic("mice"))
    assert memory.counted == topic("mice")


@pytest.mark.parametrize(("words", "asked"), [("a 5 mm layer", True), ("0.7", True), ("7", False), ("7 mice", False)])
def test_the_model_is_asked_for_measures_and_decimals(words: str, asked: bool) -> None:
    assert needs_model(first(words)) is asked


def test_a_verb_after_a_whole_number_makes_it_elliptic() -> None:
    assert is_elliptic("12 have had no crisis", first("12 have had no crisis"))
    assert not is_elliptic("12 mice had no crisis", first("12 mice had no crisis"))


@pytest.mark.parametrize(
    ("words", "subject"),
    [
        ("We treated 30 patients.", "patients"),
        ("The tumours shrank at a rate of 20%.", "rate"),
        ("They injected 60 ml of fat.", "fat"),
        ("A 24-hour exposure is enough.", "exposure"),
        ("It happened two years ago.", ""),
        ("Treatment lasted for three years.", "Treatment"),
    ],
)
def test_rules_give_the_subject_of_a_quantity(words: str, subject: str) -> None:
    assert find_subject(words, first(words), "en") == subject


def test_articles_go_and_kinds_of_cells_stay() -> None:
    assert clean_subject("the treated mice,") == "treated mice"
    assert is_loose("kinds")
    assert not is_loose("kinds of stem cells")


def test_labels_become_spans_and_the_most_probable_span_wins() -> None:
    labels = ["BE", "IE", "O", "BP", "IE"]
    assert group_labels(labels) == [[0, 1], [3], [4]]
    tokens = find_tokens("one two three four five")
    assert choose_span(tokens, labels, [0.2, 0.1, 0.0, 0.9, 0.3]) == (14, 18, 0.9)


def test_without_labels_the_most_probable_token_takes_its_neighbours() -> None:
    tokens = find_tokens("one two three four five")
    assert choose_span(tokens, ["O"] * 5, [0.1, 0.3, 0.4, 0.1, 0.0]) == (4, 13, 0.4)
