"""What is marked is what the index finds: hits in a text against FTS5 itself, and the sentence that is shown."""

import csv
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest

from publish.search.clauses import Query, Term
from publish.search.excerpt import excerpt, find_marks, highlight, marked
from publish.search.fold import fold_words
from publish.search.fts import to_match
from publish.search.query import parse_query
from publish.search.stems import stem

ROOT = Path(__file__).resolve().parents[2]
TOKENIZE = "tokenize=\"porter unicode61 remove_diacritics 2 tokenchars '_'\""


def words_of_names() -> list[str]:
    """Words of the names of diseases and cell types, and of our own documents: of every ending."""
    found: set[str] = set()
    for path in (ROOT / "nlp" / "lexicons").glob("[cd]*.tsv"):
        with path.open(encoding="utf-8", newline="") as rows:
            for row in csv.reader(rows, delimiter="\t"):
                found.update(row[0].split())
    for path in (ROOT / "docs").glob("*.md"):
        found.update(path.read_text("utf-8").split())
    return sorted(found)


def test_stems_are_those_of_the_index() -> None:
    words = sorted({word for text in words_of_names() for word in fold_words(text).split()} | {"ies", "as", "bly"})
    with closing(sqlite3.connect(":memory:")) as db:
        db.execute(f"CREATE VIRTUAL TABLE s USING fts5(w, content='', {TOKENIZE})")
        db.executemany("INSERT INTO s (rowid, w) VALUES (?, ?)", enumerate(words))
        db.execute("CREATE VIRTUAL TABLE v USING fts5vocab(s, instance)")
        stems = {number: term for term, number in db.execute("SELECT term, doc FROM v")}
    assert len(words) > 10_000
    assert [(word, stems[n]) for n, word in enumerate(words) if stem(word) != stems[n]] == []


@pytest.fixture(scope="module")
def texts() -> Iterator[tuple[sqlite3.Connection, list[str]]]:
    """Forms of many words, each a document of its own."""
    written = [
        "Müller", "muller", "naïve", "Sjögren's", "Sjogren", "iPS細胞", "ips细胞",
        "ﬁbroblasts", "fibroblast", "Αθήνα", "ΑΘΗΝΑ", "TGF-β1", "TGFβ", "tgf beta",
        "IL-6", "IL6", "IL-16", "Parkinson's", "Parkinsons", "Parkinson",
        "haematopoiesis", "hematopoietic", "tumours", "tumor", "줄기 세포", "유도만능줄기세포를",
        "줄기", "세포", "幹細胞の", "干细胞", "1,234", "1234", "12,34", "cells", "cell's",
        "cellular", "organoids", "organoid", "organs", "metastases", "metastasis",
        "mice", "mouse", "CD34+", "p53", "regenerating", "regeneration", "nerve",
        "nerves", "nervous", "cardiology", "cardiologist", "possibly", "possible",
        "ｉＰＳ", "µm", "μm", "e.g.", "a_b", "O'Brien", "gas", "as", "analyses",
        "analysis", "analysed", "分化した", "ｶﾞﾝ", "ガン",
    ]  # fmt: skip
    names = words_of_names()
    written += names[:: len(names) // 150]
    with closing(sqlite3.connect(":memory:")) as db:
        db.execute(f"CREATE VIRTUAL TABLE s USING fts5(title, body, tags, content='', {TOKENIZE})")
        rows = ((n, fold_words(f"So it was: {text} then")) for n, text in enumerate(written))
        db.executemany("INSERT INTO s (rowid, title, body, tags) VALUES (?, '', ?, '')", rows)
        yield db, written


@pytest.mark.parametrize("form", ["{}", '"{}"', "{}*"])
def test_a_text_is_marked_if_and_only_if_it_is_found(texts: tuple[sqlite3.Connection, list[str]], form: str) -> None:
    db, written = texts
    found = marked_ = 0
    for text in written:
        term = Term(text=text.strip('"'), phrase=form[0] == '"', prefix=form[-1] == "*")
        query = Query(clauses=((term,),))
        if not fold_words(text):
            continue
        hits = {row[0] for row in db.execute("SELECT rowid FROM s WHERE s MATCH ?", (to_match(query),))}
        marks = find_marks(query)
        spans = {n: marks.spans(f"So it was: {other} then") for n, other in enumerate(written)}
        assert {n for n, some in spans.items() if some} == hits, text
        found += len(hits)
        marked_ += sum(len(some) > 0 for some in spans.values())
    assert found == marked_ > 200


def test_phrases_are_marked_where_they_are_found(texts: tuple[sqlite3.Connection, list[str]]) -> None:
    _, written = texts
    for first, second in pairwise(written):
        if fold_words(first) and fold_words(second):
            text = f"So, {first}-{second}"
            with closing(sqlite3.connect(":memory:")) as db:
                db.execute(f"CREATE VIRTUAL TABLE s USING fts5(title, body, tags, {TOKENIZE})")
                db.execute("INSERT INTO s VALUES ('', ?, '')", (fold_words(text),))
                for asked in (f"{first} {second}", f"{second} {first}", f"so {first}"):
                    query = Query(clauses=((Term(text=asked.replace('"', ""), phrase=True),),))
                    found = db.execute("SELECT count(*) FROM s WHERE s MATCH ?", (to_match(query),)).fetchone()[0]
                    assert bool(find_marks(query).spans(text)) == bool(found), (asked, text)


@pytest.mark.parametrize(
    ("text", "query", "shown"),
    [
        ("Hans Müller's naïve cells", "muller naive", ["Müller's", "naïve"]),
        ("TGF-β1 rises", "TGFβ", ["TGF-β"]),
        ("Ein ﬁbroblast", "fibroblasts", ["ﬁbroblast"]),
        ("유도만능줄기세포를 쓴다", "줄기 세포", ["줄기세포"]),
        ("줄기 세포", "줄기세포", ["줄기 세포"]),
        ("iPS細胞と幹細胞", "ips细胞", ["iPS細胞"]),
        ("세포와 세", "세", ["세", "세"]),
        ("neural crest, neural tube", '"neural crest"', ["neural crest"]),
        ("neural crest", "neural crest", ["neural", "crest"]),
        ("nothing here", "title:nothing", []),
        ("by Gale", "author:gale", []),
        ("a nerve", "nerve -a kind:news", ["nerve"]),
        ("nerve or (rat and pig)", "(rat pig) OR nerve", ["nerve", "rat", "pig"]),
    ],
)
def test_marks(text: str, query: str, shown: list[str]) -> None:
    assert [piece for piece, hit in highlight(text, find_marks(parse_query(query))) if hit] == shown


def test_marks_names_that_are_searched_too() -> None:
    query = parse_query("EV").with_terms(lambda term: replace(term, also=("extracellular vesicle", "세포외소포")))
    text = "Extracellular vesicles (세포 외 소포)"
    assert [piece for piece, hit in highlight(text, find_marks(query)) if hit] == [
        "Extracellular vesicles",
        "세포 외 소포",
    ]
    assert find_marks(parse_query("title:nerve")).spans("A nerve", title=True) == [(2, 7)]
    assert marked("abcd", [(0, 1), (1, 2), (3, 4)]) == [("ab", True), ("c", False), ("d", True)]


def test_the_excerpt_is_the_sentence_with_most_of_it() -> None:
    text = (
        "The clinic opened in 2019. " + "Nothing of note was said for years. " * 12 + "A nerve was mentioned once. "
        "Then vesicles made the nerve of a mouse grow again. The mouse was well. " + "More nothing. " * 9
    )
    shown = "".join(piece for piece, _ in excerpt(text, find_marks(parse_query("nerve mouse vesicle")), 120))
    assert shown.startswith("Then vesicles made the nerve of a mouse grow again.")
    assert "".join(piece for piece, _ in excerpt(text, find_marks(parse_query("clinic")), 120)).startswith("The clinic")
    korean = "이것은 첫 문장이다。" * 20 + "줄기세포가 신경을 고친다。 끝이다。"
    assert excerpt(korean, find_marks(parse_query("줄기세포")), 60)[0] == ("줄기세포", True)
