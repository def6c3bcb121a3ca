"""The rules of the label families, one by one."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.records import Label, Mention
from nlp.classify.claims import find_claims, find_strongest
from nlp.classify.country import find_labels as find_countries
from nlp.classify.country import get_countries, score_countries
from nlp.classify.cues import read_decision
from nlp.classify.evidence import MOST_UNSURE, find_labels, find_stages, weigh_place
from nlp.classify.kinds import find_labels as find_kinds
from nlp.classify.notices import tells_of_notice
from nlp.classify.page import Page, Paper, Sentence, sentences_of
from nlp.classify.phases import find_phases
from nlp.classify.record_evidence import get_animals, read_outlook, read_record
from nlp.classify.record_fields import get_headings, get_list
from nlp.classify.stage import merge_labels
from nlp.classify.study import find_study_type
from nlp.classify.systems import rank_diseases, read_conditions, read_headings
from nlp.classify.whose import find_whose


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


def test_a_cue_weighs_most_in_the_headline_and_least_at_the_end() -> None:
    places = ((None, 0.0), (10, 0.0), (900, 0.5), (2000, 0.5), (2000, 0.9))
    weights = [
        weigh_place(Sentence(words="It worked in mice.", start=start, end=None, place=place)) for start, place in places
    ]
    assert weights == [1.6, 1.2, 1.0, 0.8, 0.5]


@pytest.mark.parametrize(
    ("sentence", "cue", "whose"),
    [
        ("In this study twelve patients got cells.", "twelve patients", "this"),
        ("Twelve doctors treated mice.", "mice", "own"),
        ("The cells went into mice.", "mice", "open"),
        ("Earlier studies in mice had failed.", "mice", "earlier"),
        ("Another company has a phase 2 trial of such cells.", "phase 2", "other"),
        ("A phase 3 trial is the last step before approval.", "phase 3", "general"),
        ("In mice it had already been shown, but in this trial patients got cells.", "patients", "this"),
        ("이전 연구에서는 생쥐에 이식했다.", "생쥐", "earlier"),
        ("別の企業が第2相試験を行った。", "第2相", "other"),
        ("此前的研究在小鼠中进行。", "小鼠", "earlier"),
        ("Frühere Studien an Mäusen waren erfolgreich.", "Mäusen", "earlier"),
        ("Une autre société mène un essai de phase 2.", "phase 2", "other"),
    ],
)
def test_whose_work_a_sentence_tells_of(sentence: str, cue: str, whose: str) -> None:
    at = sentence.index(cue)
    assert find_whose(sentence, at, at + len(cue)) == whose


@pytest.mark.parametrize(
    ("sentence", "values"),
    [
        ("A phase I/IIa trial", ["phase 1", "phase 2"]),
        ("the phase 1b and 2 studies", ["phase 1", "phase 2"]),
        ("a Phase-3-Studie", ["phase 3"]),
        ("un essai de phase II", ["phase 2"]),
        ("임상 1/2a상 시험", ["phase 1", "phase 2"]),
        ("임상시험 3상에서 환자에게", ["phase 3"]),
        ("第II相試験", ["phase 2"]),
        ("フェーズ1の治験で患者に", ["phase 1"]),
        ("Ⅲ期临床试验", ["phase 3"]),
        ("phase two of the drug's trial", ["phase 2"]),
        ("Phase 1 of the new car park", []),
        ("the phase in which patients wait", []),
    ],
)
def test_phases_are_read_in_every_writing(sentence: str, values: list[str]) -> None:
    found = [value for phases in find_phases(sentence) for value in phases.values]
    assert list(dict.fromkeys(found)) == values


def test_one_stage_is_the_texts_own() -> None:
    assert stages("The phase 2 clinical trial enrolled 30 patients. A clinical trial is a test in people.") == [
        "phase 2"
    ]
    assert stages("The team injected the cells into mice. The mice walked again.") == ["animal"]
    assert stages("The cells went into mouse embryonic cells.") == []
    beside = find_stages(sentences_of(make_page("In this trial twelve patients got cells. Earlier it worked in mice.")))
    assert [value for value, hit in beside.items() if hit.weight > MOST_UNSURE] == ["clinical trial"]


def test_what_the_headline_repeats_counts_once() -> None:
    once = find_stages(sentences_of(make_page("It was well received.", "Cells heal mice")))
    twice = find_stages(sentences_of(make_page("Cells heal mice\n\nIt was well received.", "Cells heal mice")))
    assert once["animal"].weight == twice["animal"].weight


@pytest.mark.parametrize(
    ("sentence", "words", "decision"),
    [
        ("The agency refused approval of the cells.", "approval", "refused"),
        ("The company withdrew its application for approval.", "approval", "withdrawn"),
        ("The company has applied for approval.", "approval", "planned"),
        ("The cells were sold without approval.", "approval", "denied"),
        ("The cells won approval.", "approval", "done"),
        ("식약처가 품목허가를 반려했다.", "품목허가", "refused"),
        ("회사가 허가 신청을 철회했다.", "허가", "withdrawn"),
        ("厚生労働省は承認を見送った。", "承認", "refused"),
        ("药监局拒绝批准该产品。", "批准", "refused"),
        ("Die Behörde hat die Zulassung abgelehnt.", "Zulassung", "refused"),
        ("La société a retiré sa demande d'autorisation.", "autorisation", "withdrawn"),
    ],
)
def test_what_became_of_an_approval(sentence: str, words: str, decision: str) -> None:
    at = sentence.index(words)
    assert read_decision(sentence, at, at + len(words)) == decision


def test_a_trial_that_has_not_begun_has_an_outlook_and_no_stage() -> None:
    assert read_record("trial", {"phase": "PHASE2", "status": "NOT_YET_RECRUITING"}) == []
    assert read_outlook({"status": "Not yet recruiting"}) == "planned"
    assert read_outlook({"status": "WITHDRAWN"}) == "withdrawn"
    assert read_outlook({"status": "COMPLETED"}) is None


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


@pytest.mark.parametrize(
    ("title", "told"),
    [
        ("Journal takes back a paper: study of marrow grafts retracted", True),
        ("Publisher pulls stem cell study over copied pictures", True),
        ("Retraction: Cardiac sheets in rabbits", True),
        ("줄기세포 논문 철회", True),
        ("Cell sheet mends torn tendons", False),
        ("Company withdraws its application", False),
        ("A correction of the gene mends blood", False),
        ("Muscle retracts again after a graft", False),
    ],
)
def test_a_headline_that_tells_of_a_notice(title: str, told: bool) -> None:
    assert tells_of_notice(title) is told


def test_the_headline_of_a_withdrawal_leaves_out_no_animals() -> None:
    text = "The team gave marrow cells to forty rats. The rats that were treated walked again after a month."
    assert "headline" in {label.facet for label in find_labels(make_page(text, "Marrow cells mend the spinal cord"))}
    assert "headline" not in {label.facet for label in find_labels(make_page(text, "Journal retracts marrow paper"))}


@pytest.mark.parametrize(
    ("kind", "title", "extra", "value"),
    [
        ("paper", "Cardiac sheets", {"types": ["Retraction Notice"]}, "notice"),
        ("paper", "Erratum to: Cardiac sheets", {}, "notice"),
        ("paper", "RETRACTED: Cardiac sheets", {"types": ["Journal Article", "Retracted Publication"]}, "paper"),
        ("paper", "Correction of a gene in marrow cells", {}, "paper"),
    ],
)
def test_a_notice_about_a_paper_is_no_paper(kind: str, title: str, extra: dict[str, object], value: str) -> None:
    page = replace(make_page("", title), kind=kind, source_kind="journal", extra=extra)
    assert [label.value for label in find_kinds(page)] == [value]


@pytest.mark.parametrize(
    ("more", "species"),
    [
        ("", {"pig"}),
        ("In this study rabbits were treated in the same way.", {"pig", "rabbit"}),
        ("The team then dropped an older reference, a study of similar sheets in rabbits.", {"pig"}),
        ("A rabbit study, to which a journal had raised doubts, was left out by the group.", {"pig"}),
        ("Elsewhere another group treated rabbits with sheets.", {"pig"}),
    ],
)
def test_species_are_those_of_the_texts_own_experiment(more: str, species: set[str]) -> None:
    text = (
        "The team sewed sheets onto the hearts of twelve pigs. The pigs that were treated lived on. "
        + "So it went on. " * 30
    )
    found = {label.value for label in find_labels(make_page(text + more)) if label.facet == "species"}
    assert found == species


def test_what_an_animal_is_tells_of_no_experiment() -> None:
    page = make_page("Beagles are small dogs. The team gave a graft to six dogs. The dogs that were treated walked.")
    assert {label.sentence for label in find_labels(page) if label.facet == "species"} == {
        "The team gave a graft to six dogs.", "The dogs that were treated walked."
    }  # fmt: skip


SURVEYED = "Three lands\n\nUnited States: money\n\nMany.\n\nJapan: speed\n\nMild.\n\nChina: size\n\nMany live there."


@pytest.mark.parametrize(
    ("kind", "text", "rules"),
    [
        ("explainer", SURVEYED, {"US": "survey", "JP": "survey", "CN": "survey"}),
        ("explainer", "Cells were first found by a team in Japan. Doctors in China led trials of them.", {}),
        ("news", "Doctors in China led a trial of marrow cells.", {"CN": ""}),
    ],
)
def test_an_overview_has_the_countries_that_it_compares_and_no_others(
    kind: str, text: str, rules: dict[str, str]
) -> None:
    codes = {"United States": "US", "Japan": "JP", "China": "CN"}
    mentions = tuple(
        mention(name, text.index(name), kind="PLACE", concept=code) for name, code in codes.items() if name in text
    )
    page = replace(make_page(text, "", mentions, **{code: code for code in codes.values()}), kind=kind)
    assert {label.value: label.component.partition(":")[2] for label in find_countries(page)} == rules


@pytest.mark.parametrize(
    ("text", "lang", "regulator", "country"),
    [
        ("회사는 줄기세포 치료제의 품목 허가가 거절됐다고 밝혔다.", "ko", "", []),
        ("회사는 줄기세포 치료제가 미국 시판 허가를 받았다고 밝혔다.", "ko", "", []),
        ("회사는 줄기세포 치료제의 품목 허가를 신청했다고 밝혔다.", "ko", "", []),
        ("The FDA approved the marrow product.", "en", "FDA", ["US"]),
        ("The EMA approved the marrow product.", "en", "EMA", []),
        ("The marrow product is not approved by the FDA.", "en", "FDA", []),
    ],
)
def test_a_decision_is_taken_in_the_country_of_its_regulator(
    text: str, lang: str, regulator: str, country: list[str]
) -> None:
    named = mention(regulator, text.index(regulator), kind="INSTITUTION", concept="ROR:1")
    page = make_page(text, "", (replace(named, role="regulates"),) if regulator else (), **{"ROR:1": "US"})
    assert [label.value for label in find_countries(replace(page, lang=lang))] == country


@pytest.mark.parametrize(
    ("text", "role", "country"),
    [
        ("So it went on. Cells were grown at the Reed Lake Institute in Otsu.", "did_the_work", ["JP"]),
        ("So it went on. Cells were grown at the Reed Lake Institute in Otsu.", "mentioned", []),
        ("So it went on. At the Reed Lake Institute they dreamt of rain and of Otsu.", "did_the_work", []),
    ],
)
def test_a_place_beside_an_institution_of_no_register_is_where_it_is(text: str, role: str, country: list[str]) -> None:
    lake = mention("Reed Lake Institute", text.index("Reed"), kind="INSTITUTION", concept="")
    mentions = (
        replace(lake, concept=None, role=role),
        mention("Otsu", text.index("Otsu"), kind="PLACE", concept="JP-otsu"),
    )
    page = make_page("Sheets beat. " * 20 + text, "", (), **{"JP-otsu": "JP"})
    moved = tuple(replace(m, start=m.start + 260, end=m.end + 260) for m in mentions)
    assert [label.value for label in find_countries(replace(page, mentions=moved))] == country


def test_a_trial_that_has_not_begun_gives_no_country() -> None:
    def countries(status: str) -> list[str]:
        trial = Paper(id="nct:1", kind="trial", title="", text="", extra={"countries": ["Japan"], "status": status})
        return [label.value for label in find_countries(replace(make_page("Sheets beat."), papers=(trial,)))]

    assert countries("RECRUITING") == ["JP"] and countries("NOT_YET_RECRUITING") == []
