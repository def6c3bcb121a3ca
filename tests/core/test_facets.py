"""The table of facets: what the files of this checkout declare, and the error for a wrong file."""

from __future__ import annotations

import ast
import re
import shutil
from pathlib import Path

import pytest

from core.config import ROOT
from core.errors import ConfigError
from core.facets import Facets, facets, load_facets
from core.ids import SCHEMES

LABEL = """
[facet.funding]
filter = "funding"
title = "Funding"
shown = { search = 95, document = 75 }
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """The declarations of this checkout, to be changed."""
    for place in ("core/facets.toml", "nlp/entities", "nlp/classify"):
        for path in [ROOT / place] if place.endswith(".toml") else (ROOT / place).glob("*.toml"):
            copy = tmp_path / path.relative_to(ROOT)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, copy)
    return tmp_path


def error_of(root: Path) -> str:
    with pytest.raises(ConfigError) as told:
        load_facets(root)
    return str(told.value)


def test_the_table_knows_every_facet_by_its_filter_and_by_its_alias() -> None:
    table = facets()
    cell = table.find_filter("cell_type")
    assert cell is not None and (cell.kind, cell.name, cell.filter) == ("type", "cell_type", "cell")
    work = table.find_filter("work")
    assert work is not None and (work.kind, work.name, work.words("KR")) == ("label", "country", "South Korea")
    assert table.find_filter("nonsense") is None
    assert table.registers["CL"].address("0000134") == "http://purl.obolibrary.org/obo/CL_0000134"


def test_places_are_in_the_order_of_their_numbers() -> None:
    table = facets()
    assert [facet.filter for facet in table.shown_in("search")][:6] == [
        "kind", "status", "evidence", "rests", "warning", "work",
    ]  # fmt: skip
    assert [facet.name for facet in table.shown_in("card")] == ["disease", "cell_type", "institution", "journal"]
    assert (("country:KR", "lang:ko"), "sources of a country, texts in a language") in table.help_rows()


def test_every_scheme_that_we_find_has_a_name() -> None:
    assert {facet.name for facet in facets().of_kind("scheme")} == {*SCHEMES, "issn"}


def test_a_value_may_have_a_threshold_of_its_own(root: Path) -> None:
    thresholds = "threshold = 0.5\nthresholds = { public = 0.9 }\n"
    (root / "nlp" / "classify" / "funding.toml").write_text(LABEL + thresholds, "utf-8")
    funding = next(one for one in load_facets(root).all if one.name == "funding")
    assert [funding.shows(*x) for x in (("charity", 0.5), ("charity", 0.49), ("public", 0.89), ("public", 0.9))] == [
        True, False, False, True,
    ]  # fmt: skip


def test_a_new_file_is_a_new_facet(root: Path) -> None:
    (root / "nlp" / "classify" / "funding.toml").write_text(LABEL, "utf-8")
    table: Facets = load_facets(root)
    (funding,) = (one for one in table.all if one.name == "funding")
    assert (funding.plural, funding.heading, funding.word) == ("Funding", "Funding", "funding")
    assert funding in table.shown_in("search", "label")


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("nlp/classify/x.toml", LABEL.replace("title", "titel"), "titel: unknown key (known: about,"),
        ("nlp/classify/x.toml", LABEL.replace("filter", "name"), "x.toml [facet.funding]: name: unknown key"),
        ("nlp/classify/x.toml", LABEL.replace('"funding"', '"animal"'), "filter 'animal' is declared twice"),
        ("nlp/classify/x.toml", LABEL.replace("search", "serch"), "shown.serch"),
        ("nlp/classify/x.toml", LABEL.replace('filter = "funding"', ""), "filter: missing"),
        ("nlp/classify/x.toml", "[cues]\n", "facet: missing"),
        ("nlp/classify/x.toml", LABEL + "threshold = 80\n", "threshold"),
        ("nlp/classify/x.toml", f"[titles]\n{LABEL}", "titles: unknown key"),
        (
            "nlp/classify/x.toml",
            LABEL.replace("funding]", "evidence]").replace('"funding"', '"proof"'),
            "label facet 'evidence' is declared twice",
        ),
        ("nlp/entities/x.toml", 'label = "X"\n', "nlp/entities/x.toml: facet: missing"),
        ("nlp/entities/x.toml", '[facet]\ntitle = "X"\nregisters = { Q = "R" }\n', "facet.registers.Q: no such prefix"),
        ("core/facets.toml", '[facet.x]\ntitle = "X"\nvocabulary = "none"\n', "no 'none'"),
        ("core/facets.toml", '[facet.x]\ntitle = "X"\npattern = "a"\n', "takes: missing"),
        ("core/facets.toml", '[facet.x]\ntitle = "X"\nclosed = true\n', "closed: there are no values"),
    ],
)  # fmt: skip
def test_a_wrong_declaration_is_named_with_its_file_and_key(root: Path, name: str, text: str, told: str) -> None:
    (root / name).write_text(text, "utf-8")
    message = error_of(root)
    assert told in message and name in message


def listed_again(path: Path, names: set[str]) -> list[str]:
    """Literal collections in a module that name three facets or types: a second list. Built rows do not count."""
    found = []
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if not isinstance(node, ast.Dict | ast.Set | ast.List | ast.Tuple):
            continue
        inside = node.keys if isinstance(node, ast.Dict) else node.elts
        values = node.values if isinstance(node, ast.Dict) else []
        texts = {one.value for one in inside if isinstance(one, ast.Constant) and isinstance(one.value, str)}
        if len(texts & names) >= 3 and all(isinstance(one, ast.Constant | ast.Tuple) for one in values):
            found.append(f"{path.relative_to(ROOT)}:{node.lineno}: {sorted(texts & names)}")
    return found


def names_of_facets() -> set[str]:
    """Names and filters of types and labels."""
    some = facets().of_kind("type", "label", "status")
    return {facet.name for facet in some} | {facet.filter for facet in some if facet.filter}


@pytest.mark.parametrize("package", ["core", "publish", "datasette"])
def test_there_is_no_second_list_of_facets_or_types(package: str) -> None:
    found = [line for path in sorted((ROOT / package).rglob("*.py")) for line in listed_again(path, names_of_facets())]
    assert not found, "\n".join(found)


def listed_in_template(text: str, names: set[str]) -> list[str]:
    """The same in a template: brackets with three facets or types in quotation marks."""
    named = re.compile("|".join(rf'"{name}"' for name in sorted(names)))
    return [one for one in re.findall(r"[{(\[][^{}()\[\]]*[})\]]", text) if len(set(named.findall(one))) >= 3]


def test_templates_hold_no_list_of_facets_or_types() -> None:
    for path in (ROOT / "datasette" / "templates").rglob("*.html"):
        assert not listed_in_template(path.read_text("utf-8"), names_of_facets()), path.name


def test_a_second_list_is_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(globals(), "ROOT", tmp_path)
    path = tmp_path / "seeded.py"
    path.write_text('SHOWN = ("evidence", "species", "donor")\n', "utf-8")
    assert listed_again(path, names_of_facets())
    path.write_text('ROW = {"evidence": f(1), "species": f(2), "donor": f(3)}\n', "utf-8")
    assert not listed_again(path, names_of_facets())
    names = '{% set names = {"evidence": "Evidence", "work": "Country", "system": "Body system"} %}'
    assert listed_in_template(names, names_of_facets())
