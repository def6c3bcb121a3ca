"""Which of several institutes is meant, and when none is."""

from __future__ import annotations

import pytest

from nlp.normalize.candidates import Candidate
from nlp.normalize.disambiguate import choose


def institute(concept: str, name: str, country: str, *, label: bool = True) -> Candidate:
    return Candidate(
        concept=concept, name=name, origin="ROR", country=country, label=label, alias=not label, default=False,
        derived=False, own=False,
    )  # fmt: skip


PAKISTAN = institute("ROR:pk", "National Institute of Health", "PK")
KOREA = institute("ROR:kr", "Korea National Institute of Health", "KR", label=False)
HALLAM = institute("ROR:gb", "Hallam Institute of Marrow", "GB")


@pytest.mark.parametrize(
    ("candidates", "country", "named", "meant"),
    [
        ([PAKISTAN], "KR", (), None),
        ([PAKISTAN], "KR", ("PK",), "ROR:pk"),
        ([PAKISTAN], "PK", (), "ROR:pk"),
        ([PAKISTAN], None, (), "ROR:pk"),
        ([PAKISTAN, KOREA], "KR", (), "ROR:kr"),
        ([PAKISTAN, KOREA], None, ("KR",), "ROR:kr"),
        ([PAKISTAN, KOREA], None, (), None),
        ([HALLAM], "KR", (), "ROR:gb"),
    ],
)
def test_a_name_that_many_countries_give_needs_its_country(
    candidates: list[Candidate], country: str | None, named: tuple[str, ...], meant: str | None
) -> None:
    choice = choose(candidates, country=country, named=named, placed=True)
    assert choice.concept == meant and choice.why
