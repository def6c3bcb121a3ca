"""Entry and page to document: each way a row can end, on rows as the stage's query gives them."""

from __future__ import annotations

import json

import pytest
import zstandard

from core.records import Appearance, Document, Json, Version
from core.stage import Done, Failed, Result, Skipped, attempt
from crawlers.documents.extract import extract_document
from tests.crawlers.test_pdf import make_pdf

LINE = "The cells were grown for three weeks in a dish of glass before anybody looked at them again. "
PAGE = f"""<!DOCTYPE html><html lang="en"><head><title>Neurons from a dish - The Gate</title>
<meta property="article:published_time" content="2026-11-02T07:00:00+09:00">
<meta name="citation_doi" content="10.5555/gate.1"><meta name="citation_journal_title" content="Gate Letters">
</head><body><article><h1>Neurons from a dish</h1><p>{LINE}{LINE}</p><p>{LINE}</p></article></body></html>"""


def row(**given: object) -> Json:
    said = {
        "key": "gate:1", "entry": "gate:1", "source": "gate", "url": "https://gate.example/n/1?utm_source=rss",
        "title": "Neurons from a dish", "summary": "A short summary.", "published": "2026-11-01T22:00:00Z",
        "published_raw": "Mon, 02 Nov 2026 07:00:00 +0900", "authors": "[]", "identifiers": "{}", "extra": "{}",
        "entry_capture": "c0", "first_seen": "2026-11-03T01:00:00Z", "kind": "news", "lang": "en",
        "licence": "headline-and-link", "rules": "{}",
        "source_name": "The Gate", "page_state": "held", "page_status": 200, "page_verdict": None,
        "page_capture": "c1", "page_fetched": "2026-11-03T01:00:05Z", "final_url": "https://gate.example/n/1",
        "headers": '{"content-type": "text/html; charset=utf-8"}',
        "body": zstandard.ZstdCompressor().compress(PAGE.encode()),
        "old_id": None, "old_hash": None, "old_title": None, "old_text": None, "old_published": None,
        "old_capture": None, "old_first_seen": None, "old_basis": None,
        "content": "", "work": None, "leader": None, "announcers": None,
    }  # fmt: skip
    return said | given


def page(markup: str) -> bytes:
    return zstandard.ZstdCompressor().compress(markup.encode())


def ends(**given: object) -> Result:
    return attempt(lambda one: extract_document(one, min_words=25), row(**given))


def document(**given: object) -> Document:
    result = ends(**given)
    assert isinstance(result, Done), result
    return next(record for record in result.records if isinstance(record, Document))


def test_a_page_becomes_a_document_with_its_appearance() -> None:
    result = ends()
    assert isinstance(result, Done)
    kept, seen = result.records
    assert isinstance(kept, Document) and isinstance(seen, Appearance)
    assert (kept.id, kept.title, kept.published) == ("https://gate.example/n/1", "Neurons from a dish", "2026-11-02")
    assert kept.text.count("dish of glass") == 3 and seen.document == kept.id


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"page_capture": None, "page_state": None}, "its page is not fetched yet"),
        ({"page_state": "gone"}, "gone (410) before it was ever read"),
        ({"page_capture": None, "page_state": "failed", "page_status": 404}, "its page is not there (404)"),
        ({"page_capture": None, "page_state": "failed", "title": " "}, "its list gives no headline"),
    ],
)
def test_what_cannot_become_a_document_is_skipped_with_its_reason(given: Json, reason: str) -> None:
    result = ends(**given)
    assert isinstance(result, Skipped) and reason in result.reason


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"page_capture": None, "page_state": "failed"}, "its page could not be fetched"),
        ({"headers": '{"content-type": "application/x-hwp"}'}, "application/x-hwp is not a page that we read"),
        ({"body": page("<html><body><script>load()</script></body></html>")}, "0 words"),
        ({"body": page("")}, "holds no HTML"),
    ],
)
def test_where_no_page_can_be_had_the_list_makes_the_document(given: Json, why: str) -> None:
    result = ends(**given, content=f"{LINE}\n\n{LINE}")
    assert isinstance(result, Done) and why in str(result.note)
    kept = document(**given, content=f"{LINE}\n\n{LINE}")
    assert (kept.basis, kept.title, kept.published) == ("feed", "Neurons from a dish", "2026-11-02")
    assert kept.text.count("dish of glass") == 2 and kept.summary == "A short summary."
    assert kept.id == "https://gate.example/n/1"  # without the tracker
    bare = document(**given)
    assert (bare.text, bare.summary, bare.licence) == ("A short summary.", "", "headline-and-link")


def test_a_pdf_is_read_and_one_that_cannot_be_is_made_of_its_list() -> None:
    lines = ["Every bank of cell lines names its donors' consent for", "each of the lines that it keeps, before March."]
    said = {"headers": '{"content-type": "application/pdf"}', "summary": "Short."}
    kept = document(**said, body=zstandard.ZstdCompressor().compress(make_pdf(lines * 3)))
    assert (kept.basis, kept.title, kept.published) == ("page", "Neurons from a dish", "2026-11-02")
    assert kept.text.startswith("Every bank of cell lines names its donors' consent for each of the lines")
    broken = document(**said, body=zstandard.ZstdCompressor().compress(b"%PDF-1.7 cut"))
    assert (broken.basis, broken.text) == ("feed", "Short.")


def test_a_page_that_can_be_read_later_changes_the_text_and_not_the_id() -> None:
    before = document(page_capture=None, page_state="failed", url="https://gate.example/n/1?id=7")
    assert before.id == "https://gate.example/n/1?id=7"
    old = {
        "old_id": before.id, "old_hash": before.hash, "old_title": before.title, "old_text": before.text,
        "old_published": before.published, "old_capture": "c0", "old_first_seen": before.first_seen,
    }  # fmt: skip
    kept = document(**old, old_basis="feed")
    assert (kept.id, kept.basis, kept.text.count("dish of glass")) == (before.id, "page", 3)
    assert document(**old, old_basis="page").id == "https://gate.example/n/1"


def test_a_page_beyond_all_measure_fails_alone() -> None:
    assert isinstance(ends(body=page("<p>" + "x" * 9 * 2**20)), Failed)


def test_a_record_is_its_own_document_and_its_day_is_the_one_written() -> None:
    kept = document(
        kind="journal", rules='{"fetch": false}', summary="First.\n\nSecond.", identifiers='{"doi": ["10.5555/ABC"]}'
    )
    assert (kept.id, kept.kind, kept.text) == ("doi:10.5555/abc", "paper", "First.\n\nSecond.")
    assert (kept.published, kept.published_from) == ("2026-11-02", "gate entry")


def test_only_records_are_known_by_identifiers_and_a_journal_is_none() -> None:
    assert document().identifiers == {}
    paper = document(kind="journal")
    assert paper.id == "doi:10.5555/gate.1"
    assert set(paper.identifiers) == {"doi"} and paper.extra["journal"] == "Gate Letters"


def test_a_summary_stands_in_for_a_page_without_text_and_says_so() -> None:
    result = ends(summary=LINE * 3, body=page("<html><body><h1>Subscribers only</h1></body></html>"))
    assert isinstance(result, Done) and "the summary is used instead" in str(result.note)
    assert next(r for r in result.records if isinstance(r, Document)).text.count("dish of glass") == 3


def test_a_changed_text_leaves_a_version_and_an_unchanged_one_does_not() -> None:
    before = document()
    old = {
        "old_id": before.id, "old_hash": before.hash, "old_title": before.title, "old_text": before.text,
        "old_published": before.published, "old_capture": "c1", "old_first_seen": "2026-11-01T00:00:00Z",
    }  # fmt: skip
    same = ends(**old)
    assert isinstance(same, Done) and not [record for record in same.records if isinstance(record, Version)]
    corrected = ends(**old, body=page(PAGE.replace("three weeks", "four weeks")), page_capture="c2")
    assert isinstance(corrected, Done)
    (version,) = [record for record in corrected.records if isinstance(record, Version)]
    assert (version.text, version.hash, version.capture) == (before.text, before.hash, "c1")
    assert isinstance(corrected.records[0], Document)
    assert corrected.records[0].first_seen == "2026-11-01T00:00:00Z"


def test_a_page_that_is_gone_leaves_a_tombstone_that_keeps_the_text() -> None:
    before = document()
    kept = document(
        page_state="gone", old_id=before.id, old_hash=before.hash, old_title=before.title, old_text=before.text,
        old_published=before.published, old_capture="c1", old_first_seen=before.first_seen,
    )  # fmt: skip
    assert (kept.id, kept.state, kept.text) == (before.id, "gone", before.text) and kept.hash != before.hash


def test_rules_of_the_source_come_first() -> None:
    markup = PAGE.replace("<article>", "<article><p class='real'>The real title</p>").replace(
        "</p><p>", "</p><p class='ad'>"
    )
    kept = document(rules=json.dumps({"title": "p.real", "drop": [".ad"]}), body=page(markup))
    assert kept.title == "The real title" and kept.text.count("dish of glass") == 2
