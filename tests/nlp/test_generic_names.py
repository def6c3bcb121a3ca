"""Names of common words: tied with their town, country or parent beside them, never for being the only ones we have."""

import pytest

from nlp.entities import Reader


def tied(reader: Reader, text: str, country: str | None = None) -> dict[str, str | None]:
    mentions = reader.read(document="x", title="", text=text, lang="en", country=country).mentions
    return {m.surface: m.concept for m in mentions if m.type == "INSTITUTION"}


@pytest.mark.parametrize(
    "name", ["Heart Institute", "Women's Hospital", "Cancer Research Institute", "Institute of Medical Biology"]
)
def test_a_name_of_common_words_alone_is_nobodys(reader: Reader, name: str) -> None:
    assert tied(reader, f"She was treated at the {name} and went home.") == {name: None}


@pytest.mark.parametrize("place", ["Bratislava", "Bratislava, Slovakia", "Slovakia"])
def test_its_town_or_country_beside_it_says_which(reader: Reader, place: str) -> None:
    text = f"The Cancer Research Institute in {place} grew them. Later the Cancer Research Institute froze them."
    assert tied(reader, text) == {"Cancer Research Institute": "ROR:02v8wkr26"}


def test_another_town_or_a_place_in_another_sentence_does_not(reader: Reader) -> None:
    for text in (
        "The Cancer Research Institute in Vienna, Austria, grew them.",
        "The Cancer Research Institute grew them. A meeting was held in Slovakia.",
    ):
        assert tied(reader, text)["Cancer Research Institute"] is None


def test_a_national_institute_needs_its_country_only(reader: Reader) -> None:
    text = "The National Heart Hospital grew them. A meeting was held in {}."
    assert tied(reader, text.format("Bulgaria"))["National Heart Hospital"] == "ROR:020eh2733"
    assert tied(reader, text.format("Norway"))["National Heart Hospital"] is None
    assert tied(reader, "The National Heart Hospital grew them.", "BG")["National Heart Hospital"] == "ROR:020eh2733"


def test_names_with_a_word_of_their_own_and_those_usually_meant_stay(reader: Reader) -> None:
    names = tied(
        reader,
        "Funds came from the Medical Research Council, the European Research Council, the American Heart Association, "
        "Massachusetts General Hospital and the International Society for Stem Cell Research.",
    )
    assert len(names) == 5 and all(names.values())


def test_the_short_form_of_such_a_name_is_no_better(reader: Reader) -> None:
    assert not any(tied(reader, "The Institute of Medical Biology (IMB) grew them. IMB froze them.").values())
