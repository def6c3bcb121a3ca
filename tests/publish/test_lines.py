"""Lines of letters over the edition of the bundled newsroom: what they say is borne out, and shows the hit."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from core.store import Store, open_store
from publish.letters.current_edition import CurrentEdition, open_current
from publish.letters.letter import Line, Marked
from publish.letters.lines import FoundStory, KeyRow, Known, make_lines, pick_before
from publish.letters.sentences import QUOTE
from tests.present import present
from tests.publish.reader import Newsroom

DAY = "2026-11-22"
_PAPER = "SELECT id, \"key\", '' AS story FROM document WHERE kind = 'paper' ORDER BY id LIMIT 1"


@pytest.fixture(scope="module")
def opened(newsroom: Newsroom) -> Iterator[tuple[CurrentEdition, Store]]:
    config = newsroom[0]
    with open_current(config) as edition, open_store(config.data("work.db"), "work") as work:
        yield present(edition), work


@pytest.fixture
def known(opened: tuple[CurrentEdition, Store]) -> Known:
    return Known(*opened, DAY)


def lines_of(known: Known, query: str, count: int = 20) -> list[Line]:
    return make_lines(known, pick_before(known.edition, query, count))


def set_off(text: Marked | None) -> list[str]:
    return [text.text[start:end] for start, end in text.marks] if text else []


@pytest.mark.parametrize("query", ["vesicle*", "nerve", "parkinson", "islets OR vesicles", "줄기세포"])
def test_title_or_sentence_shows_the_hit(known: Known, query: str) -> None:
    found = lines_of(known, query)
    assert found
    for line in found:
        assert set_off(line.title) or set_off(line.sentence), line


def test_a_text_too_short_to_be_quoted_is_not_and_the_line_says_where_the_words_are(known: Known) -> None:
    [line] = [one for one in lines_of(known, '"stem cell"') if one.title.text == "Two firms join to freeze cord blood"]
    assert line.sentence is None
    assert line.why == ("has “stem cell” in its text",)


def test_a_thing_is_set_off_as_it_is_written_and_named(known: Known) -> None:
    [line] = [one for one in lines_of(known, "cell:EFO:0004905") if one.kind == "preprint"]
    assert "iPSCs" in set_off(line.sentence)
    [reason] = line.why
    assert reason.startswith("names ") and "(EFO:0004905)" in reason and "iPSCs" not in reason


def test_a_name_that_can_be_read_needs_no_reason(known: Known) -> None:
    [line] = [one for one in lines_of(known, 'disease:"Parkinson disease"') if one.kind == "preprint"]
    assert set_off(line.sentence) == ["Parkinson disease"]
    assert line.why == ()


def test_of_a_closed_text_little_is_quoted(known: Known) -> None:
    """At most 200 characters and a fifth of the text, apart from what the edition quotes itself."""
    ours = 0
    for query in ("cells", "nerve", "mice", "the", "stem"):
        for line in lines_of(known, query):
            paper = known.papers[line.key]
            if paper.row["licence"] == "headline-and-link" and line.sentence:
                said = line.sentence.text.strip("…")
                assert len(line.sentence.text) <= QUOTE
                shown = any(said in quoted for quoted in (*paper.quotes, *(one["sentence"] for one in paper.labels)))
                if not shown and said in " ".join(paper.text.split()):
                    ours += 1
                    assert len(line.sentence.text) <= len(paper.text) // 5
    assert ours


def test_an_old_document_says_from_when_it_is(opened: tuple[CurrentEdition, Store]) -> None:
    late = Known(*opened, "2028-03-01")
    found = lines_of(late, "nerve")
    assert found and {line.old for line in found if line.published} == {"from 2026"}
    today = lines_of(Known(*opened, DAY), "nerve")
    assert {line.old for line in today if line.published and line.published > "2026-10"} == {""}


def test_a_story_without_its_documents_has_no_line(known: Known) -> None:
    assert make_lines(known, [FoundStory(story="x", matched=("000000000000",))]) == []


def test_a_list_says_how_a_document_is_tied_to_it(known: Known) -> None:
    keys = [row["key"] for row in known.edition.select(KeyRow, _PAPER)]
    known.load(keys)
    ident = known.papers[keys[0]].row["ident"]
    [line] = make_lines(known, [FoundStory(story="x", matched=(keys[0],), owned=frozenset({ident}))])
    assert line.why == ("is on your list",)
    assert (line.key, line.documents) == (keys[0], (keys[0],))


def test_a_retracted_work_says_when_and_how_much_rests_on_it(known: Known) -> None:
    [line] = lines_of(known, "status:retracted")
    assert line.kind == "paper" and len(line.documents) == 2
    assert [chip.text for chip in line.chips if chip.grave] == [
        "retracted on 20 November 2026; 1 document here rests on it"
    ]
    assert set_off(line.sentence) == ["Retracted"] and not line.quoted
    assert line.told_by == "first: Hanbit Biomedical Wire"
    assert line.page.startswith("https://desk.example/s/")


def test_what_rests_on_retracted_work_says_so_in_its_chip(known: Known) -> None:
    [line] = [one for one in lines_of(known, "vesicles") if one.kind == "news"]
    [chip] = [one for one in line.chips if one.grave]
    assert chip.text == "paper 10.5555/cfr.2026.008 (Cell Fates & Repair), retracted on 20 November 2026"
    assert chip.url == "https://doi.org/10.5555/cfr.2026.008"


def test_the_words_of_a_record_are_no_quotation(known: Known) -> None:
    [line] = lines_of(known, "author:okonjo")
    assert line.sentence is not None and line.sentence.text.startswith("Authors: ") and not line.quoted
    assert set_off(line.sentence) == ["Okonjo"]


def test_other_languages_and_clinics_come_last(known: Known) -> None:
    found = lines_of(known, "cells OR zellen OR stem", 60)
    last = [one.kind == "clinic" or known.papers[one.key].row["lang"] not in (None, "en") for one in found]
    assert last == sorted(last) and True in last


def test_lines_of_what_is_known_cost_no_statement(known: Known) -> None:
    stories = pick_before(known.edition, "nerve", 20)
    first = make_lines(known, stories)
    seen: list[str] = []
    known.work.connection.set_trace_callback(seen.append)
    try:
        assert make_lines(known, stories) == first
    finally:
        known.work.connection.set_trace_callback(None)
    assert seen == []


def test_the_lines_of_many_stories_take_as_many_statements_as_those_of_one(known: Known) -> None:
    many = pick_before(known.edition, "cells", 20)
    counts = []
    for some in (many[:1], many[1:]):
        seen: list[str] = []
        known.work.connection.set_trace_callback(seen.append)
        make_lines(known, some)
        known.work.connection.set_trace_callback(None)
        counts.append(len(seen))
    assert counts[0] == counts[1] > 0
