"""The five documents that the project began with: what a reader would underline in them is found, and linked."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from nlp.entities import Reader

ROOT = Path(__file__).resolve().parents[2]
SHARED = Path(os.environ.get("STEMWIRE_SHARED", ROOT.parent / "shared"))
SEEDS = SHARED / "inputs" / "00_seeds"

pytestmark = pytest.mark.skipif(not SEEDS.is_dir(), reason="../shared/inputs/00_seeds is not here")

EXPECTED: dict[str, tuple[str | None, dict[str, tuple[str, str | None]]]] = {
    "000": ("KR", {
        "National Stem Cell Bank": ("INSTITUTION", "stemwire:korea-national-stem-cell-bank"),
        "National Health Research Institute": ("INSTITUTION", "ROR:00qdsfq65"),
        "Bloomberg": ("INSTITUTION", None),
        "Park Hyun-young": ("PERSON", None),
        "nerve damage": ("DISEASE", None),
        "muscular dystrophy": ("DISEASE", "MONDO:0020121"),
        "Down syndrome": ("DISEASE", "MONDO:0008608"),
        "Rett syndrome": ("DISEASE", "MONDO:0010726"),
        "induced pluripotent stem cells": ("CELL_TYPE", "EFO:0004905"),
    }),
    "001": ("KR", {
        "mesenchymal stem cells": ("CELL_TYPE", "CL:0000134"),
        "MSC": ("CELL_TYPE", "CL:0000134"),
        "MSCs": ("CELL_TYPE", "CL:0000134"),
        "adult stem cell": ("CELL_TYPE", "CL:0000723"),
        "nerve cells": ("CELL_TYPE", "CL:0000540"),
        "umbilical cord blood": ("ANATOMY", "UBERON:0012168"),
        "Wharton's jelly": ("ANATOMY", "UBERON:0003422"),
        "adipose tissue": ("ANATOMY", "UBERON:0001013"),
        "bone marrow": ("ANATOMY", "UBERON:0002371"),
        "lupus": ("DISEASE", "MONDO:0007915"),
        "Crohn's disease": ("DISEASE", "MONDO:0005011"),
        "spinal cord injury": ("DISEASE", "MONDO:0043797"),
        "type 1 diabetes": ("DISEASE", "MONDO:0005147"),
        "Parkinson's disease": ("DISEASE", "MONDO:0005180"),
        "Alzheimer's disease": ("DISEASE", "MONDO:0004975"),
        "amyotrophic lateral sclerosis": ("DISEASE", "MONDO:0004976"),
    }),
    "002": (None, {
        "The Lancet Neurology": ("JOURNAL", "journal:lancet-neurology"),
        "JAMA Cardiology": ("JOURNAL", "journal:jama-cardiology"),
        "Nature Reviews Rheumatology": ("JOURNAL", "journal:nature-reviews-rheumatology"),
        "Blood Journal": ("JOURNAL", "journal:blood"),
        "Diabetes Care": ("JOURNAL", "journal:diabetes-care"),
        "Journal of Orthopaedic Research": ("JOURNAL", "journal:journal-of-orthopaedic-research"),
        "American Journal of Respiratory and Critical Care Medicine":
            ("JOURNAL", "journal:american-journal-of-respiratory-and-critical-care-medicine"),
        "Hepatology": ("JOURNAL", "journal:hepatology"),
        "Journal of Dermatological Science": ("JOURNAL", "journal:journal-of-dermatological-science"),
        "European Urology": ("JOURNAL", "journal:european-urology"),
        "National Institutes of Health": ("INSTITUTION", "ROR:01cwqze88"),
        "NIH": ("INSTITUTION", "ROR:01cwqze88"),
        "systemic lupus erythematosus": ("DISEASE", "MONDO:0007915"),
        "pancreatic beta cells": ("CELL_TYPE", "CL:0000169"),
        "cardiomyocytes": ("CELL_TYPE", "CL:0000746"),
        "COPD": ("DISEASE", "MONDO:0005002"),
    }),
    "003": (None, {
        "United States": ("PLACE", "ISO3166:US"),
        "U.S.": ("PLACE", "ISO3166:US"),
        "Japan": ("PLACE", "ISO3166:JP"),
        "South Korea": ("PLACE", "ISO3166:KR"),
        "China": ("PLACE", "ISO3166:CN"),
        "Parkinson's": ("DISEASE", "MONDO:0005180"),
        "Alzheimer's": ("DISEASE", "MONDO:0004975"),
        "spinal cord injuries": ("DISEASE", "MONDO:0043797"),
        "induced pluripotent stem cells": ("CELL_TYPE", "EFO:0004905"),
        "iPSCs": ("CELL_TYPE", "EFO:0004905"),
        "iPSC": ("CELL_TYPE", "EFO:0004905"),
        "embryonic stem cell": ("CELL_TYPE", "CL:0002322"),
        "cord blood": ("ANATOMY", "UBERON:0012168"),
    }),
    "004": ("KR", {
        "Konkuk University": ("INSTITUTION", "ROR:025h1m602"),
        "Seoul National University": ("INSTITUTION", "ROR:04h9pn542"),
        "Konkuk University Medical Center": ("INSTITUTION", "ROR:00jcx1769"),
        "Acta Neuropathologica": ("JOURNAL", "journal:acta-neuropathologica"),
        "neural crest cells": ("CELL_TYPE", "CL:0011012"),
        "induced pluripotent stem cells": ("CELL_TYPE", "EFO:0004905"),
        "extracellular vesicles": ("CELL_TYPE", "GO:1903561"),
        "EVs": ("CELL_TYPE", "GO:1903561"),
        "urine cells": ("CELL_TYPE", None),
        "nerve cells": ("CELL_TYPE", "CL:0000540"),
        "mouse": ("SPECIES", "NCBITaxon:10090"),
        "diabetic neuropathy": ("DISEASE", "MONDO:0006626"),
        "Germany": ("PLACE", "ISO3166:DE"),
        "Seoul": ("PLACE", "city:KR-seoul"),
        "Cho Ssang-Goo": ("PERSON", None),
        "Charles Audouin": ("PERSON", None),
        "Konkuk": ("INSTITUTION", "ROR:025h1m602"),
    }),
}  # fmt: skip


PLACES = {"United States", "U.S.", "Japan", "South Korea", "China", "Germany", "Seoul"}
PEOPLE = {"000": {"Park Hyun-young"}, "004": {"Cho Ssang-Goo", "Charles Audouin"}}


def test_institute_of_one_country_is_not_another_s(reader: Reader) -> None:
    """Without knowing where the text comes from, the Korean institute is the Korean one or none."""
    (path,) = SEEDS.glob("000_*.txt")
    reading = reader.read(document="000", title="", text=path.read_text(encoding="utf-8"), lang=None, country=None)
    found = {m.concept for m in reading.mentions if m.surface == "National Health Research Institute"}
    assert found <= {"ROR:00qdsfq65", None}


@pytest.mark.parametrize("number", sorted(EXPECTED))
def test_seed(number: str, reader: Reader) -> None:
    (path,) = SEEDS.glob(f"{number}_*.txt")
    country, expected = EXPECTED[number]
    text = path.read_text(encoding="utf-8")
    reading = reader.read(document=number, title="", text=text, lang="en", country=country)
    found = {(m.surface, m.type, m.concept) for m in reading.mentions}
    missing = [item for item, (kind, concept) in expected.items() if (item, kind, concept) not in found]
    assert not missing
    taken = {m.surface.lower() for m in reading.mentions if m.type == "DISEASE"}
    assert not taken & {
        "countless",
        "child",
        "condition",
        "conditions",
        "disease",
        "diseases",
        "aseptic",
        "face",
        "dishes",
    }
    assert not {m.surface for m in reading.mentions if m.type == "INSTITUTION"} & PLACES
    assert {m.surface for m in reading.mentions if m.type == "PERSON"} == PEOPLE.get(number, set())
    journals = {m.concept for m in reading.mentions if m.type == "JOURNAL"}
    assert len(journals) == {"002": 10, "004": 1}.get(number, 0), "each journal once, and nothing else"
    if number == "000":
        assert sum(m.surface == "National Stem Cell Bank" for m in reading.mentions) == text.count(
            "National Stem Cell Bank"
        )
