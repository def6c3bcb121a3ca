"""Copies, translations and reports of the same event are found; unrelated texts and boilerplate are not."""

from __future__ import annotations

import json
from typing import cast

import pytest

from relations.compared_text import DocumentRow, find_common, read_text
from relations.near_duplicates import relate
from relations.shingles import Overlap, compare, find_shingles, remove_boilerplate

RELEASE = (
    "Cells from the skin of four donors were turned into muscle at the Harbour Institute, and the muscle twitched when"
    " it was asked to. The team grew the cells for ninety days on a mesh of silk. Twice a week a current of five volts"
    " went through the dish.\n\nNothing of the kind has been tried in people. The mice that received the muscle walked"
    " no better than their littermates for a month. From the fifth week on they were faster by a third.\n\nThe work was"
    " paid for by the harbour's own fund. Two of the authors hold shares in a firm that sells the mesh."
)
STRANGER = (
    "A survey of eighty gardens found fewer beetles than ten years ago. The keepers of the gardens were asked what they"
    " spray and when. Most said that they had stopped, yet the beetles have not come back. A second survey is planned"
    " for spring, with traps that close by themselves at night.\n\nThe council will hear the report in March and means"
    " to vote on hedges in the same week, which some members think is too soon."
)
CLOSING = (
    "Every story on this page is checked by two people before it appears, one of whom has not read it before. If we"
    " were wrong, tell us, and we shall say so at the top of the page with the day on which we changed it. Our accounts"
    " are open to readers, and so is the list of those who pay us, from which nobody has ever asked to be taken."
)


def row(text: str, **given: object) -> DocumentRow:
    base = {
        "id": "d", "source": "s", "lang": "en", "title": "", "text": text, "identifiers": "{}",
        "hash": "h", "first_seen": "2026-11-02T00:00:00Z", "day": "2026-11-02", "mentions": "[]",
    }  # fmt: skip
    read = {name: json.dumps(value) if isinstance(value, list | dict) else value for name, value in given.items()}
    return cast(DocumentRow, base | read)


def overlap(one: str, other: str) -> Overlap:
    return compare(find_shingles(remove_boilerplate(one)), find_shingles(remove_boilerplate(other)))


@pytest.mark.parametrize(
    "copy",
    [
        RELEASE.split("\n\n")[0],  # cut
        f"{RELEASE}\n\nOur reporter saw the dish. It was smaller than she had thought.",  # added to
        f"It rained all week in the harbour. {RELEASE.split('. ', 2)[2]}",  # its beginning is another
    ],
)
def test_a_copy_is_found_whatever_was_done_to_it(copy: str) -> None:
    assert overlap(RELEASE, copy).copy


def test_unrelated_texts_with_the_same_closing_are_no_copies() -> None:
    found = overlap(f"{RELEASE}\n\n{CLOSING}", f"{STRANGER}\n\n{CLOSING}")
    assert found.shared > 50
    assert not found.copy


def test_text_below_about_the_institute_does_not_count() -> None:
    about = "About the Harbour Institute\n\n" + CLOSING
    assert remove_boilerplate(f"{RELEASE}\n\n{about}") == RELEASE


def test_paragraphs_under_every_document_of_a_source_do_not_count() -> None:
    rows = [
        row(f"{text}\n\n{CLOSING}", id=str(n)) for n, text in enumerate((RELEASE, STRANGER, "Short news of the day."))
    ]
    common = find_common(rows)["s"]
    assert remove_boilerplate(rows[0]["text"], common) == RELEASE


def test_characters_of_scripts_without_spaces_are_words() -> None:
    one = "줄기세포은행은 2024년에 연구용 줄기세포주를 국내 연구기관에 무상으로 분양했다고 밝혔다"
    assert overlap(f"{one}. 다른 소식입니다.", one).copy


def test_a_translation_is_found_by_names_numbers_and_concepts() -> None:
    mentions = [
        ["INSTITUTION", "ROR:1", "Konkuk University"],
        ["DISEASE", "MONDO:1", "ALS"],
        ["CELL_TYPE", "CL:1", "MSC"],
    ]
    korean = row(
        "연구진은 생쥐 48마리에서 효과를 보았다. 결과는 5월 27일 발표되었다.", id="ko", lang="ko", mentions=mentions
    )
    english = row("The team saw an effect in 48 mice.", id="en", mentions=mentions)
    found = relate(read_text(english), read_text(korean))
    assert found is not None
    assert found.relation == "translation"
    assert "Konkuk University" in found.why
    without = relate(read_text(row("The team saw an effect in 48 mice.", mentions=mentions[1:])), read_text(korean))
    assert without is None


def test_two_reports_of_one_event_are_related_and_two_weeks_later_they_are_not() -> None:
    mentions = [[kind, f"{kind}:1", "x"] for kind in ("INSTITUTION", "PERSON", "DISEASE", "CELL_TYPE")]
    one = row("Muscle that twitches was grown by Vida Okonkwo from skin.", title="Muscle from skin", mentions=mentions)
    other = row(
        "Vida Okonkwo has made muscle out of skin cells.", id="o", title="Skin becomes muscle", mentions=mentions
    )
    found = relate(read_text(one), read_text(other))
    assert found is not None
    assert (found.relation, found.kept) == ("event", None)
    assert relate(read_text({**one, "day": "2026-11-30"}), read_text(other)) is None


def test_texts_without_words_are_not_related() -> None:
    assert relate(read_text(row("")), read_text(row("", id="o"))) is None
