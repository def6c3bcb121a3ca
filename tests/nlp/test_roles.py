"""Roles of diseases and institutions, and what a text is about: on sentences of our own."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest

from core.records import Mention, Topic
from nlp.roles import read_roles
from nlp.roles.cues import TABLE, load_cues
from nlp.roles.institutions import REGULATORS
from nlp.roles.roles import DISEASE_ROLES, INSTITUTION_ROLES
from nlp.roles.topics import abbreviate, is_broad, is_wider

MS, CANCER, MELANOMA, PARKINSON = "MONDO:0005301", "MONDO:0004992", "MONDO:0005105", "MONDO:0005180"
FILLER = " ".join(f"The team counted the cells in dish {number}." for number in range(14))


def mention(text: str, surface: str, type_: str = "DISEASE", concept: str | None = None, nth: int = 0) -> Mention:
    start = [found.start() for found in re.finditer(re.escape(surface), text)][nth]
    return Mention(
        document="d", part="text", start=start, end=start + len(surface), type=type_, surface=surface,
        concept=concept or f"X:{surface}", score=1.0, why="", component="test",
    )  # fmt: skip


def in_title(title: str, surface: str, type_: str = "DISEASE", concept: str | None = None) -> Mention:
    start = title.index(surface)
    return Mention(
        document="d", part="title", start=start, end=start + len(surface), type=type_, surface=surface,
        concept=concept or f"X:{surface}", score=1.0, why="", component="test",
    )  # fmt: skip


def role_of(text: str, surface: str, type_: str = "DISEASE", *more: Mention) -> str | None:
    """The role of one mention in a text without a headline."""
    return read_roles("", text, (mention(text, surface, type_), *more)).mentions[0].role


def about(topics: tuple[Topic, ...]) -> set[str]:
    return {topic.concept for topic in topics if topic.about}


@pytest.mark.parametrize(
    ("text", "surface", "role"),
    [
        ("No tumours were found in the rats.", "tumours", "denied"),
        ("Neither group showed signs of seizures.", "seizures", "denied"),
        ("The cells did not form teratomas in the mice.", "teratomas", "denied"),
        ("Side effects included headache and fever.", "fever", "side_effect"),
        ("Nausea was a common side effect.", "Nausea", "side_effect"),
        ("The grafts raise the risk of lymphoma later on.", "lymphoma", "risk"),
        ("Such cells could turn into cancer years later.", "cancer", "risk"),
        ("Labs had to close during the COVID pandemic.", "COVID", "background"),
        ("We treat arthritis and many other conditions.", "arthritis", "advert"),
        ("You may also like: ten facts about stroke", "stroke", "advert"),
        ("She speaks for the Blindness Foundation.", "Blindness", "background"),
        ("이식 뒤 종양은 관찰되지 않았다.", "종양", "denied"),
        ("발열 등 부작용이 나타났다.", "발열", "side_effect"),
        ("줄기세포는 암 위험을 높일 수 있다.", "암", "risk"),
        ("移植後、腫瘍は認められなかった。", "腫瘍", "denied"),
        ("副作用として発熱がみられた。", "発熱", "side_effect"),
        ("がんのリスクが残る。", "がん", "risk"),
        ("移植后未见肿瘤。", "肿瘤", "denied"),
        ("不良反应包括发热。", "发热", "side_effect"),
        ("该疗法有癌症的风险。", "癌症", "risk"),
    ],
)
def test_words_beside_a_disease_give_its_role(text: str, surface: str, role: str) -> None:
    assert role_of(text, surface) == role


@pytest.mark.parametrize(
    "text",
    [
        "There is no cure for glaucoma yet, but this treatment helped patients with glaucoma to see.",
        "There is no test for glaucoma yet. A treatment helped patients with glaucoma.",
    ],
)
def test_what_has_no_cure_is_not_denied(text: str) -> None:
    assert role_of(text, "glaucoma") != "denied"


def test_a_lower_risk_of_the_subject_is_the_subject() -> None:
    title = "Aspirin is linked to fewer cases of bowel cancer"
    text = "The tablets lowered the risk of bowel cancer by a fifth, a survey of nurses found."
    found = read_roles(title, text, (in_title(title, "bowel cancer"), mention(text, "bowel cancer")))
    assert [m.role for m in found.mentions] == ["studied", "studied"]


def test_treatment_of_the_subject_and_background_beside_it() -> None:
    title = "Cell patch treats heart failure"
    text = f"Patients with heart failure got a patch. {FILLER} The method was first used for burns."
    found = read_roles(
        title, text, (in_title(title, "heart failure"), mention(text, "heart failure"), mention(text, "burns"))
    )
    assert [m.role for m in found.mentions] == ["treated", "treated", "background"]
    assert about(found.topics) == {"X:heart failure"}


def test_an_abbreviation_in_the_title_makes_the_subject() -> None:
    title = "Cancer treatment offers MS patients hope"
    text = f"Doctors treated multiple sclerosis with a transplant. {FILLER} It is often used for cancer."
    mentions = (
        in_title(title, "Cancer", concept=CANCER),
        mention(text, "multiple sclerosis", concept=MS),
        mention(text, "cancer", concept=CANCER),
    )
    assert about(read_roles(title, text, mentions).topics) == {MS}
    assert abbreviate("amyotrophic lateral sclerosis") == "ALS"
    assert abbreviate("age-related macular degeneration") == "AMD"
    assert abbreviate("glaucoma") == ""


def test_a_wide_class_beside_its_narrower_disease_is_only_named() -> None:
    title = "New drug against melanoma"
    text = f"Melanoma is a cancer of the skin. People with cancer of this kind got it. {FILLER} Melanoma came back."
    mentions = (
        in_title(title, "melanoma", concept=MELANOMA), mention(text, "Melanoma", concept=MELANOMA),
        mention(text, "cancer", concept=CANCER), mention(text, "cancer", concept=CANCER, nth=1),
    )  # fmt: skip
    found = read_roles(title, text, mentions)
    assert about(found.topics) == {MELANOMA}
    assert {m.role for m in found.mentions} == {"treated"}


def test_a_single_disease_in_a_short_text_is_its_subject() -> None:
    text = "Neither study saw tumours after the transplant of neurons for Parkinson's disease."
    found = read_roles("Safe so far", text, (mention(text, "tumours"), mention(text, "Parkinson's disease")))
    assert about(found.topics) == {"X:Parkinson's disease"}


def test_the_tree_of_diseases() -> None:
    assert is_wider("MONDO:0005070", MELANOMA)  # neoplasm
    assert not is_wider(MELANOMA, "MONDO:0005070")
    assert is_broad(CANCER)
    assert not is_broad(PARKINSON)


@pytest.mark.parametrize(
    ("text", "surface", "role"),
    [
        ("Researchers at Northgate University have grown a retina.", "Northgate University", "did_the_work"),
        ("Northgate University scientists found the switch.", "Northgate University", "did_the_work"),
        ("The study was funded by the Hollins Fund.", "Hollins Fund", "funds"),
        ("The gel is made by Corvane Ltd.", "Corvane Ltd", "makes"),
        ("He was treated at Eastfield Hospital.", "Eastfield Hospital", "treats"),
        ("He graduated from Eastfield College.", "Eastfield College", "mentioned"),
        ("“Early days,” said Ann Lee of Westham Institute, who was not involved in the study.", "Westham Institute",
         "comments"),
        ("The FDA approved the gel.", "FDA", "regulates"),
        ("It was told to Reuters.", "Reuters", "publishes"),
        ("한빛대 연구팀은 세포를 개발했다.", "한빛대", "did_the_work"),
        ("東和大学の研究チームが発表した。", "東和大学", "did_the_work"),
        ("华北大学研究团队发现了新细胞。", "华北大学", "did_the_work"),
    ],
)  # fmt: skip
def test_words_beside_an_institution_give_its_role(text: str, surface: str, role: str) -> None:
    assert role_of(text, surface, "INSTITUTION") == role


def test_the_institution_of_a_person_whose_work_it_is_did_it() -> None:
    text = "Dr. Ivo Brandt is a surgeon at Eastfield Hospital. Brandt and his colleagues treated nine people."
    person = mention(text, "Ivo Brandt", "PERSON")
    assert role_of(text, "Eastfield Hospital", "INSTITUTION", person) == "did_the_work"
    text = "“Good news,” said Ivo Brandt of Eastfield Hospital. The trial goes on. Brandt was not involved in it."
    person = mention(text, "Ivo Brandt", "PERSON")
    assert role_of(text, "Eastfield Hospital", "INSTITUTION", person) == "comments"


def test_whose_work_it_is_is_a_topic_and_who_comments_is_not() -> None:
    text = (
        "Researchers at Northgate University made cells. “Good news,” said Ann Lee of Westham Institute, who was not"
        " involved in the work. The FDA has not seen it."
    )
    found = read_roles(
        "", text, tuple(mention(text, s, "INSTITUTION") for s in ("Northgate University", "Westham Institute", "FDA"))
    )
    assert about(found.topics) == {"X:Northgate University"}
    assert len(found.topics) == 3


def test_other_types_have_no_role_and_no_topic() -> None:
    text = "The paper is in Cell Reports."
    found = read_roles("", text, (mention(text, "Cell Reports", "JOURNAL"),))
    assert found.mentions[0].role is None
    assert found.topics == ()


def test_every_cue_gives_a_known_role_and_fits_something() -> None:
    with TABLE.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    known = {"DISEASE": DISEASE_ROLES, "INSTITUTION": INSTITUTION_ROLES}
    assert {(row["type"], row["role"]) for row in rows if row["role"] not in known[row["type"]]} == set()
    assert sum(map(len, load_cues().values())) == len(rows)
    assert REGULATORS.fullmatch("European Medicines Agency")
    assert Path(TABLE).name == "cues.tsv"


def test_a_group_that_worked_before_did_not_do_this_work() -> None:
    text = (
        "Surgeons of Elm Hospital want to give nerve cells to eight people. They were cleared to try this month."
        " The cells come from a donor. They are grown for weeks. {0} at Oak University reported a first trial in 2025."
    )
    assert role_of(text.format("A group"), "Oak University", "INSTITUTION") == "mentioned"
    assert role_of("A group at Oak University reported a first trial in 2025.", "Oak University", "INSTITUTION") == (
        "did_the_work"
    )
