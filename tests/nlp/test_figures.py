"""Figures: subject, period and series of a number, in English and Korean; bad input gives no wrong row."""

import pytest

from core.records import Figure, Mention
from core.stage import Done, Skipped
from nlp.classify.page import Page
from nlp.figures.figures import find_figures
from nlp.figures.stage import FigureRow, read_document

BANK = "stemwire:korea-national-stem-cell-bank"
NAMES = {BANK: "Korea National Stem Cell Bank"}
SERIES = "Korea National Stem Cell Bank: stem cell distributions"


def page_of(text: str, *, title: str = "", lang: str = "en", bank: str = "") -> Page:
    """A page; `bank` is how the text names the bank."""
    mentions: tuple[Mention, ...] = ()
    if bank:
        at = text.index(bank)
        mentions = (
            Mention(document="d", part="text", start=at, end=at + len(bank), type="INSTITUTION", surface=bank,
                    concept=BANK, score=1.0, why="", component=""),
        )  # fmt: skip
    return Page(
        id="d", kind="news", source_kind="news", source_scope="all", country=None, lang=lang, title=title, text=text,
        mentions=mentions, countries={BANK: "KR"} if bank else {},
    )  # fmt: skip


def figures_of(text: str, **more: str) -> list[Figure]:
    return list(find_figures(page_of(text, **more), "2025-02-20", NAMES))


def points(figures: list[Figure]) -> list[tuple[str | None, float]]:
    return [(f.period, f.value) for f in figures if f.series == SERIES and f.modifier == "exact"]


def said(text: str, **more: str) -> list[tuple[float, str, str]]:
    return [(f.value, f.unit, f.subject) for f in figures_of(text, **more)]


SIX = [("2019", 66), ("2020", 80), ("2021", 75), ("2022", 81), ("2023", 68)]


@pytest.mark.parametrize(
    ("text", "lang", "bank"),
    [
        ("The Stem Cell Bank distributed 66 cases in 2019, 80 in 2020, 75 in 2021, 81 in 2022, and 68 in 2023.", "en",
         "Stem Cell Bank"),
        ("The Stem Cell Bank shipped stem cells.\n\nShipments per year:\n\n2019: 66\n\n2020: 80\n\n2021: 75\n\n"
         "2022: 81\n\n2023: 68\n\nThe end.", "en", "Stem Cell Bank"),
        ("국가줄기세포은행은 줄기세포를 2019년 66건에서 이듬해 80건으로 더 분양했다가 2021년 75건,"
         " 2022년 81건을 기록했고 2023년에는 68건으로 내려앉았다.", "ko", "국가줄기세포은행"),
    ],
)  # fmt: skip
def test_a_banks_years_are_one_series(text: str, lang: str, bank: str) -> None:
    figures = figures_of(text, lang=lang, bank=bank)
    assert points(figures) == SIX
    assert {f.place for f in figures} == {"KR"}


def test_last_year_and_the_year_before_are_years_and_the_multiple_has_the_last() -> None:
    text = (
        "The Stem Cell Bank shipped stem cells 133 times last year, against 68 in the year before."
        " That is a factor of 1.8."
    )
    figures = figures_of(text, bank="Stem Cell Bank")
    assert points(figures) == [("2024", 133), ("2023", 68)]
    (multiple,) = [f for f in figures if f.modifier == "multiple"]
    assert (multiple.value, multiple.subject, multiple.series, multiple.period) == (
        1.8, "stem cell distributions", SERIES, "2024",
    )  # fmt: skip


def test_a_list_continues_in_the_next_sentence_and_its_gap_is_a_year() -> None:
    text = (
        "The Stem Cell Bank shipped stem cells 133 times in 2024. It had been less."
        " From 66 in 2019 the number went to 80, fell to 75 in 2021, touched 81 and then slipped back."
    )
    figures = figures_of(text, bank="Stem Cell Bank")
    assert points(figures) == [("2024", 133), ("2019", 66), ("2020", 80), ("2021", 75), (None, 81)]


def test_another_count_in_the_same_text_is_not_of_the_series() -> None:
    text = (
        "The Stem Cell Bank shipped stem cells 133 times in 2024. Forty institutions asked, among them 36 universities."
    )
    assert [(f.value, f.subject, f.series) for f in figures_of(text, bank="Stem Cell Bank")][1:] == [
        (40, "institutions", None), (36, "universities", None),
    ]  # fmt: skip


def test_one_in_so_many_shipments_is_no_yearly_figure() -> None:
    (figure,) = figures_of(
        "One in forty shipments of living cells of the Stem Cell Bank arrives warm.", bank="Stem Cell Bank"
    )
    assert (figure.value, figure.unit, figure.series) == (1, "of 40", None)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Six of nine disagreements were people with symptoms.", [(6, "of 9", "disagreements")]),
        ("The panel looked at 118 creams. Seventy-four used the words.", [(118, "", "creams"), (74, "", "creams")]),
        ("Of eighteen people, sixteen have had no crisis.", [(18, "", "people"), (16, "", "people")]),
        ("More than 70% of leukaemia patients have survived.", [(70, "%", "leukaemia patients")]),
        ("We take 60 ml of fat from the belly.", [(60, "ml", "fat")]),
        ("Each sheet is four millimetres wide.", [(4, "mm", "sheet")]),
        ("Participants will be followed for three years.", [(3, "years", "Participants")]),
        ("After twelve months it was over, two years ago.", []),
        ("Three questions remain, in two ways.", []),
        ("It is 1.8 times the average of five years.", [(1.8, "times", "average of five years")]),
        ("Swelling told who would be ill (sensitivity 0.70).", [(0.7, "", "sensitivity")]),
        ("They rose by 250%.", []),
        ("Sales of cells rose by 250% in May.", [(250, "%", "Sales of cells")]),
    ],
)
def test_a_figure_has_its_subject(text: str, expected: list[tuple[float, str, str]]) -> None:
    assert said(text) == expected


def test_a_year_of_a_comparison_is_not_the_period() -> None:
    (figure,) = figures_of("The number of trials last year nearly doubled compared to the previous year.")
    assert (figure.value, figure.period) == (2, "2024")


BAD = [
    "", " \n\n ", "12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28", "|n|12|34|56|78|", "Arm A\t12\t34\t5.6",
    "x" * 50_000, "7 " * 25_000, "5 mice, " * 6_000, "1.8배 " * 10_000, "(" * 50_000, "2019: " * 8_000,
    "six of " * 7_000,
]  # fmt: skip


@pytest.mark.parametrize("text", BAD, ids=lambda text: text[:8].replace("\n", " "))
@pytest.mark.parametrize("lang", ["en", "ko"])
def test_bad_input_gives_rows_with_their_sentence_or_none(text: str, lang: str) -> None:
    page = page_of(text, lang=lang, title=text[1:5_000])
    for figure in find_figures(page, "2025-02-20", NAMES):
        whole = page.title if figure.part == "title" else page.body
        assert figure.sentence
        assert figure.subject
        assert figure.sentence in whole
        assert whole[figure.start : figure.end] in figure.sentence


def test_a_table_that_was_extracted_as_prose_gives_no_figures() -> None:
    assert said("Arm A\t12 mice\t34 mice\t56 mice") == []
    assert said("Group   12 mice   34 mice   56 mice") == []
    assert said("12 34 56 78 90 12 34 56 78 90 12 34 56 78 mice") == []


def row_of(*, lang: str = "en", text: str = "They treated 12 people.") -> FigureRow:
    return {
        "id": "d", "kind": "news", "lang": lang, "title": "", "text": text, "summary": "",
        "extra": "{}", "translated": None, "day": "2025-02-20", "source_kind": "news",
        "source_scope": "all", "country": None, "mentions": "[]", "papers": "[]", "names": "{}",
    }  # fmt: skip


def test_what_we_do_not_label_is_skipped_with_its_reason() -> None:
    assert read_document(row_of(text="")) == Skipped(reason="no text")
    assert read_document(row_of(lang="ar")) == Skipped(reason="a language that we do not label (ar)")
    done = read_document(row_of())
    assert isinstance(done, Done)
    (figure,) = done.records
    assert isinstance(figure, Figure)
    assert (figure.value, figure.subject, figure.start, figure.end) == (12, "people", 13, 15)


def test_a_title_that_the_text_repeats_is_read_once() -> None:
    assert [f.part for f in figures_of("They treated 12 people.\n\nMore.", title="They treated 12 people.")] == ["text"]
    assert [f.part for f in figures_of("More.", title="They treated 12 people.")] == ["title"]
