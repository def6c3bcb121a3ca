"""Hospitals named by their university."""

from __future__ import annotations

import pytest

from nlp.entities import Reader

START = "A team of Konkuk University announced it. "


@pytest.mark.parametrize(
    ("text", "surfaces"),
    [
        (START + "Konkuk University's hospital treated 12 patients.", ["hospital"]),
        (START + "The university hospital plans more.", ["university hospital"]),
        (START + "Patients came to its university hospital.", ["university hospital"]),
        (START + "Seoul National University agreed. The university hospital plans more.", []),
        ("The university hospital plans more. " + START, []),
        ("The university hospital plans more.", []),
        (START + "The university hospital Sample Valley plans more.", []),  # a name of its own
    ],
)
def test_hospital_of_a_university(reader: Reader, text: str, surfaces: list[str]) -> None:
    found = [m for m in reader.read(document="d", title="", text=text).mentions if m.component == "hospitals/1"]
    assert [one.surface for one in found] == surfaces
    assert {one.concept for one in found} <= {"ROR:00jcx1769"}
