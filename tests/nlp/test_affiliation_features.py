"""What speaks for an institution in an affiliation line, on an index of five institutions."""

from __future__ import annotations

import json

import pytest

from nlp.normalize.affiliation_features import Features, find_countries, find_features
from nlp.normalize.affiliation_linker import TREES
from nlp.normalize.affiliations import LABEL, SHORT, NameFinder, Site, SiteIndex, build_sites, words_of


def make_site(name: str, country: str, city: str, kinds: tuple[str, ...], parents: tuple[int, ...] = ()) -> Site:
    return Site(id=name, country=country, city=city, kinds=kinds, parents=parents)


@pytest.fixture(scope="module")
def index() -> SiteIndex:
    sites = [
        make_site("university", "NO", "Oslo", ("education",)),
        make_site("hospital", "NO", "Oslo", ("healthcare",), (0,)),
        make_site("here", "NO", "Bergen", ("facility",)),
        make_site("there", "SE", "Lund", ("funder",)),
        make_site("short", "SE", "Lund", ("company",)),
    ]
    names = [
        ("Sampleton University", 0, LABEL),
        ("Sampleton University Hospital", 1, LABEL),
        ("Institute of Grafts", 2, LABEL),
        ("Institute of Grafts", 3, LABEL),
        ("XQZ", 4, SHORT),
    ]
    places = {"!norway": frozenset({"NO"}), "lund": frozenset({"SE"}), "oslo": frozenset({"NO"})}
    return build_sites(sites, names, places)


def read(index: SiteIndex, line: str) -> dict[str, Features]:
    """Features by institution; of several hits the first."""
    words = words_of(line)
    hits = NameFinder(index).hits(line, words)
    found: dict[str, Features] = {}
    for hit, features in zip(hits, find_features(index, words, hits), strict=True):
        found.setdefault(index.site[hit.site].id, features)
    return found


def test_every_feature_of_the_model_is_there_and_no_other(index: SiteIndex) -> None:
    wanted = json.loads(TREES.read_text("utf-8"))["facts"]
    assert sorted(read(index, "Sampleton University, Oslo, Norway")["university"]) == sorted(wanted)


def test_country_and_city(index: SiteIndex) -> None:
    found = read(index, "Institute of Grafts, Bergen, Norway")
    here, there = found["here"], found["there"]
    assert (here["country"], here["city"], here["city_after"], here["shared_city"]) == (1, 1, 1, 1)
    assert (there["country"], there["other_country"], there["rival_agrees"], there["rival_city"]) == (0, 1, 1, 1)
    assert here["rival_agrees"] == here["rival_city"] == 0
    alone = read(index, "Institute of Grafts, Lund")
    assert alone["there"]["no_country"] == alone["there"]["maybe_country"] == 1
    assert alone["here"]["maybe_country"] == 0


def test_parents_and_parts(index: SiteIndex) -> None:
    found = read(index, "Department of Surgery, Sampleton University Hospital, Oslo")
    hospital, university = found["hospital"], found["university"]
    assert hospital["part_of_other"] == university["parent_of_other"] == university["children"] == 1
    assert university["inside"] == hospital["around"] == 1
    assert hospital["inside"] == university["around"] == 0
    assert hospital["dept_before"] == 1
    assert hospital["whole"] == 1
    assert university["whole"] == 0


def test_kinds_and_ways(index: SiteIndex) -> None:
    found = read(index, "XQZ; Institute of Grafts; Sampleton University")
    assert found["short"]["short"] == found["short"]["company"] == found["short"]["first_part"] == 1
    assert found["there"]["funder_only"] == found["university"]["education"] == found["university"]["university"] == 1
    assert found["university"]["first_part"] == 0
    assert found["here"]["university_beyond"] == 1
    assert found["university"]["university_beyond"] == 0


def test_countries_of_a_line(index: SiteIndex) -> None:
    assert find_countries(index, ["lund", "norway"]) == (frozenset({"NO"}), frozenset({"SE"}))
    assert find_countries(index, []) == (frozenset(), frozenset())
