"""Folding: what is written in several ways is one word of the index, and what differs stays apart."""

import sqlite3
from contextlib import closing

import pytest

from publish.search.fold import (
    exact_key,
    fold_piece,
    fold_words,
    is_run,
    lookup_keys,
    name_key,
    pieces,
    sign_spans,
    signs,
)
from publish.search.fts import to_match
from publish.search.query import parse_query


@pytest.mark.parametrize(
    "same",
    [
        ("TGF-β", "TGFβ", "TGF-beta", "tgf beta", "TGFbeta", "TGF-𝛽", "ＴＧＦ－β"),
        ("β-thalassaemia", "beta thalassemia", "Beta-Thalassæmia"),
        ("γδ T cells", "gamma delta T-cells"),
        ("IL6", "IL-6", "il 6"),
        ("COVID19", "COVID-19", "Covid 19"),
        ("ΔF508", "delta-F508"),
        ("5µm", "5 μm"),
        ("Parkinson's", "Parkinson’s", "parkinson", "PARKINSON'S"),
        ("haematopoietic", "hematopoietic", "Hæmatopoietic"),
        ("tumours of the oesophagus", "tumors of the esophagus"),
        ("randomised", "randomized"),
        ("leukaemia", "leukemia"),
        ("programme", "program"),
        ("fibre centre", "fiber center"),
        ("mice with metastases", "mouse with metastasis"),
        ("phaeochromocytoma, moulding", "pheochromocytoma molding"),
        ("manoeuvres, milligrammes", "maneuvers milligrams"),
        ("meta-analyses", "meta-analysis"),
        ("paralysed, catalysing", "paralyzed catalyzing"),
        ("Müller", "muller", "Mu\u0308ller"),
        ("Sjögren", "SJOGREN"),
        ("Ménière naïve", "Meniere naive"),
        ("ﬁbroblast", "fibroblast"),
        ("Αθήνα", "αθηνα", "ΑΘΗΝΑ", "Αθη\u0301να"),
        ("ς", "σ", "sigma"),
        ("cm²", "cm2", "CM 2"),
        ("1,234", "1234"),
        ("幹細胞", "干细胞"),
        ("臨床試験", "临床试验", "臨床試驗"),
        ("iPS細胞", "iPS 細胞", "ips细胞"),
        ("줄기세포", "줄기 세포"),
        ("ｶﾞﾝ", "ガン"),
        ("cell_type", "cell type"),
    ],
)
def test_ways_of_writing_are_one(same: tuple[str, ...]) -> None:
    assert len({fold_words(text) for text in same}) == 1, [fold_words(text) for text in same]


@pytest.mark.parametrize(
    "apart",
    [
        ("four", "for", "fore"),
        ("course", "corse"),
        ("poem", "pem"),
        ("Michael", "Michel"),
        ("treatise", "treatize"),
        ("shoes", "shes"),
        ("diseases", "diseasis"),
        ("media", "medium"),
        ("1,23", "123"),
        ("p53", "p5 3"),
        ("iPS", "IP"),
        ("μ", "u"),
        ("幹", "細"),
    ],
)
def test_what_differs_stays_apart(apart: tuple[str, ...]) -> None:
    assert len({fold_words(text) for text in apart}) == len(apart)


def test_pieces_give_the_words_of_the_text_and_their_places() -> None:
    text = "TGFβ1-induced ｶﾞﾝ 줄기 세포 in O'Brien's 1,234 cm² (10.1038/s41586-020-2649-2)"
    assert " ".join(fold_piece(match[0]) for match in pieces(text)) == fold_words(text)
    for match in pieces(text):
        assert text[match.start() : match.end()] == match[0]
        if is_run(match[0]):
            assert len(signs(match[0])) == len(sign_spans(match[0]))
    assert sign_spans("ｶﾞﾝ") == [(0, 2), (2, 3)] and sign_spans("줄 기") == [(0, 1), (2, 3)]


def test_keys_of_names() -> None:
    assert name_key("Parkinson's  Disease") == name_key("parkinson diseases") == "parkinson disease"
    assert name_key("MSCs") == "msc" and name_key("iPSCs") == "ipsc" and name_key("EVs") == "ev"
    assert name_key("iPS cells") == "ips cell" and name_key("AIDS") == "aids" and name_key("SARS-CoV-2") == "sars cov 2"
    assert name_key("Mice") == "mouse" and name_key("viruses") == "virus" and name_key("biopsies") == "biopsy"
    assert name_key("multiple sclerosis") == "multiple sclerosis" and name_key("virus") == "virus"
    assert name_key("줄기 세포") == name_key("줄기세포") and name_key("iPS 細胞") == name_key("iPS细胞")
    assert name_key("Cell", "journal") != name_key("Cells", "journal") == exact_key("cells")
    assert name_key("🧬 …") == ""


def test_keys_to_look_up() -> None:
    for written, stored in {
        "aids": "AIDS",
        "STEM CELLS": "stem cell",
        "evs": "EVs",
        "ips": "iPS",
        "mscs": "MSC",
    }.items():
        assert name_key(stored) in lookup_keys(written)
    assert lookup_keys("ips")[0] == name_key("iPS")  # before ip
    assert name_key("AIDS") not in lookup_keys("aid")


@pytest.mark.parametrize(
    ("text", "query", "found"),
    [
        ("Levels of TGF-β1 rose", "TGFβ", True),
        ("Levels of TGF-β1 rose", '"tgf beta"', True),
        ("IL-6 and TNFα", '"IL6 and TNF-alpha"', True),
        ("T-cell therapy", '"T cell therapy"', True),
        ("CD34+ cells", "CD34", True),
        ("see 10.1038/s41586-020-2649-2", "10.1038/s41586-020-2649-2", True),
        ("some 1,234 patients", "1234", True),
        ("some 1,234 patients", '"1,234 patients"', True),
        ("Αθήνα", "αθηνα", True),
        ("a ﬁbroblast", "fibroblasts", True),
        ("foo 세포", '"foo 세"', True),
        ("foo 포세", '"foo 세"', False),
        ("IL-16", "IL6", False),
        ("a co-culture", "coculture", True),
        ("a coculture", "co-culture", True),
        ("at follow-up", "followup", True),
        ("at followup", "follow-up", True),
        ("non human primates", "nonhuman", True),
        ("anti-ageing", "antiaging", True),
        ("pre-clinical", '"preclinical"', False),
        ("cells in a dish", "cellsin", False),
    ],
)
def test_index_and_query_meet(text: str, query: str, found: bool) -> None:
    with closing(sqlite3.connect(":memory:")) as db:
        db.execute("CREATE VIRTUAL TABLE s USING fts5(title, body, tags, tokenize='porter unicode61')")
        db.execute("INSERT INTO s VALUES ('', ?, '')", (fold_words(text),))
        match = to_match(parse_query(query))
        assert bool(db.execute("SELECT count(*) FROM s WHERE s MATCH ?", (match,)).fetchone()[0]) == found
