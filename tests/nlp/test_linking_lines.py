"""Affiliation lines: words in their common form, names in any order, and which of several institutions is meant."""

from __future__ import annotations

import pytest

from core.errors import ConfigError
from nlp.linking.affiliations import words_of
from nlp.linking.evidence import AffiliationLinker, load_trees
from nlp.linking.sites import COLUMNS, load_sites, parse_registry


@pytest.fixture(scope="module")
def lines() -> AffiliationLinker:
    return AffiliationLinker(load_sites(), load_trees())


def forms(line: str) -> list[str]:
    return [word.text for word in words_of(line)]


def test_words_have_one_form() -> None:
    assert forms("Univ. of Sampleton") == forms("Università di Sampleton") == ["university", "sampleton"]
    assert forms("M. D. Anderson") == ["md", "anderson"]
    assert forms("Children's Hosp.") == forms("Childrens Hospital")
    assert [word.part for word in words_of("a1, b2; c3")] == [0, 1, 2]
    assert forms("") == forms("🙂 —") == []


@pytest.mark.parametrize(
    ("line", "meant"),
    [
        ("Department of Stem Cell Biology, Konkuk University, Seoul, Korea", ["025h1m602"]),
        ("Centre for Regenerative Medicine, King's College London, London SE1 9RT, UK", ["0220mzb33"]),
        ("Dept. of Physics, Univ. of Aberdeen", ["016476m91"]),
        ("Brigham & Women's Hosp., Boston, MA, USA", ["04b6nzv94"]),
        ("Department of Nothing, 12 Sample Street", []),
        ("", []),
    ],
)
def test_line(lines: AffiliationLinker, line: str, meant: list[str]) -> None:
    assert [ror for ror, _ in lines.find(line)] == meant


def test_bounded_on_hostile_lines(lines: AffiliationLinker) -> None:
    assert isinstance(lines.find("university of " * 200_000), list)
    assert lines.find("," * 100_000) == []


def test_broken_registry_names_its_line() -> None:
    head = "\t".join(COLUMNS)
    with pytest.raises(ConfigError, match="r line 3: 2 cells, not 6"):
        list(parse_registry(f"{head}\n0abcdef12\tKR\tSeoul\t\t\t\nx\ty\n".encode(), where="r"))
    with pytest.raises(ConfigError, match="the first line must be"):
        list(parse_registry(b"id\n", where="r"))
