"""Europe PMC's answers, of our own writing."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest

from crawlers.lists.apis import ApiError, europepmc

NOW = "2026-11-22T03:00:00Z"
(FIRST,) = europepmc.requests('"stem cells"', date(2026, 11, 15), 5000)


def search(*results: dict[str, Any], count: int | None = None, cursor: str | None = None) -> bytes:
    more = {"nextCursorMark": cursor} if cursor else {}
    held = {"hitCount": len(results) if count is None else count, "resultList": {"result": list(results)}, **more}
    return json.dumps({"version": "6.9", **held}).encode()


def name(number: int, source: str = "MED") -> dict[str, str]:
    return {"id": str(number), "source": source}


CORE: dict[str, Any] = {
    "id": "99000001", "source": "MED", "pmid": "99000001", "pmcid": "PMC9900011", "doi": "10.5555/ABC.1",
    "title": "On <i>stem</i> cells &amp; m&lt;sup&gt;6&lt;/sup&gt;A, p &lt; 0.05.",
    "authorString": "Kim A, Cell Group.",
    "authorList": {"author": [
        {"fullName": "Kim A", "firstName": "Ada", "lastName": "Kim", "initials": "A",
         "authorId": {"type": "ORCID", "value": "0000-0002-1825-0097"},
         "authorAffiliationDetailsList": {"authorAffiliation": [{"affiliation": "Institute of Cells, Seoul."}]}},
        {"collectiveName": "Cell Group"},
    ]},
    "journalInfo": {"volume": "7", "issue": "2", "journal": {
        "title": "Cells of Test", "isoabbreviation": "Cells Test", "issn": "1234-5679", "essn": "8765-4321"}},
    "pubYear": "2026", "language": "eng", "license": "cc by", "isOpenAccess": "Y",
    "pubTypeList": {"pubType": ["research-article", "Journal Article"]},
    "abstractText": "<h4>METHODS</h4>We <b>grew</b> them.<h4>Results</h4><p>They grew.</p><p>Twice.</p>",
    "meshHeadingList": {"meshHeading": [{"majorTopic_YN": "Y", "descriptorName": "Stem Cells", "meshQualifierList": {
        "meshQualifier": [{"abbreviation": "CY", "qualifierName": "cytology", "majorTopic_YN": "N"}]}}]},
    "keywordList": {"keyword": ["organoid"]},
    "grantsList": {"grant": [{"grantId": "R01", "agency": "NIH", "orderIn": 0}]},
    "commentCorrectionList": {"commentCorrection": [
        {"id": "99000009", "source": "MED", "reference": "Cells. 2026", "type": "Retraction in"},
        {"id": "99000008", "source": "MED", "reference": "Cells. 2025", "type": "Erratum for"},
        {"id": "PPR1", "source": "PPR", "reference": "bioRxiv doi: 10.1101/2025.05.01.123456", "type": "Preprint of"},
    ]},
    "firstPublicationDate": "2026-08-03", "dateOfRevision": "2026-11-20",
}  # fmt: skip


def test_a_record_with_everything() -> None:
    (entry,) = europepmc.parse(search(CORE), url=europepmc.records(["MED:99000001"])[0], fetched=NOW).entries
    assert entry.native == "MED:99000001" and entry.url == "https://europepmc.org/article/MED/99000001"
    assert entry.title == "On stem cells & m6A, p < 0.05."
    assert entry.summary == "Methods: We grew them.\n\nResults: They grew.\n\nTwice."
    assert entry.authors == ("Ada Kim", "Cell Group")
    assert entry.identifiers == {"pmid": ["99000001"], "pmcid": ["PMC9900011"], "doi": ["10.5555/abc.1"]}
    assert (entry.published, entry.updated, entry.lang) == ("2026-08-03", "2026-11-20", "en")
    extra = entry.extra
    assert (extra["journal"], extra["abbreviation"]) == ("Cells of Test", "Cells Test")
    assert extra["issn"] == ["1234-5679", "8765-4321"] and extra["licence"] == "cc by"
    assert extra["people"][0] == {
        "name": "Ada Kim", "affiliations": ["Institute of Cells, Seoul."], "orcid": "0000-0002-1825-0097",
    }  # fmt: skip
    assert extra["mesh"][0]["major"] and extra["mesh"][0]["qualifiers"][0]["name"] == "cytology"
    assert extra["grants"] == [{"id": "R01", "agency": "NIH"}] and extra["keywords"] == ["organoid"]
    assert [(n["nature"], n["about"], n["notice"]) for n in extra["notices"]] == [
        ("retraction", "pmid:99000001", "pmid:99000009"), ("correction", "pmid:99000008", "pmid:99000001"),
    ]  # fmt: skip
    assert extra["preprint_of"] == "10.1101/2025.05.01.123456"


def test_a_preprint_that_was_published_and_one_that_was_withdrawn() -> None:
    tie = {"id": "99000001", "source": "MED", "reference": "Cells. 2026. doi: 10.5555/abc.1", "type": "Preprint in"}
    preprint = {
        **name(0, "PPR"), "id": "PPR7", "doi": "10.1101/2025.05.01.123456", "title": "On cells", "pubType": "preprint",
        "bookOrReportDetails": {"publisher": "bioRxiv"}, "commentCorrectionList": {"commentCorrection": [tie]},
    }  # fmt: skip
    gone = {**name(8), "source": "PPR", "title": "Withdrawn", "pubType": "preprint-withdrawal", "doi": "10.1101/9.9"}
    first, second = europepmc.parse(search(preprint, gone), url="https://e.example/", fetched=NOW).entries
    assert first.extra["published_as"] == "10.5555/abc.1" and first.extra["journal"] == "bioRxiv"
    assert [notice["nature"] for notice in second.extra["notices"]] == ["withdrawal"]


def test_a_search_names_records_page_by_page() -> None:
    assert "resultType=idlist" in FIRST and "2026-11-15+TO+3000-01-01" in FIRST
    page = search(*map(name, range(1, 1001)), count=1002, cursor="AoJ+")
    index = europepmc.parse(page, url=FIRST, fetched=NOW)
    assert len(index.names) == 1000 and index.names[0] == "MED:1"
    (second,) = index.follow
    assert second.endswith("cursorMark=AoJ%2B")
    last = europepmc.parse(search(name(1001), name(1002), count=1002, cursor="AoK"), url=second, fetched=NOW)
    assert last.follow == () and last.names == ("MED:1001", "MED:1002")
    other = europepmc.requests('"stem cells"', date(2026, 11, 16), 5000)[0]
    assert europepmc.stable(FIRST) == europepmc.stable(other) == europepmc.stable(second)


def test_records_are_asked_for_by_name() -> None:
    names = [f"MED:{number}" for number in range(1, 31)] + ["PPR:PPR5"]
    addresses = europepmc.records(names)
    assert len(addresses) == 2 and [each for url in addresses for each in europepmc.named(url)] == names
    index = europepmc.parse(search(CORE), url=europepmc.records(["MED:99000001", "PPR:PPR5"])[0], fetched=NOW)
    assert index.problems == ("1 records did not come: PPR:PPR5",)


def test_nothing_found_is_an_empty_answer_of_the_right_kind() -> None:
    index = europepmc.parse(search(), url=FIRST, fetched=NOW)
    assert (index.entries, index.names, index.follow) == ((), (), ())


def test_xml_says_the_same() -> None:
    body = (
        b'<?xml version="1.0"?><responseWrapper xmlns:e="https://e.example"><hitCount>1</hitCount><resultList><result>'
        b"<id>5</id><source>MED</source><pmid>5</pmid><title>On cells</title><pubType>review; journal article</pubType>"
        b"</result></resultList></responseWrapper>"
    )
    (entry,) = europepmc.parse(body, url="https://e.example/", fetched=NOW).entries
    assert (entry.native, entry.title, entry.extra["types"]) == ("MED:5", "On cells", ["review", "journal article"])


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "an empty answer"),
        (b"<html><head><title>502</title></head></html>", "a page of HTML in place of JSON: 502"),
        (b'{"errCode":404,"errMsg":"Invalid cursorMark"}', "Europe PMC says: Invalid cursorMark (404)"),
        (b'{"version":"6.9"}', "no count or no list"),
        (search(count=5), "5 hits and no list"),
        (search(name(1), count=5), "half a list: 5 hits, 1 of them given"),
        (search({"id": "1"}), "a record without id or source"),
        (search(name(1))[:-9], "half an answer"),
        (b"version https://git-lfs.example/spec/v1", "not JSON"),
    ],
)  # fmt: skip
def test_what_is_no_answer_is_named(body: bytes, said: str) -> None:
    with pytest.raises(ApiError) as raised:
        europepmc.parse(body, url=FIRST, fetched=NOW)
    assert said in str(raised.value)
