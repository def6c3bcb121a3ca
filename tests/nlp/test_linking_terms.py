"""Names of diseases and cell types, however they are written, and what is not linked at all."""

from __future__ import annotations

import pytest

from nlp.normalize.name_keys import bag_key, tokens
from nlp.normalize.terms import HAND, LABEL, LEARNT, SYNONYM, TAUGHT, TermLinker, build_index

DISEASES = [
    ("grey fever", "D:grey", LABEL),
    ("grey fever type 2", "D:grey2", LABEL),
    ("sample valley cancer", "D:valley", LABEL),
    ("inherited marrow rust", "D:rust", LABEL),
    ("marrow ache syndrome", "D:ache", LABEL),
    ("pallor", "D:pallor", SYNONYM),
    ("pallor", "D:taught", TAUGHT),
    ("blue fever", "D:blue", HAND),
    ("blue fever", "D:other", LABEL),
    ("kidney dusting", "D:dust", LABEL),
    ("spleen disorder", "D:spleen", LABEL),
    ("greyness disorder", "D:greyness", LABEL),
    ("rustopenia", "D:penia", LABEL),
    ("Sample syndrome", "D:sample", LABEL),
    ("protein rust", "D:protein", LABEL),
    ("tumor of marrow sand", "D:sand-tumor", LABEL),
    ("carcinoma of marrow sand", "D:sand-carcinoma", LABEL),
]
CELLS = [
    ("dust cell", "C:dust", LABEL),
    ("hippocampal dust neuron", "C:hippo", LABEL),
    ("marrow keeper cell", "C:keeper", LABEL),
]


def linker(kind: str, names: list[tuple[str, str, int]], shorts: tuple[tuple[str, str], ...] = ()) -> TermLinker:
    rows = [(*one, False) for one in names] + [(short, concept, LEARNT, True) for short, concept in shorts]
    return TermLinker(build_index(kind, rows))


@pytest.mark.parametrize(
    ("surface", "meant"),
    [
        ("Grey fevers", "D:grey"),
        ("grey-fever type II", "D:grey2"),
        ("type 2 grey fever", "D:grey2"),
        ("carcinoma of the sample valley", "D:valley"),
        ("sample-valley tumours", "D:valley"),
        ("severe grey fever", "D:grey"),
        ("renal dusting", "D:dust"),
        ("zinc-induced grey fever", "D:grey"),
        ("type 3 grey fever", None),  # another subtype is another disease
        ("marrow ache", "D:ache"),  # only an idle word is missing, and two say enough
        ("ache", None),
        ("pallor", "D:taught"),
        ("blue fever", "D:blue"),
        ("spleen disease", "D:spleen"),  # any of the words that say no more than that something ails
        ("spleen", None),
        ("spleen toxicity", "D:spleen"),
        ("greyness", "D:greyness"),  # the end of the word says that it is one by itself
        ("rustopenic", "D:penia"),
        ("Other-Sample syndrome", None),  # two people's, not one's
        ("marrow sand tumors", "D:sand-tumor"),  # of names of the same words, the one that shares most unchanged words
        ("marrow sand carcinoma", "D:sand-carcinoma"),
        ("red protein rust", None),  # the end of another protein's name
        ("", None),
        ("!!", None),
        ("GF", None),
    ],
)
def test_disease(surface: str, meant: str | None) -> None:
    found = linker("disease", DISEASES).find(surface)
    assert (found.concept if found else None) == meant
    assert found is None or (found.why and 0 < found.score <= 1)


def test_abbreviations_are_what_the_document_says() -> None:
    made = linker("disease", DISEASES, (("GF", "D:grey"),))
    assert made.find("GF", long_forms={"GF": "blue fever"}).concept == "D:blue"  # type: ignore[union-attr]
    assert made.find("GF", long_forms={"GF": "great frog"}) is None
    assert made.find("GFs").concept == "D:grey"  # type: ignore[union-attr]
    assert made.find("late GF").concept == "D:grey"  # type: ignore[union-attr]
    assert made.find("gf") is None
    assert made.find("BF", long_forms={"BF": "for blue fever gene"}).concept == "D:blue"  # type: ignore[union-attr]
    # a word of a name may be an abbreviation in the same document
    assert made.find("grey fever type II", long_forms={"II": "blue fever"}).concept == "D:grey2"  # type: ignore[union-attr]


def test_what_corpora_teach_is_told_apart() -> None:
    made = linker("disease", DISEASES)
    found = made.taught("Pallor")
    assert found is not None and found.concept == "D:taught"
    assert made.taught("blue fever") is None and made.taught("nothing") is None


@pytest.mark.parametrize(
    ("surface", "meant"),
    [
        ("human spleen-derived dust cells", "C:dust"),
        ("hippocampal autaptic dust neurons", "C:hippo"),
        ("keeper cells of the marrow", "C:keeper"),
        ("cells", None),
    ],
)
def test_cell_type(surface: str, meant: str | None) -> None:
    found = linker("cell_type", CELLS).find(surface)
    assert (found.concept if found else None) == meant


def test_forms_meet() -> None:
    assert tokens("Type II Gaucher’s diseases") == tokens("type 2 Gaucher disease")
    assert tokens("leucocyte oedema") == tokens("leukocyte edema")
    assert tokens("β-cell") == tokens("beta cells")
    assert tokens("spermatogonia") == tokens("spermatogonium")
    assert tokens("CD8+ T cell") == tokens("CD8-positive T cells")
    assert bag_key(tokens("breast carcinoma"), "disease") == bag_key(tokens("cancer of the breast"), "disease")
