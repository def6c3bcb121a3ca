"""Texts that the tagger does not read: names of lexicons and registries, and nothing else."""

import pytest

from nlp.entities import Reader

GERMAN = (
    "Ich schlafe schlecht, weil ich warte und sie wie er nichts sagen, und doch weiß niemand, wie sie das meinen.\n\n"
    "Die Universität Leipzig forscht an Multiple Sklerose und lymphoma, sagte Petra Winkler dem Forscher. "
    "Es ist so, sagte er in Berlin."
)
ENGLISH = (
    "Researchers at Otterfield University gave neural stem cells to mice with Parkinson's disease. “The animals moved "
    "better,” said Ann Wickham, who led the study and now plans to test the treatment in larger animals next year."
)


def found(reader: Reader, text: str) -> set[tuple[str, str]]:
    return {(m.type, m.surface) for m in reader.read(document="x", title="", text=text).mentions}


def test_german_gives_names_of_lexicons_only(reader: Reader) -> None:
    assert found(reader, GERMAN) == {
        ("INSTITUTION", "Universität Leipzig"), ("DISEASE", "lymphoma"), ("PLACE", "Berlin"),
    }  # fmt: skip


def test_an_english_version_below_is_read_in_full(reader: Reader) -> None:
    both = found(reader, f"{GERMAN}\n\n{ENGLISH}")
    assert found(reader, GERMAN) | found(reader, ENGLISH) == both
    assert {("PERSON", "Ann Wickham"), ("SPECIES", "mice")} <= both


@pytest.mark.parametrize(("text", "note"), [
    (ENGLISH, None),
    ("연구팀은 기증받은 세포로 심장 근육을 키웠다.", None),
    (GERMAN, "a language that the tagger does not read (de): only names of the lexicons and registries"),
    ("NK-92", "an unknown language: only names of the lexicons and registries"),
])  # fmt: skip
def test_the_reading_says_what_was_not_read(reader: Reader, text: str, note: str | None) -> None:
    assert reader.read(document="x", title="", text=text).note == note


def test_a_declared_language_does_not_hide_another(reader: Reader) -> None:
    reading = reader.read(document="x", title="", text=GERMAN, lang="en")
    assert reading.lang == "de" and not [m for m in reading.mentions if m.type in ("SPECIES", "PERSON")]


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("Die Forscher haben mesenchymale Stammzellen aus Nabelschnurblut gewonnen.", ["CL:0000134", "UBERON:0012168"]),
        ("Ils ont cultivé des cellules souches pluripotentes de la moelle osseuse.", ["CL:0002248", "UBERON:0002371"]),
        ("El equipo trató a los enfermos con células madre del banco de la ciudad.", ["CL:0000034"]),
        ("De onderzoekers kweekten stamcellen uit beenmerg en vroren die in.", ["CL:0000034", "UBERON:0002371"]),
    ],
)  # fmt: skip
def test_words_of_the_field_are_known_in_their_languages(reader: Reader, text: str, named: list[str]) -> None:
    mentions = reader.read(document="x", title="", text=text).mentions
    assert [m.concept for m in sorted(mentions, key=lambda m: m.start)] == named
