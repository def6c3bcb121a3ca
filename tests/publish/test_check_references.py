"""Lists of references: which texts are one, and which identifiers are read of each entry."""

from __future__ import annotations

import pytest

from publish.references import MOST, Reference, read_references

BIB = """
@comment{nothing}
@article{cho2025,
  title = {Vesicles from {induced} neural crest cells},
  author = {Cho, S.-G. and Kim, J.},
  doi = {https://doi.org/10.5555/DEMO.an.2025.0527},
  year = 2025
}
@misc{gale, title = "A preprint, with a comma", eprint = {10.1101/2025.01.02.345678}, note={PMID: 12345678}}
@book{noid, title={A book}}
"""
RIS = """TY  - JOUR
TI  - Patches of cardiomyocytes
DO  - 10.5555/cge.2024.0388
AN  - PMID: 99000041
ER  -
TY  - JOUR
T1  - Without a number
ER  -
"""


def test_bibtex() -> None:
    first, second, third = read_references(BIB)
    assert first == Reference(
        name="cho2025", title="Vesicles from induced neural crest cells", identifiers=("doi:10.5555/demo.an.2025.0527",)
    )
    assert second.identifiers == ("pmid:12345678", "doi:10.1101/2025.01.02.345678")
    assert second.title == "A preprint, with a comma"
    assert third == Reference(name="noid", title="A book", identifiers=())


def test_ris() -> None:
    first, second = read_references(RIS)
    assert first.title == "Patches of cardiomyocytes"
    assert first.identifiers == ("doi:10.5555/cge.2024.0388", "pmid:99000041")
    assert second == Reference(name="Without a number", title="Without a number", identifiers=())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("10.5555/a\n10.5555/b", ["doi:10.5555/a", "doi:10.5555/b"]),
        ("https://doi.org/10.5555/a, https://doi.org/10.5555/b", ["doi:10.5555/a", "doi:10.5555/b"]),
        ("1. PMID: 12345678\n2. NCT01234567", ["pmid:12345678", "nct:NCT01234567"]),
        ("12345678\n23456789", ["pmid:12345678", "pmid:23456789"]),
        ("10.5555/a", ["doi:10.5555/a"]),
    ],
)
def test_a_plain_list(text: str, expected: list[str]) -> None:
    assert [name for one in read_references(text) for name in one.identifiers] == expected


def test_one_line_with_two_numbers_of_one_work_is_one_reference() -> None:
    text = "Cho 2025, doi:10.5555/a, PMID: 12345678\nGale 2026, doi:10.5555/b"
    assert [one.identifiers for one in read_references(text)] == [
        ("doi:10.5555/a", "pmid:12345678"),
        ("doi:10.5555/b",),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "A release about a study. It was published in the journal Cell (doi:10.5555/a) and registered as NCT01234567.",
        "Line one says much about cells and mice.\nLine two as well, at length, without numbers.\n"
        "More: 10.5555/a and 10.5555/b",
        "@article of faith, he said, 10.5555/a",
        "133 lines in 2024",
    ],
)
def test_a_text_is_no_list(text: str) -> None:
    assert read_references(text) == ()


def test_hostile_lists_end() -> None:
    assert len(read_references("\n".join(f"10.5555/a{number}" for number in range(MOST + 50)))) == MOST
    read_references("@a{" * 20_000)
    read_references("@article{x, title = {" + "{" * 50_000)
    read_references("TY  - JOUR\n" * 20_000)
    read_references("@a{b, " + "c = " * 20_000)
