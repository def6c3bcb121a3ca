"""What records declare of money, interests and free texts, and press contacts in the texts of releases."""

from __future__ import annotations

import json
from collections.abc import Mapping

import pytest

from publish.edition.contacts import Contact, find_contacts
from publish.edition.declared import CLOSED, RecordRow, find_declared

BODY = "Cells grew in the dish for nine days, and nobody knows why they stopped.\n\n"


def record(extra: Mapping[str, object], *, kind: str = "paper", licence: str = "abstract", **ids: str) -> RecordRow:
    return RecordRow(
        id="doi:10.5555/x", kind=kind, url="https://europepmc.org/article/MED/1", licence=licence,
        identifiers=json.dumps({scheme: [value] for scheme, value in ids.items()}), extra=json.dumps(extra),
    )  # fmt: skip


def test_funders_stand_once_with_their_grants() -> None:
    grants = [{"id": f"R0{n}", "agency": "NIH"} for n in range(1, 7)] + [{"agency": "Hallam Trust"}, {"id": "Z9"}, {}]
    assert list(find_declared(record({"grants": grants}))) == [
        ("funder", "NIH", "R01, R02, R03, R04 and 2 more", None),
        ("funder", "Hallam Trust", "", None),
        ("funder", "grant Z9", "", None),
    ]


def test_statements_are_shortened() -> None:
    said = {"interests": "Ada Kim holds a patent. " * 60, "funding": "Paid by the NIH."}
    found = {what: value for what, value, _, _ in find_declared(record(said))}
    assert found["funding"] == "Paid by the NIH."
    assert 400 < len(found["interests"]) <= CLOSED and found["interests"].endswith("…")
    closed = {what: value for what, value, _, _ in find_declared(record(said, licence="headline-and-link"))}
    assert len(closed["interests"]) <= 200


def test_where_the_whole_text_is_free() -> None:
    open_ = record(
        {"open_access": True, "licence": "https://creativecommons.org/licenses/by/4.0/"}, pmcid="PMC1", doi="1"
    )
    assert [(value, url) for _, value, _, url in find_declared(open_)] == [
        ("PubMed Central", "https://pmc.ncbi.nlm.nih.gov/articles/PMC1/"),
        ("Europe PMC", "https://europepmc.org/article/MED/1"),
        ("its publisher, under CC BY 4.0", "https://doi.org/1"),
    ]
    assert list(find_declared(record({"licence": "https://www.elsevier.com/tdm/userlicense/1.0/"}, doi="1"))) == []
    assert [row[1] for row in find_declared(record({}, kind="preprint"))] == ["the preprint server"]
    assert list(find_declared(record({}))) == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Media contact\n\nPress office\n\npress@hallam.example\n\nPhone: +44 20 5550 1234",
         [("email", "press@hallam.example"), ("phone", "+44 20 5550 1234")]),
        ("For press enquiries: media.relations@hallam.example", [("email", "media.relations@hallam.example")]),
        ("언론 문의: 홍보팀 press@hanbit.example, 전화 02-555-0123",
         [("email", "press@hanbit.example"), ("phone", "02-555-0123")]),
        ("Pressekontakt:\n\npresse@rhein.example", [("email", "presse@rhein.example")]),
        ("Media contact:\n\nAda Kim\n\nada.kim@hallam.example\n\n020 5550 1234", [("at its source", "")]),
        ("Media contact: Ada Kim, (949) 555-2667", [("at its source", "")]),
        ("Press contact:\n\npress@hallam.example\n\nAda Kim, mobile +44 7700 555 012",
         [("email", "press@hallam.example")]),
        ("Media contact\n\nPress office\n\nMobile: +44 7700 555 012", []),
        ("The office sent news to the media. Write to press@hallam.example for a copy of the paper.", []),
        ("Press coverage was wide: press@hallam.example got 400 letters.", []),
    ],
)  # fmt: skip
def test_the_contact_of_a_release_is_a_desk(text: str, found: list[tuple[str, str]]) -> None:
    assert find_contacts(BODY + text) == [Contact(kind, value) for kind, value in found]


def test_a_contact_ends_before_the_next_part() -> None:
    text = "Media contact\n\npress@hallam.example\n\nAbout Hallam\n\nHallam was founded in 1904. Call 020 5550 9999."
    assert find_contacts(text) == [Contact("email", "press@hallam.example")]
