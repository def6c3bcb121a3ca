"""What the components for news find, in our own sentences: people, places, organisations, edges, titles."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from core.errors import ConfigError
from nlp.entities import Reader, load
from nlp.entities.components.abbreviations import find_called
from nlp.entities.components.trimming import load_trim_rules
from nlp.entities.span_index import SpanIndex


def surfaces(reader: Reader, text: str, kind: str) -> list[str]:
    reading = reader.read(document="a", title="", text=text, lang=None, country=None)
    return [one.surface for one in reading.mentions if one.type == kind]


@pytest.mark.parametrize(
    ("text", "people"),
    [
        ("Dr. Wilma Overbeck leads it. Overbeck agrees.", ["Wilma Overbeck", "Overbeck"]),
        ('"It holds," said the neurologist Ansel Brandvold, who led the trial.', ["Ansel Brandvold"]),
        ("By Petra Lindqvist-Rowe\n\nThe cells grew.", ["Petra Lindqvist-Rowe"]),
        ("Odile Farrant, MD, PhD, and Bo Tengstrand, PhD, wrote it.", ["Odile Farrant", "Bo Tengstrand"]),
        ('"Good," said Seo Da-on of the bank. "Very," Seo added.', ["Seo Da-on", "Seo"]),
        ("Farrant et al. were the first.", ["Farrant"]),
        ("The method helps in Parkinson's disease and in Crohn's disease.", []),
        ("Stem Cell Therapy May Help Knees", []),
        ("A California-based firm and the Stanford-led team agree.", []),
    ],
)
def test_people(reader: Reader, text: str, people: list[str]) -> None:
    assert surfaces(reader, text, "PERSON") == people


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("The clinic in Tarrowby, N.Y., closed.", ["Tarrowby", "N.Y."]),
        ("OTTERSFIELD, Minn. (AP) - The trial began.", ["OTTERSFIELD", "Minn."]),
        ("She moved from Kyoto to Germany and back to the UK.", ["Kyoto", "Germany", "UK"]),
        ("American doctors and a British team met the Korean one.", []),
        ("Bo Tengstrand, MD, saw it in MS.", []),
    ],
)
def test_places(reader: Reader, text: str, places: list[str]) -> None:
    assert surfaces(reader, text, "PLACE") == places


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("It was done at the University of Miami's Sampleton Stem Cell Institute.",
         ["University of Miami", "Sampleton Stem Cell Institute"]),
        ("Tengstrand Biotherapeutics Inc. said so. Tengstrand expects more.",
         ["Tengstrand Biotherapeutics Inc.", "Tengstrand"]),
        ("Shares of Quellmark Cellworks (NASDAQ: QMCW) rose.", ["Quellmark Cellworks"]),
        ("The Sampleton Academy of Allergy, Asthma and Immunology agrees.",
         ["Sampleton Academy of Allergy, Asthma and Immunology"]),
        ("Choose a doctor rather than a Chiropractic Clinic, Franchise Clinic or the like.", []),
        ("Bo Tengstrand of Overbeck University spoke.", ["Overbeck University"]),
        ("The Overbeck Stem Cell Institute and the Harlowe Foundation paid.",
         ["Overbeck Stem Cell Institute", "Harlowe Foundation"]),
        ("Reuters and CBS News asked WebMD.", ["Reuters", "CBS News", "WebMD"]),
    ],
)  # fmt: skip
def test_organisations(reader: Reader, text: str, names: list[str]) -> None:
    assert surfaces(reader, text, "INSTITUTION") == names


@pytest.mark.parametrize(
    ("text", "kind", "found"),
    [
        ("People with aggressive multiple sclerosis hoped.", "DISEASE", ["multiple sclerosis"]),
        ("It is a type of blood cancer.", "DISEASE", ["blood cancer"]),
        ("There were several deaths and stubborn diseases.", "DISEASE", []),
        ("See https://clinic.example/knee-osteoarthritis/ for more.", "DISEASE", []),
        ("They used bone marrow-derived mesenchymal stem cells.", "CELL_TYPE",
         ["bone marrow-derived mesenchymal stem cells"]),
        ("They grew human fat cells.", "CELL_TYPE", ["human fat cells"]),
        ("Patients, women and mice took part.", "SPECIES", ["mice"]),
        ("It stands in the journal Harlowe Grafts and Engineering today.", "JOURNAL",
         ["Harlowe Grafts and Engineering"]),
        ("Stem Cell Research on Knees: what a Stem Cell Journal tells", "JOURNAL", []),
    ],
)  # fmt: skip
def test_edges(reader: Reader, text: str, kind: str, found: list[str]) -> None:
    assert surfaces(reader, text, kind) == found


def test_called() -> None:
    text = "They took extracellular vesicles, or EVs, and cells, or so, they said."
    assert [(short, text[start:end]) for short, start, end in find_called(text)] == [("EV", "extracellular vesicles")]


def test_ground() -> None:
    ground = SpanIndex([(0, 10), (60, 200)])
    assert ground.overlaps(9, 12)
    assert not ground.overlaps(10, 60)
    assert ground.covers(100, 150)
    assert not ground.covers(5, 12)


def test_broken_edges_are_named(tmp_path: Path) -> None:
    path = tmp_path / "trimming.tsv"
    path.write_text("type\tside\tword\nDISEASE\tabove\tsevere\n", "utf-8")
    with pytest.raises(ConfigError, match=r"trimming.tsv:2"):
        load_trim_rules(path)


@pytest.mark.full
def test_corpora_keep_their_own_rules(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Read in the dialect of a corpus, patients are people, and people are a species."""
    compiled: Any = str(tmp_path_factory.mktemp("compiled"))
    reader = load({"compiled": compiled, "styles": {"species": "br"}})
    assert surfaces(reader, "Patients and mice took part.", "SPECIES") == ["Patients", "mice"]
