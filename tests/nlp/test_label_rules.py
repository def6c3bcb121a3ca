"""The rules of the label families, one by one."""

from __future__ import annotations

import pytest

from core.records import Label, Mention
from nlp.classify.claims import find_claims, find_strongest
from nlp.classify.country import get_countries, score_countries
from nlp.classify.cues import Hit
from nlp.classify.evidence import find_stages, is_experiment, weigh
from nlp.classify.page import Page, Paper, Sentence, sentences_of
from nlp.classify.record_evidence import get_animals, read_record
from nlp.classify.record_fields import get_headings, get_list
from nlp.classify.stage import merge_labels
from nlp.classify.study import find_study_type
from nlp.classify.systems import rank_diseases, read_conditions, read_headings


def make_page(text: str, title: str = "", mentions: tuple[Mention, ...] = (), **countries: str) -> Page:
    return Page(
        id="d", kind="news", source_kind="news", source_scope="all", country=None, lang="en", title=title, text=text,
        mentions=mentions, countries=countries,
    )  # fmt: skip


def mention(surface: str, start: int, *, kind: str, concept: str, part: str = "text") -> Mention:
    return Mention(
        document="d", part=part, start=start, end=start + len(surface), type=kind, surface=surface, concept=concept,
        score=1.0, why="", component="",
    )  # fmt: skip


def hit(words: str, cue: str, *, start: int | None = 0, place: float = 0.0) -> Hit:
    sentence = Sentence(words=words, start=start, end=None if start is None else start + len(words), place=place)
    return Hit(value="animal", weight=1.0, words=cue, sentence=sentence)


def stages(text: str, title: str = "") -> list[str]:
    return sorted(find_stages(sentences_of(make_page(text, title))))


@pytest.mark.parametrize(
    ("kind", "extra", "values"),
    [
        ("trial", {"phase": "PHASE1; PHASE2"}, ["phase 1", "phase 2"]),
        ("trial", {"phases": ["PHASE4"]}, ["approved product"]),
        ("trial", {"study_type": "Observational"}, ["observational"]),
        ("trial", {}, ["clinical trial"]),
        ("paper", {"types": ["Clinical Trial, Phase I", "Clinical Trial"]}, ["phase 1"]),
        ("paper", {"types": ["Review"], "mesh": ["Mice", "Animals"]}, ["review"]),
        ("paper", {"mesh": [{"name": "Mice, Inbred C57BL"}, {"name": "Animals"}]}, ["animal"]),
        ("paper", {"mesh": ["Mice", "Humans"]}, []),
    ],
)
def test_a_record_states_its_evidence(kind: str, extra: dict[str, object], values: list[str]) -> None:
    assert read_record(kind, extra) == values


def test_fields_of_records_come_as_lists_or_texts() -> None:
    assert get_list({"phases": "1; ; 2"}, "phases") == ["1", "2"]
    assert get_list({"phases": 3}, "phases") == []
    assert get_headings({"categories": "Mice; Rats"}) == ["mice", "rats"]
    assert get_animals({"mesh": ["Mice, Nude", "Liver", "Swine"]}) == ["mouse", "pig"]


def test_a_cue_weighs_more_in_the_title_and_less_later_and_in_earlier_studies() -> None:
    words = "It worked in mice."
    places = ((None, 0.0), (10, 0.0), (900, 0.5), (900, 0.9))
    assert [weigh(hit(words, "mice", start=start, place=place)) for start, place in places] == [1.25, 1.0, 0.8, 0.5]
    assert weigh(hit("In earlier studies it worked in mice.", "mice")) == 0.5


def test_mouse_cells_are_no_experiment_in_animals() -> None:
    assert is_experiment(hit("They treated mice.", "mice"))
    assert not is_experiment(hit("They used mouse embryonic cells.", "mouse"))


def test_values_that_another_value_explains_are_dropped() -> None:
    assert stages("The phase 2 clinical trial enrolled 30 patients. A clinical trial is a test in people.") == [
        "phase 2"
    ]
    assert stages("The team injected the cells into mice. The mice walked again.") == ["animal"]


@pytest.mark.parametrize(
    ("title", "abstract", "kind"),
    [
        ("A study protocol", "We will recruit 40 patients.", "protocol"),
        ("Stem cells: a systematic review", "", "review"),
        ("A case report", "We report a man.", "case report"),
        ("Repair in rats", "Rats were treated.", "animal"),
        ("Cultured fibroblasts", "Fibroblasts grew.", "in vitro"),
        ("", "Patients were randomised. The patients got cells.", "RCT"),
        ("Surgery for stroke", "Patients got cells. The patients walked.", "other clinical"),
        ("", "Patients answered. The patients were asked again.", "remaining"),
        ("", "This review is short.", "review"),
        ("", "It is short.", "remaining"),
    ],
)
def test_the_first_rule_that_answers_gives_the_kind_of_study(title: str, abstract: str, kind: str) -> None:
    assert find_study_type(title, abstract) == kind


def test_the_strongest_claim_of_headline_and_findings_is_kept() -> None:
    page = make_page(
        "The study found that sleep is linked to memory. Researchers found that cells reduce pain.",
        "Cells may cure pain",
    )
    assert {facet: step for facet, (step, _) in find_claims(page).items()} == {"claim_headline": 2, "claim_body": 3}
    paper = Paper(id="doi:10.1/1", kind="paper", title="Cells and pain", text="Cells were linked to pain.", extra={})
    assert find_strongest(paper) == 1


def test_countries_of_a_record_are_its_field_or_the_ends_of_its_affiliations() -> None:
    assert get_countries({"countries": "Japan; Korea"}) == ["JP", "KR"]
    assert get_countries({"affiliations": ["A, Paris, France.", "B, Rome, Italy", "C, Lyon, France"]}) == ["FR", "IT"]


def test_an_institution_in_a_sentence_about_the_study_gives_most_points() -> None:
    text = "Researchers at Alpha Hospital found it. It rained in Betaland."
    mentions = (
        mention("Alpha Hospital", 15, kind="INSTITUTION", concept="a"),
        mention("Betaland", text.index("Betaland"), kind="PLACE", concept="b"),
    )
    page = make_page(text, "", mentions, a="KR", b="JP")
    scores = score_countries(page, sentences_of(page))
    assert scores["KR"].total > scores["JP"].total
    assert scores["KR"].sentence.words.startswith("Researchers")


def test_conditions_come_before_headings_and_major_headings_first() -> None:
    assert read_conditions({"conditions": "Stroke; Made-up condition"}) == [
        ("Stroke", "nervous"),
        ("Made-up condition", None),
    ]
    headings = [{"name": "Myocardial Infarction"}, {"name": "Asthma", "major": True}, {"name": "Liverpool"}]
    assert [name for name, _ in read_headings({"mesh": headings})] == ["Asthma", "Myocardial Infarction"]


def test_a_disease_ranks_by_title_repetition_and_place() -> None:
    mentions = (
        mention("stroke", 0, kind="DISEASE", concept="s", part="title"),
        mention("asthma", 10, kind="DISEASE", concept="a"),
        mention("asthma", 40, kind="DISEASE", concept="a"),
        mention("gout", 60, kind="DISEASE", concept="g"),
    )
    assert {concept: rank for concept, (rank, _) in rank_diseases(make_page("x" * 100, "", mentions)).items()} == {
        "s": 3, "a": 2,
    }  # fmt: skip


def test_of_two_labels_the_surer_stays_and_a_record_keeps_the_sentence() -> None:
    def label(score: float, sentence: str, component: str) -> Label:
        return Label(
            document="d", facet="evidence", value="animal", score=score, sentence=sentence, start=None, end=None,
            component=component,
        )  # fmt: skip

    text, surer = label(0.5, "It worked in mice.", "evidence/1"), label(0.9, "Mice walked.", "evidence/1")
    record = label(1.0, "", "evidence/1:record")
    assert merge_labels(text, surer) == merge_labels(surer, text) == surer
    assert merge_labels(text, label(0.5, "Later.", "x")) == text
    both = label(1.0, "It worked in mice.", "evidence/1:record")
    assert merge_labels(text, record) == merge_labels(record, text) == both
