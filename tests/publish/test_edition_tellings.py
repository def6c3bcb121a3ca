"""Edits, changed numbers and tellings in an edition: tied to their documents, closed texts quoted within the rule."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.records import ChangedNumber, Document, Edit, Figure, Member, Source, Story, Telling
from core.store import Store, open_store
from publish.edition.build import fill
from publish.edition.rights import QUOTE, QUOTES

LONG = " ".join(f"Word{number} of a long sentence about cells and mice," for number in range(12))


def document(ident: str, licence: str, kind: str = "news") -> Document:
    return Document(
        id=ident, entry=f"s:{ident}", source=licence, kind=kind, url="https://s.example/", title=f"Title {ident}",
        text=f"Text of {ident}. {LONG}", summary="", authors=(), lang="en", published="2026-11-20", published_from=None,
        dates=(), identifiers={}, links=(), extra={}, licence=licence, translated=None, state="current", capture="c",
        first_seen="2026-11-20T03:00:00Z", hash=ident,
    )  # fmt: skip


def edit(ident: str, place: int, before: str, after: str, part: str = "text") -> Edit:
    return Edit(document=ident, replaced="2026-11-21T03:00:00Z", place=place, part=part, kind="number", before=before,
                after=after, silent=1, why="133 became 153")  # fmt: skip


def telling(ident: str, what: str, place: int, text: str) -> Telling:
    return Telling(document=ident, other="release", what=what, place=place, kind="sentence", text=text, why="because")


def figure(ident: str, start: int, part: str = "text") -> Figure:
    return Figure(document=ident, part=part, start=start, end=start + 1, value=float(start), high=None, unit="",
                  subject="lines", period=None, place=None, modifier="exact", series=None,
                  sentence=f"Figure {start} of {ident}.", component="figures/1")  # fmt: skip


@pytest.fixture
def work(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path / "work.db", "work") as store:
        with store.writing():
            for licence in ("full", "headline-and-link"):
                store.save(Source(id=licence, name=licence, kind="news", country=None, lang="en", about="",
                                  licence=licence, home=None, scope="all", rules="{}"))  # fmt: skip
            store.save(document("open", "full"), document("closed", "headline-and-link"))
            store.save(document("release", "full", "release"))
        yield store


def rows(work: Store, sql: str) -> list[tuple[object, ...]]:
    edition = sqlite3.connect(":memory:")
    fill(edition, work)
    return edition.execute(sql).fetchall()


def test_an_edit_has_its_night_and_its_words(work: Store) -> None:
    with work.writing():
        work.save(edit("open", 0, "It sent out 133 lines.", "It sent out 153 lines."))
    [row] = rows(
        work, "SELECT d.ident, e.night, e.before, e.after, e.silent FROM edit e JOIN document d ON d.id = e.document"
    )
    assert row == ("open", "2026-11-21", "It sent out 133 lines.", "It sent out 153 lines.", 1)


def test_a_closed_text_is_quoted_within_the_rule(work: Store) -> None:
    with work.writing():
        for place in range(6):
            work.save(edit("closed", place, f"Before {place}. {LONG}", f"After {place}. {LONG}"))
            work.save(telling("closed", "adds", place, f"Added {place}. {LONG}"))
    quoted = [
        row[0]
        for row in rows(work, "SELECT before FROM edit UNION SELECT after FROM edit UNION SELECT text FROM telling")
    ]
    assert len([text for text in quoted if text]) <= QUOTES
    assert all(len(str(text)) <= QUOTE for text in quoted)


def test_an_earlier_headline_is_shown(work: Store) -> None:
    with work.writing():
        work.save(edit("closed", 0, "Bank sends out 133 lines", "Bank sends out 153 lines", "title"))
    assert rows(work, "SELECT before, after FROM edit") == [("Bank sends out 133 lines", "Bank sends out 153 lines")]


def test_what_is_left_out_is_a_quotation_of_the_other_document(work: Store) -> None:
    said = f"Text of release. {LONG}"
    with work.writing():
        work.save(telling("closed", "leaves out", 0, said))
    assert rows(work, "SELECT text FROM telling") == [(said,)]  # the release may be shown whole


def test_a_changed_number_names_the_figures_of_both(work: Store) -> None:
    with work.writing():
        work.save(figure("open", 1), figure("open", 5), figure("open", 3, "title"), figure("release", 7))
        work.save(
            ChangedNumber(
                document="open", other="release", place=0, part="text", start=5, was_part="text", was_start=7,
                subject="lines", unit="", period=None, value=5.0, high=None, was=7.0, was_high=None,
                sentence="Figure 5 of open.", was_sentence="Figure 7 of release.", why="because",
            )
        )  # fmt: skip
    sql = """
    SELECT f.value, g.value, c.value, c.was FROM changed_number c
    JOIN figure f ON f.document = c.document AND f.number = c.number
    JOIN figure g ON g.document = c.other AND g.number = c.was_number"""
    assert rows(work, sql) == [(5.0, 7.0, 5.0, 7.0)]


def test_rows_about_what_is_not_in_the_edition_are_left_out(work: Store) -> None:
    with work.writing():
        work.execute("UPDATE document SET state = 'gone' WHERE id = 'open'")
        work.save(edit("open", 0, "a", "b"), telling("open", "adds", 0, "c"))
    assert rows(work, "SELECT 1 FROM edit UNION ALL SELECT 1 FROM telling") == []


@pytest.mark.parametrize(("basis", "left_out"), [("page", "It was in mice."), ("feed", "")])
def test_a_teaser_leaves_nothing_out(work: Store, basis: str, left_out: str) -> None:
    with work.writing():
        work.execute("UPDATE document SET basis = ? WHERE id = 'open'", (basis,))
        work.save(Story(id="story:1", title="Cells", first="2026-11-20", last="2026-11-20", origin="release",
                        documents=2, outlets=1, why=""))  # fmt: skip
        for ident, role, dropped in (("release", "release", ""), ("open", "copy", "It was in mice.")):
            work.save(Member(story="story:1", document=ident, role=role, score=1.0, kept=0.9, added="",
                             dropped=dropped, why=""))  # fmt: skip
    assert rows(work, "SELECT dropped FROM member WHERE role = 'copy'") == [(left_out,)]
