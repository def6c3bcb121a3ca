"""Crossref's REST interface, from recordings of our own making."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from crawlers.lists.apis import ApiError, crossref
from crawlers.lists.apis.deposited_text import to_line, to_text

NOW = "2026-11-22T03:00:00Z"
BODY = (Path(__file__).parent / "api_answers" / "crossref" / "works.json").read_bytes()
URL = "https://api.crossref.org/works?rows=3&cursor=*&filter=issn:1234-567X,from-update-date:2026-11-15"


def test_a_work_says_all_that_the_project_asks() -> None:
    entry = crossref.parse(BODY, url=URL, fetched=NOW).entries[0]
    assert entry.native == "10.5555/cells.2026.7" and entry.url == "https://doi.org/10.5555/cells.2026.7"
    assert entry.title == "Grafted iPSC-derived neurons & gait: a H2O maze: An animal study"
    assert entry.summary == "Background: Rats of Rattus walked1.\n\nResults: They walked better (p < 0.05)."
    assert (entry.published, entry.published_raw, entry.updated) == ("2026-10-03", "2026-10-03", "2026-11-20")
    assert entry.authors == ("Ada Kim", "Gait Consortium")
    assert entry.identifiers == {"doi": ["10.5555/cells.2026.7"], "nct": ["NCT09000001"]}
    extra = entry.extra
    assert (extra["journal"], extra["abbreviation"]) == ("Cells of Test", "Cell Test")
    assert extra["issn"] == ["1234-567X", "2345-6789"]
    assert extra["grants"] == [
        {"id": "2026R1", "agency": "Research Foundation of Test", "funder": "10.13039/501100003725"},
        {"id": "2026R2", "agency": "Research Foundation of Test", "funder": "10.13039/501100003725"},
        {"agency": "Small Fund"},
    ]
    assert extra["people"][0] == {
        "name": "Ada Kim",
        "orcid": "0000-0002-1825-0097",
        "affiliations": ["Konkuk Institute, Seoul, Korea"],
    }
    assert extra["affiliations"] == ["Konkuk Institute, Seoul, Korea"]
    assert extra["licence"] == "https://creativecommons.org/licenses/by/4.0/"
    assert extra["preprint_of"] == "10.1101/2026.01.02.123456"
    assert extra["dates"]["published-print"] == "2026-11"


def test_notices_stand_in_both_directions() -> None:
    index = crossref.parse(BODY, url=URL, fetched=NOW)
    paper, notice, preprint = index.entries
    (said,) = paper.extra["notices"]  # the new version is not one
    assert (said["nature"], said["about"], said["notice"], said["day"]) == (
        "retraction", "doi:10.5555/cells.2026.7", "doi:10.5555/cells.2026.99", "2026-11-18",
    )  # fmt: skip
    assert said["by"] == "retraction-watch"
    assert [(n["nature"], n["about"]) for n in notice.extra["notices"]] == [
        ("retraction", "doi:10.5555/cells.2026.7"),
        ("concern", "doi:10.5555/cells.2026.8"),  # its DOI came with a full stop
    ]
    assert index.problems == ("10.5555/cells.2026.99: an update of a kind we do not know: 'jubilation'",)
    assert preprint.extra["published_as"] == "10.5555/cells.2026.12" and "notices" not in preprint.extra
    assert notice.published == "2026-11-18", "a month alone is no day; the day of the DOI is"


def test_the_cursor_leads_on_and_two_pages_never_have_one_address() -> None:
    (second,) = crossref.parse(BODY, url=URL, fetched=NOW).follow
    assert "cursor=DnF1Zn%3D%3D" in second and second.endswith("#page=2")
    (third,) = crossref.parse(BODY, url=second, fetched=NOW).follow
    assert third.endswith("#page=3") and third != second
    assert not crossref.parse(BODY, url=second.replace("#page=2", "#page=84"), fetched=NOW).follow, "252 of 250"
    assert not crossref.parse(BODY, url=URL.replace("rows=3", "rows=20"), fetched=NOW).follow, "the last page is short"


def test_pages_are_asked_for_by_offset_as_far_as_that_goes() -> None:
    url = "https://api.crossref.org/works?rows=3&offset={}"
    assert crossref.parse(BODY, url=url.format(0), fetched=NOW).follow == (url.format(3),)
    assert not crossref.parse(BODY, url=url.format(247), fetched=NOW).follow, "250 match"
    many = BODY.replace(b'"total-results": 250', b'"total-results": 25000')
    last = crossref.parse(many, url=url.format(9996), fetched=NOW)
    assert not last.follow and last.problems[-1].startswith("25000 works match, and only 10000")


def test_what_is_asked_and_how_it_is_named() -> None:
    query = "query.title=stem cells&filter=issn:1234-567X,type:journal-article"
    (asked,) = crossref.requests(query, date(2026, 11, 15), 500)
    assert "filter=issn%3A1234-567X%2Ctype%3Ajournal-article%2Cfrom-update-date%3A2026-11-15" in asked
    assert "rows=100" in asked and "offset=0" in asked and "mailto" not in asked
    assert "cursor=%2A" in crossref.requests(query + "&cursor=*", date(2026, 11, 15), 500)[0]
    (later,) = crossref.requests(query, date(2026, 11, 16), 500)
    assert crossref.stable(asked) == crossref.stable(later) != asked
    assert "issn%3A1234-567X" in crossref.stable(asked)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "empty"),
        (b"<html><title>Handle Redirect</title></html>", "a page of HTML"),
        (b"Resource not found.", "Resource not found"),
        (BODY[:1500], "breaks off"),
        (b'{"status":"failed","message-type":"resource-failure","message":[{"type":"cursor-invalid","value":"x",'
         b'"message":"Cursor specified but it is invalid"}]}', "cursor-invalid x: Cursor specified but it is invalid"),
        (b'{"status":"error","message-type":"exception","message":{"message":"Response Exception"}}', "Response Exc"),
        (b'{"status":"ok","message-type":"work-agency","message":{"DOI":"10.5555/x","agency":{"id":"crossref"}}}',
         "work-agency, no works"),
        (b'{"status":"ok","message-type":"work-list","message":{"total-results":9,"items":[]}}', "although 9 match"),
        (b'{"status":"ok","message-type":"work-list","message":{"total-results":1,"items":[{"title":["x"]}]}}',
         "none of 1 records can be read; record 1: a work without DOI"),
        (b'{"status":"ok","message-type":"work-list","message":{"total-results":1}}', "no works"),
        (b'{"error":"x"}', "no answer of Crossref's"),
        (b"[1]", "no object"),
    ],
)  # fmt: skip
def test_what_is_malformed_is_named_and_never_empty(body: bytes, said: str) -> None:
    with pytest.raises(ApiError, match=said) as error:
        crossref.parse(body, url=URL, fetched=NOW)
    assert "\n" not in str(error.value)


def test_a_search_that_finds_nothing_is_empty() -> None:
    body = b'{"status":"ok","message-type":"work-list","message":{"total-results":0,"items":[]}}'
    assert crossref.parse(body, url=URL, fetched=NOW).entries == ()


def test_a_bad_work_takes_no_other_with_it() -> None:
    body = BODY.replace(b'{"DOI": "10.5555/cells.2026.99", "type": "j', b'{"DOI": "10.5555", "type": "j')
    index = crossref.parse(body, url=URL, fetched=NOW)
    assert [entry.native for entry in index.entries] == ["10.5555/cells.2026.7", "10.1101/2026.02.03.222222"]
    assert index.problems == ("record 2: a work without DOI: '10.5555'",)


@pytest.mark.parametrize(
    ("headers", "pace"),
    [
        ({"X-Rate-Limit-Limit": "50", "X-Rate-Limit-Interval": "1s"}, 0.02),
        ({"x-ratelimit-limit": "5"}, 0.2),
        ({"x-rate-limit-limit": "10", "x-rate-limit-interval": "1m"}, 6.0),
        ({"x-rate-limit-limit": "none"}, None),
        ({}, None),
    ],
)
def test_the_pace_that_headers_allow(headers: dict[str, str], pace: float | None) -> None:
    assert crossref.find_pace(headers) == pace


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("<p>HfO<sub>2</sub> on <i>graphene</i></p>", "HfO2 on graphene"),
        ("&lt;i&gt;In vitro&lt;/i&gt; cells", "In vitro cells"),
        ("&amp;lt;p align=&quot;center&quot;&amp;gt;Cells&lt;/p&gt;", "Cells"),
        (
            "<jats:sec><jats:title>Aim</jats:title><jats:p>One.</jats:p><jats:p>Two.</jats:p></jats:sec>",
            "Aim: One.\n\nTwo.",
        ),
        ("<title>SUMMARY</title><p>One.</p>", "One."),
        ("a <mml:math><mml:mi>x</mml:mi><mml:mo>=</mml:mo><mml:mn>2</mml:mn></mml:math> b", "a x=2 b"),
        ("p < 0.05 and q > 3", "p < 0.05 and q > 3"),
        ("plain & simple", "plain & simple"),
    ],
)
def test_markup_of_publishers(source: str, text: str) -> None:
    assert to_text(source) == text
    assert to_line(source) == " ".join(text.split())
