"""The small rules on their own: sentences, abbreviations, the choice among candidates."""

from __future__ import annotations

import pytest

from nlp.entities.components.abbreviations import find_abbreviations
from nlp.entities.components.lexicon import has_capitals
from nlp.entities.components.sentences import find_sentences
from nlp.normalize.candidates import Candidate
from nlp.normalize.disambiguate import choose


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("Dr. Lee et al. found it. Nobody else did!", 2),
        ("It is in J. Dermatol. Sci. 2020. It is new.", 2),
        ('"Is it so?" she said. "It is."', 2),
        ("The dose was 2.5 mg. Then 3.", 2),
        ("In the U.S. Food and Drug Administration rules apply.", 1),
        ("Heading\n\nText goes on.", 2),
        ("세포를 얻었다. 그 뒤에 넣었다.", 2),
        ("細胞を作った。次に移植した。", 2),
        ("", 0),
    ],
)
def test_sentences(text: str, count: int) -> None:
    spans = list(find_sentences(text))
    assert len(spans) == count
    assert "".join(text[start:end] for start, end in spans) == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("mesenchymal stem cells (MSCs) grow", [("MSC", "mesenchymal stem cells")]),
        ("MSC (mesenchymal stem cell) lines", [("MSC", "mesenchymal stem cell")]),
        (
            "the Korea Advanced Institute of Science and Technology (KAIST)",
            [("KAIST", "Korea Advanced Institute of Science and Technology")],
        ),
        ("graft-versus-host disease (GvHD; grade 2)", [("GvHD", "graft-versus-host disease")]),
        ("the cells (see below) and figures (Fig. 2) and (2019)", []),
        ("a heading\nstem cells (XYZ)", []),
    ],
)
def test_abbreviations(text: str, expected: list[tuple[str, str]]) -> None:
    assert [(short, text[start:end]) for short, start, end in find_abbreviations(text)] == expected


def test_capitals() -> None:
    assert has_capitals("University of Sampleton")
    assert has_capitals("SEOUL NATIONAL UNIVERSITY")
    assert has_capitals("건국대학교")
    assert not has_capitals("Research institute")
    assert not has_capitals("of the")


def make(concept: str, country: str | None = None, **more: bool) -> Candidate:
    flags = {"label": False, "alias": False, "default": False, "own": False, "derived": False, **more}
    return Candidate(concept=concept, name=concept, origin="ROR 1, CC0", country=country, **flags)


@pytest.mark.parametrize(
    ("candidates", "country", "named", "concept", "said"),
    [
        ([], "KR", (), None, "no concept of this name"),
        ([make("a", "KR", label=True)], "KR", (), "a", "country KR agrees"),
        ([make("a", "US", label=True)], "KR", (), "a", "exact name in ROR"),
        ([make("a", "PT")], "KR", (), None, "only a looser name of a (PT)"),
        ([make("a", "PT")], None, ("KR",), None, "only a looser name"),
        ([make("a", "PT")], None, (), "a", "synonym in ROR"),
        ([make("a", "KR"), make("b", "PT")], "KR", (), "a", "country KR agrees"),
        ([make("a", "KR"), make("b", "PT")], None, ("PT",), "b", "the text names its country, PT"),
        ([make("a", "KR"), make("b", "PT")], None, ("PT", "KR"), None, "two institutes share this name"),
        ([make("a", "KR"), make("b", "PT")], None, (), None, "two institutes share this name: "),
        ([make("a", "US", default=True), make("b", "MY")], None, (), "a", "usually meant"),
        ([make("a", "US", default=True), make("b", "MY")], "MY", (), "b", "country MY agrees"),
        ([make("a", "KR", derived=True), make("b", "KR")], "KR", (), "b", "KR"),
    ],
)
def test_choice_of_institute(
    candidates: list[Candidate], country: str | None, named: tuple[str, ...], concept: str | None, said: str
) -> None:
    choice = choose(candidates, country=country, named=named, placed=True)
    assert choice.concept == concept
    assert said in choice.why
    assert (choice.score > 0) == (concept is not None)


def test_choice_among_ontology_terms() -> None:
    assert choose([make("a", label=True), make("b")], country=None).concept == "a"
    assert choose([make("a"), make("b")], country=None).concept is None
