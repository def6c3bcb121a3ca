"""The language of a text: by script, by its words, and what a publisher declares."""

import pytest

from core.language import find_language

TEXTS = {
    "en": "The team grew heart muscle from donated cells and froze it.",
    "de": "Die Gruppe hat Herzmuskel aus gespendeten Zellen gezüchtet, weil sie ihn einfrieren will.",
    "fr": "L'équipe a cultivé du muscle cardiaque à partir de cellules données, puis l'a congelé.",
    "es": "El equipo cultivó músculo cardíaco a partir de células donadas y lo congeló.",
    "nl": "De onderzoekers kweekten hartspier uit gedoneerde cellen en vroren die in.",
    "sv": "Gruppen odlade hjärtmuskel av donerade celler och frös in den.",
    "ko": "연구팀은 기증받은 세포로 심장 근육을 키웠다.",
    "ja": "研究チームは提供された細胞から心筋を作った。",
    "zh": "研究小组用捐赠的细胞培育了心肌。",
    "ru": "Группа вырастила сердечную мышцу из донорских клеток.",
}


@pytest.mark.parametrize("lang", TEXTS)
def test_a_text_is_read_by_its_script_or_words(lang: str) -> None:
    assert find_language(TEXTS[lang]) == lang


@pytest.mark.parametrize(("declared", "lang"), [("en-US", "ko"), ("en-US", "de"), ("de", "en"), ("ko", "fr")])
def test_a_declared_language_that_the_text_contradicts_is_not_believed(declared: str, lang: str) -> None:
    assert find_language(TEXTS[lang], declared) == lang


@pytest.mark.parametrize(
    ("text", "declared", "lang"),
    [
        ("NK-92", None, None),  # too short to tell, and nobody says
        ("NK-92", "de_DE", "de"),
        ("NK-92", "ko", None),  # not in that script
        ("", "fr", "fr"),
        ("Den nye banken tek imot celler frå alle sjukehus.", "nn", "no"),
    ],
)
def test_a_declared_language_helps_where_the_text_is_too_short(
    text: str, declared: str | None, lang: str | None
) -> None:
    assert find_language(text, declared) == lang


@pytest.mark.parametrize(
    "text", ["Patients came to Otterfield University.", "Kuala Lumpur, Malaysia. The bank replied."]
)
def test_short_english_with_foreign_names_is_english(text: str) -> None:
    assert find_language(text) == "en"
