"""What is shipped in nlp/lexicons: every row is readable, licensed, of sensible size; what is broken says where."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.errors import ConfigError
from nlp.entities.clean_text import clean_text
from nlp.entities.spelling import fold, fold_name, plurals, variants
from nlp.entities.typefiles import EntityType, load_types, parse_type
from nlp.entities.vocabulary import Vocabulary, load_vocabulary, parse_lexicon

ROOT = Path(__file__).resolve().parents[2]
LEXICONS = ROOT / "nlp" / "lexicons"
FILES = sorted(LEXICONS.rglob("*.tsv"))
HEAD = "surface\tconcept\tlang\tsource\tlicence\tflags\n"


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(LEXICONS)))
def test_lexicon_is_sound(path: Path) -> None:
    body = path.read_bytes()
    rows = list(parse_lexicon(body, where=path.name))
    assert rows
    assert all(row.source and row.licence for row in rows)
    surfaces = [row.surface for row in rows]
    assert surfaces == sorted(surfaces, key=str.casefold), "sorted, so that a change can be read"
    assert len(set(body.splitlines())) == len(body.splitlines())


def test_lexicons_fit_the_checkout() -> None:
    assert sum(path.stat().st_size for path in FILES) < 25_000_000


def test_every_lexicon_is_named_by_a_type() -> None:
    named = {name for one in load_types(ROOT / "nlp" / "entities") for name in one.lexicons}
    assert named == {str(path.relative_to(LEXICONS)) for path in FILES}


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"name\tid\n", "the first line must be"),
        (HEAD.encode() + b"lupus\tMONDO:1\ten\tx\ty\n", "d.tsv line 2: 5 cells, not 6"),
        (HEAD.encode() + b"ok\tA:1\ten\tx\ty\t\n\tA:1\ten\tx\ty\t\n", "d.tsv line 3"),
        (HEAD.encode() + b"lupus\tMONDO\ten\tx\ty\t\n", "has no prefix"),
        (HEAD.encode() + b"lupus\tA:1\ten\tx\ty\tfoo\n", "unknown flag 'foo'"),
        (HEAD.encode() + b"\xff\xfe\n", "not UTF-8"),
    ],
)
def test_broken_rows_name_file_and_line(body: bytes, said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        list(parse_lexicon(body, where="d.tsv"))


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"label = ", "not a TOML file"),
        (b"label = 'X'\nabout = 'a'\ncomponent = 'lexicon'\ncolour = 1", "unknown key 'colour'"),
        (b"label = 'X'\nabout = 'a'", "component is missing"),
        (b"label = 'X'\nabout = 'a'\ncomponent = 'lexicon'\nstop = 'a'", "stop must be a list of strings"),
        (b"label = 'X'\nabout = 'a'\ncomponent = 'lexicon'\nshortest = 'a'", "shortest must be a whole number"),
        (b"label = 'X'\nabout = 'a'\ncomponent = 'lexicon'\ncase = 'upper'", "case must be one of"),
        (b"label = 'X'\nabout = 'a'\ncomponent = 'lexicon'\nvariants = ['dual']", "unknown variant"),
    ],
)
def test_broken_type_files_name_file_and_key(body: bytes, said: str) -> None:
    with pytest.raises(ConfigError, match=said) as caught:
        parse_type("x", body, where=Path("entities/x.toml"))
    assert "entities/x.toml" in str(caught.value)


def make_type(label: str, *lexicons: str, **more: object) -> EntityType:
    values: dict[str, object] = {"name": label.lower(), "label": label, "about": "a", "component": "lexicon",
                                 "lexicons": lexicons, "urls": {}, "options": {}, **more}  # fmt: skip
    return EntityType(**values)  # type: ignore[arg-type]


def meanings(vocabulary: Vocabulary, folded: str) -> list[str]:
    numbers = [name.concept for name in vocabulary.get_names(folded)]
    return [vocabulary.get_concept(number).id for number in numbers if number is not None]


def test_hand_list_corrects_the_generated_one_and_cache_follows_the_files(tmp_path: Path) -> None:
    (tmp_path / "a.tsv").write_text(HEAD + "grey fever\tA:1\ten\tx\ty\tlabel\nred fever\tA:2\ten\tx\ty\tlabel\n")
    (tmp_path / "b.tsv").write_text(HEAD + "grey fever\tA:3\ten\tx\ty\tkeep\nred fever\t\ten\tx\ty\tdrop\n")
    kind = make_type("FEVER", "a.tsv", "b.tsv", variants=("plural",))
    cache = tmp_path / "compiled"
    vocabulary = load_vocabulary((kind,), tmp_path, cache)
    assert meanings(vocabulary, "grey fever") == ["A:3"]
    assert meanings(vocabulary, "grey fevers") == ["A:3"]
    assert vocabulary.get_names("red fever") == ()
    (kept,) = cache.iterdir()
    (tmp_path / "b.tsv").write_text(HEAD + "blue fever\tA:4\ten\tx\ty\t\n")
    again = load_vocabulary((kind,), tmp_path, cache)
    assert meanings(again, "grey fever") == ["A:1"]
    assert [path.name for path in cache.iterdir()] != [kept.name]


def found(vocabulary: object, text: str) -> list[str]:
    return [text[s:e] for s, e, _ in vocabulary.find_names(fold(text), text)]  # type: ignore[attr-defined]


def test_word_boundaries_by_script(tmp_path: Path) -> None:
    names = "grey fever", "열병", "줄기세포", "熱病", "iPS細胞"
    (tmp_path / "a.tsv").write_text(HEAD + "".join(f"{name}\tA:1\ten\tx\ty\t\n" for name in names))
    vocabulary = load_vocabulary((make_type("FEVER", "a.tsv"),), tmp_path, tmp_path / "c")
    assert found(vocabulary, "grey-fever, Grey Fever; greyfever, grey feverish, agrey fever") == [
        "grey-fever",
        "Grey Fever",
    ]
    assert found(vocabulary, "열병은 열병 열병에서 열병꽃") == ["열병"] * 3
    assert found(vocabulary, "줄기세포치료제 줄기세포를") == ["줄기세포"] * 2
    assert found(vocabulary, "新型熱病患者のiPS細胞") == ["熱病", "iPS細胞"]


def test_forms_of_names() -> None:
    assert fold_name("Crohn’s\u00a0disease – TYPE\u20102") == "crohn's disease type 2"
    assert "leukaemia" in variants("leukemia", ["spelling"])
    assert {"parkinson disease", "parkinsons disease"} <= variants("parkinson's disease", ["possessive"])
    assert variants("escherichia coli", ["genus"]) == {"e. coli"}
    assert [plurals(word) for word in ("injury", "biopsy case", "sclerosis", "abscess", "cells", "세포")] == [
        ("injuries",), ("biopsy cases",), ("scleroses",), ("abscesses",), (), (),
    ]  # fmt: skip
    assert len(fold("İ\u0130ß\ud800a\nb")) == len("İ\u0130ß\ud800a\nb")


def test_squeezing_leads_back() -> None:
    text = "a" + "!" * 50 + "  b \n\n\n\n c\ud800d"
    short = clean_text(text, most=1000)
    assert "!" * 9 not in short.text
    for at, char in enumerate(short.text):
        start, end = short.stored_span(at, at + 1)
        assert end == start + 1
        assert text[start] == char or text[start] == "\ud800"
    assert clean_text("plain words", most=5) == clean_text("plain", most=5).__class__(
        text="plain", offsets=None, unread=6
    )
