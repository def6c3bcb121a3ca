"""Affiliation lines: words in their common form, names in any order, and which of several institutions is meant."""

from __future__ import annotations

import pytest

from core.errors import ConfigError
from nlp.normalize.affiliation_linker import AffiliationLinker, Bars, load_trees
from nlp.normalize.affiliations import LABEL, Hit, Site, words_of
from nlp.normalize.sites import COLUMNS, load_sites, parse_registry


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


def test_a_second_answer_must_be_likely_itself() -> None:
    def site(name: str, parents: tuple[int, ...] = ()) -> Site:
        return Site(id=name, country="", city="", kinds=(), parents=parents)

    def hit(number: int, first: int, end: int) -> Hit:
        return Hit(site=number, first=first, end=end, way=LABEL, bag=False, shared=1)

    sites = [site("top", (1,)), site("parent"), site("apart"), site("over")]
    bars = Bars(likely=0.3, related=0.4, apart=0.6, over=0.9)
    best = {0: (0.95, hit(0, 0, 3)), 1: (0.5, hit(1, 0, 3)), 2: (0.5, hit(2, 4, 6)), 3: (0.8, hit(3, 1, 3))}
    assert bars.choose(best, sites) == [(0, 0.95), (1, 0.5)]
    best[2], best[3] = (0.7, hit(2, 4, 6)), (0.92, hit(3, 1, 3))
    assert bars.choose(best, sites) == [(0, 0.95), (3, 0.92), (2, 0.7), (1, 0.5)]
    assert bars.choose({0: (0.29, hit(0, 0, 3))}, sites) == bars.choose({}, sites) == []


def test_what_an_institute_is_part_of_is_for_lines_alone(lines: AffiliationLinker) -> None:
    line = "Max-Planck-Institut für Physik, München, Germany"
    society = "01hhn8329"
    assert society in [ror for ror, _ in lines.find(line)]
    assert society not in [ror for ror, _ in lines.find(line, implied=False)]


def test_bounded_on_hostile_lines(lines: AffiliationLinker) -> None:
    assert isinstance(lines.find("university of " * 200_000), list)
    assert lines.find("," * 100_000) == []


def test_broken_registry_names_its_line() -> None:
    head = "\t".join(COLUMNS)
    with pytest.raises(ConfigError, match="r line 3: 2 cells, not 6"):
        list(parse_registry(f"{head}\n0abcdef12\tKR\tSeoul\t\t\t\nx\ty\n".encode(), where="r"))
    with pytest.raises(ConfigError, match="the first line must be"):
        list(parse_registry(b"id\n", where="r"))
