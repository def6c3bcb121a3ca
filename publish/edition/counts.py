"""Counts and short lists that pages show, made once for an edition: no page reads a whole table that grows.

In order:
1. `counted`: how many there are of each value of something: licences, origins of identifiers, types of things, kinds
   of institutions, stories, trials by their status, and rows of each list at /watch;
2. `spelling`: the commonest spellings of each thing;
3. `country_newest`: the newest documents on work in each country.
"""

from __future__ import annotations

import sqlite3

SPELLINGS, NEWEST = 12, 3  # of a thing; of a country
COUNTED = {  # what -> value and number
    "licence": "SELECT licence, count(*) FROM document GROUP BY 1",
    "origin": "SELECT origin, count(*) FROM entity GROUP BY 1",
    "type": "SELECT type, count(*) FROM entity GROUP BY 1",
    "institution_kind": "SELECT kind, count(*) FROM institution_kind GROUP BY 1",
    "trial_status": "SELECT status, count(*) FROM trial_status WHERE own = 1 GROUP BY 1",
    "watch": "SELECT list, count(*) FROM watch GROUP BY 1",
    "story": "SELECT 'stories', count(*) FROM story UNION ALL SELECT 'articles', coalesce(sum(documents), 0) FROM story"
    " UNION ALL SELECT 'told', count(*) FROM story WHERE documents > 1",
}
LISTS = f"""
INSERT INTO spelling SELECT entity, place, surface, mentions FROM (
    SELECT entity, surface, count(*) AS mentions,
        row_number() OVER (PARTITION BY entity ORDER BY count(*) DESC, surface) AS place
    FROM mention WHERE entity IS NOT NULL GROUP BY entity, surface) WHERE place <= {SPELLINGS};
INSERT INTO country_newest SELECT value, place, document FROM (
    SELECT value, document, row_number() OVER (PARTITION BY value ORDER BY document DESC) AS place
    FROM label WHERE facet = 'country') WHERE place <= {NEWEST};
"""


def fill_counted(edition: sqlite3.Connection) -> None:
    """Fill the tables from those that are full already."""
    for what, sql in COUNTED.items():
        edition.execute(f"INSERT INTO counted SELECT ?, * FROM ({sql})", (what,))
    for statement in LISTS.split(";")[:-1]:
        edition.execute(statement)
