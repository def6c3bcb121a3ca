"""bioRxiv's and medRxiv's interface, from recordings of our own making."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from crawlers.lists.apis import ApiError, biorxiv

NOW = "2026-11-22T03:00:00Z"
HERE = Path(__file__).parent / "api_answers" / "biorxiv"
DETAILS = (HERE / "details.json").read_bytes()
URL = "https://api.biorxiv.org/details/biorxiv/2026-11-15/2099-12-31/0?category=cell%20biology"


def test_of_every_preprint_the_newest_version() -> None:
    index = biorxiv.parse(DETAILS, url=URL, fetched=NOW)
    first, second = index.entries  # the row of another subject is left out
    assert first.native == "10.1101/2026.11.15.111111" and first.title == "Cells that walk far"
    assert first.url == "https://www.biorxiv.org/content/10.1101/2026.11.15.111111v2"
    assert first.authors == ("A. B. Kim", "C. Lee", "The Walkers")
    assert (first.published, first.summary) == ("2026-11-18", "Second words.")
    assert first.extra["published_as"] == "10.5555/cells.2026.31"
    assert first.extra["people"] == [{"name": "Ada B. Kim", "affiliations": ["Konkuk Institute"]}]
    assert first.extra["grants"] == [{"agency": "Research Foundation of Test"}]
    assert (first.extra["journal"], first.extra["issn"]) == ("bioRxiv", ["2692-8205"])
    assert second.extra["withdrawn"] is True and "published_as" not in second.extra
    (notice,) = second.extra["notices"]
    assert (notice["nature"], notice["about"], notice["day"]) == (
        "withdrawal", "doi:10.1101/2026.11.16.222222", "2026-11-17",
    )  # fmt: skip


def test_pages_follow_by_the_number_of_rows() -> None:
    (second,) = biorxiv.parse(DETAILS, url=URL, fetched=NOW).follow
    assert second == URL.replace("/0?", "/4?")
    last = DETAILS.replace(b'"cursor": 0', b'"cursor": 2')
    assert not biorxiv.parse(last, url=second, fetched=NOW).follow


def test_what_journals_have_published() -> None:
    body = (HERE / "pubs.json").read_bytes()
    url = "https://api.biorxiv.org/pubs/biorxiv/2026-11-15/2099-12-31/0?category=cell%20biology"
    (entry,) = biorxiv.parse(body, url=url, fetched=NOW).entries
    assert entry.native == "10.1101/2026.01.02.123456" and entry.authors == ("A. Kim", "Gait Consortium")
    assert (entry.extra["published_as"], entry.extra["published_in"]) == ("10.5555/cells.2026.7", "Cells of Test")
    assert entry.extra["dates"] == {"posted": "2026-01-02", "published": "2026-10-03"}


def test_what_is_asked() -> None:
    (asked,) = biorxiv.requests("details/biorxiv/cell_biology", date(2026, 11, 15), 100)
    assert asked == URL
    two = biorxiv.requests("details/biorxiv/cell biology; neuroscience", date(2026, 11, 15), 100)
    assert two == [URL, URL.replace("cell%20biology", "neuroscience")]
    (both,) = biorxiv.requests("pubs/biorxiv/Cell Biology;ecology", date(2026, 11, 15), 100)
    assert both.endswith("?category=cell%20biology%3Becology")
    body = (HERE / "pubs.json").read_bytes()
    assert len(biorxiv.parse(body, url=both, fetched=NOW).entries) == 2
    assert biorxiv.requests("pubs/medrxiv", date(2026, 11, 15), 100)[0].endswith("/2026-11-15/2099-12-31/0")
    assert biorxiv.stable(asked) == "https://api.biorxiv.org/details/biorxiv?category=cell%20biology"
    for query in ("cell biology", "details/arxiv", "", "papers/biorxiv"):
        with pytest.raises(ApiError, match="no query of bioRxiv"):
            biorxiv.requests(query, date(2026, 11, 15), 100)


def test_nothing_new_is_empty() -> None:
    body = b'{"messages": [{"status": "no posts found"}], "collection": []}'
    assert biorxiv.parse(body, url=URL, fetched=NOW).entries == ()


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "empty"),
        (b"<html><body>503</body></html>", "a page of HTML"),
        (DETAILS[:900], "breaks off"),
        (b'{"messages": [], "collection": []}', "without messages"),
        (b'{"messages": [{"status": "ok"}]}', "without messages or collection"),
        (b'{"messages": [{"status": "Error: server not recognized"}], "collection": []}', "server not recognized"),
        (b'{"messages": [{"status": "ok", "cursor": 0, "count": 30, "total": "60"}], "collection": []}', "no rows"),
        (b'{"messages": [{"status": "ok", "total": 1}], "collection": [{"title": "x"}]}', "a preprint without DOI"),
        (b'{"error": "down"}', "without messages"),
    ],
)
def test_what_is_malformed_is_named_and_never_empty(body: bytes, said: str) -> None:
    with pytest.raises(ApiError, match=said):
        biorxiv.parse(body, url=URL, fetched=NOW)
