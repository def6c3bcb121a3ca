"""Retraction Watch's and hPSCreg's tables, from recordings of our own making."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from crawlers.lists.apis import ApiError, hpscreg, retraction_watch
from crawlers.lists.apis.csv_rows import split_cell

NOW = "2026-11-22T03:00:00Z"
ANSWERS = Path(__file__).parent / "api_answers"
PUBLISHED = (ANSWERS / "retraction_watch" / "published.csv").read_bytes()
NUMPY = (ANSWERS / "retraction_watch" / "numpy.csv").read_bytes()
LINES = (ANSWERS / "hpscreg" / "lines.csv").read_bytes()
URL = retraction_watch.BASE


def test_a_row_is_a_notice_once_for_each_identifier_of_the_paper() -> None:
    entry = retraction_watch.parse(PUBLISHED, url=URL, fetched=NOW).entries[0]
    assert (entry.native, entry.url, entry.published) == (
        "70001",
        "https://doi.org/10.5555/cells.2026.99",
        "2026-11-18",
    )
    assert entry.extra["notice_only"] is True and entry.identifiers == {}
    said = {
        "nature": "retraction", "notice": "doi:10.5555/cells.2026.99", "day": "2026-11-18",
        "reasons": ["Concerns/Issues About Data", "Unreliable Results"], "url": "https://doi.org/10.5555/cells.2026.99",
    }  # fmt: skip
    assert entry.extra["notices"] == [
        {**said, "about": "doi:10.5555/cells.2026.7"},  # a full stop stood behind it
        {**said, "about": "pmid:99000001"},
    ]
    assert entry.title == "Retraction: Grafted neurons and gait"
    assert entry.extra["affiliations"] == ["Konkuk Institute, Seoul, Korea"]
    assert entry.authors == ("Ada Kim", "C Lee") and entry.extra["dates"]["paper"] == "2026-10-03"


def test_what_is_missing_or_odd_is_named_and_takes_nothing_with_it() -> None:
    index = retraction_watch.parse(PUBLISHED, url=URL, fetched=NOW)
    assert [entry.native for entry in index.entries] == ["70001", "70002", "70003", "70004"]
    by_number, dashed, nameless = index.entries[1:]
    assert by_number.extra["notices"] == [
        {"nature": "concern", "about": "pmid:99000002", "notice": None, "day": None,
         "reasons": ["Investigation by Journal/Publisher"], "url": None}
    ]  # fmt: skip
    assert dashed.extra["notices"][0]["about"] == "doi:10.5555/cells-2026-8"
    assert (dashed.extra["notices"][0]["nature"], dashed.published) == ("reinstatement", "2026-11-01")
    assert "notices" not in nameless.extra
    assert index.problems == (
        "row 6 breaks off: 2 of 20, 70006 A row that breaks",
        "1 of 4 rows without an identifier of the paper: 70004",
        "record 5: a nature that is not known: 'Applause', 10.5555/x",
    )


def test_a_copy_with_numpy_lists_and_without_numbers() -> None:
    index = retraction_watch.parse(NUMPY, url=URL, fetched=NOW)
    first, second, third = index.entries
    assert first.extra["affiliations"] == ["Unit one", "Unit 'two', city"]
    assert first.extra["notices"][0]["reasons"] == ["Duplication of Text", "Euphemisms for Duplication"]
    assert first.extra["journal"] == "Tests" and "notes" not in first.extra
    assert third.native == f"{second.native}-2", "two rows that say the same are two"
    again = retraction_watch.parse(NUMPY, url=URL, fetched=NOW)
    assert [entry.native for entry in again.entries] == [entry.native for entry in index.entries]


def test_the_address_is_the_query() -> None:
    assert retraction_watch.requests("", date(2026, 11, 15), 5) == [retraction_watch.BASE]
    assert retraction_watch.requests("https://a.example/rw.csv", date(2026, 11, 15), 5) == ["https://a.example/rw.csv"]
    with pytest.raises(ApiError, match="no address"):
        retraction_watch.requests("stem cells", date(2026, 11, 15), 5)
    with pytest.raises(ApiError, match="no address"):
        hpscreg.requests("", date(2026, 11, 15), 5)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "an empty answer"),
        (b"<html><title>Sign in</title></html>", "a page of HTML in place of a table"),
        (b'{"message": "404 Project Not Found"}', "JSON in place of a table"),
        (b"Record ID,Title\n1,x\n", "without any of the columns originalpaperdoi"),
        (PUBLISHED.split(b"\n", 1)[0], "without rows"),
        (PUBLISHED[:400], "without rows; row 1 breaks off"),
        (b"OriginalPaperDOI,RetractionNature\n10.5555/x,Applause\n", "none of 1 records can be read"),
    ],
)
def test_what_is_malformed_is_named_and_never_empty(body: bytes, said: str) -> None:
    with pytest.raises(ApiError, match=said):
        retraction_watch.parse(body, url=URL, fetched=NOW)


def test_an_older_export_is_in_windows_1252() -> None:
    body = PUBLISHED.replace(b"C Lee", "C Müller".encode("cp1252"))
    assert retraction_watch.parse(body, url=URL, fetched=NOW).entries[0].authors == ("Ada Kim", "C Müller")


def test_a_line_of_cells() -> None:
    index = hpscreg.parse(LINES, url="https://exports.example/lines.csv", fetched=NOW)
    first, second = index.entries
    assert (first.native, first.url) == ("TESTi001-A", "https://hpscreg.eu/cell-line/TESTi001-A")
    assert first.extra["synonyms"] == ["T-iPSC-1, clone 4"] and first.extra["conditions"] == ["Parkinson disease"]
    assert first.extra["line_kind"] == "induced pluripotent stem cell line"
    assert (first.published, first.updated) == ("2026-11-01", "2026-11-18")
    assert first.summary == (
        "Induced pluripotent stem cell line TESTi001-A; also called T-iPSC-1, clone 4; from a donor with "
        "Parkinson disease; made by Konkuk Institute."
    )
    assert second.extra["parent"] == "TESTe002-B" and "conditions" not in second.extra
    assert "biosamples" not in second.extra and second.published is None
    assert index.problems == ("record 3: no name of a line: 'a line without a name'",)


@pytest.mark.parametrize("body", [b"", b"<html></html>", b"Name;Disease\nfoo;bar\n", b"a,b\n1,2\n"])
def test_no_lines_are_named(body: bytes) -> None:
    with pytest.raises(ApiError):
        hpscreg.parse(body, url="https://exports.example/lines.csv", fetched=NOW)


def test_lists_in_cells() -> None:
    assert split_cell("a; b;;a;") == ["a", "b"]
    assert split_cell("['it\\'s' \"x\"]") == ["it's", "x"]
    assert split_cell("[]") == split_cell("[None]") == split_cell("unavailable") == []
