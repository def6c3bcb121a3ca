"""How a search is read: names as concepts, questions, near words, identifiers, values; what is searched as written."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing

import pytest

from publish.search.asking import ask_now
from publish.search.clauses import to_text
from publish.search.identifiers import find_alone
from publish.search.query import parse_query
from publish.search.reading import Reading, read, where_of
from publish.search.related import related_words
from publish.search.spelling import choose_nearest, deletes, distance
from publish.search.vocabulary import is_question_word
from tests.publish.reader import Newsroom


@pytest.fixture
def edition(newsroom: Newsroom) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(newsroom[1])) as db:
        db.row_factory = sqlite3.Row
        yield db


def understand(edition: sqlite3.Connection, written: str, *, correct: bool = True) -> Reading:
    return ask_now(
        read(parse_query(written), correct=correct), lambda sql, params: edition.execute(sql, params).fetchall()
    )


def found(edition: sqlite3.Connection, reading: Reading) -> set[str]:
    where, params = where_of(reading)
    sql = f"SELECT d.title FROM search JOIN document d ON d.id = search.rowid WHERE {' AND '.join(where)}"
    return {row[0] for row in edition.execute(sql, params)}


def test_a_name_is_searched_as_its_concept_or_as_the_words(edition: sqlite3.Connection) -> None:
    reading = understand(edition, "Crohn's disease")
    assert [part.thing.concept for part in reading.parts if part.thing] == ["MONDO:0005011"]
    titles = found(edition, reading)
    assert "Zellen aus Fett gegen Fisteln: was die Behandlung bei Morbus Crohn leistet" in titles
    exact = understand(edition, to_text(reading.exact))
    assert exact.plain and not exact.parts
    assert found(edition, exact) < titles
    assert to_text(reading.asked) == "Crohn's disease"  # an address holds what was typed


def test_what_is_quoted_is_searched_as_written(edition: sqlite3.Connection) -> None:
    assert understand(edition, '"neural crest cells"').plain
    assert understand(edition, "title:regrow").plain
    assert understand(edition, "neur*").plain


def test_words_of_a_question_need_not_match(edition: sqlite3.Connection) -> None:
    reading = understand(edition, "what do vesicles do for nerves of mice")
    assert reading.ignored == ("what", "do", "for", "of")
    assert "Vesicles from neural crest cells help crushed nerves of mice regrow" in found(edition, reading)
    assert understand(edition, "what do").ignored == ()  # there is nothing else to search for
    assert is_question_word("How") and is_question_word("why?") and not is_question_word("WHO")


def test_a_word_that_is_not_here_is_searched_as_the_nearest_one(edition: sqlite3.Connection) -> None:
    reading = understand(edition, "vesciles")
    assert [(one.typed, one.word) for one in reading.corrected] == [("vesciles", "vesicles")]
    assert found(edition, reading)
    assert to_text(reading.exact) == '"vesciles"'
    assert understand(edition, "vesciles", correct=False).corrected == ()  # letters and feeds mean the same every night
    assert understand(edition, "qzxvwk").corrected == ()


def test_near_words() -> None:
    assert (distance("organiods", "organoids"), distance("kitten", "sitting")) == (1, 3)
    assert "osteoarthrits" in deletes("osteoarthritis")
    assert choose_nearest("maculer", {"macular": 3, "muscular": 9}) == "macular"
    assert choose_nearest("cells", {"bells": 50}) is None  # short words must begin alike
    assert choose_nearest("tumour", {"tumour": 3}) is None


@pytest.mark.parametrize(
    ("written", "scheme", "value"),
    [
        ("10.5555/AN.2026.0117", "doi", "10.5555/an.2026.0117"),
        ("https://doi.org/10.5555/an.2026.0117", "doi", "10.5555/an.2026.0117"),
        ("PMID: 99000231", "pmid", "99000231"),
        ("https://pubmed.ncbi.nlm.nih.gov/99000231/", "pmid", "99000231"),
        ("NCT05550001", "nct", "NCT05550001"),
        ("https://clinicaltrials.gov/study/NCT05550001", "nct", "NCT05550001"),
        ("trial number NCT05550001", "nct", "NCT05550001"),
        ("ror.org/025h1m602", "ror", "025h1m602"),
        ("0000-0002-1825-0097", "orcid", "0000-0002-1825-0097"),
    ],
)
def test_identifiers_are_told(written: str, scheme: str, value: str) -> None:
    alone = find_alone(written)
    assert alone is not None and (alone.scheme, alone.value) == (scheme, value)


@pytest.mark.parametrize("written", ["stem cells", "9900", "pain NCT05550001", "10.5", "", "https://example.org/a"])
def test_what_is_no_identifier_alone(written: str) -> None:
    assert find_alone(written) is None


def test_an_identifier_leads_to_its_record_first(edition: sqlite3.Connection) -> None:
    reading = understand(edition, "https://clinicaltrials.gov/study/NCT05550001")
    assert reading.landing is not None and reading.landing.records
    [kind] = edition.execute("SELECT kind FROM document WHERE id = ?", (reading.landing.records[0],)).fetchone()
    assert kind == "trial"
    assert len(found(edition, reading)) >= 1
    assert found(edition, understand(edition, "NCT05550001 kind:news")) <= found(edition, reading)
    assert found(edition, understand(edition, "10.9999/no.such.number")) == set()


def test_words_that_are_values_are_read_so_without_narrowing(edition: sqlite3.Connection) -> None:
    reading = understand(edition, "trials")
    assert {value.value for part in reading.parts for value in part.values} >= {"trial"}
    trials = {row[0] for row in edition.execute("SELECT title FROM document WHERE kind = 'trial'")}
    assert trials <= found(edition, reading)
    assert found(edition, understand(edition, '"trials"')) <= found(edition, reading)


def test_a_pasted_paragraph_is_cut_to_what_is_rare(edition: sqlite3.Connection) -> None:
    text = " ".join(["The vesicles came from neural crest cells and helped crushed nerves of mice to regrow."] + [
        f"word{letter}{other}" for letter in "abcdefgh" for other in "abcdef"
    ])  # fmt: skip
    reading = understand(edition, text)
    assert reading.pasted
    words = {term.text for term in reading.asked.terms}
    assert "vesicles" in words and "the" not in words and len(words) <= 12
    assert not any(word.startswith("word") for word in words)


def test_a_filter_by_name_is_resolved_before_the_index_is_asked(edition: sqlite3.Connection) -> None:
    reading = understand(edition, 'disease:"Morbus Crohn"')
    where, _ = where_of(reading)
    assert "alias" not in " ".join(where)
    assert found(edition, reading) == found(edition, understand(edition, "disease:MONDO:0005011")) != set()


def test_related_words_are_of_the_field() -> None:
    assert "repair" in related_words("regeneration")
    assert related_words("stem cells") == () == related_words("qzxvwk")
