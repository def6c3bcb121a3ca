"""Korean, Japanese and Chinese names: found by substring, ended by their particles, and meeting the English ones.

The golden lines lie in `tests/entities/cjk/<type>.jsonl`, in the form of `tests/entities/*.jsonl`.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from core.errors import ConfigError
from nlp.entities import Reader
from nlp.entities.boundaries import may_stand
from nlp.entities.spelling import close_up, fold, variants
from nlp.entities.typefiles import EntityType, load_types, with_hand_lists
from nlp.entities.vocabulary import Vocabulary, load_vocabulary, parse_lexicon

ROOT = Path(__file__).resolve().parents[2]
LEXICONS = ROOT / "nlp" / "lexicons"
TYPES = {one.name: one for one in load_types(ROOT / "nlp" / "entities")}
GOLDENS = ROOT / "tests" / "entities" / "cjk"
LISTS = sorted((LEXICONS / "hand").glob("*-cjk.tsv"))
HEAD = "surface\tconcept\tlang\tsource\tlicence\tflags\n"


def lines() -> list[Any]:
    return [
        pytest.param(path.stem, json.loads(line), id=f"{path.stem}:{number}")
        for path in sorted(GOLDENS.glob("*.jsonl"))
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
    ]


@pytest.mark.parametrize(("name", "golden"), lines())
def test_golden(name: str, golden: dict[str, Any], reader: Reader) -> None:
    reading = reader.read(document="golden", title="", text=golden["text"], lang=None, country=golden.get("country"))
    found = [[m.surface, m.concept] for m in reading.mentions if m.type == TYPES[name].label]
    assert found == golden["spans"]


def test_every_list_has_goldens_of_both_kinds_in_three_scripts() -> None:
    assert {path.stem.removesuffix("-cjk") for path in LISTS} == {path.stem for path in GOLDENS.glob("*.jsonl")}
    for path in GOLDENS.glob("*.jsonl"):
        golden = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
        assert any(not line["spans"] for line in golden), f"{path.stem}: a sentence in which nothing may be found"
        assert sum(bool(line["spans"]) for line in golden) >= 3


MEETINGS = [
    (
        "건국대학교 연구팀이 서울대학교와 함께 유도만능줄기세포에서 만든 신경능선세포로 당뇨병성 신경병증을 치료하는 "
        "쥐 실험 결과를 발표했다. 척수와 골수도 살폈다.",
        "Konkuk University and Seoul National University used neural crest cells made from induced pluripotent stem "
        "cells against diabetic neuropathy in mice; spinal cord and bone marrow were examined too.",
        {"INSTITUTION", "CELL_TYPE", "DISEASE", "SPECIES", "ANATOMY"},
    ),
    (
        "京都大学は間葉系幹細胞とiPS細胞でパーキンソン病を治療する。マウスの骨髄。",
        "Kyoto University treats Parkinson's disease with mesenchymal stem cells and iPS cells. Bone marrow of mice.",
        {"INSTITUTION", "CELL_TYPE", "DISEASE", "SPECIES", "ANATOMY"},
    ),
    (
        "北京大学用间充质干细胞治疗脊髓损伤，小鼠的脐带血。",
        "Peking University treats spinal cord injury with mesenchymal stem cells; umbilical cord blood of mice.",
        {"INSTITUTION", "CELL_TYPE", "DISEASE", "SPECIES", "ANATOMY"},
    ),
    (
        "北京大學用間充質幹細胞治療脊髓損傷，小鼠的臍帶血。",
        "Peking University treats spinal cord injury with mesenchymal stem cells; umbilical cord blood of mice.",
        {"INSTITUTION", "CELL_TYPE", "DISEASE", "SPECIES", "ANATOMY"},
    ),
]


@pytest.mark.parametrize(("release", "paper", "types"), MEETINGS, ids=["ko", "ja", "zh", "zh-Hant"])
def test_a_release_and_an_english_paper_meet_on_one_concept(
    release: str, paper: str, types: set[str], reader: Reader
) -> None:
    def concepts(text: str) -> set[tuple[str, str | None]]:
        found = reader.read(document="d", title="", text=text).mentions
        return {(m.type, m.concept) for m in found if m.type in types}

    assert concepts(release) == concepts(paper)
    assert {kind for kind, _ in concepts(paper)} == types
    assert all(concept for _, concept in concepts(paper))


def test_the_tagger_reads_up_to_letters_that_it_cannot_read(reader: Reader) -> None:
    text = "Harvard University의 연구팀이 Boston Children's Hospital과 함께"
    found = [(m.surface, m.concept) for m in reader.read(document="d", title="", text=text).mentions]
    assert ("Harvard University", "ROR:03vek6s52") in found
    assert not any("의" in surface or "과" in surface for surface, _ in found)


def rows_of(path: Path) -> list[list[str]]:
    return [line.split("\t") for line in path.read_text(encoding="utf-8").splitlines()[1:]]


@pytest.mark.parametrize("path", LISTS, ids=lambda path: path.stem)
def test_every_concept_of_ours_is_one_of_the_lexicons(path: Path) -> None:
    name = path.stem.removesuffix("-cjk")
    known = {
        row.concept
        for other in TYPES[name].lexicons
        if not other.endswith("-cjk.tsv")
        for row in parse_lexicon((LEXICONS / other).read_bytes(), where=other)
    }
    assert {cells[1] for cells in rows_of(path)} - known - {""} == set()


@pytest.mark.parametrize(("name", "least"), [("disease", 300), ("cell_type", 80)])
def test_as_many_concepts_as_the_news_speaks_of_have_names_in_each_language(name: str, least: int) -> None:
    rows = rows_of(LEXICONS / "hand" / f"{name}-cjk.tsv")
    rows += rows_of(LEXICONS / "hand" / f"{name}.tsv")
    for lang in ("ko", "ja", "zh"):
        # a name in Chinese characters alone is written alike in Japanese and Chinese: one row serves both
        langs = {lang} if lang == "ko" else {"ja", "zh"}
        assert len({cells[1] for cells in rows if cells[2] in langs and cells[1]}) >= least


@pytest.mark.parametrize(
    ("text", "name", "stands"),
    [
        ("줄기세포치료제", "줄기세포", True),
        ("인간줄기세포를", "줄기세포", True),
        ("인간세포", "간세포", False),
        ("서울대에서는", "서울대", True),
        ("남서울대", "서울대", False),
        ("간암으로부터", "간암", True),
        ("간암환자들", "간암", True),
        ("간암꽃", "간암", False),
        ("급성간염이", "간염", True),
        ("준비만", "비만", False),
        ("プラットフォーム", "ラット", False),
        ("ヒトマウスキメラ", "マウス", True),
        ("マウスピース", "マウス", False),
        ("乳がんなど", "がん", True),
        ("がんばる", "がん", False),
        ("首脳は", "脳", False),
        ("犬の脳を", "脳", True),
        ("在肺中", "肺", True),
        ("肺炎", "肺", False),
        ("CAR-T細胞", "t細胞", True),
        ("MSC는", "msc", True),
        ("MSCs는", "msc", False),
    ],
)
def test_where_a_name_stands(text: str, name: str, stands: bool) -> None:
    folded = fold(text)
    start = folded.index(name)
    assert may_stand(folded, start, start + len(name)) is stands


def test_a_korean_name_is_known_with_and_without_its_spaces() -> None:
    assert close_up("중간엽 줄기 세포") == {"중간엽 줄기 세포", "중간엽줄기 세포", "중간엽 줄기세포", "중간엽줄기세포"}
    assert variants("가 나", ["spacing"]) == {"가나"}
    assert close_up("a b c d e f") == {"a b c d e f", "abcdef"}


def test_wide_letters_and_middle_dots_fold_in_place() -> None:
    assert fold("ｉＰＳ細胞２・ギラン・バレー") == "ips細胞2 ギラン バレー"


def make_type(*lexicons: str) -> EntityType:
    return EntityType(
        name="place", label="PLACE", about="a", component="lexicon", lexicons=lexicons, urls={}, options={}
    )


def found(vocabulary: Vocabulary, text: str) -> list[str]:
    return [text[start:end] for start, end, _ in vocabulary.find_names(fold(text), text)]


def test_a_decoy_hides_what_lies_in_it_and_nothing_else(tmp_path: Path) -> None:
    names = {"中国": "A:1", "国家队": "A:2", "在发展中国家里": "A:3"}
    body = "".join(f"{name}\t{concept}\tzh\tx\ty\t\n" for name, concept in names.items())
    body += "发展中国家\t\tzh\tx\ty\tdecoy\n"
    (tmp_path / "a.tsv").write_text(HEAD + body, encoding="utf-8")
    vocabulary = load_vocabulary((make_type("a.tsv"),), tmp_path, tmp_path / "c")
    assert found(vocabulary, "中国在发展中国家队，中国") == ["中国", "中国"]  # one that reaches into it is hidden too
    assert found(vocabulary, "在发展中国家里") == ["在发展中国家里"]  # one that holds it is not
    assert found(vocabulary, "发展中国家") == []
    assert vocabulary.get_names("发展中国家") == ()


def test_a_decoy_too_long_is_refused() -> None:
    with pytest.raises(ConfigError, match="a decoy has at most"):
        list(parse_lexicon((HEAD + "中" * 41 + "\t\tzh\tx\ty\tdecoy\n").encode(), where="a.tsv"))


def test_further_hand_lists_are_found_by_their_name(tmp_path: Path) -> None:
    (tmp_path / "hand").mkdir()
    for name in ("place-b.tsv", "place-a.tsv", "places-c.tsv", "place.tsv"):
        (tmp_path / "hand" / name).write_text(HEAD, encoding="utf-8")
    one = with_hand_lists(make_type("place.tsv", "hand/place-b.tsv"), tmp_path)
    assert one.lexicons == ("place.tsv", "hand/place-b.tsv", "hand/place-a.tsv")


def test_many_decoys_take_no_square_of_time(tmp_path: Path) -> None:
    (tmp_path / "a.tsv").write_text(HEAD + "中国\tA:1\tzh\tx\ty\t\n中国人\t\tzh\tx\ty\tdecoy\n", encoding="utf-8")
    vocabulary = load_vocabulary((make_type("a.tsv"),), tmp_path, tmp_path / "c")
    assert len(found(vocabulary, "中国人中国" * 20_000)) == 20_000
