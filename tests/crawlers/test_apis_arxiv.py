"""arXiv's search and OAI-PMH, from recordings of our own making."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from crawlers.lists.apis import ApiError, arxiv, oai_pmh

NOW = "2026-11-22T03:00:00Z"
ANSWERS = Path(__file__).parent / "api_answers"
PAGE = (ANSWERS / "arxiv" / "page.xml").read_bytes()
RECORDS = (ANSWERS / "oai_pmh" / "records.xml").read_bytes()
URL = "https://export.arxiv.org/api/query?search_query=abs%3Acells&start=0&max_results=2"
OAI = "https://repository.example/oai?verb=ListRecords&metadataPrefix=arXiv&from=2026-11-15"
ERROR = """<feed xmlns="http://www.w3.org/2005/Atom" xmlns:o="http://a9.com/-/spec/opensearch/1.1/">
<o:totalResults>1</o:totalResults><entry><id>https://arxiv.org/api/errors#x</id><title>Error</title>
<summary>incorrect id format for abc</summary></entry></feed>"""


def test_a_preprint_and_its_paper_are_two() -> None:
    first, second = arxiv.parse(PAGE, url=URL, fetched=NOW).entries
    assert (first.native, first.url) == ("2611.01234", "https://arxiv.org/abs/2611.01234")
    assert (first.title, first.summary) == ("Walks of stem cells", "We model walks.")
    assert first.identifiers == {"doi": ["10.48550/arxiv.2611.01234"]}
    assert first.extra["published_as"] == "10.5555/walk.1"
    assert (first.published, first.updated) == ("2026-11-15T10:00:00Z", "2026-11-19T10:00:00Z")
    assert first.extra["people"][0] == {"name": "Ada Kim", "affiliations": ["Konkuk Institute"]}
    assert first.extra["keywords"] == ["q-bio.CB", "physics.bio-ph"]
    assert second.native == "q-bio/0401001"
    assert [(n["nature"], n["about"]) for n in second.extra["notices"]] == [
        ("withdrawal", "doi:10.48550/arxiv.q-bio/0401001")
    ]


def test_arxiv_pages() -> None:
    (second,) = arxiv.parse(PAGE, url=URL, fetched=NOW).follow
    assert second.endswith("start=2")
    last = PAGE.replace(b"totalResults>5", b"totalResults>2")
    assert not arxiv.parse(last, url=URL, fetched=NOW).follow
    (asked,) = arxiv.requests("abs:cells OR ti:cells", date(2026, 11, 15), 500)
    (later,) = arxiv.requests("abs:cells OR ti:cells", date(2026, 11, 16), 500)
    assert arxiv.stable(asked) == arxiv.stable(later) != asked and "max_results=100" in asked


def test_oai_reads_two_forms_deleted_records_and_names_the_broken_one() -> None:
    index = oai_pmh.parse(RECORDS, url=OAI, fetched=NOW)
    paper, thesis, deleted = index.entries
    assert (paper.native, paper.published, paper.updated) == ("2611.01234", "2026-11-15", "2026-11-19")
    assert paper.authors == ("Ada Kim",) and paper.extra["affiliations"] == ["Konkuk Institute"]
    assert paper.extra["published_as"] == "10.5555/walk.1", "a comma stood behind it"
    assert (thesis.title, thesis.lang, thesis.published) == ("A thesis on cells", "ko", "2026-11-17")
    assert thesis.identifiers == {"doi": ["10.5555/thesis.7"]} and thesis.url == "https://repository.example/7"
    assert deleted.extra["deleted"] is True and deleted.title == ""
    assert deleted.extra["notices"][0]["about"] == "doi:10.48550/arxiv.2601.00001"
    assert index.problems == ("record 4: oai:repository.example:8: a record without metadata that is not deleted",)
    assert index.follow == ("https://repository.example/oai?verb=ListRecords&resumptionToken=0001%7Cx",)


def test_oai_names_lead_to_records() -> None:
    body = b"""<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><ListIdentifiers>
    <header><identifier>oai:a:1</identifier></header><header status="deleted"><identifier>oai:a:2</identifier></header>
    <resumptionToken>t</resumptionToken></ListIdentifiers></OAI-PMH>"""
    index = oai_pmh.parse(body, url=OAI, fetched=NOW)
    assert index.follow == (
        "https://repository.example/oai?verb=GetRecord&metadataPrefix=arXiv&identifier=oai%3Aa%3A1",
        "https://repository.example/oai?verb=ListIdentifiers&resumptionToken=t",
    )


def test_oai_asks_and_hears_that_nothing_is_new() -> None:
    (asked,) = oai_pmh.requests("https://repository.example/oai?set=q-bio", date(2026, 11, 15), 10)
    assert asked == ("https://repository.example/oai?verb=ListRecords&metadataPrefix=oai_dc&set=q-bio&from=2026-11-15")
    assert oai_pmh.stable(asked) == "https://repository.example/oai?verb=ListRecords&metadataPrefix=oai_dc&set=q-bio"
    with pytest.raises(ApiError, match="no address of a repository"):
        oai_pmh.requests("q-bio", date(2026, 11, 15), 10)
    index = oai_pmh.parse(_error("noRecordsMatch"), url=asked, fetched=NOW)
    assert (index.entries, index.problems, index.follow) == ((), (), ())


def _error(code: str) -> bytes:
    return f'<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><error code="{code}">x</error></OAI-PMH>'.encode()


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "empty"),
        (b"<html><head><title>Busy</title></head></html>", "a page of HTML in place of XML: Busy"),
        (b"broken xml", "not XML"),
        (RECORDS[:900], "breaks off"),
        (b"<rss/>", "a <rss>"),
        (_error("badResumptionToken"), "badResumptionToken x"),
        (_error("idDoesNotExist"), "idDoesNotExist"),
        (_error(""), "an error without code"),
        (b"<OAI-PMH><Identify/></OAI-PMH>", "no records in an answer of Identify"),
        (b"<OAI-PMH><ListRecords/></OAI-PMH>", "ListRecords without a record"),
        (b"<OAI-PMH><ListIdentifiers/></OAI-PMH>", "ListIdentifiers without a header"),
        (b"<!DOCTYPE a [<!ENTITY e SYSTEM 'file:///etc/passwd'>]><OAI-PMH>&e;<b/></OAI-PMH>", "no records"),
        (b"<OAI-PMH>&nosuch;</OAI-PMH>", "not well-formed"),
    ],
)
def test_oai_names_what_is_malformed(body: bytes, said: str) -> None:
    with pytest.raises(ApiError, match=said):
        oai_pmh.parse(body, url=OAI, fetched=NOW)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "empty"),
        (ERROR.encode(), "incorrect id format for abc"),
        (PAGE[:1000], "breaks off"),
        (b'<feed xmlns="http://www.w3.org/2005/Atom"><title>some feed</title></feed>', "no answer to a search"),
        (b'<feed xmlns:o="o"><o:totalResults>7</o:totalResults></feed>', "a page without entries at 0, although 7"),
        (b"<rss/>", "a <rss>"),
        (b"Rate exceeded.", "not XML: Rate exceeded"),
    ],
)
def test_arxiv_names_what_is_malformed(body: bytes, said: str) -> None:
    with pytest.raises(ApiError, match=said):
        arxiv.parse(body, url=URL, fetched=NOW)
