"""Diseases by their well-known abbreviations, and in titles, in our own sentences."""

from __future__ import annotations

import pytest

from core.errors import ConfigError
from nlp.entities import Reader
from nlp.entities.components.short_diseases import TABLE, names_in, read_table
from nlp.entities.reader import LEXICONS
from nlp.entities.spelling import fold_name
from nlp.entities.vocabulary import parse_lexicon

HEAD = "kind\tword\tname\twords\n"


def diseases(reader: Reader, title: str, text: str = "") -> list[tuple[str, str | None]]:
    reading = reader.read(document="a", title=title, text=text, lang="en", country=None)
    return [(one.surface, one.concept) for one in reading.mentions if one.type == "DISEASE"]


@pytest.mark.parametrize(
    ("title", "text", "found"),
    [
        ("Own stem cells for MS", "The team followed 40 people with MS.", [("MS", "MONDO:0005301")] * 2),
        ("A pill tested early", "Most women with DCIS have surgery.", [("DCIS", "MONDO:0005023")]),
        ("Injections for knee OA", "", [("knee OA", "MONDO:0005178")]),
        ("Cells for primary progressive MS", "MS patients came twice.",
         [("primary progressive MS", "MONDO:0000451"), ("MS", "MONDO:0005301")]),
        ("Grafts for AML patients", "AML came back in two of them.", [("AML", "MONDO:0018874")] * 2),
        ("A trial", "Leukemia returned in some. ALL is common in children.",
         [("Leukemia", "MONDO:0005059"), ("ALL", "MONDO:0004967")]),
        ("Cells against cancer", "It is for acute lymphoblastic leukemia (ALL) only.",
         [("cancer", "MONDO:0004992"), ("acute lymphoblastic leukemia", "MONDO:0004967"), ("ALL", "MONDO:0004967")]),
        ("What helps", "He was treated for Crohn's disease, and IBD patients came.",
         [("Crohn's disease", "MONDO:0005011"), ("IBD", "MONDO:0005265")]),
    ],
)  # fmt: skip
def test_a_known_abbreviation_is_found(reader: Reader, title: str, text: str, found: list[tuple[str, str]]) -> None:
    assert diseases(reader, title, text) == found


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("A new dean", "Odile Farrant, MS, PhD, holds an MS in biology."),
        ("A clinic opens", "The clinic is in Tarrowby, MS 39000."),
        ("Leukemia", "ALL CELLS DIED AT ONCE"),
        ("What to know", "ALL patients are welcome."),
        ("A chip maker", "Shares of AMD rose."),
        ("Cells and light", "The cells were treated with RA for a week."),
        ("A method", "Samples went to LC-MS/MS for their proteins."),
        ("A method", "A mass spectrometer (MS) was used. MS treatment of samples is slow."),
    ],
)
def test_something_else_is_not(reader: Reader, title: str, text: str) -> None:
    assert not [one for one in diseases(reader, title, text) if one[0].isupper()]


def test_a_disease_in_capitals_is_no_institution(reader: Reader) -> None:
    text = "People with Multiple Sclerosis came. The Multiple Sclerosis Clinic saw them."
    reading = reader.read(document="a", title="Multiple Sclerosis", text=text, lang="en", country=None)
    named = [(one.surface, one.type) for one in reading.mentions]
    assert named == [
        ("Multiple Sclerosis", "DISEASE"),
        ("Multiple Sclerosis", "DISEASE"),
        ("Multiple Sclerosis Clinic", "INSTITUTION"),
    ]


def test_cells_are_no_disease_and_lines_of_cells_are_named(reader: Reader) -> None:
    assert diseases(reader, "A trial of CAR-T cells", "CAR-T is new.") == []
    reading = reader.read(document="a", title="More stem cell lines", text="", lang="en", country=None)
    assert [(one.surface, one.concept) for one in reading.mentions] == [("stem cell lines", "CL:0000034")]


def test_a_university_by_the_one_word_that_news_writes(reader: Reader) -> None:
    text = "Emory and a school in Virginia agree. Emory and Henry College said so."
    reading = reader.read(document="a", title="A plan", text=text, lang="en", country=None)
    named = [one.concept for one in reading.mentions if one.type == "INSTITUTION"]
    assert named == ["ROR:03czfpz43", "ROR:018rbev86"]


def test_the_lexicons_know_every_long_name() -> None:
    known = {
        fold_name(row.surface)
        for name in ("disease.tsv", "hand/disease.tsv")
        for row in parse_lexicon((LEXICONS / name).read_bytes(), where=name)
        if row.concept and not row.flags & {"drop", "silent"}
    }
    assert [name for name in names_in(read_table(TABLE.read_text("utf-8"))) if fold_name(name) not in known] == []


@pytest.mark.parametrize("row", ["sometimes\tMS\tmultiple sclerosis\t", "context\tMS"])
def test_a_broken_row_is_named(row: str) -> None:
    with pytest.raises(ConfigError) as broken:
        read_table(HEAD + row)
    assert "line 2" in str(broken.value)
