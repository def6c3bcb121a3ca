"""Quantities: their values, where they end, and what is no quantity."""

from __future__ import annotations

import hashlib
import json
from itertools import pairwise, product
from pathlib import Path

import numpy as np
import pytest

from nlp.quantities import find_quantities, parse_number
from nlp.quantities.chain import MODELS, Chain, load_chain
from nlp.quantities.span_model import find_spans
from nlp.quantities.subject_model import find_subject
from nlp.quantities.tokens import find_tokens
from tests.present import present
from training.quantities import Measured, Paragraph, fit_both, save_chain

Found = tuple[str, float, float | None, str, str, str]  # text, value, high, unit, noun, modifier


def found(text: str, lang: str = "en") -> list[Found]:
    return [(text[q.start : q.end], q.value, q.high, q.unit, q.noun, q.modifier) for q in find_quantities(text, lang)]


@pytest.mark.parametrize(
    ("written", "lang", "value"),
    [
        ("6,000", "en", 6000), ("6.000", "en", 6), ("6.000", "de", 6000), ("1.234.567,5", "de", 1234567.5),
        ("1,5", "de", 1.5), ("6 000", "en", 6000), ("6\u00a0000", "fr", 6000), ("6천", "ko", 6000),
        ("1만 2천", "ko", 12000), ("3억", "ko", 3e8), ("1.5 million", "en", 1.5e6), ("two trillion", "en", 2e12),
        ("four hundred", "en", 400), ("seventy-four", "en", 74), ("a dozen", "en", 12), ("thousands", "en", 1000),
        ("tens of thousands", "en", 10000), ("−196", "en", -196), ("many", "en", None), ("", "en", None),
    ],
)  # fmt: skip
def test_the_language_decides_the_value_of_a_number(written: str, lang: str, value: float | None) -> None:
    assert parse_number(written, lang) == value


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("They treated 132 people.", ("132", 132, None, "", "people", "exact")),
        ("upwards of 6,000 stem cell therapy clinical trials are open",
         ("upwards of 6,000", 6000, None, "", "stem cell therapy clinical trials", "at least")),
        ("about 1.8 times the average", ("about 1.8 times", 1.8, None, "times", "", "multiple")),
        ("It nearly doubled its output.", ("nearly doubled", 2, None, "times", "", "multiple")),
        ("that is a factor of 1.8.", ("1.8", 1.8, None, "times", "", "multiple")),
        ("between 31 and 48 per cent of cells", ("31 and 48 per cent", 31, 48, "%", "", "exact")),
        ("It took 30 to 40 mice.", ("30 to 40", 30, 40, "", "mice", "exact")),
        ("a rise of 250% in sales", ("250%", 250, None, "%", "", "exact")),
        ("In 31 of 40 pairs they agreed.", ("31 of 40", 31, None, "of 40", "pairs", "exact")),
        ("lost two dishes out of 960, one to", ("two dishes out of 960", 2, None, "of 960", "dishes", "exact")),
        ("One in forty boxes arrives warm.", ("One in forty", 1, None, "of 40", "boxes", "exact")),
        ("two thirds of the patients", ("two thirds", 2, None, "of 3", "patients", "exact")),
        ("It raised $1.5 million.", ("$1.5 million", 1.5e6, None, "dollars", "", "exact")),
        ("at minus 196 degrees", ("minus 196 degrees", -196, None, "°C", "", "exact")),
        ("people aged 45 to 75 with", ("45 to 75", 45, 75, "years", "age", "exact")),
        ("places for people over 60 whose", ("over 60", 60, None, "years", "age", "at least")),
        ("an estimated 100,000-plus patients", ("an estimated 100,000-plus", 1e5, None, "", "patients", "at least")),
        ("It sold 3 to 5 million doses.", ("3 to 5 million", 3e6, 5e6, "", "doses", "exact")),
        ("12 (40%) of 30 patients", ("12 (40%) of 30", 12, None, "of 30", "patients", "exact")),
        ("15/20 mice survived", ("15/20", 15, None, "of 20", "mice", "exact")),
        ("Nearly one-third of adults", ("Nearly one-third", 1, None, "of 3", "adults", "approximate")),
        ("3 out of every 10 people", ("3 out of every 10", 3, None, "of 10", "people", "exact")),
        ("people up to the age of 75", ("75", 75, None, "years", "age", "at most")),
        ("2 x 10^6 cells were given", ("2 x 10^6", 2e6, None, "", "cells", "exact")),
        ("a dose of 5 mg/kg of it", ("5 mg/kg", 5, None, "mg/kg", "", "exact")),
        ("one patient died", ("one", 1, None, "", "patient", "exact")),
        ("there are thousands of studies", ("thousands", 1000, None, "", "studies", "at least")),
        ("three lines of induced pluripotent stem cells",
         ("three", 3, None, "", "lines of induced pluripotent stem cells", "exact")),
    ],
)  # fmt: skip
def test_a_quantity_has_its_bound_its_unit_and_its_noun(text: str, expected: Found) -> None:
    assert found(text) == [expected]


@pytest.mark.parametrize(
    ("text", "lang", "expected"),
    [
        ("줄기세포 6,000건을 분양했다", "ko", ("6,000건", 6000, None, "cases", "", "exact")),
        ("환자 1만 2천 명 이상이", "ko", ("1만 2천 명 이상", 12000, None, "people", "", "at least")),
        ("약 1.8배로 늘었다", "ko", ("약 1.8배", 1.8, None, "times", "", "multiple")),
        ("거의 두 배다", "ko", ("거의 두 배", 2, None, "times", "", "multiple")),
        ("超过6,000项临床试验", "zh", ("超过6,000项", 6000, None, "items", "", "at least")),
        ("Über 6.000 Patienten wurden behandelt", "de", ("6.000", 6000, None, "", "Patienten", "exact")),
        ("환자 10명 중 7명이 나았다", "ko", ("10명 중 7명", 7, None, "of 10", "people", "exact")),
        ("涉及200多种适应症", "zh", ("200多种", 200, None, "kinds", "", "at least")),
        ("약 6천 건이 넘는 시험", "ko", ("약 6천 건이 넘는", 6000, None, "cases", "", "at least")),
        ("1.234.567 Zellen", "de", ("1.234.567", 1234567, None, "", "Zellen", "exact")),
        ("Es sind 1,5 Prozent.", "de", ("1,5 Prozent", 1.5, None, "%", "", "exact")),
    ],
)
def test_other_languages_write_numbers_their_way(text: str, lang: str, expected: Found) -> None:
    assert found(text, lang) == [expected]


@pytest.mark.parametrize(
    "text",
    [
        "It opened in 2019.", "In 1998 and 2007, it was known.", "On 20 November 2026 it rained.", "At 10:30 we met.",
        "people with type 1 diabetes", "a phase 2 trial", "a phase 1/2 study", "NCT01234567, PMC123", "COVID-19 came",
        "see Figure 3 and Table 2", "doi:10.5555/jhr.2026.0614", "It gained (95% CI 1.9 to 10.3) more", "(P = 0.03)",
        "Twice a year she comes.", "the 20th century", "version 3.8.18 of it", "the one that we know", "one of them",
        "댓글 0건 조회 1,301회", "5년 평균", "a double-blind trial", "03 Mesenchymal cells", "2019-05-12",
        "she died at the age of 81", "a 67-year-old man",
    ],
)  # fmt: skip
def test_what_is_no_quantity(text: str) -> None:
    assert found(text) == []


def test_a_year_that_counts_is_a_number() -> None:
    assert found("2020 patients were treated")[0][1] == 2020


@pytest.mark.parametrize("piece", ["6,000 ", "1 of 2 ", "x1", "a of ", "1.", "12-", "3 000", "두 배 ", "(", "1만"])
def test_a_long_line_gives_quantities_inside_it(piece: str) -> None:
    """It also ends: no rule may take quadratic time."""
    text = piece * (50_000 // len(piece))
    quantities = list(find_quantities(text, "en"))
    assert all(0 <= q.start < q.end <= len(text) for q in quantities)
    assert all(one.end <= other.start for one, other in pairwise(quantities))


def test_offsets_are_those_of_the_text() -> None:
    text = "In the end, more than 200 indications and about 6,000 trials with 40% of 30–40 cm of cloth were seen."
    for q in find_quantities(text, "en"):
        assert text[q.start : q.end].strip() == text[q.start : q.end]
        assert parse_number(text[q.start : q.end].split()[-1].rstrip("%"), "en") is not None or q.unit


def test_tokens_know_their_kind() -> None:
    kinds = [token.kind for token in find_tokens("about 12.5 µm of CO2 in 1998, the cells were ≥ three")]
    assert kinds == [
        "BOUND",
        "NUM",
        "UNIT",
        "STOP",
        "ABBR",
        "NUM",
        "STOP",
        "YEAR",
        ",",
        "STOP",
        "LOW",
        "VERB",
        "BOUND",
        "WORD",
    ]


def test_the_shipped_model_finds_a_measure_and_what_it_is_of() -> None:
    text = "The mean diameter of the spheroids was 250 ± 12 μm after 14 days. No number stands here."
    (first, *_) = spans = list(find_spans(text))
    assert text[first[0] : first[1]] == "250 ± 12 μm"
    found = find_subject(text, (0, 65), first, spans)
    assert found is not None
    start, end, sure = found
    assert text[start:end] in ("mean diameter", "diameter", "spheroids", "mean diameter of the spheroids")
    assert 0 < sure <= 1
    assert list(find_spans("")) == []


def test_the_card_tells_the_models_that_are_shipped() -> None:
    card = json.loads((MODELS / "card.json").read_text("utf-8"))
    assert "CC BY" in card["licence"]
    assert {name: told["sha256"] for name, told in card["files"].items()} == {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in MODELS.glob("*.npz")
    }


def test_a_chain_is_learned_from_examples_and_saved_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    texts = [f"We saw {number} mice in room four of the house." for number in range(20, 60)]
    paragraphs = [
        Paragraph(name=f"p-{at}", text=text, measured=(Measured(span=(7, 9), entity=(10, 14)),))
        for at, text in enumerate(texts)
    ]
    spans, subjects = fit_both(paragraphs)
    other = "We saw 77 mice in room four of the house."
    assert list(find_spans(other, spans)) == [(7, 9)]
    assert present(find_subject(other, (0, len(other)), (7, 9), [(7, 9)], subjects))[:2] == (10, 14)
    save_chain(spans, tmp_path / "spans.npz")
    monkeypatch.setattr("nlp.quantities.chain.MODELS", tmp_path)
    load_chain.cache_clear()
    assert list(find_spans(other)) == [(7, 9)]
    load_chain.cache_clear()


def test_marginals_are_probabilities() -> None:
    chain = Chain(labels=("O", "B"), weights=np.zeros((2, 2)), steps=np.array([[1.0, -1.0], [0.5, 0.0]]),
                  begin=np.array([0.0, -2.0]))  # fmt: skip
    scores = np.array([[0.1, 0.4], [2.0, 1.0], [0.0, 3.0]])
    whole = 0.0
    single = np.zeros((3, 2))
    for path in product((0, 1), repeat=3):
        value = np.exp(
            chain.begin[path[0]] + sum(scores[at, label] for at, label in enumerate(path))
            + chain.steps[path[0], path[1]] + chain.steps[path[1], path[2]]
        )  # fmt: skip
        whole += value
        for at, label in enumerate(path):
            single[at, label] += value
    assert np.allclose(chain.marginals(scores), single / whole)
