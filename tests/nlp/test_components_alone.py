"""Parts of the entity pipeline on annotations of our own: no spaCy, no model, no lexicon."""

from __future__ import annotations

import pytest

from nlp.entities.annotations import Annotations, EntitySpan, keep_longest
from nlp.entities.components.abbreviations import Explained, find_window, is_of_something_else, says_nothing
from nlp.entities.components.cell_lines import drop_covered, find_in_rows
from nlp.entities.components.coordination import pair_parts
from nlp.entities.components.institutions import find_joint, find_owner
from nlp.entities.components.journals import are_in_row, drop_article, extend
from nlp.entities.components.organisations import add_first, merge
from nlp.entities.components.overlaps import Overlaps
from nlp.entities.components.places import Search, find_alone, take_tagged
from nlp.entities.components.repeats import Repeats
from nlp.entities.components.trimming import ADDRESS, TrimRules, cut_off, is_bare_word, join_left
from nlp.entities.span_index import SpanIndex
from nlp.entities.spelling import fold
from nlp.entities.vocabulary import KEEP, Name

NAMED = (Name(type=0, concept=1, flags=0),)


def annotate(text: str, *found: EntitySpan) -> Annotations:
    return Annotations(text=text, folded=fold(text), country=None, found=list(found))


def span(
    text: str,
    surface: str,
    label: str = "DISEASE",
    *,
    names: tuple[Name, ...] = (),
    component: str = "tagger/1",
    why: str | None = None,
) -> EntitySpan:
    start = text.index(surface)
    return EntitySpan(start=start, end=start + len(surface), type=label, names=names, component=component, why=why)


def surfaces(annotations: Annotations) -> list[str]:
    return [annotations.surface(one) for one in annotations.found]


def test_of_overlapping_names_the_leftmost_and_longest_stay() -> None:
    text = "lung cancer cells"
    kept = keep_longest([span(text, "cancer cells"), span(text, "lung"), span(text, "lung cancer")])
    assert [text[one.start : one.end] for one in kept] == ["lung cancer"]


def test_a_type_swallows_what_its_mentions_touch() -> None:
    text = "Journal of Spinal Cord Injury on lung cancer cells"
    found = annotate(
        text,
        span(text, "Spinal Cord Injury"),
        span(text, "Journal of Spinal Cord Injury", "JOURNAL"),
        span(text, "lung cancer"),
        span(text, "lung cancer cells", "CELL_TYPE"),
    )
    none: frozenset[str] = frozenset()
    Overlaps({"JOURNAL": frozenset({"DISEASE"}), "DISEASE": none, "CELL_TYPE": none}).annotate(found)
    assert surfaces(found) == ["Journal of Spinal Cord Injury", "lung cancer", "lung cancer cells"]


def test_of_one_span_with_two_types_the_swallowing_one_stays() -> None:
    text = "Jurkat"
    found = annotate(text, span(text, "Jurkat", "PLACE"), span(text, "Jurkat", "CELL_LINE"))
    Overlaps({"CELL_LINE": frozenset({"PLACE"}), "PLACE": frozenset()}).annotate(found)
    assert [one.type for one in found.found] == ["CELL_LINE"]


def test_repeats_of_long_names_are_found_and_of_single_words_not() -> None:
    text = "Sample Grafts said so. Cell said so. Sample Grafts and Cell."
    found = annotate(text, span(text, "Sample Grafts", "JOURNAL"), span(text, "Cell", "JOURNAL"))
    Repeats().annotate(found)
    assert surfaces(found) == ["Sample Grafts", "Cell", "Sample Grafts"]


@pytest.mark.parametrize(
    ("text", "name", "long", "silent", "other"),
    [
        ("Sample's disease kinase (SDK)", "Sample's disease", "Sample's disease kinase", True, False),
        ("factor of activated T cells (NFAT)", "T cells", "factor of activated T cells", False, True),
        ("mesenchymal stem cells (MSC)", "mesenchymal stem cells", "mesenchymal stem cells", False, False),
    ],
)
def test_what_an_abbreviation_explains(text: str, name: str, long: str, silent: bool, other: bool) -> None:
    explained = Explained(short=text[text.index("(") + 1 : -1], start=text.index(long), end=len(long))
    known = span(text, name)
    assert says_nothing(explained, known) is silent
    assert is_of_something_else(text, explained, known) is other


def test_a_long_form_stays_in_its_line() -> None:
    text = "one two\nthree four five"
    assert text[find_window(text, len(text), 2) :] == " four five"
    assert text[find_window(text, len(text), 9) :] == "three four five"
    assert find_window("one two", 7, 9) == 0


def test_the_longest_head_is_tried_first() -> None:
    pairs = list(pair_parts(["type", "1", "and"], ["type", "2", "diabetes"]))
    assert pairs[0] == ("type 1 and", "2 diabetes")
    assert pairs[-1] == ("and", "diabete")


@pytest.mark.parametrize(
    ("words", "owner", "joint"),
    [
        ("Korea's Sample Institute", 1, 0),
        ("Women's Hospital", 0, 0),
        ("Sample Trust and Sampleton University", 0, 3),
        ("University Hospital", 0, 0),
    ],
)
def test_words_before_an_institution(words: str, owner: int, joint: int) -> None:
    assert find_owner(words.split(), frozenset({"women's"})) == owner
    assert find_joint(words.split()) == joint


def test_articles_and_suffixes_of_journals() -> None:
    text = "in the journal Blood Journal, the Lancet, Cell and Grafts"
    blood = drop_article(text, span(text, "journal Blood"))
    assert blood is not None
    whole = extend(text, blood, None)
    assert text[whole.start : whole.end] == "Blood Journal"
    assert drop_article(text, span(text, "the Lancet")) is None
    assert are_in_row(span(text, "Grafts"), span(text, "Cell"), text)
    assert not are_in_row(blood, span(text, "Cell"), text)


def test_rows_of_cell_lines_are_read_from_their_end() -> None:
    text = "H1, H7 and WA09 hESCs; BJ grew"
    names = [span(text, one, "CELL_LINE") for one in ("H1", "H7", "WA09", "BJ")]
    added = find_in_rows(text, names, [names[2]])
    assert [text[one.start : one.end] for one in added] == ["H7", "H1"]


def test_a_line_with_a_generic_word_is_not_a_cell_type() -> None:
    text = "HeLa cells and HeLa-derived neurons"
    lines = [span(text, "HeLa", "CELL_LINE")]
    types = frozenset({"CELL_TYPE"})
    assert drop_covered([span(text, "HeLa cells", "CELL_TYPE")], lines, types, text) == []
    neurons = span(text, "neurons", "CELL_TYPE")
    assert drop_covered([neurons], lines, types, text) == [neurons]


def test_institutions_take_the_meaning_that_they_begin_with() -> None:
    text = "Sample University School of Medicine; Sample University and Other Institute"
    one = merge([span(text, "Sample University", names=NAMED), span(text, text.partition(";")[0])], text)
    assert [(text[s.start : s.end], s.names, s.why) for s in one] == [
        ("Sample University School of Medicine", NAMED, "a part of Sample University")
    ]
    both = span(text, "Sample University and Other Institute")
    first = EntitySpan(start=both.start, end=both.start + 17, type="DISEASE", names=NAMED, component="lexicon/1")
    assert [text[s.start : s.end] for s in add_first(both, [first], text)] == [
        "Sample University",
        "Other Institute",
    ]


def make_search(text: str, *taken: str) -> Search:
    others = SpanIndex((text.index(one), text.index(one) + len(one)) for one in taken)
    return Search(text=text, never={"university"}, others=others, known=SpanIndex(), new={})


def test_a_place_is_found_wherever_it_occurs_alone() -> None:
    text = "They met in Otsu. Ann Otsu left Otsu University; Otsu slept."
    search = make_search(text, "Ann Otsu")
    assert take_tagged(search, [span(text, "Otsu", "PLACE")]) == []
    assert list(search.new) == [(12, 16)]
    assert [text[a - 2 : b] for a, b in find_alone(search)] == ["; Otsu"]
    assert not search.take(text.index("Otsu University"), text.index(";"), "x")
    assert not search.take(*make_span_of(text, "Ann Otsu"), "x")


def make_span_of(text: str, surface: str) -> tuple[int, int]:
    return text.index(surface), text.index(surface) + len(surface)


def test_the_end_of_a_tagged_place_that_the_lexicon_knows_is_the_place() -> None:
    text = "from Mountainous Nepal"
    why = "found by the tagger; its last words are 'Nepal'"
    (one,) = take_tagged(make_search(text), [span(text, "Mountainous Nepal", "PLACE", why=why)])
    assert text[one.start : one.end] == "Nepal"


def test_words_around_a_name_are_cut_off_unless_the_name_is_exact() -> None:
    rules = TrimRules(left={"aggressive"}, right={"symptoms"}, join={"chronic"})
    text = "types of aggressive multiple sclerosis symptoms"

    def cut(one: EntitySpan) -> str:
        start, end = cut_off(text, fold(text), one, rules)
        return text[start:end]

    assert cut(span(text, text)) == "multiple sclerosis"
    assert cut(span(text, text, names=NAMED)) == "aggressive multiple sclerosis symptoms"
    assert cut(span(text, text, names=NAMED, why="tail")) == "multiple sclerosis"


def test_words_of_the_kind_are_taken_along() -> None:
    rules = TrimRules(join={"human"})
    for text, cell, left in (
        ("in human bone marrow-derived stem cells", True, "human bone marrow-derived stem cells"),
        ("in human bone marrow-derived stem cells", False, "stem cells"),
        ("in human stem cells", False, "human stem cells"),
    ):
        assert text[join_left(text, text.index("stem"), rules, is_cell=cell) :] == left


def test_a_bare_small_word_needs_the_ending_of_a_disease() -> None:
    text = "arthritis and trouble"
    for surface, bare in (("arthritis", False), ("trouble", True)):
        one = span(text, surface)
        assert is_bare_word(text, one, one.start, one.end) is bare
    known = span(text, "trouble", names=(Name(type=0, concept=None, flags=KEEP),))
    assert not is_bare_word(text, known, known.start, known.end)


def test_addresses() -> None:
    text = "Mail a.b+c@sample.example or see www.sample.example/x, [y](/stem-cells) and sample.org."
    assert [match.group() for match in ADDRESS.finditer(text)] == [
        "a.b+c@sample.example",
        "www.sample.example/x,",
        "/stem-cells)",
        "sample.org",
    ]
