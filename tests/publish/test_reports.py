"""The address by which a reader reports what is wrong."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

from publish.pages.reports import make_report_address

TOLD = {
    "site": "https://desk.example", "edition": "stemwire-1", "page": "/document/a-1", "record": "doi:10.1/x",
    "field": "Evidence", "value": "animal & more", "sentence": "It was so?\nYes.",
}  # fmt: skip


def test_mail_has_a_subject_and_a_body() -> None:
    address = urlsplit(make_report_address("mailto:desk@a.example", **TOLD))
    assert (address.scheme, address.path) == ("mailto", "desk@a.example")
    told = parse_qs(address.query)
    assert told["subject"] == ["Something wrong: Evidence: animal & more"]
    for line in ("record: doi:10.1/x", "page: https://desk.example/document/a-1", "edition: stemwire-1"):
        assert line in told["body"][0].split("\r\n")


def test_a_form_gets_what_its_address_asks_for() -> None:
    asked = parse_qs(urlsplit(make_report_address("https://a.example/new?t={title}&b={body}&l=label", **TOLD)).query)
    assert asked["t"] == ["Something wrong: Evidence: animal & more"] and asked["l"] == ["label"]
    assert "value: animal & more" in asked["b"][0]
    assert make_report_address("https://a.example/contact", **TOLD) == "https://a.example/contact"


def test_without_a_contact_there_is_no_address() -> None:
    assert make_report_address("", **TOLD) == ""
