"""How sentences are cut around what was asked for."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from publish.letters.letter import Marked
from publish.letters.sentences import cut, merge, with_inner_marks

TEXTS = st.text(alphabet="ab cdé세포。.,\n", min_size=1, max_size=400)


@given(TEXTS, st.data(), st.integers(24, 200))
def test_a_cut_holds_its_first_mark_whole_and_keeps_the_width(text: str, data: st.DataObject, limit: int) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, min(len(text), start + 10)))
    wanted = " ".join(text[start:end].split())
    found = cut(text, [(start, end)], limit)
    if found is None:
        return
    assert len(found.text) <= limit
    assert "\n" not in found.text
    marked = [found.text[first:last].strip() for first, last in found.marks]
    assert wanted in marked or not wanted
    assert found.text.strip("…").strip() in " ".join(text.split())


def test_it_is_cut_at_word_ends() -> None:
    words = "alpha beta gamma delta " * 20
    at = words.index("gamma", 200)
    found = cut(words, [(at, at + 5)], 80)
    assert found is not None
    assert found.text.startswith("…") and found.text.endswith("…")
    assert set(found.text.strip("…").split()) <= {"alpha", "beta", "gamma", "delta"}
    [(start, end)] = found.marks
    assert found.text[start:end] == "gamma"


def test_nothing_is_quoted_where_a_fifth_of_the_text_has_no_room() -> None:
    assert cut("A text of five words.", [(2, 6)], 4) is None


def test_places_that_overlap_are_one() -> None:
    assert merge(iter([(5, 9), (1, 3), (2, 4), (9, 11), (7, 7)])) == ((1, 4), (5, 11))


def test_quotation_marks_inside_a_quotation_are_single_and_whole() -> None:
    text = "“It works,” she said of mice. “Now wait."
    at = text.index("mice")
    found = with_inner_marks(Marked(text=text, marks=((at, at + 4), (text.index("Now"), text.index("Now") + 3))))
    assert found.text == "‘It works,’ she said of mice. Now wait."
    assert [found.text[start:end] for start, end in found.marks] == ["mice", "Now"]
