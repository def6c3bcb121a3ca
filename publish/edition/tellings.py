"""Fills the tables of an edition about edits, and about how a text tells what it rests on.

Sentences are cut to what the edition may show (`Quoting` in `statements.py`). A sentence that a text leaves out is a
quotation of the other document. Rows about documents that are not in the edition are left out.
"""

from __future__ import annotations

import sqlite3
from typing import Protocol, TypedDict

from core.records import ChangedNumber, Edit, Telling
from core.store import Store
from core.text import headline, one_line
from publish.edition.nights import Nights
from publish.edition.rights import QUOTE


class Cutting(Protocol):
    """Cuts a sentence of a document to what may be shown of it."""

    def cut(self, document: int, sentence: str) -> str:
        """The sentence, a part of it, or an empty text."""
        ...


class FigurePlace(TypedDict):
    """Where a figure is in its document."""

    document: str
    part: str
    start: int


def fill_edits(
    edition: sqlite3.Connection, work: Store, numbers: dict[str, int], quoting: Cutting, nights: Nights
) -> None:
    """What edits changed. An earlier headline is shown whole, as headlines are."""
    for edit in work.load(Edit):
        if edit.document not in numbers:
            continue
        number = numbers[edit.document]
        before, after = (
            headline(words, QUOTE) if edit.part == "title" and words else quoting.cut(number, words)
            for words in (edit.before, edit.after)
        )
        edition.execute(
            "INSERT INTO edit VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (number, edit.replaced, edit.place, edit.part, edit.kind, before, after, edit.silent, one_line(edit.why),
             nights.find(edit.replaced)),
        )  # fmt: skip


def fill_changed_numbers(edition: sqlite3.Connection, work: Store, numbers: dict[str, int], quoting: Cutting) -> None:
    """Changed numbers, each with the numbers of both figures."""
    figures: dict[tuple[str, str, int], int] = {}
    last, count = "", 0
    for place in work.select(
        FigurePlace,
        "SELECT document, part, start FROM figure WHERE document IN (SELECT document FROM changed_number"
        " UNION SELECT other FROM changed_number) ORDER BY document, part DESC, start",
    ):
        count = count + 1 if place["document"] == last else 0
        last = place["document"]
        figures[place["document"], place["part"], place["start"]] = count
    for one in work.load(ChangedNumber):
        mine = figures.get((one.document, one.part, one.start))
        theirs = figures.get((one.other, one.was_part, one.was_start))
        if one.document not in numbers or one.other not in numbers or mine is None or theirs is None:
            continue
        document, other = numbers[one.document], numbers[one.other]
        edition.execute(
            "INSERT INTO changed_number VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (document, other, one.place, one_line(one.subject), one.unit, one.period, one.value, one.high, one.was,
             one.was_high, quoting.cut(document, one.sentence), quoting.cut(other, one.was_sentence),
             one_line(one.why), mine, theirs),
        )  # fmt: skip


def fill_tellings(edition: sqlite3.Connection, work: Store, numbers: dict[str, int], quoting: Cutting) -> None:
    """What texts leave out first, then what they add, then what they repeat: quotations of closed texts are few."""
    for what in ("leaves out", "adds", "repeats"):
        for one in work.load(Telling, "what = ?", (what,)):
            if one.document not in numbers or one.other not in numbers:
                continue
            document, other = numbers[one.document], numbers[one.other]
            edition.execute(
                "INSERT INTO telling VALUES (?, ?, ?, ?, ?, ?, ?)",
                (document, other, one.what, one.place, one.kind,
                 quoting.cut(other if what == "leaves out" else document, one.text), one_line(one.why)),
            )  # fmt: skip
