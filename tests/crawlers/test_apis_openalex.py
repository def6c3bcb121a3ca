"""OpenAlex, from recordings of our own making."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from crawlers.lists.apis import ApiError, openalex

NOW = "2026-11-22T03:00:00Z"
BODY = (Path(__file__).parent / "api_answers" / "openalex" / "works.json").read_bytes()
URL = 'https://api.openalex.org/works?filter=title.search:"stem cells"&per-page=2&cursor=*'


def test_a_work_says_all_that_the_project_asks() -> None:
    entry = openalex.parse(BODY, url=URL, fetched=NOW).entries[0]
    assert (entry.native, entry.url) == ("W9000000001", "https://doi.org/10.5555/cells.2026.7")
    assert (entry.title, entry.summary) == ("Grafted neurons", "Rats walked far; other Rats did not.")
    assert (entry.published, entry.updated, entry.authors) == ("2026-10-03", "2026-11-20", ("Ada Kim",))
    assert entry.identifiers == {"doi": ["10.5555/cells.2026.7"], "pmid": ["99000001"], "pmcid": ["PMC9900011"]}
    extra = entry.extra
    assert (extra["journal"], extra["issnl"], extra["issn"]) == (
        "Cells of Test", "1234-5679", ["1234-5679", "2345-6789"],
    )  # fmt: skip
    assert extra["mesh"] == [{"ui": "D013234", "name": "Stem Cells", "major": True}]
    assert extra["people"] == [
        {"name": "Ada Kim", "orcid": "0000-0002-1825-0097", "ror": ["025h1m602"],
         "affiliations": ["Konkuk Institute, Seoul, Korea"]}
    ]  # fmt: skip
    assert extra["grants"] == [{"id": "2026R1", "agency": "Research Foundation of Test"}]
    assert (extra["pages"], extra["licence"]) == ("11-19", "cc-by")
    (notice,) = extra["notices"]
    assert (notice["nature"], notice["about"], notice["day"]) == ("retraction", "doi:10.5555/cells.2026.7", None)


def test_a_work_without_anything_is_a_work() -> None:
    entry = openalex.parse(BODY, url=URL, fetched=NOW).entries[1]
    assert (entry.identifiers, entry.summary, entry.url) == ({}, "", "https://openalex.org/W9000000002")


def test_paging_and_names() -> None:
    (second,) = openalex.parse(BODY, url=URL, fetched=NOW).follow
    assert second.endswith("cursor=IlsxNzY")
    last = BODY.replace(b'"next_cursor": "IlsxNzY"', b'"next_cursor": null')
    assert not openalex.parse(last, url=second, fetched=NOW).follow
    (asked,) = openalex.requests('filter=title.search:"a, b"', date(2026, 11, 15), 999)
    assert "from_publication_date%3A2026-11-15" in asked and "per-page=200" in asked
    (later,) = openalex.requests('filter=title.search:"a, b"', date(2026, 11, 16), 999)
    assert openalex.stable(asked) == openalex.stable(later)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "empty"),
        (b"<!doctype html><html></html>", "a page of HTML"),
        (BODY[:2000], "breaks off"),
        (b'{"error": "Invalid query parameters error.", "message": "no such filter"}', "no such filter"),
        (b'{"id": "https://openalex.org/A5", "display_name": "x"}', "no works, but A5"),
        (b'{"results": []}', "without meta.count"),
        (b'{"meta": {"count": 5}, "results": []}', "although 5 match"),
        (b'{"meta": {"count": 1}, "results": [{"id": "https://openalex.org/S1"}]}', "without id of a work"),
        (b'{"id": "https://openalex.org/W1", "abstract_inverted_index": {"a": [-1]}}', "a word at place -1"),
        (b'{"id": "https://openalex.org/W1", "abstract_inverted_index": {"a": [999999999999]}}', "a word at place"),
    ],
)
def test_what_is_malformed_is_named_and_never_empty(body: bytes, said: str) -> None:
    with pytest.raises(ApiError, match=said):
        openalex.parse(body, url=URL, fetched=NOW)
