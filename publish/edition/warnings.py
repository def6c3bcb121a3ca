"""Fills `warning` and `rests_on`: what a reader should know before believing a document, and what it rests on.

A warning of work.db is left out where a person has corrected what it rests on (`corrected.py`): the label of a headline
or of a gap between text and paper, the link to a paper, the notice about it. A label that a person gave makes a warning
of its own. So a page never warns of what a person has said to be wrong.

What a document rests on (`rests_on`), as far as its links say:

retracted        a paper that was retracted or withdrawn
preprint         a preprint of which no published version is known here
paper            a paper; also a preprint that was published
paper elsewhere  a work whose record is not here, so that nobody can say here what it is
trial            a trial
nothing known    no paper and no trial was identified
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping

from core.corrections import PERSON
from core.records import DocumentWarning, Label
from core.store import Store, as_record
from core.text import one_line
from publish.edition.nights import Nights

OF_LABELS = {  # kind -> facet and value of the label that it rests on
    "headline leaves out animals": ("headline", "only in animals"),
    "says more than its paper": ("claim_gap", "says more than the paper"),
}  # fmt: skip
OF_LINKS = frozenset({"rests on a preprint", "says more than its paper", "no independent voice"})
RETRACTED = "rests on retracted work"
RESTS = """
INSERT OR IGNORE INTO rests_on
SELECT b.document, 'retracted' FROM banner b JOIN document d ON d.id = b.document
WHERE d.kind IN ('news', 'release', 'explainer') AND b.own = 0 AND b.status IN ('retracted', 'withdrawn')
UNION SELECT l.document, CASE
        WHEN l.relation = 'trial' THEN 'trial'
        WHEN o.kind IS NULL THEN 'paper elsewhere'
        WHEN o.kind = 'preprint' AND NOT EXISTS (SELECT 1 FROM link p WHERE p.document = o.id
            AND p.relation = 'published' AND p.ident <> '') THEN 'preprint'
        ELSE 'paper' END
FROM link l JOIN document d ON d.id = l.document LEFT JOIN document o ON o.id = l.other
WHERE d.kind IN ('news', 'release', 'explainer') AND l.relation IN ('paper', 'trial') AND l.ident <> ''
UNION SELECT d.id, 'nothing known' FROM document d WHERE d.kind IN ('news', 'release', 'explainer')
    AND NOT EXISTS (SELECT 1 FROM link l WHERE l.document = d.id AND l.relation IN ('paper', 'trial') AND l.ident <> '')
    AND NOT EXISTS (SELECT 1 FROM banner b WHERE b.document = d.id AND b.own = 0)"""


def fill_warnings(
    edition: sqlite3.Connection, work: Store, numbers: Mapping[str, int], nights: Nights, cut: Callable[[int, str], str]
) -> None:
    """Fill both tables, after labels, links and banners. `cut`: what may be shown of a sentence of a document."""
    arrived = dict(edition.execute("SELECT id, first_seen FROM document"))
    for row in work.rows("SELECT * FROM warning ORDER BY document, kind"):
        one = as_record(DocumentWarning, row)
        number = numbers.get(one.document)
        if number is not None and holds(edition, number, one.kind, one.other):
            noticed = nights.known_from(one.first_seen, arrived[number])
            edition.execute(
                "INSERT INTO warning VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (number, one.kind, numbers.get(one.other or ""), cut(number, one.sentence), one_line(one.why),
                 one.score, noticed, nights.find(noticed)),
            )  # fmt: skip
    for kind, (facet, value) in OF_LABELS.items():
        _add_by_people(edition, work, numbers, nights, kind, facet, value)
    edition.execute(RESTS)


def holds(edition: sqlite3.Connection, document: int, kind: str, other: str | None) -> bool:
    """Whether what a warning rests on is still in the edition, as people corrected it."""
    if kind in OF_LABELS and not _has(edition, "label", document, *OF_LABELS[kind]):
        return False
    if kind in OF_LINKS and other and not _has(edition, "link", document, "paper", other):
        return False
    return kind != RETRACTED or bool(
        edition.execute("SELECT 1 FROM banner WHERE document = ? AND about = ?", (document, other)).fetchone()
    )


def _has(edition: sqlite3.Connection, table: str, document: int, name: str, value: str) -> bool:
    columns = {"label": ("facet", "value"), "link": ("relation", "ident")}[table]
    sql = f"SELECT 1 FROM {table} WHERE document = ? AND {columns[0]} = ? AND {columns[1]} = ?"
    return edition.execute(sql, (document, name, value)).fetchone() is not None


def _add_by_people(
    edition: sqlite3.Connection, work: Store, numbers: Mapping[str, int], nights: Nights, kind: str, facet: str,
    value: str,
) -> None:  # fmt: skip
    """A warning for each label of a kind that a person gave, where there is none yet."""
    arrived = dict(edition.execute("SELECT id, first_seen FROM document"))
    for row in work.rows("SELECT * FROM label WHERE facet = ? AND value = ?", (facet, value)):
        label = as_record(Label, row)
        number = numbers.get(label.document)
        if number is not None and label.component.startswith(f"{PERSON}:"):
            edition.execute(
                "INSERT OR IGNORE INTO warning SELECT ?, ?, NULL, sentence, ?, 1.0, ?, ? FROM label"
                " WHERE document = ? AND facet = ? AND value = ?",
                (number, kind, "A person checked it.", arrived[number], nights.find(arrived[number]), number, facet,
                 value),
            )  # fmt: skip
