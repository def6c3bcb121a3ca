"""The one sentence of a story: `story_sentences.py`."""

from __future__ import annotations

from dataclasses import replace

import pytest

from publish.edition.steps import ANIMALS, CELLS, PEOPLE
from publish.edition.story_sentences import LONGEST, Material, find_sentence

RESULT = "Vesicles that carry a growth factor improved the repair of crushed nerves in mice."
PAPER = Material(
    document=1, kind="paper", lang="en", title="A growth factor and the crushed nerve",
    text=f"Nerve injuries are common in people. We made vesicles from urine cells. {RESULT} These may help patients.",
    quoted=(), labelled=(), things=(),
)  # fmt: skip


def chosen(material: Material, step: int | None = ANIMALS, headline: str = "A headline") -> str:
    found = find_sentence(headline, [material], step)
    return found.text if found else ""


def test_it_says_what_was_done_in_what() -> None:
    assert chosen(PAPER) == RESULT


@pytest.mark.parametrize(
    "text",
    [
        "Nerve injuries in mice are treated with cells.",  # before the text tells of its own work
        "We investigated the effect of vesicles on nerves in mice.",  # an aim
        "We saw this. It improved the repair of nerves in mice with cells.",  # it leans on the sentence before
        "We asked this. Previous studies improved nerves in mice with cells.",  # other work
        "We asked this. Do cells improve the repair of nerves in mice?",
        "We saw that. “Cells improved the repair of nerves in mice,” she said, “and we told you so.”",
        "We saw that cells improved the nerves in mice",  # not whole
        f"We saw that cells improved the nerves in mice, {'and so on, ' * 40}in all.",
    ],
)
def test_no_sentence_is_better_than_a_wrong_one(text: str) -> None:
    assert chosen(replace(PAPER, text=text)) == ""


def test_what_was_done_in_people_is_not_told_by_mice() -> None:
    assert chosen(PAPER, PEOPLE) == ""
    assert chosen(PAPER, CELLS) == ""


def test_the_headline_is_not_repeated() -> None:
    assert chosen(PAPER, headline=RESULT.rstrip(".")) == ""


def test_a_closed_text_gives_only_whole_quotations() -> None:
    closed = replace(PAPER, kind="news", text="", title="News")
    assert chosen(replace(closed, quoted=(f"…{RESULT}",))) == ""
    assert chosen(replace(closed, quoted=(RESULT[:-20] + "…",))) == ""
    assert chosen(replace(closed, quoted=(RESULT,), labelled=(RESULT,))) == RESULT


def test_the_heading_of_a_part_is_left_out() -> None:
    parts = f"Background: Nerves heal slowly in people.\n\nResults: {RESULT}\n\nConclusions: More work is needed."
    assert chosen(replace(PAPER, text=parts)) == RESULT


def test_the_paper_comes_before_the_news() -> None:
    news = replace(
        PAPER, document=2, kind="news", title="News",
        text="Researchers improved the repair of nerves in mice with tiny vesicles made from cells.",
    )  # fmt: skip
    found = find_sentence("A headline", [news, PAPER], ANIMALS)
    assert found and (found.document, found.text) == (1, RESULT)


def test_a_text_without_evidence_gives_only_the_value_of_a_series() -> None:
    number = "In 2024 the National Stem Cell Bank filled 133 requests for stem cells."
    release = replace(
        PAPER, kind="release", reports=False, text=f"{number} Researchers improved nerves in mice with cells."
    )
    assert chosen(release, None) == ""
    assert chosen(replace(release, series=(number,)), None) == number


def test_a_language_without_words_gives_the_sentence_of_its_label() -> None:
    said = "연구팀은 소포를 생쥐에 주사해 신경이 다시 자라는 것을 확인했다."
    korean = replace(PAPER, lang="ko", text=f"첫 문장이다. {said}", labelled=(said,), title="제목")
    assert chosen(korean) == said
    assert chosen(replace(korean, labelled=())) == ""
    found = find_sentence("A headline", [korean, replace(PAPER, document=2)], ANIMALS)
    assert found and found.document == 2  # English first


def test_it_is_never_longer_than_a_line_or_two() -> None:
    assert LONGEST < 400 and len(chosen(PAPER)) <= LONGEST
