"""The tables by which a search understands names, in an edition made from a real work.db."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

import pytest

from core.records import ConceptName, Document, Wider
from core.store import Store
from publish.edition.build import fill, index
from publish.edition.names import Alias, Words, mark_exact

RETT, WIDE = "MONDO:0010726", "MONDO:0000977"
NAMED = [
    (RETT, "レット症候群", "name", 1), (RETT, "RTT", "short", 1), (RETT, "Rest", "short", 1),
    (WIDE, "developmental disorder of ours", "label", 1), (WIDE, "RTT", "short", 1),
]  # fmt: skip


@pytest.fixture
def edition(work: Store) -> Iterator[sqlite3.Connection]:
    """An edition of the newsroom, in which Rett syndrome has more names and something wider."""
    with work.writing():
        for concept, name, how, senses in NAMED:
            work.save(ConceptName(
                concept=concept, type="DISEASE", name=name, lang="en", how=how, senses=senses, origin="t"
            ))  # fmt: skip
        work.save(Wider(concept=RETT, wider=WIDE, steps=2))
    database = sqlite3.connect(":memory:", isolation_level=None)
    fill(database, work)
    index(database, work)
    yield database
    database.close()


def aliases(edition: sqlite3.Connection, concept: str) -> dict[str, tuple[str, int, bool]]:
    """Key -> how it is a name, its senses, and whether documents name the thing."""
    sql = "SELECT name, how, senses, entity IS NOT NULL FROM alias WHERE concept = ?"
    return {name: (how, senses, bool(named)) for name, how, senses, named in edition.execute(sql, (concept,))}


def test_every_name_of_a_thing_and_of_what_is_wider_is_in_the_edition(edition: sqlite3.Connection) -> None:
    own, wide = aliases(edition, RETT), aliases(edition, WIDE)
    assert own["rett syndrome"][0] == "label"
    assert own["レット症候群"] == ("name", 1, True)
    assert wide["developmental disorder of our"] == ("label", 1, False)


def test_a_name_of_two_things_counts_both_but_not_for_the_wider(edition: sqlite3.Connection) -> None:
    assert aliases(edition, RETT)["rtt"][1] == 2
    assert aliases(edition, WIDE)["rtt"][1] == 1


def test_documents_are_found_under_what_is_wider(edition: sqlite3.Connection) -> None:
    def found(tag: str) -> set[int]:
        return {row[0] for row in edition.execute("SELECT rowid FROM search WHERE search MATCH ?", (f'tags:"{tag}"',))}

    about = found("disease_mondo_0010726_")
    assert about
    assert found("named_mondo_0000977_") >= found("about_mondo_0000977_") == about
    assert not found("named_mondo_0000001_")


def test_words_are_near_those_that_lack_another_letter(edition: sqlite3.Connection) -> None:
    (word,) = edition.execute("SELECT word FROM word WHERE length(word) > 6 AND documents > 1 LIMIT 1").fetchone()
    slip = word[:2] + word[3:]
    assert (word,) in edition.execute("SELECT word FROM word_near WHERE form = ?", (slip,)).fetchall()
    assert not edition.execute("SELECT 1 FROM word WHERE word <> lower(word) OR length(word) < 3").fetchall()


@pytest.mark.parametrize(
    ("shown", "how"),
    [("Rest of It", "exact"), ("Journal of the Rest", "label"), ("Unwritten Rest", "label"), ("Brain It", "exact")],
)
def test_a_journal_named_by_plain_words_needs_its_capitals(shown: str, how: str) -> None:
    words = Words()
    words.count(a_document(1, "Title", "The rest of it is in the brain."))
    one = Alias(type="journal", name=shown.lower(), concept="journal:x", entity=1, shown=shown, how="label", senses=1)
    assert [found.how for found in mark_exact([one], words)] == [how]


def a_document(number: int, title: str, text: str) -> Document:
    return Document(
        id=f"https://a.example/{number}", entry="a:1", source="a", kind="news", url="https://a.example/1",
        title=title, text=text, summary="", authors=(), lang="en", published=None, published_from=None, dates=(),
        identifiers={}, links=(), extra={}, licence="full", translated=None, state="current", capture="c",
        first_seen="2026-11-22T04:51:00Z", hash="h",
    )  # fmt: skip


def test_a_name_that_is_written_small_is_an_everyday_word() -> None:
    words = Words()
    for number in range(3):
        words.count(a_document(number, "Title", "The rest of it. REST is a gene. RPE cells."))
    assert words.is_plain("REST")
    assert not words.is_plain("RPE")
    assert not words.is_plain("rest")  # written so by the lexicon itself
