"""What is about stem cells, and what only looks so."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.records import Label
from nlp.classify.page import Page, Paper
from nlp.classify.scope import find_labels

LONG = "The council met on Tuesday and spoke about roads, schools and the price of bread for two hours. " * 12


def label(title: str, text: str, scope: str = "mixed", **extra: object) -> Label:
    page = Page(
        id="d", kind="news", source_kind="news", source_scope=scope, country=None, lang="en", title=title, text=text,
        extra=dict(extra),
    )  # fmt: skip
    (found,) = find_labels(page)
    return found


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("Stem cells mend a nerve", "A short note."),
        ("A bank reports", "The bank sent out induced pluripotent stem cells to laboratories last year."),
        ("국립줄기세포은행, 분양 실적 발표", "작년 분양은 133건이었다."),
        ("京都のチーム", "iPS細胞から神経を作った。"),
        ("Une équipe lyonnaise", "Des cellules souches ont été greffées."),
        ("Vesicles for nerves", "Extracellular vesicles helped regenerating axons; a cell therapy may follow."),
        ("Deep in the story", LONG + "Stem cells were used. Later, the stem-cell product was withdrawn."),
    ],
)
def test_in_scope_with_the_sentence_it_rests_on(title: str, text: str) -> None:
    found = label(title, text)
    assert found.value == "in"
    assert found.sentence == (title if found.start is None else text[found.start : found.end])
    assert found.sentence


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("Asparagus stems are thick this year", "The farmer cut every stem by hand; a cell phone rang. " + LONG),
        ("Council news", LONG + "One speaker mentioned stem cells in passing. " + LONG),
        ("", ""),
        ("System cells", "The ecosystem cells of the battery stem from a plant. " + LONG),
    ],
)
def test_out_of_scope_rests_on_nothing(title: str, text: str) -> None:
    found = label(title, text)
    assert (found.value, found.sentence) == ("out", "")


def test_what_a_source_of_stem_cells_alone_gives_is_in_scope() -> None:
    found = label("Opening hours", "The desk is closed on Friday.", scope="all")
    assert (found.value, found.component.endswith(":source")) == ("in", True)


def test_a_heading_of_a_record_decides() -> None:
    headings = [{"ui": "D059630", "name": "Mesenchymal Stem Cells", "major": True}]
    found = label("Healing of a fracture", "Bone grew back.", mesh=headings)
    assert (found.value, found.component.endswith(":heading")) == ("in", True)


def test_what_rests_on_a_paper_of_the_field_is_of_the_field() -> None:
    text = "A paper on patches of heart muscle was withdrawn. The editors name one picture that was printed twice."
    page = Page(id="d", kind="news", source_kind="news", source_scope="mixed", country=None, lang="en",
                title="Journal withdraws a paper", text=text)  # fmt: skip
    assert next(find_labels(page)).value == "out"
    paper = Paper(id="doi:10.5555/1", kind="paper", title="Patches", text="Grown from embryonic stem cells.", extra={})
    (label,) = find_labels(replace(page, papers=(paper,)))
    assert (label.value, label.component.endswith(":doi:10.5555/1")) == ("in", True)
