"""What figures can be narrowed by: words of their subjects, and counts of their units, years, places and modifiers."""

from __future__ import annotations

import sqlite3

from publish.search.subject_words import find_subject_words

MOST = 300  # values of one kind
COUNTED = {  # what -> value and number
    "unit": "SELECT CASE WHEN unit GLOB 'of *' THEN 'of' ELSE unit END, count(*) FROM figure GROUP BY 1",
    "year": "SELECT substr(period, 1, 4), count(*) FROM figure WHERE period IS NOT NULL GROUP BY 1",
    "place": "SELECT place, count(*) FROM figure WHERE place IS NOT NULL GROUP BY 1",
    "modifier": "SELECT modifier, count(*) FROM figure GROUP BY 1",
}


def fill_choices(edition: sqlite3.Connection) -> None:
    """Fill `figure_word` and `figure_value`. After the figures."""
    for document, number, subject in edition.execute("SELECT document, number, subject FROM figure").fetchall():
        edition.executemany(
            "INSERT INTO figure_word VALUES (?, ?, ?)",
            [(word, document, number) for word in find_subject_words(subject)],
        )
    for what, sql in COUNTED.items():
        edition.execute(f"INSERT INTO figure_value SELECT ?, * FROM ({sql}) ORDER BY 3 DESC, 2 LIMIT {MOST}", (what,))
