"""Who is quoted, for which institution, and whether they are independent; what is promised by when."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pytest

from core.records import Mention, Quotation
from nlp.classify.page import Page, Paper
from nlp.figures.promises import find_due, find_promises
from nlp.figures.quotations import find_quotations


def page(
    text: str, *, people: Sequence[str] = (), places: Sequence[str] = (), papers: Sequence[Paper] = (), title: str = "",
    kind: str = "news",
) -> Page:  # fmt: skip
    mentions = [
        Mention(document="d", part="text", start=m.start(), end=m.end(), type=kind, surface=name, concept=None,
                score=1.0, why="", component="")
        for kind, names in (("PERSON", people), ("INSTITUTION", places))
        for name in names
        for m in re.finditer(re.escape(name), text)
    ]  # fmt: skip
    return Page(id="d", kind=kind, source_kind="news", source_scope="mixed", country=None, lang="en", title=title,
                text=text, mentions=tuple(mentions), papers=tuple(papers))  # fmt: skip


def spoken(found: list[Quotation]) -> list[tuple[str, str | None, str]]:
    return [(q.speaker, q.affiliation, q.independent) for q in found]


def test_a_speaker_is_next_to_a_verb_of_saying() -> None:
    text = (
        "A team at Harbour University grew muscle. “We did not expect it to twitch,” said Vida Okonkwo, who leads the"
        " laboratory at Harbour University.\n\n“It is a small step and it is a real one,” she added."
    )
    found = list(find_quotations(page(text, people=["Vida Okonkwo"], places=["Harbour University"])))
    assert spoken(found) == [("Vida Okonkwo", "Harbour University", "no")] * 2
    assert text[found[0].start : found[0].end] == "“We did not expect it to twitch,”"


def test_who_was_not_involved_is_independent() -> None:
    text = (
        "A team at Harbour University grew muscle.\n\n“I would like to see it done again,” said Piet Lund of Northern"
        " Hospital, who was not involved in the study."
    )
    (found,) = find_quotations(page(text, people=["Piet Lund"], places=["Harbour University", "Northern Hospital"]))
    assert (found.independent, found.affiliation) == ("yes", "Northern Hospital")
    assert "not involved" in found.why


def test_the_linked_paper_says_who_belongs_to_the_study() -> None:
    text = "It twitched.\n\n“I would like to see it done again,” said Piet Lund of Northern Hospital."
    people = [{"name": "Okonkwo, Vida"}]
    extra = {"affiliations": ["Harbour University, Harbour"], "people": people}
    paper = Paper(id="doi:10.5555/1", kind="paper", title="", text="", extra=extra)
    (found,) = find_quotations(page(text, people=["Piet Lund"], places=["Northern Hospital"], papers=[paper]))
    assert found.independent == "yes"
    people.append({"name": "Lund, Piet"})
    (found,) = find_quotations(page(text, people=["Piet Lund"], places=["Northern Hospital"], papers=[paper]))
    assert (found.independent, found.why) == ("no", "an author of the linked paper")


def test_a_release_quotes_whom_it_chooses() -> None:
    text = (
        "Larkspur Cells will sew patches onto hearts. “Our patch changes everything,” said Vida Okonkwo of Larkspur"
        " Cells.\n\n“It is a fine company,” said Piet Lund of Northern Hospital."
    )
    found = find_quotations(
        page(
            text,
            people=["Vida Okonkwo", "Piet Lund"],
            places=["Larkspur Cells", "Northern Hospital"],
            papers=[
                Paper(id="p", kind="paper", title="Patches", text="", extra={"affiliations": ["Marsh University"]})
            ],
            kind="release",
        )
    )
    assert [quotation.independent for quotation in found] == ["no", "unknown"]


def test_a_later_surname_is_the_same_person() -> None:
    text = (
        "Vida Okonkwo of Harbour University grew muscle. Weeks went by in the laboratory before anybody noticed it.\n\n"
        "Okonkwo said: “We did not expect it to twitch at all.”"
    )
    (found,) = find_quotations(page(text, people=["Vida Okonkwo", "Okonkwo"], places=["Harbour University"]))
    assert (found.speaker, found.affiliation) == ("Vida Okonkwo", "Harbour University")


def test_korean_quotations_are_found() -> None:
    text = "한비다 교수는 “근육이 움직일 것으로는 예상하지 못했다”고 말했다."
    (found,) = find_quotations(page(text, people=["한비다"]))
    assert (found.speaker, found.independent) == ("한비다", "unknown")


def test_a_coined_word_has_no_speaker() -> None:
    text = "Vida Okonkwo calls it “the mesh that remembers its shape” in her talks."
    assert not list(find_quotations(page(text, people=["Vida Okonkwo"])))


def test_words_that_no_named_person_spoke_are_left_out() -> None:
    assert not list(find_quotations(page("“No name stands here at all,” it said.")))


@pytest.mark.parametrize(
    ("words", "due"),
    [
        ("could reach the clinic within five years", "2031"),
        ("trials should begin in two to three years", "2029"),
        ("a trial in people is planned for next year", "2027"),
        ("the firm expects approval by 2029", "2029"),
        ("by the end of the decade patients could receive it", "2030"),
        ("trials may start in 18 months", "2028-05"),
        ("2028년까지 임상시험을 시작할 계획", "2028"),
    ],
)
def test_a_date_is_counted_from_the_day_of_the_text(words: str, due: str) -> None:
    found = find_due(words, "2026-11-20")
    assert found is not None
    assert found[0] == due


def test_without_a_day_the_words_stay_and_the_date_is_open() -> None:
    assert find_due("could reach the clinic within five years", None) == (None, "within five years")


def test_a_promise_is_made_under_a_full_name() -> None:
    text = "Vida Okonkwo grew muscle.\n\nOkonkwo plans a trial in people next year."
    (found,) = find_promises(page(text, people=["Vida Okonkwo", "Okonkwo"]), "2026-11-20")
    assert (found.who, found.due) == ("Vida Okonkwo", "2027")


def test_a_promise_needs_a_future_an_aim_and_a_time() -> None:
    text = (
        "Vida Okonkwo hopes to begin a trial within two years. The trial ended in 2025. It could help patients one day."
        " A girl within two years of school will get a bicycle."
    )
    (found,) = find_promises(page(text, people=["Vida Okonkwo"]), "2026-11-20")
    assert (found.who, found.due, found.state) == ("Vida Okonkwo", "2028", "open")
    assert text[found.start : found.end] == found.sentence
